//! Patches as pure functions from document to document: JSON Patch (RFC 6902) and FHIRPath Patch
//! (FHIR R4 fhirpatch).
//!
//! A document is taken apart only along the paths that a patch names: what it does not touch keeps
//! its bytes, numbers with their digits.
//!
//! **Invariant:** a patch is applied whole or not at all; what an error says does not depend on
//! values of the document; work and output are bounded.
//! **Absent:** IO, access, versions; whether the outcome is a valid resource.

mod edit;
mod fhirpath;
mod json;
mod locate;
mod part;
mod tree;

#[cfg(test)]
mod tests;

pub use fhirpath::fhirpath_patch;
pub use json::json_patch;

/// What a patch may not exceed.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Operations.
    pub operations: usize,
    /// Bytes of the document, after every operation.
    pub bytes: usize,
    /// Bytes that are gone through for all operations together.
    pub work: usize,
}

impl Default for Limits {
    /// 1000 operations, 16 MiB, 256 MiB.
    fn default() -> Limits {
        Limits { operations: 1000, bytes: 16 << 20, work: 256 << 20 }
    }
}

/// Why a patch is not applied. `at` counts operations from 1.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PatchError {
    /// The patch is no patch.
    #[error("malformed patch: {0}")]
    Malformed(&'static str),
    /// An operation that does not follow its grammar.
    #[error("operation {at} of the patch: {why}")]
    Operation {
        /// Which operation.
        at: usize,
        /// What is wrong with it.
        why: String,
    },
    /// A path that leads to nothing, or to something the operation cannot be applied to. A `test`
    /// that fails says the same.
    #[error("operation {at} of the patch cannot be applied")]
    NotApplicable {
        /// Which operation.
        at: usize,
    },
    /// More operations, or a larger outcome, than the limits allow.
    #[error("patch or its outcome too large")]
    TooLarge,
}
