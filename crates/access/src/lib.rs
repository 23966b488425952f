//! Pure access decisions: facts, subject, request and instant to a `Scope` or reasons.
//!
//! **Absent:** IO, async, clocks, storage. The instant is always an argument.

mod fact;

pub use fact::{Fact, RowPolicy, StatedFact};
