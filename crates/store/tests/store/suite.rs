//! What every log does. Tests take a [`Home`] and never know which log lives there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use accord_base::Row;
use accord_store::log::scrub;
use accord_store::{
    Checkpoint, Epoch, Group, KeyId, KeyOwner, Log, SegmentEntry, StoreError, WrappedKey,
};

use super::{Home, grow, key, mark, record};

/// Makes a test of every function below for a log.
macro_rules! for_log {
    ($name:ident, $home:expr) => {
        mod $name {
            use super::*;
            $crate::suite::for_log!(@tests $home;
                groups_are_read_back_and_survive_a_restart
                records_of_any_size_come_back
                a_group_must_continue_the_log
                a_deposed_writer_is_refused
                marks_are_kept
                keys_are_found_by_number_and_owner
                a_contradicting_key_refuses_the_whole_group
                scans_stop_at_limit_and_end
                segments_change_in_one_step
                named_values_and_checkpoints_are_kept
                readers_see_whole_groups_while_the_writer_appends
                scrub_names_bad_records
            );
        }
    };
    (@tests $home:expr; $($test:ident)*) => {
        $(#[test] fn $test() { $crate::suite::$test(&$home); })*
    };
}
pub(crate) use for_log;

fn group(epoch: Epoch, first: u32, records: Vec<Vec<u8>>) -> Group {
    Group { epoch, first: Row(first), records, keys: vec![], marks: vec![] }
}

/// Everything a log says about its records, keys and marks.
fn content(log: &dyn Log) -> impl PartialEq + std::fmt::Debug + use<> {
    let (end, keys) = (log.end().unwrap(), log.keys(KeyId(0), 1000).unwrap());
    (end, log.scan(Row(0), usize::MAX).unwrap(), keys)
}

pub fn groups_are_read_back_and_survive_a_restart(home: &dyn Home) {
    let log = home.open();
    assert_eq!(log.end().unwrap(), Row(0));
    assert_eq!(log.read(Row(0)).unwrap(), None);
    let epoch = log.claim().unwrap();
    let mut all = Vec::new();
    for size in [1, 3, 0, 120] {
        let first = all.len() as u32;
        let records: Vec<_> = (0..size).map(|n| record(first + n, 700, 0)).collect();
        log.append(&group(epoch, first, records.clone())).unwrap();
        all.extend(records);
    }
    let check = |log: &dyn Log| {
        assert_eq!(log.end().unwrap(), Row(124));
        for (row, expect) in (0..).map(Row).zip(&all) {
            assert_eq!(log.read(row).unwrap().as_ref(), Some(expect), "row {row}");
        }
        assert_eq!(log.read(Row(124)).unwrap(), None);
        assert_eq!(log.read(Row(u32::MAX)).unwrap(), None);
    };
    check(&*log);
    drop(log);
    let log = home.open();
    check(&*log);
    assert!(log.claim().unwrap() > epoch, "a restart starts a new term");
    assert_eq!(log.check_container().unwrap(), Vec::<String>::new());
}

pub fn records_of_any_size_come_back(home: &dyn Home) {
    let log = home.open();
    let sizes = [0, 1, 4_000, 8_100, 8_192, 20_000, 1_000_000];
    let records: Vec<_> = (0..).zip(sizes).map(|(row, len)| record(row, len, 1)).collect();
    log.append(&group(log.claim().unwrap(), 0, records.clone())).unwrap();
    for (row, expect) in (0..).map(Row).zip(records) {
        assert_eq!(log.read(row).unwrap(), Some(expect));
    }
}

pub fn a_group_must_continue_the_log(home: &dyn Home) {
    let log = home.open();
    grow(&*log, 2);
    let before = content(&*log);
    let epoch = log.claim().unwrap();
    for first in [0, 1, 3, u32::MAX] {
        let answer = log.append(&group(epoch, first, vec![record(first, 10, 9)]));
        let Err(StoreError::OutOfOrder { end: Row(2), first: named }) = answer else {
            panic!("{first}: {answer:?}")
        };
        assert_eq!(named, Row(first));
    }
    assert_eq!(content(&*log), before);
    log.append(&group(epoch, 2, vec![record(2, 10, 9)])).unwrap();
}

pub fn a_deposed_writer_is_refused(home: &dyn Home) {
    let log = home.open();
    let (first, second) = (log.claim().unwrap(), log.claim().unwrap());
    assert!(first < second);
    log.append(&group(second, 0, vec![record(0, 10, 0)])).unwrap();
    for held in [first, Epoch(0), Epoch(second.0 + 1)] {
        let answer = log.append(&group(held, 1, vec![record(1, 10, 0)]));
        let Err(StoreError::Deposed { held: named, current }) = answer else {
            panic!("{answer:?}")
        };
        assert_eq!((named, current), (held, second));
    }
    assert_eq!(log.end().unwrap(), Row(1));
    drop(log);
    let log = home.open();
    assert!(matches!(log.append(&group(Epoch(0), 1, vec![])), Err(StoreError::Deposed { .. })));
}

pub fn marks_are_kept(home: &dyn Home) {
    let log = home.open();
    let epoch = log.claim().unwrap();
    let mut marked = group(epoch, 0, vec![record(0, 10, 0)]);
    marked.marks = vec![mark(1), mark(2), mark(1)];
    log.append(&marked).unwrap();
    let again = Group { first: Row(1), records: vec![], marks: vec![mark(2), mark(3)], ..marked };
    log.append(&again).unwrap();
    drop(log);
    let log = home.open();
    let there = [1, 2, 3, 4].map(|number| log.has_mark(&mark(number)).unwrap());
    assert_eq!(there, [true, true, true, false]);
}

pub fn keys_are_found_by_number_and_owner(home: &dyn Home) {
    let log = home.open();
    assert_eq!(log.last_key().unwrap(), KeyId(0));
    let own = WrappedKey { owner: KeyOwner::Own([5; 16]), ..key(9) };
    let mut keyed = group(log.claim().unwrap(), 0, vec![record(0, 10, 0)]);
    keyed.keys = vec![key(1), key(2), own.clone()];
    log.append(&keyed).unwrap();
    // The same key once more is no fault: two groups may both be the first to know it.
    log.append(&Group { first: Row(1), records: vec![], keys: vec![key(2)], ..keyed }).unwrap();
    drop(log);
    let log = home.open();
    assert_eq!(log.key(KeyId(2)).unwrap(), Some(key(2)));
    assert_eq!(log.key_of(&own.owner).unwrap(), Some(own.clone()));
    assert_eq!(log.key(KeyId(3)).unwrap(), None);
    assert_eq!(log.key_of(&KeyOwner::Controller("p1".to_owned())).unwrap(), None);
    assert_eq!(log.keys(KeyId(1), 1).unwrap(), vec![key(2)]);
    assert_eq!(log.keys(KeyId(0), 9).unwrap(), vec![key(1), key(2), own]);
    assert_eq!(log.last_key().unwrap(), KeyId(9));
}

pub fn a_contradicting_key_refuses_the_whole_group(home: &dyn Home) {
    let log = home.open();
    let epoch = log.claim().unwrap();
    let mut keyed = group(epoch, 0, vec![]);
    keyed.keys = vec![key(1)];
    log.append(&keyed).unwrap();
    let before = content(&*log);
    for bad in [
        WrappedKey { wrapped: vec![0; 61], ..key(1) },
        WrappedKey { owner: key(1).owner, ..key(2) },
        WrappedKey { owner: key(3).owner, ..key(1) },
    ] {
        let mut wrong = group(epoch, 0, vec![record(0, 10, 0)]);
        wrong.keys = vec![key(7), bad.clone()];
        wrong.marks = vec![mark(1)];
        let answer = log.append(&wrong);
        assert!(matches!(answer, Err(StoreError::KeyConflict(id)) if id == bad.id), "{answer:?}");
        assert_eq!(content(&*log), before);
        assert!(!log.has_mark(&mark(1)).unwrap());
    }
    log.append(&group(epoch, 0, vec![record(0, 10, 0)])).unwrap();
}

pub fn scans_stop_at_limit_and_end(home: &dyn Home) {
    let log = home.open();
    let group = grow(&*log, 10);
    for (from, limit, expect) in [(0, 3, 0..3), (4, 3, 4..7), (8, 5, 8..10), (0, 99, 0..10)] {
        let found = log.scan(Row(from), limit).unwrap();
        let expect: Vec<_> =
            expect.map(|row| (Row(row), group.records[row as usize].clone())).collect();
        assert_eq!(found, expect, "from {from}, limit {limit}");
    }
    assert!(log.scan(Row(10), 5).unwrap().is_empty());
    assert!(log.scan(Row(0), 0).unwrap().is_empty());
}

pub fn segments_change_in_one_step(home: &dyn Home) {
    let log = home.open();
    let segment = |file: &str, first, end| SegmentEntry {
        first: Row(first),
        end: Row(end),
        file: file.to_owned(),
        crc: u32::MAX,
        bytes: 1 << 40,
    };
    log.put_segments(&[], &[segment("b", 64, 128), segment("a", 0, 64)]).unwrap();
    assert_eq!(log.segments().unwrap(), vec![segment("a", 0, 64), segment("b", 64, 128)]);
    let merged = segment("c", 0, 128);
    let gone = ["a".to_owned(), "b".to_owned(), "unknown".to_owned()];
    log.put_segments(&gone, std::slice::from_ref(&merged)).unwrap();
    drop(log);
    assert_eq!(home.open().segments().unwrap(), vec![merged]);
}

pub fn named_values_and_checkpoints_are_kept(home: &dyn Home) {
    let log = home.open();
    assert_eq!((log.meta("a").unwrap(), log.last_checkpoint().unwrap()), (None, None));
    log.put_meta("a", b"1").unwrap();
    log.put_meta("a", b"2").unwrap();
    log.put_meta("b", b"").unwrap();
    let point = |size| Checkpoint { size_log: size, size_access: u64::MAX, note: vec![7; 300] };
    log.put_checkpoint(&point(5)).unwrap();
    log.put_checkpoint(&point(6)).unwrap();
    drop(log);
    let log = home.open();
    assert_eq!(log.meta("a").unwrap(), Some(b"2".to_vec()));
    assert_eq!(log.meta("b").unwrap(), Some(vec![]));
    assert_eq!(log.last_checkpoint().unwrap(), Some(point(6)));
    assert_eq!(log.checkpoints().unwrap(), vec![point(5), point(6)]);
}

pub fn readers_see_whole_groups_while_the_writer_appends(home: &dyn Home) {
    const SIZE: u32 = 7;
    let log = home.open();
    let done = Arc::new(AtomicBool::new(false));
    let read = |log: Arc<dyn Log>, done: Arc<AtomicBool>| {
        let mut last = Row(0);
        while !done.load(Ordering::Acquire) {
            let end = log.end().unwrap();
            assert!(end >= last && end.0.is_multiple_of(SIZE), "{end} after {last}");
            if let Some(newest) = end.0.checked_sub(1) {
                assert_eq!(log.read(Row(newest)).unwrap(), Some(record(newest, 50, 3)));
            }
            last = end;
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let (log, done) = (log.clone(), done.clone());
            scope.spawn(move || read(log, done));
        }
        let epoch = log.claim().unwrap();
        for first in (0..40).map(|n| n * SIZE) {
            let records = (first..first + SIZE).map(|row| record(row, 50, 3)).collect();
            log.append(&group(epoch, first, records)).unwrap();
        }
        done.store(true, Ordering::Release);
    });
}

pub fn scrub_names_bad_records(home: &dyn Home) {
    let log = home.open();
    let mut records: Vec<_> = (0..5).map(|row| record(row, 40, 0)).collect();
    records[1][30] ^= 1;
    records[3] = record(4, 40, 0);
    log.append(&group(log.claim().unwrap(), 0, records)).unwrap();
    let mut bad = Vec::new();
    assert_eq!(scrub(&*log, |fault| bad.push(fault.row)).unwrap(), 5);
    assert_eq!(bad, vec![Row(1), Row(3)]);
}
