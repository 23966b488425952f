//! Invariants: what the definitions state as FHIRPath.

use std::sync::LazyLock;

use crate::load::rows;

/// A constraint that the definition of a type states of itself or of one of its elements
/// (FHIR R4 ElementDefinition.constraint).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Invariant {
    /// Where it is stated: a type (`Observation`, `Observation.referenceRange`), or an element of
    /// one as it is defined there (`Organization.telecom`, `Media.operator[x]`).
    pub at: &'static str,
    /// Its name; unique together with `at`.
    pub key: &'static str,
    /// Whether breaking it is an error; otherwise it warns.
    pub is_error: bool,
    /// FHIRPath that is true of what meets it.
    pub expression: &'static str,
    /// The same for people.
    pub human: &'static str,
}

static INVARIANTS: LazyLock<Vec<Invariant>> = LazyLock::new(|| {
    rows::<5>(include_str!("../data/invariants.tsv"))
        .map(|[at, key, severity, expression, human]| Invariant {
            at,
            key,
            is_error: severity == "error",
            expression,
            human,
        })
        .collect()
});

/// Every invariant of R4's own types, sorted by place and key. Those of a type hold for the types
/// that specialise it too.
pub fn invariants() -> &'static [Invariant] {
    &INVARIANTS
}
