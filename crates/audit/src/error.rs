//! What can go wrong with records, seals, notes and checkpoints.

/// A record, seal, note or checkpoint that cannot be made or taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AuditError {
    /// A field of a record exceeds its bound; the request it describes must fail.
    #[error("{field} of an access record has more than {limit} {unit}")]
    TooLong {
        /// The field, in the words of the documentation.
        field: &'static str,
        /// The most it may hold.
        limit: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// The bytes are not an access record of a known version.
    #[error("malformed access record: {0}")]
    Record(&'static str),
    /// The record's format version is not known to this release.
    #[error("access record has the unknown format version {0}")]
    RecordVersion(u8),
    /// The bytes do not have the form of a sealed record.
    #[error("malformed sealed record: {0}")]
    Sealed(&'static str),
    /// The record was sealed under another key.
    #[error("record is sealed under key {0}")]
    OtherKey(u64),
    /// The bytes were altered, or the key has the right number and the wrong content.
    #[error("sealed record does not open: altered, or sealed under a different key")]
    Open,
    /// The key has sealed as many records as its random nonces allow.
    #[error("sealing key {0} is used up")]
    KeyUsedUp(u64),
    /// The text is not a signed note, or a key's text is malformed.
    #[error("malformed signed note: {0}")]
    Note(&'static str),
    /// No signature of a known key.
    #[error("note is not signed by a known key")]
    Unsigned,
    /// A known key's signature does not fit the text.
    #[error("signature of `{0}` is invalid")]
    Signature(String),
    /// A receipt cannot be made, or the text of a signed note is none.
    #[error("malformed receipt: {0}")]
    Receipt(&'static str),
    /// The note is signed, yet its text is not a checkpoint of both trees.
    #[error("malformed checkpoint: {0}")]
    Checkpoint(&'static str),
}
