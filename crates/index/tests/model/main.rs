//! The index against a full scan of plain effects: random lives of stores, random questions.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

mod oracle;
mod run;
mod world;

use proptest::prelude::*;

use run::Store;

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_is_that_of_a_full_scan(
        ops in prop::collection::vec(world::op(), 1..900),
        queries in prop::collection::vec((world::query(), 1usize..30, any::<prop::sample::Index>()), 60),
    ) {
        let mut store = Store::new();
        for op in ops {
            store.act(op);
        }
        store.check_documents();
        for (query, count, when) in queries {
            store.check_search(&query, count, when);
        }
        store.verify();
    }
}
