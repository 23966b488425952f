//! Figures about a store, for people and for metrics.

use std::sync::atomic::Ordering;

use crate::Engine;

/// Segments by tier; the default tiers are three.
const TIERS: [&str; 3] =
    ["index_segments_tier_0", "index_segments_tier_1", "index_segments_tier_2"];

/// Whether the store can serve.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Readiness {
    /// Whether reads and writes are taken.
    pub ready: bool,
    /// Why not.
    pub reason: &'static str,
}

impl Engine {
    /// Now, by the store's own time, which never goes back.
    pub fn now(&self) -> accord_base::LogTime {
        self.clock.now()
    }

    /// Whether the store can serve.
    pub fn readiness(&self) -> Readiness {
        if self.is_read_only() {
            return Readiness { ready: false, reason: "writes have stopped" };
        }
        Readiness { ready: true, reason: "" }
    }

    /// Number of records in the log: it grows with every write.
    pub fn log_records(&self) -> u64 {
        u64::from(self.watermark().0)
    }

    /// Figures by name: counts, and sizes in bytes.
    pub fn stats(&self) -> Vec<(&'static str, u64)> {
        let mut figures = vec![
            ("log_records", self.log_records()),
            ("log_segments", self.log.segments().map_or(0, |segments| segments.len() as u64)),
            ("index_unsealed_chunks", self.index.unsealed_chunks() as u64),
            ("access_records", self.recorder.stream().durable().size()),
            ("access_claims", self.state.claims.load(Ordering::Relaxed)),
        ];
        let tiers = self.index.tiers(self.tiers).into_iter().chain(std::iter::repeat(0));
        figures.extend(TIERS.into_iter().zip(tiers));
        figures.push(("index_merges", self.state.merges.load(Ordering::Relaxed)));
        figures.extend(self.labels.figures(self.watermark()));
        figures.extend(self.own.figures());
        figures.extend(self.index.stats());
        figures
    }

    /// The key with which tokens are signed.
    pub fn token_key(&self) -> [u8; 32] {
        self.settings.token_key
    }

    /// Whether tokens may be minted for any principal.
    pub fn test_principals(&self) -> bool {
        self.settings.test_principals
    }
}
