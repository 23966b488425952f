//! Codes that rules name.

/// The system of codes that are references: `Location/17` is met by a Reference to it.
pub const REFERENCE_SYSTEM: &str = "urn:accord:reference";

/// Code systems in which what is broader is written as the beginning of what is narrower.
const BY_PREFIX: &[&str] = &[
    "http://hl7.org/fhir/sid/icd-10",
    "http://hl7.org/fhir/sid/icd-10-cm",
    "http://hl7.org/fhir/sid/icd-10-gm",
    "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
    "http://www.whocc.no/atc",
];

/// Whether narrower codes of the system begin with broader ones.
pub(super) fn is_by_prefix(system: &str) -> bool {
    BY_PREFIX.contains(&system)
}

/// One code, or a code with all narrower ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct CodeTest {
    pub system: String,
    pub code: String,
    /// Narrower ones too; only in systems for which [`is_by_prefix`].
    pub narrower: bool,
}

impl CodeTest {
    /// Whether a coding meets it.
    #[cfg(test)]
    pub fn meets(&self, system: &str, code: &str) -> bool {
        let same = self.code == code || self.narrower && code.starts_with(&self.code);
        self.system == system && same
    }
}
