//! What the operations of R4's terminology service answer (FHIR R4 §4.7), as plain data.

mod expand;
mod filter;
mod lookup;
mod nest;
mod subsumes;
#[cfg(test)]
mod tests;
mod translate;
mod validate;

pub use expand::{Expansion, Page, Wanted, expand};
pub use lookup::{Found, FoundDesignation, FoundProperty, lookup};
pub use subsumes::{Relation, subsumes};
pub use translate::{Match, Question, Translation, translate};
pub use validate::{Verdict, validate_in_set, validate_in_system};

/// A code as somebody wrote it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Coding {
    /// Its system.
    pub system: Option<String>,
    /// The version of the system.
    pub version: Option<String>,
    /// The code.
    pub code: String,
    /// Its text.
    pub display: Option<String>,
}
