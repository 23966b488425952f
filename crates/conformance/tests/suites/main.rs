//! Official suites, unmodified. Each prints `suite NAME: passed P of T`; what does not pass is in
//! `exclusions.tsv` with its reason, and fails when it starts to pass. `scores.tsv` keeps the
//! scores, and `docs/conformance.md` tells them; `UPDATE_EXPECT=1` writes both anew.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests"
)]

mod evaluate;
mod fhirpath;
mod fhirpath_js;
mod patch;
mod report;
mod resources;
mod suite;
mod ucum;
mod xml;
