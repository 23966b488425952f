//! Telling work under way that nobody waits for it any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Asked by long work between its steps: once it has passed, what is still undone is given up.
/// Clones share one state.
#[derive(Clone, Debug, Default)]
pub struct Deadline(Until);

#[derive(Clone, Debug, Default)]
enum Until {
    #[default]
    Never,
    /// Until nobody waits.
    Waited(Arc<AtomicBool>),
    Instant(Instant),
}

/// The side that waits. When it is dropped, whether the time is over or whoever asked has gone,
/// the deadline has passed.
#[derive(Debug)]
pub struct Waiting(Arc<AtomicBool>);

impl Deadline {
    /// Work that is always done to its end.
    pub const NEVER: Deadline = Deadline(Until::Never);

    /// A deadline, and what must be kept for as long as someone waits.
    pub fn new() -> (Waiting, Deadline) {
        let passed = Arc::new(AtomicBool::new(false));
        (Waiting(Arc::clone(&passed)), Deadline(Until::Waited(passed)))
    }

    /// A deadline that passes by itself. What the clock on the wall says has no part in it.
    pub fn within(time: Duration) -> Deadline {
        Deadline(Until::Instant(Instant::now() + time))
    }

    /// Whether it has passed. Never turns back.
    pub fn has_passed(&self) -> bool {
        match &self.0 {
            Until::Never => false,
            // Nothing else is published by the flag: a late look costs one step of the work.
            Until::Waited(passed) => passed.load(Ordering::Relaxed),
            Until::Instant(end) => Instant::now() >= *end,
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_passes_when_nobody_waits() {
        let (waiting, deadline) = Deadline::new();
        let elsewhere = deadline.clone();
        assert!(!elsewhere.has_passed());
        drop(waiting);
        assert!(deadline.has_passed() && elsewhere.has_passed());
        assert!(!Deadline::NEVER.has_passed());
        assert!(Deadline::within(Duration::ZERO).has_passed());
        assert!(!Deadline::within(Duration::from_secs(3600)).has_passed());
    }
}
