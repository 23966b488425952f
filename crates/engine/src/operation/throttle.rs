//! How often somebody may do what would otherwise let them try out a population.

use std::collections::HashMap;

use accord_base::LogTime;
use parking_lot::Mutex;

/// Askers remembered at a time; those whose time is over make room.
const MOST_ASKERS: usize = 10_000;

/// Counts what each asker does within a span of time. Kept in memory: a restart forgives.
pub(crate) struct Throttle {
    most: u32,
    span_us: u64,
    seen: Mutex<HashMap<String, (LogTime, u32)>>,
}

impl Throttle {
    /// At most `most` times within `span_us`.
    pub fn new(most: u32, span_us: u64) -> Throttle {
        Throttle { most, span_us, seen: Mutex::new(HashMap::new()) }
    }

    /// Whether the asker may do it once more at this instant. Refused tries count too; where
    /// there is no room to remember an asker, they are refused.
    pub fn admits(&self, asker: &str, now: LogTime) -> bool {
        let mut seen = self.seen.lock();
        if !seen.contains_key(asker) && seen.len() >= MOST_ASKERS {
            seen.retain(|_, (begun, _)| begun.plus_us(self.span_us) > now);
            if seen.len() >= MOST_ASKERS {
                return false;
            }
        }
        let (begun, count) = seen.entry(asker.to_owned()).or_insert((now, 0));
        if begun.plus_us(self.span_us) <= now {
            (*begun, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_asker_has_a_number_of_tries_and_gets_them_back() {
        let throttle = Throttle::new(2, 1000);
        let at = |us: u64| LogTime(1_000_000 + us);
        assert!(throttle.admits("a", at(0)) && throttle.admits("a", at(1)));
        assert!(!throttle.admits("a", at(2)) && throttle.admits("b", at(2)));
        assert!(!throttle.admits("a", at(999)));
        assert!(throttle.admits("a", at(1000)));
    }

    #[test]
    fn memory_is_bounded_and_a_full_one_refuses() {
        let throttle = Throttle::new(1, 1000);
        for n in 0..MOST_ASKERS {
            assert!(throttle.admits(&n.to_string(), LogTime(0)));
        }
        assert!(!throttle.admits("one more", LogTime(999)));
        assert!(throttle.admits("one more", LogTime(1000)));
        assert_eq!(throttle.seen.lock().len(), 1);
    }
}
