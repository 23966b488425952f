//! Security labels: codes as bits of a row's label column, and what one label says about another.
//!
//! One table (`labels.tsv`) for what is extracted from resources and what consents name. A code
//! sets the bits of broader codes too, so that a rule about substance use meets opioid use as well.
//!
//! Sources: v3-Confidentiality (ordered U < L < M < N < R < V) and the sensitivity policies of
//! v3-ActCode, FHIR R4; besides what v3-ActCode says, ETH is broader than ETHUD and OPIOIDUD.

mod combine;
pub mod rules;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

pub use combine::{FAILED, has_any, highest, raised};

/// Code system of confidentiality.
pub const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
/// Code system of sensitivity.
pub const SENSITIVITY: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

const RESTRICTED: u64 = 1;
const VERY_RESTRICTED: u64 = 1 << 1;
const MODERATE: u64 = 1 << 43;
const LOW: u64 = 1 << 44;
const UNRESTRICTED: u64 = 1 << 45;
/// Bits of confidentiality; every other is one of sensitivity.
const LEVELS: u64 = RESTRICTED | VERY_RESTRICTED | MODERATE | LOW | UNRESTRICTED;
/// Bits of sensitivity; what lies above is no label of the table.
const SENSITIVITIES: u64 = ((1 << 43) - 1) & !LEVELS;
/// Not shown to the patient whom it names, nor to those who act for them: it would do harm, or
/// tells of somebody else. Set by [`MARKS`], and by the sensitivity TBOO, "not to be
/// initially disclosed or discussed with patient except by a physician" (v3-ActCode).
const WITHHOLD: u64 = 1 << 62;
/// Data of a programme under 42 CFR Part 2.
const PART_2: u64 = 1 << 61;
/// Bits of what is kept from the patient whom it names.
const WITHHELD: u64 = WITHHOLD | 1 << 21;
/// Codes that are no label of the table and set a bit all the same. `NOPAT`: "no disclosure to
/// patient, family or caregivers without attending provider's authorization"; `42CFRPart2`: the
/// privacy law of the United States on records of substance use (both v3-ActCode).
const MARKS: [(&str, &str, u64); 3] = [
    (SENSITIVITY, "NOPAT", WITHHOLD),
    ("urn:accord:codes", "third-party", WITHHOLD),
    (SENSITIVITY, "42CFRPart2", PART_2),
];

/// Sensitivities that make data restricted by themselves: those of
/// `_ActInformationSensitivityPolicy`, about conditions that stigmatise (IHE PCF 1.1: such data
/// "shall be Restricted"). The others, about demographics and roles, leave it normal.
const STIGMATISING: u64 = (1 << 24) - 1 - RESTRICTED - VERY_RESTRICTED;

/// How confidential data is, in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Level {
    /// U
    Unrestricted,
    /// L
    Low,
    /// M
    Moderate,
    /// N, and whatever has no label.
    Normal,
    /// R
    Restricted,
    /// V
    VeryRestricted,
}

impl Level {
    /// Every level with its code, ascending.
    pub const ALL: [(Level, &'static str); 6] = [
        (Level::Unrestricted, "U"),
        (Level::Low, "L"),
        (Level::Moderate, "M"),
        (Level::Normal, "N"),
        (Level::Restricted, "R"),
        (Level::VeryRestricted, "V"),
    ];

    /// The level with this code of [`CONFIDENTIALITY`].
    pub fn from_code(code: &str) -> Option<Level> {
        Level::ALL.iter().find(|(_, c)| *c == code).map(|(level, _)| *level)
    }

    fn bits(self) -> u64 {
        match self {
            Level::Unrestricted => UNRESTRICTED,
            Level::Low => LOW,
            Level::Moderate => MODERATE,
            Level::Normal => 0,
            Level::Restricted => RESTRICTED,
            Level::VeryRestricted => RESTRICTED | VERY_RESTRICTED,
        }
    }
}

struct Label {
    code: &'static str,
    /// Its own bit.
    bit: u64,
    /// Its bit and those of broader codes.
    bits: u64,
}

/// The sensitivities of the table, by their codes.
static LABELS: LazyLock<Vec<Label>> = LazyLock::new(|| {
    let rows = include_str!("labels.tsv").lines().filter(|line| !line.starts_with('#'));
    let rows: Vec<[&'static str; 4]> = rows
        .filter_map(|line| line.split('\t').collect::<Vec<_>>().try_into().ok())
        .filter(|[_, system, ..]: &[&str; 4]| *system == SENSITIVITY)
        .collect();
    let bit = |n: &str| n.parse().ok().and_then(|n| 1_u64.checked_shl(n)).unwrap_or(0);
    let of = |code: &str| rows.iter().find(|[_, _, c, _]| *c == code).map_or(0, |[n, ..]| bit(n));
    let label = |[n, _, code, broader]: &[&'static str; 4]| Label {
        code,
        bit: bit(n),
        bits: broader.split(' ').fold(bit(n), |bits, code| bits | of(code)),
    };
    rows.iter().map(label).collect()
});

/// For each bit of sensitivity, the bits of all narrower ones.
static NARROWER: LazyLock<[u64; 64]> = LazyLock::new(|| {
    let mut narrower = [0; 64];
    for (at, bits) in narrower.iter_mut().enumerate() {
        let bit = 1_u64 << at;
        let below = LABELS.iter().filter(|label| label.bits & bit != 0 && label.bit != bit);
        *bits = below.fold(0, |bits, label| bits | label.bit);
    }
    narrower
});

/// The bits of a resource's security labels, given as system and code. Of several
/// confidentialities the highest counts; codes that the table does not have set nothing.
pub fn bits<'a>(codings: impl IntoIterator<Item = (&'a str, &'a str)>) -> u64 {
    let (mut level, mut bits) = (None, 0);
    for (system, code) in codings {
        if system == CONFIDENTIALITY {
            level = level.max(Level::from_code(code));
        } else if system == SENSITIVITY {
            bits |= LABELS.iter().find(|label| label.code == code).map_or(0, |label| label.bits);
        }
        let mark = MARKS.iter().find(|(s, c, _)| (*s, *c) == (system, code));
        bits |= mark.map_or(0, |(.., bit)| *bit);
    }
    bits | level.map_or(0, Level::bits)
}

/// The bits that tell that a row has a sensitivity or a narrower one; `None` if the table does
/// not have the code.
pub fn sensitivity(code: &str) -> Option<u64> {
    let label = LABELS.iter().find(|label| label.code == code)?;
    let narrower = NARROWER.get(label.bit.trailing_zeros() as usize)?;
    Some(label.bit | narrower)
}

/// Whether a row is kept from the patient whom it names and from those who act for them.
pub fn is_withheld(labels: u64) -> bool {
    labels & WITHHELD != 0
}

/// Whether a row leaves its organisation only where the patient's consent says so (42 CFR 2.13).
pub fn needs_consent(labels: u64) -> bool {
    labels & PART_2 != 0
}

/// How confidential a row is: as labelled, or as its sensitivities make it.
pub fn level(labels: u64) -> Level {
    let stated = stated(labels);
    caused(labels).map_or(stated, |caused| caused.max(stated))
}

/// The confidentiality as labelled; normal where no label says.
fn stated(labels: u64) -> Level {
    if labels & VERY_RESTRICTED != 0 {
        Level::VeryRestricted
    } else if labels & RESTRICTED != 0 {
        Level::Restricted
    } else if labels & MODERATE != 0 {
        Level::Moderate
    } else if labels & LOW != 0 {
        Level::Low
    } else if labels & UNRESTRICTED != 0 {
        Level::Unrestricted
    } else {
        Level::Normal
    }
}

/// How confidential sensitivities make a row; `None` if it has none.
pub fn caused(labels: u64) -> Option<Level> {
    match labels & SENSITIVITIES {
        0 => None,
        sensitivities if sensitivities & STIGMATISING != 0 => Some(Level::Restricted),
        _ => Some(Level::Normal),
    }
}

/// The sensitivities of a row, one bit each, without those that are broader than another.
pub fn narrowest(labels: u64) -> u64 {
    let all = labels & SENSITIVITIES;
    let (mut left, mut narrowest) = (all, 0);
    while left != 0 {
        let at = left.trailing_zeros();
        let bit = 1 << at;
        left &= !bit;
        if NARROWER.get(at as usize).is_some_and(|narrower| narrower & all == 0) {
            narrowest |= bit;
        }
    }
    narrowest
}

/// Whether the second labels protect less than the first: a sensitivity is gone, or the
/// confidentiality is lower.
pub fn lowered(before: u64, after: u64) -> bool {
    before & !after & !LEVELS != 0 || level(after) < level(before)
}
