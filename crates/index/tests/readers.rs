//! Readers beside a writer and a sealer: every state they see is whole, and stays as it is.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use accord_access::Scope;
use accord_base::{LogTime, Row, SeededRng};
use accord_index::{
    BlockCache, Found, HistoryRange, Index, Prepared, RowEffect, Segment, Snapshot, View, Writer,
};
use accord_spec::ResourceType;

use common::{code, observation, query, rows, token};

const RESOURCES: u64 = 40;
const TRANSACTIONS: u64 = 12_000;

fn version(row: u32, n: u64, color: &str, prior: Option<&RowEffect>, t: u64) -> RowEffect {
    let mut effect = observation(row, &format!("o{n}"), vec![token("code", None, color)]);
    effect.born = LogTime(t);
    effect.prior = prior.map(|prior| prior.row);
    effect.version = prior.map_or(1, |prior| prior.version + 1);
    effect
}

/// Each transaction swaps the colours of two resources: half of them are red in every state.
fn write(writer: &mut Writer) {
    let rng = SeededRng::new(11);
    let mut now: Vec<(RowEffect, bool)> = Vec::new();
    let mut row = 0;
    let color = |red: bool| if red { "red" } else { "blue" };
    for n in 0..RESOURCES {
        let effect = version(row, n, color(n % 2 == 0), None, 1);
        now.push((effect, n % 2 == 0));
        row += 1;
    }
    for (effect, _) in &now {
        writer.apply(effect, &Prepared::new(effect.resource_type, &effect.values)).unwrap();
    }
    writer.publish(Row(row), LogTime(1));
    for t in 2..TRANSACTIONS + 2 {
        let (a, b) = (rng.below(RESOURCES) as usize, rng.below(RESOURCES) as usize);
        if now[a].1 == now[b].1 {
            continue;
        }
        for (at, red) in [(a, now[b].1), (b, now[a].1)] {
            let next = version(row, at as u64, color(red), Some(&now[at].0), t);
            writer.apply(&next, &Prepared::new(next.resource_type, &next.values)).unwrap();
            now[at] = (next, red);
            row += 1;
        }
        writer.publish(Row(row), LogTime(t));
    }
}

fn seal(index: &Index, cache: &BlockCache) {
    while let Some(chunk) = index.frozen() {
        let mut file = Vec::new();
        chunk.write_segment(&mut file).unwrap();
        index.install(Segment::open(std::sync::Arc::new(file), cache).unwrap()).unwrap();
    }
}

/// Red rows and blue rows.
type Seen = (Vec<u32>, Vec<u32>);

/// Looks at one state; gives what it saw, to be seen again.
fn look(snapshot: &Snapshot) -> Seen {
    let view = View::new(snapshot.clone(), Scope::system("test"));
    let (red, red_total) = rows(&view, &query("code", code("red"))).unwrap();
    let (blue, blue_total) = rows(&view, &query("code", code("blue"))).unwrap();
    assert_eq!((red_total, blue_total), (RESOURCES / 2, RESOURCES / 2));
    let Found::Live(row) = view.read(ResourceType::OBSERVATION, "o3") else { panic!() };
    assert!(red.contains(&row.row().0) || blue.contains(&row.row().0));
    let range = HistoryRange { since: None, before: None, count: 10_000, total: false };
    let history = view.history_of(ResourceType::OBSERVATION, "o3", range).unwrap().unwrap();
    let versions = history.rows.iter().map(|row| row.version());
    assert!(versions.eq((1..=row.version()).rev()));
    (red, blue)
}

#[test]
fn every_state_is_whole_and_stays() {
    let (index, mut writer) = Index::open(Vec::new(), 64).unwrap();
    let (cache, done) = (BlockCache::new(100_000), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            write(&mut writer);
            done.store(true, Ordering::SeqCst);
        });
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                seal(&index, &cache);
                thread::yield_now();
            }
            seal(&index, &cache);
        });
        for _ in 0..2 {
            scope.spawn(|| {
                let mut kept: Vec<(Snapshot, Seen)> = Vec::new();
                while !done.load(Ordering::SeqCst) {
                    let snapshot = index.snapshot();
                    if snapshot.watermark() == Row(0) {
                        continue;
                    }
                    let seen = look(&snapshot);
                    assert_eq!(look(&snapshot), seen);
                    let again = index.snapshot_at(snapshot.t()).unwrap();
                    assert_eq!(look(&again), seen);
                    if kept.len() < 16 {
                        kept.push((snapshot, seen));
                    }
                }
                for (snapshot, seen) in kept {
                    assert_eq!(look(&snapshot), seen);
                    assert_eq!(look(&index.snapshot_at(snapshot.t()).unwrap()), seen);
                }
            });
        }
    });
    assert!(index.unsealed_chunks() <= 1);
}
