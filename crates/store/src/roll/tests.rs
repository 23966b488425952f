//! Rolls against a plain list, and against damage.

use std::collections::BTreeSet;
use std::sync::Arc;

use accord_base::LogTime;
use proptest::prelude::*;

use super::format::{FILE_HEADER, path};
use super::*;
use crate::disk::{Disk, SimDisk};

const ALWAYS: (LogTime, LogTime) = (LogTime(0), LogTime(u64::MAX));

fn disk() -> Arc<dyn Disk> {
    let disk = SimDisk::new(1);
    disk.create_dir("access").unwrap();
    Arc::new(disk)
}

fn span(from: u32, to: u32) -> Span {
    Span { from, to, at: (LogTime(u64::from(from)), LogTime(u64::from(to))) }
}

fn found(roll: &Roll, name: u64) -> BTreeSet<u32> {
    let mut places = Vec::new();
    roll.find(name, ALWAYS, &mut places).unwrap();
    places.into_iter().collect()
}

fn entries(list: &[(u64, u32)]) -> Vec<Entry> {
    list.iter().map(|(name, place)| Entry { name: *name, place: *place }).collect()
}

#[test]
fn the_bytes_of_version_1_stand() {
    let disk = disk();
    let mut roll = Roll::open(&disk, Source::Stream, 3).unwrap();
    roll.append(span(24, 90), &mut entries(&[(9, 24), (7, 30)])).unwrap();
    let file = disk.open("access/00000003.who").unwrap();
    let mut bytes = vec![0; file.size().unwrap() as usize];
    file.read_at(0, &mut bytes).unwrap();
    let checked = |mut bytes: Vec<u8>| {
        bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
        bytes
    };
    let mut expect = checked(b"accordAW\x01\0\x01\0\x03\0\0\0".to_vec());
    expect.extend(checked(
        b"\x02\0\0\0\x18\0\0\0\x5a\0\0\0\x18\0\0\0\0\0\0\0\x5a\0\0\0\0\0\0\0".to_vec(),
    ));
    expect.extend(checked(b"\x07\0\0\0\0\0\0\0".to_vec()));
    expect.extend(checked(b"\x07\0\0\0\0\0\0\0\x1e\0\0\0\x09\0\0\0\0\0\0\0\x18\0\0\0".to_vec()));
    assert_eq!(bytes, expect);
}

#[test]
fn runs_outside_the_time_asked_for_are_not_read() {
    let disk = disk();
    let mut roll = Roll::open(&disk, Source::Log, 0).unwrap();
    roll.append(span(0, 10), &mut entries(&[(1, 0)])).unwrap();
    roll.append(span(10, 20), &mut entries(&[(1, 12)])).unwrap();
    let mut places = Vec::new();
    roll.find(1, (LogTime(11), LogTime(15)), &mut places).unwrap();
    assert_eq!(places, [12]);
    let misfit = roll.append(span(21, 22), &mut []);
    assert!(matches!(misfit, Err(RollError::Misfit(_))));
}

#[test]
fn damage_is_found_or_covers_less() {
    let disk = disk();
    let mut roll = Roll::open(&disk, Source::Stream, 0).unwrap();
    let many: Vec<(u64, u32)> = (0..600).map(|n| (n % 7, n as u32)).collect();
    roll.append(span(0, 600), &mut entries(&many)).unwrap();
    roll.append(span(600, 700), &mut entries(&[(3, 650)])).unwrap();
    let whole = found(&roll, 3);
    let size = disk.open(&path(Source::Stream, 0)).unwrap().size().unwrap();
    for at in (0..size).step_by(3) {
        let file = disk.open_write(&path(Source::Stream, 0)).unwrap();
        let mut byte = [0];
        file.read_at(at, &mut byte).unwrap();
        file.write_at(at, &[byte[0] ^ 1]).unwrap();
        let again = Roll::open(&disk, Source::Stream, 0).unwrap();
        let mut all = BTreeSet::new();
        let read = again.each(ALWAYS, &mut |entry| {
            all.extend((entry.name == 3).then_some(entry.place));
        });
        let complete = again.covered() == Some(700) && read.is_ok();
        assert!(!complete, "byte {at}");
        if read.is_ok() {
            let covered = again.covered().unwrap_or(0);
            assert_eq!(all, whole.iter().copied().filter(|place| *place < covered).collect());
        }
        file.write_at(at, &byte).unwrap();
    }
    assert_eq!(found(&Roll::open(&disk, Source::Stream, 0).unwrap(), 3), whole);
}

#[test]
fn a_file_of_another_kind_is_begun_anew() {
    let disk = disk();
    disk.create(&path(Source::Log, 1)).unwrap().append(b"something else altogether").unwrap();
    let mut roll = Roll::open(&disk, Source::Log, 1).unwrap();
    assert_eq!(roll.covered(), None);
    roll.append(span(5, 6), &mut entries(&[(1, 5)])).unwrap();
    let again = Roll::open(&disk, Source::Log, 1).unwrap();
    assert_eq!((again.begins(), again.covered()), (Some(5), Some(6)));
    assert_eq!(found(&again, 1), BTreeSet::from([5]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_name_is_found_again_after_any_cut(
        runs in prop::collection::vec(prop::collection::vec(0u64..20, 0..700), 1..5),
        cut in 0u64..40_000,
    ) {
        let disk = disk();
        let mut roll = Roll::open(&disk, Source::Stream, 0).unwrap();
        let (mut all, mut next) = (Vec::new(), 24);
        for run in &runs {
            let from = next;
            let mut list = Vec::new();
            for name in run {
                list.push(Entry { name: *name, place: next });
                next += 1;
            }
            all.extend(list.iter().copied());
            roll.append(span(from, next), &mut list).unwrap();
        }
        let of = |name: u64, end: u32| -> BTreeSet<u32> {
            let named = all.iter().filter(|entry| entry.name == name && entry.place < end);
            named.map(|entry| entry.place).collect()
        };
        for name in 0..21 {
            prop_assert_eq!(found(&roll, name), of(name, next));
        }
        let file = disk.open_write(&path(Source::Stream, 0)).unwrap();
        file.truncate(cut.min(file.size().unwrap())).unwrap();
        let mut again = Roll::open(&disk, Source::Stream, 0).unwrap();
        let covered = again.covered().unwrap_or(24);
        for name in 0..21 {
            prop_assert_eq!(found(&again, name), of(name, covered));
        }
        let mut rest: Vec<Entry> = all.iter().copied().filter(|e| e.place >= covered).collect();
        rest.truncate(RUN_ENTRIES);
        again.append(span(covered, next), &mut rest).unwrap();
        let whole = Roll::open(&disk, Source::Stream, 0).unwrap();
        prop_assert_eq!(whole.covered(), Some(next));
        for name in 0..21 {
            prop_assert_eq!(found(&whole, name), of(name, next));
        }
        prop_assert!(FILE_HEADER == 20);
    }
}
