//! Crashes at every operation: what was flushed is there, in order, and nothing is invented.

use super::*;

/// What a process had been told when its disk failed.
#[derive(Clone, Default)]
struct Told {
    /// Records handed in, the last one perhaps in vain.
    tried: Vec<Vec<u8>>,
    /// Records that an opening or a flush said are durable.
    durable: usize,
    /// The tree a checkpoint kept, some flushes ago.
    kept: Frontier,
}

/// A record that no other session writes: 100 bytes each, so that frames of one session fit
/// exactly over those of another.
fn tagged(session: u8, n: usize) -> Vec<u8> {
    let mut bytes = vec![session; 100];
    bytes[0] = n as u8;
    bytes
}

/// Opens the stream, appends and flushes until done or the disk fails.
fn session(disk: &SimDisk, told: &mut Told, session: u8) -> Result<(), StreamError> {
    let floor = Floor { size: told.durable as u64, frontier: told.kept.clone() };
    let stream = open(disk, floor)?;
    let found: Vec<_> = all(stream.leaves());
    assert!(found.len() >= told.durable && told.tried.starts_with(&found));
    told.durable = found.len();
    told.tried = found;
    for round in 0..4 {
        for _ in 0..=(round + usize::from(session)) % 3 {
            append(&stream, told, session)?;
        }
        assert_eq!(stream.flush()?.size, told.tried.len() as u64);
        told.durable = told.tried.len();
        if round == 1 {
            told.kept = stream.durable();
        }
    }
    // Handed to the operating system and not flushed.
    append(&stream, told, session)?;
    append(&stream, told, session)
}

fn append(stream: &AccessStream, told: &mut Told, session: u8) -> Result<(), StreamError> {
    let n = told.tried.len();
    told.tried.push(tagged(session, n));
    stream.append(&tagged(session, n)).map(|number| assert_eq!(number, n as u64))
}

fn sessions(disk: &SimDisk, told: &mut Told) -> Result<(), StreamError> {
    (0..3).try_for_each(|n| session(disk, told, n))
}

/// Opens what was found and checks it against what the process had been told.
fn check(disk: &SimDisk, told: &mut Told, case: &str) {
    let read = all(Leaves::read(Arc::new(disk.clone()), told.durable as u64));
    assert!(told.tried.starts_with(&read) && read.len() >= told.durable, "{case}");
    session(disk, told, 9).unwrap_or_else(|error| panic!("{case}: {error}"));
    assert_eq!(told.tried[..read.len()], read, "{case}: read before opening");
    let disk = disk.reboot();
    let floor = Floor { size: told.durable as u64, frontier: told.kept.clone() };
    let stream = open(&disk, floor).unwrap_or_else(|error| panic!("{case}, again: {error}"));
    let found = all(stream.leaves());
    assert!(told.tried.starts_with(&found) && found.len() >= told.durable, "{case}, again");
    let mut tree = Frontier::new();
    found.iter().for_each(|leaf| tree.append(leaf_hash(leaf)));
    assert_eq!(stream.durable(), tree, "{case}");
}

fn operations() -> u64 {
    let disk = SimDisk::new(0);
    sessions(&disk, &mut Told::default()).unwrap();
    assert!(disk.list(FOLDER).unwrap().len() > 3);
    disk.operations()
}

/// Runs three sessions with a crash at each operation, and hands on what a machine that lost
/// power finds.
fn each_crash(seeds: u64, mut then: impl FnMut(&SimDisk, &Told, String)) {
    for at in 0..operations() {
        for seed in 0..seeds {
            let (disk, mut told) = (SimDisk::new(seed), Told::default());
            disk.crash_at(at);
            assert!(sessions(&disk, &mut told).is_err());
            then(&disk, &told, format!("operation {at}, seed {seed}"));
        }
    }
}

#[test]
fn a_crash_at_every_operation_loses_nothing_flushed() {
    each_crash(12, |disk, told, case| check(&disk.reboot(), &mut told.clone(), &case));
}

#[test]
fn a_killed_process_loses_nothing_handed_over() {
    each_crash(2, |disk, told, case| {
        let disk = disk.restart();
        // All but the record whose write was interrupted.
        let handed = told.tried.len().saturating_sub(1).max(told.durable);
        check(&disk, &mut Told { durable: handed, ..told.clone() }, &case);
    });
}

#[test]
fn a_second_crash_soon_after_the_first_loses_nothing_flushed() {
    each_crash(4, |disk, told, case| {
        let found = [disk.reboot(), disk.restart()];
        for second in 0..14 {
            for first in &found {
                let (disk, mut told) = (first.restart(), told.clone());
                disk.crash_at(second);
                if session(&disk, &mut told, 5).is_err() {
                    check(&disk.reboot(), &mut told, &format!("{case}, then {second}"));
                }
            }
        }
    });
}

#[test]
fn an_error_at_every_operation_ends_the_stream_and_loses_nothing_flushed() {
    for at in 0..operations() {
        for seed in 0..4 {
            let (disk, mut told) = (SimDisk::new(seed), Told::default());
            disk.fail_at(at);
            assert!(sessions(&disk, &mut told).is_err());
            check(&disk.reboot(), &mut told, &format!("operation {at}, seed {seed}"));
        }
    }
}
