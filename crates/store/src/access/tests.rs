//! The access stream in calm weather, and against damage and failing disks.

mod busy;
mod crash;
mod evidence;

use std::collections::BTreeSet;

use accord_audit::TreeHead;
use accord_audit::tree::{Frontier, leaf_hash};

use super::file::{FILE_HEADER, FRAME_HEADER, path};
use super::*;
use crate::disk::{Disk, RealDisk, SimDisk};
use std::sync::Arc;

/// Small files, so that a few records cross several.
const SMALL: u64 = 512;

/// A record whose bytes tell its number.
fn sealed(n: u64) -> Vec<u8> {
    let len = 20 + (n * 37 % 150) as usize;
    n.to_le_bytes().into_iter().cycle().take(len).collect()
}

fn open(disk: &SimDisk, floor: Floor) -> Result<AccessStream, StreamError> {
    AccessStream::open_with(Arc::new(disk.clone()), floor, SMALL)
}

/// A stream with `count` records, flushed every three.
fn filled(disk: &SimDisk, count: u64) -> AccessStream {
    let stream = open(disk, Floor::default()).unwrap();
    for n in 0..count {
        assert_eq!(stream.append(&sealed(n)).unwrap(), n);
        if n % 3 == 0 {
            stream.flush().unwrap();
        }
    }
    stream.flush().unwrap();
    stream
}

fn tree(count: u64) -> Frontier {
    let mut frontier = Frontier::new();
    (0..count).for_each(|n| frontier.append(leaf_hash(&sealed(n))));
    frontier
}

fn all(leaves: Leaves) -> Vec<Vec<u8>> {
    leaves.map(Result::unwrap).collect()
}

fn first(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(sealed).collect()
}

#[test]
fn records_come_back_in_order_over_several_files() {
    let disk = SimDisk::new(1);
    let stream = filled(&disk, 40);
    assert!(disk.list(FOLDER).unwrap().len() > 4);
    assert_eq!(stream.durable(), tree(40));
    assert_eq!(all(stream.leaves()), first(40));
    assert_eq!(all(Leaves::read(Arc::new(disk.clone()), 40)), first(40));

    // What is not flushed is not yet counted; a reader of the files sees it.
    assert_eq!(stream.append(&sealed(40)).unwrap(), 40);
    assert_eq!(stream.leaves().count(), 40);
    assert_eq!(Leaves::read(Arc::new(disk.clone()), 40).count(), 41);
    assert_eq!(stream.flush().unwrap(), TreeHead::from(&tree(41)));
    assert_eq!(stream.leaves().count(), 41);
}

#[test]
fn opening_goes_on_from_any_kept_tree() {
    for kept in 0..=40 {
        let disk = SimDisk::new(1);
        drop(filled(&disk, 40));
        let stream = open(&disk, tree(kept).into()).unwrap();
        assert_eq!(stream.durable(), tree(40));
        assert_eq!(stream.recovered(), Recovered::default());
        assert_eq!(stream.append(&sealed(40)).unwrap(), 40);
        assert_eq!(stream.flush().unwrap(), TreeHead::from(&tree(41)));
        assert_eq!(all(stream.leaves()), first(41));
    }
}

#[test]
fn the_bytes_of_version_1_stand() {
    let disk = SimDisk::new(1);
    let stream = open(&disk, Floor::default()).unwrap();
    stream.append(b"ab").unwrap();
    stream.append(b"c").unwrap();
    let mut bytes = [0; 100];
    let len = disk.open("access/00000000.acc").unwrap().read_at(0, &mut bytes).unwrap();
    let mut expect = b"accordAS\x01\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    expect.extend(crc32c::crc32c(&expect).to_le_bytes());
    for (sealed, sequence) in [(&b"ab"[..], 0u64), (b"c", 1)] {
        let (len, sequence) = ((sealed.len() as u32).to_le_bytes(), sequence.to_le_bytes());
        let crc = crc32c::crc32c(&[&len, sealed, &sequence].concat()).to_le_bytes();
        expect.extend([&len[..], &crc, &sequence, sealed].concat());
    }
    assert_eq!(bytes[..len], expect);
}

#[test]
fn threads_share_the_stream() {
    let dir = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::new(dir.path()));
    let stream = AccessStream::open_with(disk.clone(), Floor::default(), 4096).unwrap();
    let numbers = std::thread::scope(|scope| {
        let work = |thread: u8| {
            let stream = &stream;
            scope.spawn(move || {
                let mut numbers = Vec::new();
                for n in 0..200u8 {
                    let number = stream.append(&[thread, n, 1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
                    if n % 20 == 0 {
                        assert!(stream.flush_through(number).unwrap().size > number);
                    }
                    numbers.push(number);
                }
                assert!(numbers.is_sorted());
                numbers
            })
        };
        let threads = [work(0), work(1), work(2), work(3)];
        threads.into_iter().flat_map(|t| t.join().unwrap()).collect::<BTreeSet<u64>>()
    });
    assert_eq!(numbers, (0..800).collect());
    let head = stream.flush().unwrap();
    let leaves = all(stream.leaves());
    assert_eq!(leaves.len(), 800);
    for thread in 0..4 {
        let of_thread = leaves.iter().filter(|leaf| leaf[0] == thread).map(|leaf| leaf[1]);
        assert!(of_thread.eq(0..200));
    }
    assert!(disk.list(FOLDER).unwrap().len() > 1);
    drop(stream);
    let again = AccessStream::open(disk, Floor { size: 800, ..Floor::default() }).unwrap();
    assert_eq!(TreeHead::from(&again.durable()), head);
}

#[test]
fn a_failed_write_or_sync_ends_the_stream() {
    // Operations from here: append, sync, then append again.
    for failing in 0..2 {
        let disk = SimDisk::new(failing);
        let stream = filled(&disk, 3);
        disk.fail_at(failing);
        let failed = stream.append(&sealed(3)).is_err();
        assert_eq!(failed, failing == 0);
        assert!(stream.flush().is_err());
        for _ in 0..3 {
            assert!(matches!(stream.append(&sealed(4)), Err(StreamError::Failed)));
            assert!(matches!(stream.flush(), Err(StreamError::Failed)));
        }
        // What was durable before can still be read, and is found at the next opening.
        assert_eq!(all(stream.leaves()), first(3));
        let again = open(&disk.reboot(), tree(3).into()).unwrap();
        assert!(again.durable().size() <= 4);
        assert_eq!(all(again.leaves())[..3], first(3));
    }
}

#[test]
fn empty_and_oversized_records_are_refused_and_do_no_harm() {
    let disk = SimDisk::new(1);
    let stream = open(&disk, Floor::default()).unwrap();
    assert!(matches!(stream.append(&[]), Err(StreamError::Length(0))));
    assert!(stream.append(&vec![0; MAX_SEALED_BYTES + 1]).is_err());
    let large = vec![7; MAX_SEALED_BYTES];
    stream.append(&large).unwrap();
    stream.append(&sealed(1)).unwrap();
    stream.flush().unwrap();
    assert_eq!(all(stream.leaves()), [large, sealed(1)]);
}

/// Where the records of the first file lie: start and end of each frame.
fn frames(count: u64) -> Vec<(u64, u64)> {
    let mut at = FILE_HEADER;
    let place = |n| {
        let start = at;
        at += (FRAME_HEADER + sealed(n).len()) as u64;
        (start, at)
    };
    (0..count).map(place).collect()
}

#[test]
fn damage_below_the_floor_is_an_error_and_above_it_a_cut() {
    let files = SimDisk::new(1);
    let stream = AccessStream::open(Arc::new(files.clone()), Floor::default()).unwrap();
    for n in 0..6 {
        stream.append(&sealed(n)).unwrap();
    }
    stream.flush().unwrap();
    drop(stream);
    let whole = files.open(&path(0)).unwrap();
    let mut bytes = vec![0; whole.size().unwrap() as usize];
    whole.read_at(0, &mut bytes).unwrap();
    for at in FILE_HEADER..bytes.len() as u64 {
        let hit = frames(6).iter().position(|(_, end)| at < *end).unwrap() as u64;
        for floor in [hit, hit + 1] {
            let disk = SimDisk::new(at);
            disk.create(&path(0)).unwrap().append(&bytes).unwrap();
            let flipped = bytes[at as usize] ^ 0x10;
            disk.open_write(&path(0)).unwrap().write_at(at, &[flipped]).unwrap();
            let read: Vec<_> = Leaves::read(Arc::new(disk.clone()), floor).collect();
            let opened = open(&disk, Floor { size: floor, ..Floor::default() });
            if floor > hit {
                assert!(matches!(read.last(), Some(Err(StreamError::Damaged(n))) if *n == hit));
                let lost = |have, need| (have, need) == (hit, floor);
                assert!(
                    matches!(opened, Err(StreamError::Lost { have, need }) if lost(have, need))
                );
                assert_eq!(disk.open(&path(0)).unwrap().size().unwrap(), bytes.len() as u64);
            } else {
                let opened = opened.unwrap();
                assert_eq!(opened.durable(), tree(hit));
                let cut = bytes.len() as u64 - frames(6)[hit as usize].0;
                assert_eq!(opened.recovered(), Recovered { bytes: cut, files: 0 });
                assert_eq!(read.len() as u64, hit);
            }
        }
    }
}

#[test]
fn what_no_crash_explains_is_never_cut() {
    let damage = |change: &dyn Fn(&SimDisk), floor: u64| {
        let disk = SimDisk::new(1);
        drop(filled(&disk, 40));
        change(&disk);
        let names = disk.list(FOLDER).unwrap();
        let result = open(&disk, Floor { size: floor, ..Floor::default() });
        assert_eq!(disk.list(FOLDER).unwrap(), names);
        result.err().unwrap()
    };
    let flip = |number: u32, at: u64| {
        move |disk: &SimDisk| {
            disk.open_write(&path(number)).unwrap().write_at(at, b"\xff").unwrap();
        }
    };
    let remove = |number: u32| move |disk: &SimDisk| disk.remove(&path(number)).unwrap();
    // Damage with several files behind it, or a missing file.
    assert!(matches!(damage(&flip(1, 60), 0), StreamError::Damaged(_)));
    assert!(matches!(damage(&flip(1, 3), 0), StreamError::Damaged(_)));
    assert!(matches!(damage(&flip(0, 3), 0), StreamError::Damaged(0)));
    assert!(matches!(damage(&remove(1), 0), StreamError::Damaged(_)));
    assert!(matches!(damage(&remove(0), 0), StreamError::Damaged(0)));
    assert!(matches!(damage(&remove(0), 40), StreamError::Lost { have: 0, need: 40 }));
    assert!(matches!(damage(&flip(1, 60), 40), StreamError::Lost { need: 40, .. }));
    // A file of a later version is not a torn one.
    let later = |disk: &SimDisk| {
        let mut header = super::file::header(0);
        header[8] = 2;
        let crc = crc32c::crc32c(&header[..20]).to_le_bytes();
        header[20..].copy_from_slice(&crc);
        disk.open_write(&path(0)).unwrap().write_at(0, &header).unwrap();
    };
    assert!(matches!(damage(&later, 0), StreamError::Format(_)));
}

#[test]
fn frames_in_another_order_are_damage() {
    let disk = SimDisk::new(1);
    let stream = AccessStream::open(Arc::new(disk.clone()), Floor::default()).unwrap();
    for record in [b"one", b"two"] {
        stream.append(record).unwrap();
    }
    stream.flush().unwrap();
    let file = disk.open_write(&path(0)).unwrap();
    let len = FRAME_HEADER as u64 + 3;
    let (mut one, mut two) = ([0; 19], [0; 19]);
    file.read_at(FILE_HEADER, &mut one).unwrap();
    file.read_at(FILE_HEADER + len, &mut two).unwrap();
    file.write_at(FILE_HEADER, &[two, one].concat()).unwrap();
    let read: Vec<_> = Leaves::read(Arc::new(disk), 2).collect();
    assert!(matches!(read[..], [Err(StreamError::Damaged(0))]));
}
