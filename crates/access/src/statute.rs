//! What the law says whatever patients and organisations agree on (layer L5): opt-outs from uses
//! beyond individual care. Tables; what they do to rows is in `scope/statute.rs`.

use std::sync::LazyLock;

use accord_base::Purpose;

use crate::consent::{AskedPurpose, PurposeTest};

/// A regime under which people opt out of uses of their data beyond their own care.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Regime {
    /// National Data Opt-out (NHS England).
    NationalDataOptOut,
    /// Type 1 opt-out: of what leaves a general practice.
    Type1,
}

/// A regime, its number on disk, its code, and the purposes that it covers with what is below them
/// in v3-ActReason. Treatment, payment for it, and what patients ask for themselves are individual
/// care under both.
///
/// National Data Opt-out: "research and planning" (operational policy guidance, NHS England,
/// section 2); communicable disease and risks to public health are exempt (ibid., section 6), so
/// PUBHLTH is not covered. Type 1: any purpose beyond individual care (Type 1 opt-out form, NHS
/// England).
const REGIMES: [(Regime, u32, &str, &[&str]); 2] = [
    (Regime::NationalDataOptOut, 1, "national-data-opt-out", &["HRESCH", "HOPERAT", "HMARKT"]),
    (Regime::Type1, 2, "type-1-opt-out", &["HRESCH", "HOPERAT", "HMARKT", "PUBHLTH"]),
];

impl Regime {
    /// Every regime.
    pub(crate) const ALL: [Regime; 2] = [Regime::NationalDataOptOut, Regime::Type1];

    /// The regimes that cover a purpose.
    pub(crate) fn covering(purpose: Purpose) -> impl Iterator<Item = Regime> {
        // Asked at every decision.
        static TESTS: LazyLock<[(Regime, PurposeTest); 2]> = LazyLock::new(|| {
            REGIMES.map(|(regime, _, _, codes)| {
                let mut test = PurposeTest::default();
                codes.iter().for_each(|code| test.standard |= PurposeTest::of(code).standard);
                (regime, test)
            })
        });
        let asked = AskedPurpose::from(purpose);
        // To administer the system is to operate it, and reads no patient's data for a purpose.
        let beyond = purpose != Purpose::Sysadmin;
        let covering = TESTS.iter().filter(move |(_, test)| beyond && test.covers(&asked));
        covering.map(|(regime, _)| *regime)
    }

    /// The regime with this code.
    pub(crate) fn from_code(code: &str) -> Option<Regime> {
        REGIMES.iter().find(|(_, _, c, _)| *c == code).map(|(regime, ..)| *regime)
    }

    /// Its number on disk, never reused.
    pub(crate) fn number(self) -> u32 {
        REGIMES.iter().find(|(regime, ..)| *regime == self).map_or(0, |(_, number, ..)| *number)
    }

    /// The regime of a number.
    pub(crate) fn from_number(number: u32) -> Option<Regime> {
        REGIMES.iter().find(|(_, n, ..)| *n == number).map(|(regime, ..)| *regime)
    }
}
