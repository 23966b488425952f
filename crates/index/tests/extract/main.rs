//! Extraction against a slow, obvious reading of the same resources, and on hostile ones.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests"
)]

mod archive;
mod hostile;
mod naive;
mod oracle;
