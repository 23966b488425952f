//! Checks a resource against the R4 definitions and tells every fault at once.
//!
//! Checked: resource and element names, JSON types, cardinalities, choices, the grammar of every
//! primitive, ids and extensions of primitives, extensions, references, contained resources, and
//! resources inside Bundles and Parameters.
//!
//! **Invariant:** a valid resource is checked in one pass without allocating, but for decoding
//! escaped strings, narratives and fragments; paths are written only once there is a fault.
//! **Invariant:** no issue repeats a value of the resource: diagnostics carry names only.
//! **Absent:** codes of bindings, invariants written in FHIRPath, profiles and slices, whether a
//! reference's target exists in a store.

mod checker;
mod element;
mod extension;
mod grammar;
mod object;
mod path;
mod primitive;
mod reference;
mod resource;
#[cfg(test)]
mod tests;

use accord_fhir::Issue;
use accord_fhir::json::Value;

/// All faults of a resource, in document order; none if it is valid.
///
/// Each issue's `expression` is the FHIRPath of the element at fault
/// (`Patient.contact[1].gender`), below the type of the outermost resource. At most
/// [`MAX_ISSUES`] are told.
pub fn validate(resource: Value<'_>) -> Vec<Issue> {
    let mut checker = checker::Checker::default();
    checker.outermost(resource);
    checker.into_issues()
}

/// The most issues told about one resource; what exceeds it is summed up in one more.
pub const MAX_ISSUES: usize = 500;

/// Deepest nesting of elements that is checked; deeper ones are a fault.
pub const MAX_DEPTH: u16 = 100;
