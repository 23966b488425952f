//! Purposes of use and what each covers.

use std::sync::LazyLock;

use accord_base::Purpose;

/// Code system of purposes.
pub const ACT_REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";

/// The codes below `PurposeOfUse` in v3-ActReason (FHIR R4), each with the one that covers it.
/// INVARIANT: places are bits of stored consents; codes are only ever added at the end.
const PURPOSES: [(&str, &str); 59] = [
    ("HMARKT", ""),
    ("HOPERAT", ""),
    ("CAREMGT", "HOPERAT"),
    ("DONAT", "HOPERAT"),
    ("FRAUD", "HOPERAT"),
    ("GOV", "HOPERAT"),
    ("HACCRED", "HOPERAT"),
    ("HCOMPL", "HOPERAT"),
    ("HDECD", "HOPERAT"),
    ("HDIRECT", "HOPERAT"),
    ("HDM", "HOPERAT"),
    ("HLEGAL", "HOPERAT"),
    ("HOUTCOMS", "HOPERAT"),
    ("HPRGRP", "HOPERAT"),
    ("HQUALIMP", "HOPERAT"),
    ("HSYSADMIN", "HOPERAT"),
    ("LABELING", "HSYSADMIN"),
    ("METAMGT", "HSYSADMIN"),
    ("MEMADMIN", "HOPERAT"),
    ("MILCDM", "HOPERAT"),
    ("PATADMIN", "HOPERAT"),
    ("PATSFTY", "HOPERAT"),
    ("PERFMSR", "HOPERAT"),
    ("RECORDMGT", "HOPERAT"),
    ("SYSDEV", "HOPERAT"),
    ("HTEST", "SYSDEV"),
    ("TRAIN", "HOPERAT"),
    ("HPAYMT", ""),
    ("CLMATTCH", "HPAYMT"),
    ("COVAUTH", "HPAYMT"),
    ("COVERAGE", "HPAYMT"),
    ("ELIGDTRM", "COVERAGE"),
    ("ELIGVER", "COVERAGE"),
    ("ENROLLM", "COVERAGE"),
    ("MILDCRG", "COVERAGE"),
    ("REMITADV", "HPAYMT"),
    ("HRESCH", ""),
    ("BIORCH", "HRESCH"),
    ("CLINTRCH", "HRESCH"),
    ("CLINTRCHNPC", "CLINTRCH"),
    ("CLINTRCHPC", "CLINTRCH"),
    ("PRECLINTRCH", "CLINTRCH"),
    ("DSRCH", "HRESCH"),
    ("POARCH", "HRESCH"),
    ("TRANSRCH", "HRESCH"),
    ("PATRQT", ""),
    ("FAMRQT", "PATRQT"),
    ("PWATRNY", "PATRQT"),
    ("SUPNWK", "PATRQT"),
    ("PUBHLTH", ""),
    ("DISASTER", "PUBHLTH"),
    ("THREAT", "PUBHLTH"),
    ("TREAT", ""),
    ("CLINTRL", "TREAT"),
    ("COC", "TREAT"),
    ("ETREAT", "TREAT"),
    ("BTG", "ETREAT"),
    ("ERTREAT", "ETREAT"),
    ("POPHLTH", "TREAT"),
];

/// One purpose that someone asks for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum AskedPurpose {
    /// A code of v3-ActReason, as its bit.
    Standard(u64),
    /// A code of another system, as `system|code`: it is covered by itself alone.
    Other(String),
}

impl AskedPurpose {
    /// The purpose of a code; `None` for a code of v3-ActReason that is not known.
    pub fn of(system: &str, code: &str) -> Option<AskedPurpose> {
        if system == ACT_REASON {
            return place(code).map(|at| AskedPurpose::Standard(1 << at));
        }
        Some(AskedPurpose::Other(format!("{system}|{code}")))
    }
}

impl From<Purpose> for AskedPurpose {
    fn from(purpose: Purpose) -> AskedPurpose {
        static BITS: LazyLock<[(Purpose, u64); Purpose::ALL.len()]> = LazyLock::new(|| {
            Purpose::ALL.map(|(purpose, code)| (purpose, place(code).map_or(0, |at| 1 << at)))
        });
        let bit = BITS.iter().find(|(known, _)| *known == purpose);
        AskedPurpose::Standard(bit.map_or(0, |(_, bit)| *bit))
    }
}

/// Purposes that a provision names.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct PurposeTest {
    /// Codes of v3-ActReason, those that they cover included.
    pub standard: u64,
    /// Codes of other systems, as `system|code`.
    pub other: Vec<String>,
}

impl PurposeTest {
    /// A code of v3-ActReason and what it covers; nothing if it is not known.
    pub(crate) fn of(code: &str) -> PurposeTest {
        let mut test = PurposeTest::default();
        test.add(ACT_REASON, code);
        test
    }

    /// Adds a code and what it covers; whether it is known.
    pub fn add(&mut self, system: &str, code: &str) -> bool {
        if system != ACT_REASON {
            self.other.push(format!("{system}|{code}"));
            return true;
        }
        match place(code) {
            Some(_) => self.standard |= covered(code),
            None => return false,
        }
        true
    }

    /// Whether the purpose is one of these.
    pub fn covers(&self, asked: &AskedPurpose) -> bool {
        match asked {
            AskedPurpose::Standard(bit) => self.standard & bit != 0,
            AskedPurpose::Other(name) => self.other.contains(name),
        }
    }
}

fn place(code: &str) -> Option<usize> {
    PURPOSES.iter().position(|(c, _)| *c == code)
}

/// The bits of a code and of those below it; broader codes stand before narrower ones.
fn covered(code: &str) -> u64 {
    let mut bits = 0;
    for (at, (own, broader)) in PURPOSES.iter().enumerate() {
        let above = place(broader).is_some_and(|at| bits >> at & 1 == 1);
        if *own == code || above {
            bits |= 1 << at;
        }
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        for (at, (code, broader)) in PURPOSES.iter().enumerate() {
            assert_eq!(place(code), Some(at), "{code} stands twice");
            assert!(broader.is_empty() || place(broader).is_some_and(|b| b < at), "{code}");
        }
        for (purpose, code) in Purpose::ALL {
            let bit = AskedPurpose::Standard(1 << place(code).unwrap());
            assert_eq!(AskedPurpose::from(purpose), bit);
        }
    }

    #[test]
    fn codes_cover_those_below_them() {
        let covers = |named: &str, asked: &str| {
            let mut test = PurposeTest::default();
            assert!(test.add(ACT_REASON, named));
            test.covers(&AskedPurpose::of(ACT_REASON, asked).unwrap())
        };
        assert!(
            covers("TREAT", "BTG") && covers("ETREAT", "BTG") && covers("HRESCH", "CLINTRCHPC")
        );
        assert!(!covers("BTG", "TREAT") && !covers("BTG", "ERTREAT") && !covers("TREAT", "HPAYMT"));
        let mut test = PurposeTest::default();
        assert!(!test.add(ACT_REASON, "FooBar") && test.add("urn:x", "FooBar"));
        assert!(test.covers(&AskedPurpose::of("urn:x", "FooBar").unwrap()));
        assert!(!test.covers(&AskedPurpose::of("urn:y", "FooBar").unwrap()));
        assert_eq!(AskedPurpose::of(ACT_REASON, "FooBar"), None);
    }
}
