//! Code systems, value sets and concept maps: compiled, asked, expanded.
//!
//! - [`CodeSystem`]: concepts in columns, their hierarchy, designations and properties
//! - [`ValueSet`] → [`compile`] → [`CodeSet`]: a bitmap of concepts for each code system
//! - [`Library`]: where definitions are found; [`r4`] has those of R4 itself
//! - [`Grammar`]: code systems that are tested by form
//! - [`ops`]: what the operations of R4 answer, as plain data
//!
//! **Invariant:** a set that cannot be told whole is an error or says so; it is never quietly
//! smaller. What a [`Library`] does not find exists for nobody.
//! **Absent:** storage, access decisions, HTTP; translation of displays; post-coordination.

mod bytes;
mod canonical;
mod compose;
mod concept_map;
mod embedded;
mod error;
mod grammar;
mod library;
pub mod load;
pub mod ops;
mod set;
mod system;
mod value_set;

pub use canonical::Canonical;
pub use compose::{Compiled, Compiler, Versions, compile, compile_url, value_set};
pub use concept_map::{ConceptMap, Element, Group, Other, Target, Unmapped};
pub use embedded::{Embedded, r4};
pub use error::TermError;
pub use grammar::Grammar;
pub use library::{Dependency, Library, Origin, still};
pub use set::{CodeSet, Codes, Entry, Part, Verdict};
pub use system::{Builder, CodeSystem, Content, Declared, Designation, Head, PropertyValue, Use};
pub use value_set::{Compose, Filter, Listed, Rule, ValueSet};
