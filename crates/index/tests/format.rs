//! The segment format stays what docs/storage.md says, and what older files hold.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

mod common;

use accord_index::{BlockCache, Datum, Index, IndexError, Value};
use accord_query::{Chain, Clause, Contained, Link, Query, Target, Test, Words};
use accord_spec::{ParamId, ResourceType};

use common::{
    all, code, index_of, observation, open, param_of, query, rich_chunk, rows, segment_file,
    stating, token,
};

/// The file of the worked example: two Observations, and 62 rows without a version.
fn example() -> Vec<u8> {
    let date = |low, high| Value { param: param_of("date"), datum: Datum::Date { low, high } };
    let mut first = observation(0, "a", vec![token("code", Some("s"), "c"), date(16, 32)]);
    first.names = stating(first.clone()).names;
    first.facts = vec![stating(first.clone()).facts[0].clone()];
    let uuid = "d67a0cff-8f7e-46f7-bb99-577a6623e59a";
    let mut second = observation(1, uuid, vec![token("code", Some("s"), "d"), date(8, 24)]);
    second.changes = vec![stating(second.clone()).changes[0].clone()];
    let (index, mut writer) = index_of(&[first, second], 64);
    writer.publish(accord_base::Row(64), writer.t());
    segment_file(&index)
}

/// The bytes of a fenced block `segment NAME` of the page; what follows `#` is comment.
fn documented(name: &str) -> Vec<u8> {
    let page = include_str!("../../../docs/storage.md");
    let fence = format!("```segment {name}\n");
    let (_, block) = page.split_once(&fence).unwrap_or_else(|| panic!("no block {name}"));
    let (block, _) = block.split_once("```").unwrap();
    let hex = block.lines().map(|line| line.split('#').next().unwrap());
    let bytes = hex.flat_map(str::split_whitespace);
    bytes.map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

#[test]
fn the_documented_example_is_a_real_file() {
    let file = example();
    let number = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().unwrap()) as usize;
    let footer = number(file.len() - 24);
    let section = |n: usize| {
        let at = footer + (n - 1) * 21 + 1;
        &file[number(at)..number(at) + number(at + 8)]
    };
    let parts = [
        ("header", &file[..64]),
        ("rows", &section(1)[..92]),
        ("ids", section(2)),
        ("names", section(4)),
        ("facts", section(5)),
        ("changes", section(6)),
        ("postings", section(7)),
        ("posting-index", section(8)),
        ("ranges", section(9)),
        ("range-index", section(10)),
        ("filter", section(11)),
        ("footer", &file[footer..footer + 42]),
        ("trailer", &file[file.len() - 24..]),
    ];
    for (name, bytes) in parts {
        let hex = |bytes: &[u8]| {
            let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            bytes.chunks(16).map(|line| line.join(" ")).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(hex(&documented(name)), hex(bytes), "docs/storage.md shows another {name}");
    }
}

/// Files of every released format are kept, and each must open and answer as it did.
#[test]
fn files_of_format_1_open_and_answer() {
    let files: [&[u8]; 5] = [
        include_bytes!("data/segment-1.bin"),
        include_bytes!("data/segment-1-extractor-2.bin"),
        include_bytes!("data/segment-1-extractor-3.bin"),
        include_bytes!("data/segment-1-extractor-4.bin"),
        include_bytes!("data/segment-1-extractor-5.bin"),
    ];
    files.into_iter().zip(1..).for_each(|(file, extractor)| opens_and_answers(file, extractor));
}

fn opens_and_answers(file: &[u8], extractor: u16) {
    let cache = BlockCache::new(1 << 20);
    let segment = open(file.to_vec(), &cache).unwrap();
    segment.verify().unwrap();
    let (index, _) = Index::open(vec![segment], 64).unwrap();
    let even: Vec<u32> = (0..64).step_by(2).collect();
    assert_eq!(rows(&all(&index), &query("code", code("1234-5"))).unwrap(), (even, 32));
    let words = Words::Word { word: "none".to_owned(), prefix: false };
    let test = Test::Words { words, text: "none".to_owned() };
    let clauses = vec![Clause { target: Target::Content, test }];
    let asked = rows(&all(&index), &Query { clauses, ..query("code", code("x")) });
    match (extractor >= 4, asked) {
        (true, Ok(found)) => assert_eq!(found, (Vec::new(), 0)),
        (false, Err(IndexError::Older(param))) => assert_eq!(param, "_content"),
        (_, other) => panic!("{other:?}"),
    }
    let contained = Query { contained: Contained::Inside, ..query("code", code("1234-5")) };
    let patient = ParamId(param_of("patient"));
    let named = Clause { target: Target::Id, test: code("x") };
    let links = vec![Link { resource_type: ResourceType::PATIENT, clause: named }];
    let (name, value) = ("patient._id".to_owned(), "x".to_owned());
    let test = Test::Chain(Chain { name, value, links });
    let clauses = vec![Clause { target: Target::Param(patient), test }];
    let chain = Query { clauses, ..query("code", code("x")) };
    for (asked, by) in [(contained, "_contained"), (chain, "patient._id")] {
        match (extractor >= 5, rows(&all(&index), &asked)) {
            (true, Ok(found)) => assert_eq!(found, (Vec::new(), 0)),
            (false, Err(IndexError::Older(param))) => assert_eq!(param, by),
            (_, other) => panic!("{other:?}"),
        }
    }
    let mut verifier = index.verifier();
    let mut effects = rich_chunk();
    effects[10] = stating(effects[10].clone());
    effects.iter().for_each(|effect| verifier.row(effect).unwrap());
    assert_eq!(verifier.finish().unwrap().differences, []);
}

/// What is written today is what the kept file holds: another format needs another number.
#[test]
fn the_format_has_not_changed_unnoticed() {
    let mut effects = rich_chunk();
    effects[10] = stating(effects[10].clone());
    let file = segment_file(&index_of(&effects, 64).0);
    if file != include_bytes!("data/segment-1-extractor-5.bin") {
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("segment.bin");
        std::fs::write(&path, file).unwrap();
        panic!("segments are written otherwise than before: see {}", path.display());
    }
}
