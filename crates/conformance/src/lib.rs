//! Official suites and differential checks: the store as a whole against slow, obvious readings.
//!
//! - [`Store`]: an engine over a simulated world
//! - [`archive`]: the collections beside the workspace
//! - [`naive`], [`words`]: resources as plain JSON
//! - the checks themselves lie in `tests/`, one file for each question
//!
//! **Absent:** anything that a running server needs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "only tests use it"
)]

pub mod archive;
pub mod naive;
mod store;
pub mod words;

pub use store::{Store, id, new_parts, options, seed_of};
