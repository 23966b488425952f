//! Power cuts: the WAL as it may be found afterwards, opened again.

use std::fs;
use std::path::{Path, PathBuf};

use accord_base::{Row, SeededRng};
use accord_store::{Group, KeyId, Log, SqliteLog};

use super::{key, mark, record};

/// Bytes of the WAL's header and of a frame's (SQLite file format §4.1).
const WAL_HEADER: usize = 32;
const FRAME: usize = 24 + 4096;

/// What lies on disk at one moment.
#[derive(Clone)]
struct Files {
    database: Vec<u8>,
    wal: Vec<u8>,
}

fn wal_path(database: &Path) -> PathBuf {
    database.with_extension("sqlite-wal")
}

impl Files {
    fn of(folder: &Path) -> Files {
        let path = SqliteLog::path(folder);
        let wal = fs::read(wal_path(&path)).unwrap_or_default();
        Files { database: fs::read(path).unwrap(), wal }
    }

    /// Lays the files into a folder, with another WAL.
    fn restore(&self, folder: &Path, wal: &[u8]) {
        let path = SqliteLog::path(folder);
        let _ = fs::remove_file(path.with_extension("sqlite-shm"));
        fs::write(&path, &self.database).unwrap();
        fs::write(wal_path(&path), wal).unwrap();
    }
}

/// The group with this number: records of several sizes, a key and a mark.
fn group(log: &dyn Log, epoch: accord_store::Epoch, number: u8) -> Group {
    let first = log.end().unwrap();
    let sizes = [60, 900, 9_000, 300, 2_500];
    let rows = (first.0..).take(2 + usize::from(number % 4));
    let records = rows.zip(sizes).map(|(row, len)| record(row, len, number)).collect();
    let keys = vec![key(u64::from(number) + 1)];
    Group { epoch, first, records, keys, marks: vec![mark(number)] }
}

/// The ends of the log after 0, 1, … groups: the only states that may be found.
struct History {
    ends: Vec<Row>,
}

impl History {
    /// Opens what a crash left and checks that exactly the first `groups` groups are there.
    fn check(&self, folder: &Path, groups: usize, what: &str) {
        let log = SqliteLog::open(folder).unwrap();
        let end = log.end().unwrap();
        assert_eq!(end, self.ends[groups], "{what}: {groups} groups");
        for (number, span) in self.ends.windows(2).enumerate() {
            let there = number < groups;
            let sizes = [60, 900, 9_000, 300, 2_500];
            for (row, len) in (span[0].0..span[1].0).zip(sizes) {
                let expect = there.then(|| record(row, len, number as u8));
                assert_eq!(log.read(Row(row)).unwrap(), expect, "{what}: row {row}");
            }
            let found_key = log.key(KeyId(number as u64 + 1)).unwrap().is_some();
            let found_mark = log.has_mark(&mark(number as u8)).unwrap();
            assert_eq!((found_key, found_mark), (there, there), "{what}: group {number}");
        }
        assert_eq!(log.check_container().unwrap(), Vec::<String>::new(), "{what}");
    }
}

/// Points at which a write of frames may be cut: every frame's start, and inside it.
fn cuts(from: usize, to: usize) -> Vec<usize> {
    let frames = (from..to).step_by(FRAME);
    let inside = frames.flat_map(|start| [0, 5, 24, FRAME / 2, FRAME - 1].map(|at| start + at));
    inside.filter(|cut| *cut < to).collect()
}

/// One group after another; after each, the files before and after it. `checkpoint` copies the WAL
/// into the database after that group, so that the next ones overwrite the WAL from its start.
fn record_groups(count: u8, checkpoint: Option<u8>) -> (History, Vec<(Files, Files)>) {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path()).unwrap();
    let epoch = log.claim().unwrap();
    let mut ends = vec![Row(0)];
    let mut steps = Vec::new();
    for number in 0..count {
        let before = Files::of(folder.path());
        log.append(&group(&log, epoch, number)).unwrap();
        ends.push(log.end().unwrap());
        steps.push((before, Files::of(folder.path())));
        if checkpoint == Some(number) {
            let other = rusqlite::Connection::open(SqliteLog::path(folder.path())).unwrap();
            other.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
        }
    }
    (History { ends }, steps)
}

/// Where the frames of a step lie: from the first byte that differs to the end of the last frame.
fn written(before: &[u8], after: &[u8]) -> (usize, usize) {
    let same = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let start =
        if same < WAL_HEADER { 0 } else { (same - WAL_HEADER) / FRAME * FRAME + WAL_HEADER };
    let tail = |bytes: &[u8], at: usize| bytes.get(at..).map(<[u8]>::to_vec);
    let mut end = after.len();
    while end >= start + FRAME && tail(before, end - FRAME) == tail(after, end - FRAME) {
        end -= FRAME;
    }
    (start, end)
}

/// A cut write: the new bytes up to the cut, then what was there before.
fn torn(before: &[u8], after: &[u8], cut: usize) -> Vec<u8> {
    let old = before.get(cut..).unwrap_or_default();
    after[..cut].iter().chain(old).copied().collect()
}

#[test]
fn a_wal_cut_anywhere_holds_whole_groups_only() {
    let (history, steps) = record_groups(4, None);
    let folder = tempfile::tempdir().unwrap();
    let last = &steps[3].1;
    let ends: Vec<usize> = steps.iter().map(|(_, after)| after.wal.len()).collect();
    for cut in cuts(steps[0].0.wal.len(), last.wal.len()).into_iter().chain([last.wal.len()]) {
        let whole = ends.iter().filter(|end| **end <= cut).count();
        last.restore(folder.path(), &last.wal[..cut]);
        history.check(folder.path(), whole, &format!("cut at {cut}"));
    }
}

#[test]
fn a_group_torn_over_an_older_wal_is_absent_as_a_whole() {
    let (history, steps) = record_groups(6, Some(2));
    let folder = tempfile::tempdir().unwrap();
    let mut restarted = false;
    for (number, (before, after)) in steps.iter().enumerate().skip(3) {
        let (start, end) = written(&before.wal, &after.wal);
        restarted |= start == 0;
        let header = (start == 0).then_some([0, 9, 31]).into_iter().flatten();
        for cut in header.chain(cuts(start.max(WAL_HEADER), end)) {
            before.restore(folder.path(), &torn(&before.wal, &after.wal, cut));
            history.check(folder.path(), number, &format!("group {number} torn at {cut}"));
        }
        after.restore(folder.path(), &after.wal);
        history.check(folder.path(), number + 1, &format!("group {number} whole"));
    }
    assert!(restarted, "the WAL was written from its start again");
}

/// A disk may write frames in any order before the flush is done.
#[test]
fn a_group_with_frames_missing_anywhere_is_absent_as_a_whole() {
    let (history, steps) = record_groups(4, None);
    let folder = tempfile::tempdir().unwrap();
    let rng = SeededRng::new(11);
    for (number, (before, after)) in steps.iter().enumerate().skip(1) {
        let frames: Vec<usize> = (before.wal.len()..after.wal.len()).step_by(FRAME).collect();
        for _ in 0..8 {
            let lost = frames[rng.below(frames.len() as u64) as usize];
            let mut wal = after.wal.clone();
            for frame in &frames {
                if *frame == lost || rng.below(2) == 0 {
                    wal[*frame..frame + FRAME].fill(0);
                }
            }
            before.restore(folder.path(), &wal);
            history.check(folder.path(), number, &format!("group {number} without {lost}"));
        }
    }
}
