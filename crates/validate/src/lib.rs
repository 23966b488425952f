//! Checks a resource against the R4 definitions and tells every fault at once.
//!
//! Checked: resource and element names, JSON types, cardinalities, choices, the grammar of every
//! primitive, ids and extensions of primitives, extensions, references, contained resources, and
//! resources inside Bundles and Parameters; codes where a binding requires them, against R4's own
//! value sets; the definitions' own invariants.
//!
//! **Invariant:** a valid resource is checked in one pass without allocating, but for decoding
//! escaped strings, narratives and fragments; paths are written only once there is a fault.
//! **Invariant:** no issue repeats a value of the resource: diagnostics carry names only.
//! **Absent:** profiles and slices, whether a reference's target exists in a store.

mod binding;
mod checker;
mod codes;
mod element;
mod extension;
mod grammar;
mod invariant;
mod object;
mod path;
mod primitive;
mod reference;
mod resource;
#[cfg(test)]
mod tests;

use accord_fhir::Issue;
use accord_fhir::json::Value;

use checker::{Checker, Extent};

pub use codes::Codes;

/// All faults of a resource; none if it is valid.
///
/// Each issue's `expression` is the FHIRPath of the element at fault
/// (`Patient.contact[1].gender`), below the type of the outermost resource. They come in the order
/// of the document, those about an element as a whole after those of its parts. At most
/// [`MAX_ISSUES`] are told.
pub fn validate(resource: Value<'_>) -> Vec<Issue> {
    checked(resource, Extent::Errors)
}

/// As [`validate`], with warnings: what is well done otherwise, but not wrong.
pub fn validate_strictly(resource: Value<'_>) -> Vec<Issue> {
    checked(resource, Extent::Warnings)
}

/// As [`validate`], without asking whether codes belong to the value sets that elements are bound
/// to, and without invariants: for what is only read.
pub fn validate_form(resource: Value<'_>) -> Vec<Issue> {
    checked(resource, Extent::Form)
}

fn checked(resource: Value<'_>, extent: Extent) -> Vec<Issue> {
    let mut checker = Checker::new(extent, resource.raw().len());
    checker.outermost(resource);
    checker.into_issues()
}

/// The most issues told about one resource; what exceeds it is summed up in one more.
pub const MAX_ISSUES: usize = 500;

/// Deepest nesting of elements that is checked; deeper ones are a fault.
pub const MAX_DEPTH: u16 = 100;
