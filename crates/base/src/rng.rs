//! Randomness behind a trait, so that simulations replay.

use std::sync::atomic::{AtomicU64, Ordering};

use ring::rand::{SecureRandom, SystemRandom};

/// A source of random bytes.
pub trait Rng: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator; for keys, nonces, salts and ids.
pub struct SystemRng(SystemRandom);

impl Default for SystemRng {
    fn default() -> SystemRng {
        SystemRng(SystemRandom::new())
    }
}

impl SystemRng {
    /// A handle on the system generator.
    pub fn new() -> SystemRng {
        SystemRng::default()
    }
}

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) {
        // A system without randomness must not make keys or nonces: stopping is the only safe way.
        #[allow(clippy::expect_used, reason = "going on without randomness would be unsafe")]
        self.0.fill(bytes).expect("the operating system gives random bytes");
    }
}

/// A deterministic generator (SplitMix64, Steele, Lea and Flood 2014) for tests and synthetic
/// data; never for keys.
pub struct SeededRng(AtomicU64);

impl SeededRng {
    /// A generator that gives the same bytes for the same seed.
    pub fn new(seed: u64) -> SeededRng {
        SeededRng(AtomicU64::new(seed))
    }

    /// The next 64 random bits.
    pub fn next_u64(&self) -> u64 {
        const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.0.fetch_add(GAMMA, Ordering::Relaxed).wrapping_add(GAMMA);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound` (0 when `bound` is 0). The bias is below 2⁻³² for small bounds.
    pub fn below(&self, bound: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }
}

impl Rng for SeededRng {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = self.next_u64().to_le_bytes();
            for (to, from) in chunk.iter_mut().zip(word) {
                *to = from;
            }
        }
    }
}
