//! The engine's time: the clock's, but that it never goes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

use accord_base::{Clock, LogTime};

/// A clock this far behind is told of in the server's log.
const TOLD_BEHIND_US: u64 = LogTime::SECOND_US;

/// A clock whose instants never decrease, whatever the one below does: where that was set back,
/// time stands until it has caught up.
///
/// **Invariant:** an instant given is not before any given or passed earlier, in any thread; so an
/// access record is not older than the state it names, and what ended stays ended.
pub(crate) struct SteadyClock {
    clock: Arc<dyn Clock>,
    latest: AtomicU64,
    /// Whether the clock below was told of as being behind.
    told: AtomicBool,
}

impl SteadyClock {
    /// Over a clock; begins at `from` if the clock is behind that.
    pub fn new(clock: Arc<dyn Clock>, from: LogTime) -> SteadyClock {
        SteadyClock { clock, latest: AtomicU64::new(from.0), told: AtomicBool::new(false) }
    }

    /// Now, or the latest instant given if the clock is behind that.
    pub fn now(&self) -> LogTime {
        let now = self.clock.now();
        let latest = LogTime(self.latest.fetch_max(now.0, SeqCst));
        self.tell(latest.0.saturating_sub(now.0));
        now.max(latest)
    }

    /// The clock's own instant, where it is behind the latest given.
    pub fn behind(&self) -> Option<LogTime> {
        let clock = self.clock.now();
        (clock.0 < self.latest.load(SeqCst)).then_some(clock)
    }

    /// Lets time be no earlier than an instant that was given away, such as a stamp.
    pub fn pass(&self, instant: LogTime) {
        self.latest.fetch_max(instant.0, SeqCst);
    }

    fn tell(&self, behind_us: u64) {
        let behind = behind_us >= TOLD_BEHIND_US;
        if self.told.load(SeqCst) != behind && self.told.swap(behind, SeqCst) != behind {
            if behind {
                tracing::warn!(behind_us, "the clock is behind the store; its time stands still");
            } else {
                tracing::info!("the clock has caught up with the store");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use accord_base::ManualClock;

    use super::*;

    #[test]
    fn instants_never_decrease() {
        let below = Arc::new(ManualClock::new(LogTime(100)));
        let clock = SteadyClock::new(below.clone(), LogTime(150));
        assert_eq!(clock.now(), LogTime(150));
        below.set(LogTime(200));
        assert_eq!(clock.now(), LogTime(200));
        clock.pass(LogTime(230));
        below.set(LogTime(10));
        assert_eq!((clock.now(), clock.now()), (LogTime(230), LogTime(230)));
        below.set(LogTime(231));
        assert_eq!(clock.now(), LogTime(231));
    }

    #[test]
    fn a_clock_that_is_behind_is_told_of_once() {
        let below = Arc::new(ManualClock::new(LogTime(0)));
        let clock = SteadyClock::new(below.clone(), LogTime(TOLD_BEHIND_US));
        assert!(!clock.told.load(SeqCst));
        clock.now();
        assert!(clock.told.load(SeqCst));
        below.set(LogTime(1));
        clock.now();
        assert!(!clock.told.load(SeqCst), "a little is not worth telling");
    }
}
