//! Hidden means absent: what someone is answered equals the answer of a store from which the
//! things hidden from them are gone, and markers stand for what they may know of and not see.
//!
//! For each generated store, instant and subject, the versions that exist for the subject are
//! found by a naive reading of the rules; a second store is made of them alone, and asked the same
//! by the system. `ACCORD_LEAK_SEED` begins elsewhere, `ACCORD_LEAK_STORES` makes more stores.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

mod answers;
mod boards;
mod consents;
mod contained;
mod events;
mod facts;
mod integrity;
mod known;
mod labels;
mod linked;
mod live;
mod masks;
mod patches;
mod people;
mod reduced;
#[path = "../../../access/tests/consent/reference.rs"]
mod reference;
mod requests;
mod rules;
mod session;
mod subscribed;
mod tokens;
mod why;
mod words;
mod world;

use accord_conformance::seed_of;

/// Requests of each subject, at each instant, in each store.
const REQUESTS: u64 = 300;

fn stores(first: u64, count: u64) {
    let (mut cases, mut markers) = (0, 0);
    for seed in first..first + count {
        println!("ACCORD_LEAK_SEED={seed}");
        let (asked, marked) = session::run(seed, REQUESTS);
        cases += asked;
        markers += marked;
    }
    println!("{cases} cases, {markers} with markers");
    assert!(cases >= 17_000 * count, "fewer cases than meant: {cases}");
    assert!(markers >= 30 * count, "fewer markers than meant: {markers}");
    boards::check();
    live::check();
    subscribed::check();
}

#[test]
fn hidden_is_absent_in_one_world() {
    stores(seed_of("ACCORD_LEAK_SEED", 1), seed_of("ACCORD_LEAK_STORES", 3));
}

#[test]
fn hidden_is_absent_in_another_world() {
    let count = seed_of("ACCORD_LEAK_STORES", 3);
    stores(seed_of("ACCORD_LEAK_SEED", 1) + count, count);
}
