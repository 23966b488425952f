//! Evidence of every access: records, the Merkle trees over them, signed checkpoints, proofs, and
//! a verifier that an auditor can build and run alone.
//!
//! - [`AccessRecord`]: who asked for what, and what was decided; one compact binary form
//! - [`SealKey`], [`seal`], [`open`]: the record as an encrypted leaf that tells nothing
//! - [`tree`]: RFC 6962 trees: growing frontier, roots, inclusion and consistency proofs
//! - [`note`]: C2SP signed notes with Ed25519
//! - [`Checkpoint`]: size and root of both trees as one signed note
//! - [`Receipt`]: that a version was stored, and where its record stands, as a signed note
//! - [`Verifier`]: leaves and checkpoints in, a report or the first fault out
//!
//! **Absent:** IO, clocks, randomness, FHIR. Salts, nonces and instants are arguments.
//!
//! **Invariant:** every decoder here takes hostile bytes: it answers with an error, never with a
//! panic, and what it accepts it encodes to the same bytes again.

mod checkpoint;
mod error;
pub mod note;
mod receipt;
mod record;
mod seal;
pub mod tree;
mod verify;

pub use checkpoint::{Checkpoint, TreeHead};
pub use error::AuditError;
pub use receipt::{Receipt, document_hash};
pub use record::{
    AccessRecord, Decision, MAX_PATIENTS, MAX_QUERY_BYTES, PAD_BYTES, Skimmed, Target,
};
pub use seal::{NONCE_BYTES, SALT_BYTES, SealKey, open, seal, sealed_key_id, skim};
pub use verify::{Checked, Fault, Items, Report, Tree, Verifier};
