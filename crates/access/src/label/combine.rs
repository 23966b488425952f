//! Several labels at once: what protects most counts.

use super::{LEVELS, Level, PART_2, RESTRICTED, SENSITIVITIES, VERY_RESTRICTED, WITHHOLD, stated};

/// What a row gets from others beside their confidentiality: sensitivities, and the marks of what
/// is kept from patients or under a law of its own.
const INHERITED: u64 = SENSITIVITIES | WITHHOLD | PART_2;

/// The labels of what could not be labelled: very restricted (fail closed).
pub const FAILED: u64 = RESTRICTED | VERY_RESTRICTED;

/// Whether there is any label at all.
pub fn has_any(labels: u64) -> bool {
    labels & (LEVELS | INHERITED) != 0
}

/// `own` raised by other labels. What has none says nothing; nothing is ever lowered. Bits of
/// `own` that are no labels stay, those of `by` do not count.
pub fn raised(own: u64, by: u64) -> u64 {
    let level = match by & LEVELS {
        0 => stated(own),
        _ => stated(own).max(stated(by)),
    };
    (own & !LEVELS) | (by & INHERITED) | level.bits()
}

/// The labels of a version together with those of a later one: every sensitivity and mark of either, and
/// the higher confidentiality, where what has no label is normal.
pub fn highest(own: u64, later: u64) -> u64 {
    let level = stated(own).max(stated(later));
    (own & !LEVELS) | (later & INHERITED) | level.bits()
}

/// Whether these labels can raise something: a sensitivity, or more than normal.
pub(super) fn raises(level: Option<Level>) -> bool {
    level.is_none_or(|level| level > Level::Normal)
}
