//! `$subsumes`: how two concepts of a code system relate (FHIR R4 concept-subsumption-outcome).

use crate::{CodeSystem, TermError};

/// How one concept relates to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relation {
    /// They are the same.
    Equivalent,
    /// The first is above the second.
    Subsumes,
    /// The first is below the second.
    SubsumedBy,
    /// Neither is above the other.
    NotSubsumed,
}

impl Relation {
    /// The code of the outcome.
    pub fn code(self) -> &'static str {
        match self {
            Relation::Equivalent => "equivalent",
            Relation::Subsumes => "subsumes",
            Relation::SubsumedBy => "subsumed-by",
            Relation::NotSubsumed => "not-subsumed",
        }
    }
}

/// How two codes of a system relate.
///
/// # Errors
/// If it does not have one of them.
pub fn subsumes(system: &CodeSystem, a: &str, b: &str) -> Result<Relation, TermError> {
    let find = |code: &str| {
        system.find(code).ok_or_else(|| TermError::UnknownCode {
            code: code.to_owned(),
            system: system.url().to_owned(),
        })
    };
    let (a, b) = (find(a)?, find(b)?);
    Ok(if a == b {
        Relation::Equivalent
    } else if system.subsumes(a, b) {
        Relation::Subsumes
    } else if system.subsumes(b, a) {
        Relation::SubsumedBy
    } else {
        Relation::NotSubsumed
    })
}
