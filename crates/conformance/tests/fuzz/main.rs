//! Hostile inputs, made by changing good ones: nothing panics, work is bounded by limits and not
//! by the input, and what reads an input and writes it back writes what reads the same.
//!
//! The same inputs for the same seed: `ACCORD_FUZZ_SEED` begins elsewhere, `ACCORD_FUZZ_ROUNDS`
//! makes more of each kind. What fails is printed with its seed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

mod binary;
mod mutate;
mod text;

use std::panic::{AssertUnwindSafe, catch_unwind};

use accord_base::SeededRng;
use accord_conformance::seed_of;

use mutate::Mutator;

/// What is fed with inputs.
struct Target {
    name: &'static str,
    /// Good inputs.
    corpus: Vec<Vec<u8>>,
    /// Pieces that mean something there.
    words: &'static [&'static str],
    /// Reads an input. Panics where a promise is broken.
    read: fn(&[u8]),
}

/// Inputs of each kind. In all they take some seconds.
const ROUNDS: u64 = 2_000;

fn run(target: &Target) {
    let seed = seed_of("ACCORD_FUZZ_SEED", 1);
    let rounds = seed_of("ACCORD_FUZZ_ROUNDS", ROUNDS);
    // What is good is read without complaint of ours.
    target.corpus.iter().for_each(|input| (target.read)(input));
    for round in 0..rounds {
        let rng = SeededRng::new(seed.wrapping_mul(1_000_003) ^ round);
        let input = Mutator { rng: &rng, corpus: &target.corpus, words: target.words }.input();
        if let Err(cause) = catch_unwind(AssertUnwindSafe(|| (target.read)(&input))) {
            let text = String::from_utf8_lossy(&input[..input.len().min(4096)]).into_owned();
            println!("{}: ACCORD_FUZZ_SEED={seed}, round {round}\n{text:?}", target.name);
            std::panic::resume_unwind(cause);
        }
    }
}

macro_rules! targets {
    ($($name:ident: $target:expr,)*) => {
        $(
            #[test]
            fn $name() {
                run(&$target);
            }
        )*
    };
}

targets! {
    searches: text::searches(),
    expressions: text::expressions(),
    documents: text::documents(),
    json_patches: text::json_patches(),
    fhirpath_patches: text::fhirpath_patches(),
    references_and_dates: text::references_and_dates(),
    log_records: binary::log_records(),
    access_records: binary::access_records(),
    segments: binary::segments(),
    edits: binary::edits(),
}
