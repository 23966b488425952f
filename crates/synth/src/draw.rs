//! Seeded draws in integers only, so that every machine makes the same choices.

use accord_base::{ResourceId, SeededRng};

/// A stream of draws. Each patient and purpose has its own, so that what is drawn for one never
/// shifts what is drawn for another.
pub(crate) struct Draw(SeededRng);

impl Draw {
    /// The stream of `purpose` for number `index` of the population with this seed.
    pub fn new(seed: u64, purpose: u64, index: u64) -> Draw {
        let mut state = seed;
        for part in [purpose, index, 0] {
            state = SeededRng::new(state).next_u64() ^ part;
        }
        Draw(SeededRng::new(state))
    }

    /// A number below `bound`.
    pub fn below(&self, bound: u64) -> u64 {
        self.0.below(bound)
    }

    /// A number from `low` to `high`, both included; `low` when the range is empty.
    pub fn between(&self, low: i64, high: i64) -> i64 {
        let width = high.saturating_sub(low).saturating_add(1).max(1);
        low.saturating_add(self.below(width.unsigned_abs()) as i64)
    }

    /// True `share` times in a thousand.
    pub fn permille(&self, share: u64) -> bool {
        self.below(1000) < share
    }

    /// A number near `mid`, within `spread` on either side, bell-shaped (sum of four uniforms).
    pub fn near(&self, mid: i64, spread: i64) -> i64 {
        let sum: i64 = (0..4).map(|_| self.between(-spread, spread)).sum();
        mid.saturating_add(sum / 4)
    }

    /// One of the items, each as likely; the default when there are none.
    pub fn one_of<T: Copy + Default>(&self, items: &[T]) -> T {
        items.get(self.below(items.len() as u64) as usize).copied().unwrap_or_default()
    }

    /// A number from 1 to `most` whose likelihood falls with its power 3/2 (Zipf's law): most get
    /// few, a few get very many.
    pub fn zipf(&self, most: u64) -> u64 {
        let weight = |k: u64| 1_000_000 / k.saturating_pow(3).isqrt().max(1);
        let total: u64 = (1..=most).map(weight).sum();
        let mut left = self.below(total);
        for k in 1..=most {
            match left.checked_sub(weight(k)) {
                Some(rest) => left = rest,
                None => return k,
            }
        }
        1
    }

    /// A new id: a version 4 UUID.
    pub fn id(&self) -> ResourceId {
        ResourceId::random(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_seed_purpose_and_index() {
        let first = |s, p, i| Draw::new(s, p, i).below(u64::MAX);
        let all = [first(1, 1, 1), first(2, 1, 1), first(1, 2, 1), first(1, 1, 2), first(0, 0, 0)];
        for (at, a) in all.iter().enumerate() {
            assert!(all.iter().skip(at + 1).all(|b| a != b));
        }
        assert_eq!(first(1, 1, 1), first(1, 1, 1));
    }

    #[test]
    fn draws_stay_in_their_bounds_and_are_skewed_as_told() {
        let draw = Draw::new(7, 0, 0);
        let mut ones = 0;
        for _ in 0..4000 {
            assert!((-3..=5).contains(&draw.between(-3, 5)));
            assert!((90..=110).contains(&draw.near(100, 10)));
            let k = draw.zipf(60);
            assert!((1..=60).contains(&k));
            ones += u32::from(k == 1);
        }
        // 1 / Σ k^-1.5 over 60 terms is about 0.42.
        assert!((1500..1900).contains(&ones), "{ones}");
        assert_eq!(draw.between(4, 2), 4);
        assert_eq!(draw.one_of::<u8>(&[]), 0);
    }
}
