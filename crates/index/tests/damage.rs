//! Damaged segment files are errors, never wrong answers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

mod common;

use accord_index::{BlockCache, Index, IndexError};
use accord_query::{DateValue, Prefix, Query, Test, Text, TextMode};

use common::{all, code, index_of, open, query, rich_chunk, rows, segment_file, stating};

fn file() -> Vec<u8> {
    let mut effects = rich_chunk();
    effects[63] = stating(effects[63].clone());
    segment_file(&index_of(&effects, 64).0)
}

fn queries() -> Vec<Query> {
    let date = |prefix, low| {
        Test::Date(vec![DateValue { prefix, low, high: low + 900, text: String::new() }])
    };
    let text = |mode, normal: &str| Test::Text {
        mode,
        any_of: vec![Text { raw: normal.to_owned(), normal: normal.to_owned() }],
    };
    vec![
        query("code", code("1234-5")),
        query("code", code("absent")),
        query("identifier", code("d67a0cff-8f7e-46f7-bb99-000000000017")),
        query("value-string", text(TextMode::StartsWith, "name 3")),
        query("value-string", text(TextMode::Contains, "8 as")),
        query("date", date(Prefix::Ge, 30_000)),
        query("date", date(Prefix::Eq, 30_000)),
        query("status", Test::Missing(true)),
    ]
}

fn answers(index: &Index) -> Vec<Result<(Vec<u32>, u64), IndexError>> {
    let view = all(index);
    queries().iter().map(|query| rows(&view, query)).collect()
}

#[test]
fn a_changed_byte_is_an_error_or_changes_nothing() {
    let (file, cache) = (file(), BlockCache::new(1 << 20));
    let (index, _) = Index::open(vec![open(file.clone(), &cache).unwrap()], 64).unwrap();
    let expect: Vec<_> = answers(&index).into_iter().map(Result::unwrap).collect();
    assert!(expect.iter().any(|(rows, _)| rows.len() > 20));
    for at in 0..file.len() {
        let mut damaged = file.clone();
        damaged[at] ^= 1 << (at % 8);
        let Ok(segment) = open(damaged, &cache) else { continue };
        assert!(segment.verify().is_err(), "byte {at} is under no checksum");
        // Every position would take long: blocks are alike.
        if at % 11 != 0 {
            continue;
        }
        let Ok((index, _)) = Index::open(vec![segment], 64) else { continue };
        for (answer, expect) in answers(&index).into_iter().zip(&expect) {
            match answer {
                Ok(answer) => assert_eq!(answer, *expect, "byte {at}"),
                Err(IndexError::Corrupt(_)) => {}
                Err(error) => panic!("byte {at}: {error}"),
            }
        }
    }
}

#[test]
fn a_file_cut_short_or_too_long_is_an_error() {
    let (file, cache) = (file(), BlockCache::new(1 << 20));
    for length in (0..file.len()).step_by(37).chain([file.len() - 1]) {
        assert!(open(file[..length].to_vec(), &cache).is_err(), "{length} bytes");
    }
    assert!(open([&file[..], &[0]].concat(), &cache).is_err());
    assert!(open([&file[..], &file[..]].concat(), &cache).is_err());
}

#[test]
fn segments_out_of_place_are_refused() {
    let cache = BlockCache::new(1 << 20);
    let twice = vec![open(file(), &cache).unwrap(), open(file(), &cache).unwrap()];
    assert!(matches!(Index::open(twice, 64), Err(IndexError::Misplaced(_))));
    let other_size = vec![open(file(), &cache).unwrap()];
    assert!(matches!(Index::open(other_size, 128), Err(IndexError::Misplaced(_))));
}
