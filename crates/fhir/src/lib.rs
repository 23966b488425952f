//! FHIR R4 as data: lossless JSON, references, partial dates, decimals, OperationOutcome.
//!
//! **Invariant:** nothing is ever normalised away. A [`json::Tape`] keeps each decimal and string
//! as it was written, members in their order, and unknown members too; only white space between
//! tokens is dropped.
//!
//! **Absent:** knowledge of which elements a resource has (`spec`), IO, clocks.

pub mod date;
pub mod decimal;
pub mod document;
pub mod json;
pub mod outcome;
pub mod reference;

pub use date::{DateRange, Utc, Zone};
pub use decimal::Decimal;
pub use outcome::{Issue, IssueCode, Severity};
pub use reference::Reference;
