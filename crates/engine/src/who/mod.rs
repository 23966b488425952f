//! Who looked: which access records name a patient, where they are, and what they say.
//!
//! - [`keys`]: names of patients in rolls, ids of events, opening of records
//! - [`follow`], [`following`]: rolls kept up with the access stream and the log
//! - [`walk`]: records newest first, of both
//! - [`then`]: what was decided in a span of time
//! - [`ask`], [`render`], [`answer`]: a search for AuditEvents, as records and as FHIR
//!
//! **Invariant:** rolls are derived: an answer from a roll that was lost, cut or damaged is the
//! same, later. Whoever asks sees an event only if their scope admits a row that names its
//! patient.

mod answer;
mod ask;
mod compare;
mod follow;
mod following;
mod keys;
mod render;
mod then;
mod walk;

pub use ask::EVENT_PARAMS;
pub(crate) use compare::compare;
pub(crate) use follow::Who;
pub(crate) use keys::AccessKeys;
