//! Telling work under way that nobody waits for it any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Asked by long work between its steps: once it has passed, what is still undone is given up.
/// Clones share one state.
#[derive(Clone, Debug, Default)]
pub struct Deadline(Option<Arc<AtomicBool>>);

/// The side that waits. When it is dropped, whether the time is over or whoever asked has gone,
/// the deadline has passed.
#[derive(Debug)]
pub struct Waiting(Arc<AtomicBool>);

impl Deadline {
    /// Work that is always done to its end.
    pub const NEVER: Deadline = Deadline(None);

    /// A deadline, and what must be kept for as long as someone waits.
    pub fn new() -> (Waiting, Deadline) {
        let passed = Arc::new(AtomicBool::new(false));
        (Waiting(Arc::clone(&passed)), Deadline(Some(passed)))
    }

    /// Whether nobody waits any more. Never turns back.
    pub fn has_passed(&self) -> bool {
        // Nothing else is published by the flag: a late look costs one step of the work.
        self.0.as_ref().is_some_and(|passed| passed.load(Ordering::Relaxed))
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
    }
}
