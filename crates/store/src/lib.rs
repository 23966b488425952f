//! What lies on disk: the [`Log`] trait and its containers, the bytes of a record, and the keys
//! that seal them.
//!
//! **Invariant:** a record is durable before anyone is told so, and a group is there whole or not
//! at all. **Absent:** decisions, search, HTTP; nothing here knows what a resource means.

pub mod access;
mod bytes;
pub mod codec;
pub mod disk;
mod error;
pub mod keys;
pub mod log;
pub mod roll;

pub use codec::{
    Doc, Record, SealedBody, TxPlace, decode_record, encode_changes, encode_hole, encode_record,
    seal_body, train_dictionary,
};
pub use error::StoreError;
pub use keys::{DataKey, KeyId, KeyOwner, KeyRing, StoreKey, WrappedKey};
pub use log::{Checkpoint, Epoch, Group, Log, MemoryLog, SegmentEntry, SqliteLog};
