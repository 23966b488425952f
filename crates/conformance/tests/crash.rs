//! Power lost, or the process killed, at any write to disk or log: what was acknowledged is there
//! when the store is opened again, nothing is half there, the index says what the documents say,
//! and both trees verify.
//!
//! `ACCORD_CRASH_EVERY` sets how many writes lie between two crashes; it is 1 unless said.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

#[path = "crash/frail.rs"]
mod frail;
#[path = "crash/life.rs"]
mod life;

use accord_conformance::seed_of;
use frail::{End, World};
use life::{Told, check, live};

/// How many changing operations on disk and log an undisturbed life makes.
fn operations(seed: u64) -> u64 {
    let world = World::new(seed);
    let mut told = Told::default();
    assert!(live(&world, &mut told, seed), "an undisturbed life ends well");
    let operations = world.operations();
    check(world.found(End::Killed), &told, End::Killed, "undisturbed");
    operations
}

/// Crashes a life at every `every`-th operation, and looks at what is found.
fn crashes(seed: u64, end: End, every: u64) {
    let operations = operations(seed);
    let (mut cases, mut interrupted) = (0, 0);
    for at in (seed % every..operations).step_by(every as usize) {
        let world = World::new(seed);
        world.crash_at(at);
        let mut told = Told::default();
        interrupted += u64::from(!live(&world, &mut told, seed));
        check(world.found(end), &told, end, &format!("seed {seed}, {end:?} at {at}"));
        cases += 1;
    }
    println!("{cases} crashes among {operations} operations, {interrupted} met by a request");
    assert!(interrupted * 2 > cases, "most crashes are met");
}

#[test]
fn power_lost_at_any_write() {
    crashes(3, End::PowerLost, seed_of("ACCORD_CRASH_EVERY", 1));
}

#[test]
fn killed_at_any_write() {
    crashes(4, End::Killed, seed_of("ACCORD_CRASH_EVERY", 1));
}
