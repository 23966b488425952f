//! Merged segments are what one large chunk would have been, and answer as their parts did.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

mod common;

use std::sync::Arc;

use accord_access::Scope;
use accord_base::{ActorOrd, LogTime, OrgOrd, PatientOrd, Row};
use accord_index::{
    BlockCache, Change, Datum, Index, IndexError, Merge, Prepared, RowChange, RowEffect, Segment,
    Tiers, Value, View, Writer,
};
use accord_query::{DateValue, Prefix, Test, Text, TextMode};

use common::{all, code, observation, open, param_of, query, rows, stating, token};

const EIGHT: Tiers = Tiers { ratio: 8, most_chunks: 64 };

/// 512 rows with holes, keys that chunks share and keys of their own, updates, lists and changes.
fn effects() -> Vec<RowEffect> {
    let mut out: Vec<RowEffect> = Vec::new();
    for row in 0..512u32 {
        // The second chunk begins with holes, the fifth consists of them, the last ends with some.
        if (64..70).contains(&row) || (256..320).contains(&row) || row > 505 || row % 37 == 5 {
            continue;
        }
        let value = |code: &str, datum| Value { param: param_of(code), datum };
        let mut values = vec![
            token("code", Some("http://loinc.org"), &format!("c{}", row % 5)),
            token("status", None, "final"),
            token("identifier", Some("urn:ids"), &format!("n-{row}")),
            token("category", None, &format!("of-chunk-{}", row / 64)),
            value("value-string", Datum::Text(format!("Name {} Åsa", row % 40))),
        ];
        for k in 0..i64::from(row % 3) {
            let low = i64::from(row * 7919 % 1000) + k;
            values.push(value("date", Datum::Date { low, high: low + 10 * k + 1 }));
        }
        // Bounds of 16 bytes in some chunks only.
        let number = if row > 400 { u128::from(row) << 100 } else { u128::from(row % 9) };
        let (system, code) = (Some("http://unitsofmeasure.org".to_owned()), Some("mg".to_owned()));
        let quantity = Datum::Quantity { low: number, high: number + 3, system, code, unit: None };
        values.push(value("value-quantity", quantity));
        let mut effect = observation(row, &format!("obs-{row}"), values);
        if let Some(prior) = out.iter().find(|e| row % 11 == 3 && e.row.0 + 101 == row) {
            let (id, version, prior) = (prior.id.clone(), prior.version + 1, Some(prior.row));
            effect = RowEffect { id, version, prior, ..effect };
        }
        if row % 17 == 0 {
            effect.policy.patients = [PatientOrd(row), PatientOrd(900)].into_iter().collect();
            effect.policy.authors = [ActorOrd(1), ActorOrd(2)].into_iter().collect();
        }
        if row == 330 {
            effect = stating(effect);
            let change = Change::Controller(OrgOrd(7));
            effect.changes.push(RowChange { row: Row(140), change });
        }
        out.push(effect);
    }
    out
}

fn index(effects: &[RowEffect], chunk_rows: u32) -> (Index, Writer) {
    let (index, mut writer) = common::index_of(effects, chunk_rows);
    writer.publish(Row(512), effects.last().unwrap().born);
    (index, writer)
}

fn seal(index: &Index, cache: &BlockCache) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    while index.frozen().is_some() {
        let file = common::segment_file(index);
        index.install(open(file.clone(), cache).unwrap()).unwrap();
        files.push(file);
    }
    files
}

fn merged(merge: &Merge, cache: &BlockCache) -> (Vec<u8>, Segment) {
    let mut file = Vec::new();
    merge.write(&mut file).unwrap();
    merge.check(&file).unwrap();
    let segment = merge.open(Arc::new(file.clone()), cache).unwrap();
    (file, segment)
}

/// The sections of a file.
fn sections(file: &[u8]) -> Vec<&[u8]> {
    let number = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().unwrap()) as usize;
    let footer = number(file.len() - 24);
    let of = |n: usize| {
        let at = footer + n * 21 + 1;
        &file[number(at)..number(at) + number(at + 8)]
    };
    (0..11).map(of).collect()
}

#[test]
fn a_merged_file_is_that_of_one_large_chunk() {
    let (effects, cache) = (effects(), BlockCache::new(1 << 20));
    let (small, _) = index(&effects, 64);
    seal(&small, &cache);
    let (file, segment) = merged(&small.due_merge(EIGHT).unwrap(), &cache);
    segment.verify().unwrap();
    let (large, _) = index(&effects, 512);
    let expect = common::segment_file(&large);
    for (n, (found, expect)) in sections(&file).iter().zip(sections(&expect)).enumerate().take(10) {
        assert!(*found == expect, "section {} differs", n + 1);
    }
    // The header differs in the size of chunks and its checksum.
    assert_eq!((&file[..16], &file[20..60]), (&expect[..16], &expect[20..60]));
    let filters = [sections(&file)[10].len(), sections(&expect)[10].len()];
    assert!((filters[1]..filters[1] * 2 + 8 * 64).contains(&filters[0]), "{filters:?}");
}

#[test]
fn merging_changes_no_answer() {
    let (effects, cache) = (effects(), BlockCache::new(1 << 20));
    let (index, mut writer) = index(&effects, 64);
    let files = seal(&index, &cache);
    let text = |normal: &str| Test::Text {
        mode: TextMode::Contains,
        any_of: vec![Text { raw: normal.to_owned(), normal: normal.to_owned() }],
    };
    let date = DateValue { prefix: Prefix::Ge, low: 500, high: 600, text: String::new() };
    let queries = [
        query("code", code("c3")),
        query("code", code("absent")),
        query("identifier", code("n-77")),
        query("category", code("of-chunk-6")),
        query("value-string", text("3 as")),
        query("date", Test::Date(vec![date])),
        query("status", Test::Missing(true)),
    ];
    let answers = |index: &Index| -> Vec<_> {
        queries.iter().map(|query| rows(&all(index), query).unwrap()).collect()
    };
    let expect = answers(&index);
    assert!(expect.iter().filter(|(rows, _)| !rows.is_empty()).count() > 4);
    let before = index.snapshot();
    let merge = index.due_merge(EIGHT).unwrap();
    let (file, segment) = merged(&merge, &cache);
    assert_eq!(answers(&index), expect, "not installed yet");
    // What is noted of rows while they are merged is there afterwards.
    let (found, _) = rows(&all(&index), &queries[2]).unwrap();
    let effect = effects.iter().find(|effect| effect.row.0 == found[0]).unwrap();
    let mut next = observation(512, effect.id.as_str(), Vec::new());
    (next.version, next.prior) = (effect.version + 1, Some(effect.row));
    next.changes = vec![RowChange { row: Row(3), change: Change::Labels(64) }];
    writer.apply(&next, &Prepared::default()).unwrap();
    index.install_merged(&merge, segment).unwrap();
    assert_eq!(answers(&index), expect, "not published yet");
    writer.publish(Row(513), next.born);
    assert_eq!(rows(&all(&index), &queries[2]).unwrap().0, []);
    assert_eq!(all(&index).row(Row(3)).unwrap().policy().labels, 64);
    let held = View::new(before, Scope::system("test"));
    assert_eq!(rows(&held, &queries[2]).unwrap(), expect[2], "held since before");
    // A merge is done once.
    let (_, again) = merged(&merge, &cache);
    assert!(matches!(index.install_merged(&merge, again), Err(IndexError::Misplaced(_))));
    assert_eq!(index.tiers(EIGHT), [0, 1]);
    // Opened anew, from one file or from eight.
    let one = Index::open(vec![open(file, &cache).unwrap()], 64).unwrap();
    let eight = files.into_iter().map(|file| open(file, &cache).unwrap()).collect();
    let eight = Index::open(eight, 64).unwrap();
    for (index, writer) in [one, eight] {
        assert_eq!((writer.next_row(), writer.t()), (Row(512), effects.last().unwrap().born));
        assert_eq!(answers(&index), expect);
        let mut verifier = index.verifier();
        effects.iter().for_each(|effect| verifier.row(effect).unwrap());
        assert_eq!(verifier.finish().unwrap().differences, []);
    }
}

#[test]
fn a_damaged_merged_file_is_an_error() {
    let (effects, cache) = (effects(), BlockCache::new(1 << 20));
    let (index, _) = index(&effects, 64);
    seal(&index, &cache);
    let merge = index.due_merge(EIGHT).unwrap();
    let (file, _) = merged(&merge, &cache);
    for at in (0..file.len()).step_by(13) {
        let mut damaged = file.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(merge.check(&damaged).is_err(), "byte {at}");
        let opened = merge.open(Arc::new(damaged.clone()), &cache);
        assert!(opened.is_err() || open(damaged, &cache).is_err() || at > 64, "byte {at}");
    }
    assert!(merge.check(&file[..file.len() - 1].to_vec()).is_err());
    let other = common::segment_file(&common::index_of(&common::rich_chunk(), 64).0);
    assert!(matches!(merge.check(&other), Err(IndexError::Misplaced(_))));
}

#[test]
fn tiers_hold_few_segments_each() {
    let (index, mut writer) = Index::open(Vec::new(), 64).unwrap();
    let (cache, tiers) = (BlockCache::new(1 << 20), Tiers { ratio: 4, most_chunks: 64 });
    for chunk in 1..=200u32 {
        let effect = observation(chunk * 64 - 1, &format!("o{chunk}"), Vec::new());
        writer.apply(&effect, &Prepared::new(95, &effect.values)).unwrap();
        writer.publish(Row(chunk * 64), effect.born);
        seal(&index, &cache);
        while let Some(merge) = index.due_merge(tiers) {
            let (_, segment) = merged(&merge, &cache);
            index.install_merged(&merge, segment).unwrap();
        }
        let held = index.tiers(tiers);
        let digit = |tier: u32| u64::from(chunk / 4u32.pow(tier) % 4);
        let expect = [digit(0), digit(1), digit(2), u64::from(chunk / 64)];
        assert_eq!(held[..], expect[..held.len()], "{chunk} chunks");
        assert_eq!(held.iter().sum::<u64>(), expect.iter().sum::<u64>());
    }
    assert!(index.due_merge(Tiers { ratio: 1, most_chunks: 64 }).is_none());
}

#[test]
fn a_segment_of_nothing_but_holes_is_one() {
    let cache = BlockCache::new(1 << 20);
    let (index, mut writer) = Index::open(Vec::new(), 64).unwrap();
    let effect = observation(3, "a", Vec::new());
    writer.apply(&effect, &Prepared::default()).unwrap();
    writer.publish(Row(192), LogTime(9_000_000));
    let files = seal(&index, &cache);
    assert_eq!(files.len(), 3);
    let files = files.into_iter().map(|file| open(file, &cache).unwrap()).collect();
    let (again, writer) = Index::open(files, 64).unwrap();
    assert_eq!((writer.next_row(), writer.t()), (Row(192), effect.born));
    let merge = again.due_merge(Tiers { ratio: 2, most_chunks: 64 }).unwrap();
    let (file, _) = merged(&merge, &cache);
    assert_eq!(open(file, &cache).unwrap().last_time(), effect.born);
}
