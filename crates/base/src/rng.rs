//! Randomness behind a trait, so that simulations replay.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use ring::rand::{SecureRandom, SystemRandom};

/// A source of random bytes.
pub trait Rng: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// Random bytes fetched at a time: one system call for some hundred nonces.
const POOL_BYTES: usize = 4096;

/// The operating system's generator; for keys, nonces, salts and ids.
///
/// Each thread keeps a pool of bytes that the system gave; a byte is handed out once and wiped.
pub struct SystemRng(SystemRandom);

/// Bytes not handed out yet; those before `next` are zero.
struct Pool {
    bytes: [u8; POOL_BYTES],
    next: usize,
}

thread_local! {
    static POOL: RefCell<Pool> =
        const { RefCell::new(Pool { bytes: [0; POOL_BYTES], next: POOL_BYTES }) };
}

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

    fn fetch(&self, bytes: &mut [u8]) {
        // A system without randomness must not make keys or nonces: stopping is the only safe way.
        #[allow(clippy::expect_used, reason = "going on without randomness would be unsafe")]
        self.0.fill(bytes).expect("the operating system gives random bytes");
    }
}

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) {
        POOL.with_borrow_mut(|pool| {
            if bytes.len() > POOL_BYTES - pool.next {
                if bytes.len() > POOL_BYTES / 4 {
                    return self.fetch(bytes);
                }
                self.fetch(&mut pool.bytes);
                pool.next = 0;
            }
            let end = pool.next + bytes.len();
            if let Some(fresh) = pool.bytes.get_mut(pool.next..end) {
                bytes.copy_from_slice(fresh);
                fresh.fill(0);
            }
            pool.next = end;
        });
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_pool_gives_no_byte_twice_and_fills_every_length() {
        let rng = SystemRng::new();
        let mut seen = HashSet::new();
        for length in (16..3000).step_by(97).cycle().take(2000) {
            let mut bytes = vec![0u8; length];
            rng.fill(&mut bytes);
            for chunk in bytes.chunks_exact(16) {
                assert!(seen.insert(chunk.to_vec()), "sixteen bytes came twice");
            }
        }
    }
}
