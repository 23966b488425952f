//! Tests on ranges: the comparison prefixes of dates, numbers and quantities.

use accord_query::{DateValue, NumberValue, Prefix};

use crate::key::date_key;

/// A comparison with a target range. Bounds are keys that sort.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RangeTest {
    prefix: Prefix,
    /// First key of the searched range.
    low: u128,
    /// End of the searched range; outside it unless `closed`.
    high: u128,
    /// What ordering prefixes compare the target's high end and low end with.
    above: u128,
    below: u128,
    /// Targets are half-open, as dates are; numbers and quantities include their high end.
    half_open: bool,
}

impl RangeTest {
    /// A date comparison (FHIR R4 search §3.1.1.4.5 and the table of prefixes in §3.1.1.4.4).
    /// Targets are half-open.
    pub fn date(value: &DateValue) -> RangeTest {
        let (low, high) = (date_key(value.low), date_key(value.high));
        RangeTest { prefix: value.prefix, low, high, above: high, below: low, half_open: true }
    }

    /// A comparison with a number (FHIR R4 search §3.1.1.4.6). `eq`, `ne` and `ap` go by the range
    /// of its precision, the others by the number itself. Targets include both ends.
    pub fn number(value: &NumberValue) -> RangeTest {
        RangeTest {
            prefix: value.prefix,
            low: value.low,
            high: value.high,
            above: value.exact,
            below: value.exact,
            half_open: false,
        }
    }

    /// Whether a number lies from `low` up to `high`, as keys; not at `high` itself.
    pub fn between(low: u128, high: u128) -> RangeTest {
        RangeTest { prefix: Prefix::Eq, low, high, above: low, below: low, half_open: false }
    }

    /// The same comparison in other terms: `there` tells the key that a key stands for, the next
    /// one above where it is told to go up, else the next one below. Keys between the two are no
    /// number's.
    pub fn converted(&self, there: impl Fn(u128, bool) -> Option<u128>) -> Option<RangeTest> {
        let closed = self.prefix == Prefix::Ap;
        Some(RangeTest {
            low: there(self.low, true)?,
            high: there(self.high, !closed)?,
            above: there(self.above, self.prefix == Prefix::Ge)?,
            below: there(self.below, self.prefix != Prefix::Le)?,
            ..*self
        })
    }

    /// Whether a target from `low` to `high` passes.
    pub fn passes(&self, low: u128, high: u128) -> bool {
        match self.prefix {
            Prefix::Eq => self.contains(low, high),
            Prefix::Ne => !self.contains(low, high),
            Prefix::Gt => high > self.above,
            Prefix::Lt => low < self.below,
            Prefix::Ge if self.half_open => high > self.above || self.contains(low, high),
            Prefix::Le if self.half_open => low < self.below || self.contains(low, high),
            Prefix::Ge => high >= self.above,
            Prefix::Le => low <= self.below,
            Prefix::Sa if self.half_open => low >= self.above,
            Prefix::Eb if self.half_open => high <= self.below,
            Prefix::Sa => low > self.above,
            Prefix::Eb => high < self.below,
            Prefix::Ap if self.half_open => low < self.high && high > self.low,
            Prefix::Ap => low <= self.high && high >= self.low,
        }
    }

    /// Whether the searched range contains the target.
    fn contains(&self, low: u128, high: u128) -> bool {
        let ends = if self.half_open { high <= self.high } else { high < self.high };
        low >= self.low && ends
    }

    /// The keys between which the low end of every passing target lies, both inclusive; what the
    /// columns sorted by low end are searched with.
    pub fn low_bounds(&self) -> (u128, u128) {
        let before = |key: u128| key.saturating_sub(1);
        match self.prefix {
            Prefix::Eq => (self.low, self.high),
            Prefix::Lt => (0, before(self.below)),
            Prefix::Le => (0, self.below.max(self.high)),
            Prefix::Sa => (self.above, u128::MAX),
            Prefix::Eb => (0, self.below),
            Prefix::Ap => (0, self.high),
            Prefix::Ne | Prefix::Gt | Prefix::Ge => (0, u128::MAX),
        }
    }

    /// The least high end that a passing target can have.
    pub fn least_high(&self) -> u128 {
        match self.prefix {
            Prefix::Gt => self.above,
            Prefix::Ge => self.above.min(self.low),
            Prefix::Eq | Prefix::Ap => self.low,
            _ => 0,
        }
    }
}
