//! When what failed is tried again.

use accord_base::{LogTime, Rng};

/// The first wait, in microseconds; each is twice the one before.
const FIRST_US: u64 = 5 * LogTime::SECOND_US;
/// The longest.
pub(crate) const LONGEST_US: u64 = 3600 * LogTime::SECOND_US;
/// Attempts before it is given up, however long that was: a clock may be set, and a machine may
/// have slept.
pub(crate) const LEAST_TRIES: u32 = 16;
/// How long is tried before it is given up.
pub(crate) const PATIENCE_US: u64 = 3 * 86_400 * LogTime::SECOND_US;

/// How long to wait after so many attempts that failed, in microseconds: exponential, up to an
/// hour, of which up to a quarter is left to chance, so that not all come back at once.
pub(crate) fn wait_us(attempts: u32, rng: &dyn Rng) -> u64 {
    let doubled = FIRST_US.saturating_mul(1 << attempts.saturating_sub(1).min(20));
    let whole = doubled.min(LONGEST_US);
    let mut bytes = [0; 8];
    rng.fill(&mut bytes);
    whole - u64::from_le_bytes(bytes) % (whole / 4)
}
