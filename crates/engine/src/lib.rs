//! The only place where decide, validate, commit, search and audit meet. Plain data in and out.
//!
//! **Invariant:** an [`Outcome`] leaves [`Engine::handle`] only after its access record exists.
//!
//! **Absent:** HTTP, JSON Bundles as wire format, token formats.

mod answer;
mod request;

pub use answer::{Answer, Category, Failure, Outcome, Page, PageKind, Version};
pub use request::{BundleOptions, HistoryOf, Interaction, Request};
