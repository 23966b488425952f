//! The only place where decide, validate, commit, search and audit meet. Plain data in and out.
//!
//! One request: [`Engine::start`] decides and, for a write, prepares in the asker's thread
//! (`prepare`); the one `writer` checks, stamps, logs and publishes groups; `interaction` has a
//! file for each kind of request; `background` seals, flushes and signs, `merge` merges segments.
//!
//! **Invariant:** an [`Outcome`] leaves the engine only after its access record exists.
//!
//! **Absent:** HTTP, JSON Bundles as wire format, token formats.

mod answer;
mod background;
mod check;
mod conditional;
mod controller;
mod cursor;
mod decision;
mod documents;
mod engine;
mod error;
mod identity;
mod integrity;
mod interaction;
mod labels;
mod mask;
mod merge;
mod obligations;
mod open;
mod operation;
mod own;
mod prepare;
mod record;
mod recorded;
mod replay;
mod request;
mod segments;
mod start;
mod stats;
mod terms;
#[cfg(test)]
mod tests;
mod time;
mod trees;
mod url;
mod verify;
mod who;
mod words;
mod writer;
mod zones;

pub use answer::{Answer, Category, Change, Changes, Failure, Outcome, Page, PageKind, Version};
pub use check::{Checked, check, check_parts};
pub use engine::{Engine, Settings};
pub use error::EngineError;
pub use integrity::Dangling;
pub use interaction::{
    AnswerLimits, Live, MAX_CRITERIA, MAX_PATCH_BYTES, META_OPERATIONS, Patch, PatchFormat,
    PatchOf, Since,
};
pub use mask::Marks;
pub use open::{CHUNK_ROWS, NewStore, Options, Parts, create, found, parts, settings};
pub use operation::{By, OPERATIONS, Operation, Signature};
pub use request::{BundleOptions, CompartmentSearch, HistoryOf, Interaction, Request};
pub use start::{Pending, Started};
pub use stats::Readiness;
pub use verify::{Verdict, last_checkpoint, verify, verify_parts};
pub use who::EVENT_PARAMS;
pub use zones::Zones;

pub use accord_index::Tiers;

pub(crate) use decision::{denied, permitted, rule_codes, unauthenticated};
