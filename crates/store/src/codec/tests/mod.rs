//! Records come back as they went in, and damage never passes.

mod arbitrary;
mod dictionary;
mod example;
mod hostile;
mod round_trip;

use std::sync::Arc;

use accord_base::{Rng, SeededRng};

use crate::keys::{KeyOwner, KeyRing, StoreKey};
use crate::log::MemoryLog;

/// A ring over an empty log; the same seed gives the same keys and nonces.
fn ring(seed: u64) -> (KeyRing, Arc<dyn Rng>) {
    let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(seed));
    let store_key = StoreKey::random(&*rng);
    (KeyRing::open(Arc::new(MemoryLog::new()), &store_key, rng.clone()).unwrap(), rng)
}

fn owner() -> KeyOwner {
    KeyOwner::Patient("p1".to_owned())
}
