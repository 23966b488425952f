//! Everything that can go wrong in the store.

use accord_base::Row;

use crate::keys::KeyId;
use crate::log::Epoch;

/// Why the store refused or failed. Texts name places, never what a record says.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another writer has claimed the log since; this one must stop.
    #[error("another writer holds epoch {current}; this one had {held}")]
    Deposed {
        /// The epoch the group was made under.
        held: Epoch,
        /// The epoch that counts.
        current: Epoch,
    },
    /// The group does not continue the log.
    #[error("the log ends at row {end}, but the group starts at row {first}")]
    OutOfOrder {
        /// Where the log ends.
        end: Row,
        /// Where the group starts.
        first: Row,
    },
    /// The log holds as many rows as row numbers allow.
    #[error("the log is full")]
    Full,
    /// The group was refused as a whole: nothing of it is stored and the writer may go on.
    #[error("the log refused the group: {0}")]
    Refused(String),
    /// Whether the group is stored will only be known after reopening. The writer must stop.
    #[error("the log failed to store a group; its fate is open until the store is reopened: {0}")]
    Uncertain(String),
    /// An earlier failure left the container in doubt; it takes nothing until it is reopened.
    #[error("the log stopped after an earlier failure; reopen the store")]
    Poisoned,
    /// The folder is open in another process.
    #[error("the data folder is in use by another process")]
    Locked,
    /// The log was opened for reading only.
    #[error("the log is open for reading only")]
    ReadOnly,
    /// There is no store in the folder.
    #[error("there is no store in this folder")]
    Missing,
    /// The container is not one of ours, or of a version this program does not know.
    #[error("the container is not a log this version can open: {0}")]
    Foreign(String),
    /// The container answered a read with an error.
    #[error("the log container failed: {0}")]
    Container(String),

    /// The bytes of a record do not pass their checks.
    #[error("record is damaged: {0}")]
    Damaged(&'static str),
    /// The record was written by a format this version does not know.
    #[error("record format {0} is unknown to this version")]
    RecordFormat(u8),
    /// The record's dictionary is not part of this version.
    #[error("compression dictionary {0} is unknown to this version")]
    Dictionary(u16),
    /// The record's values came from another extractor; they must be extracted anew from the
    /// document.
    #[error("search values were extracted by version {found}")]
    StaleValues {
        /// The extractor that made them.
        found: u16,
    },
    /// Something does not fit into a record.
    #[error("{what} is too large for a record")]
    TooLarge {
        /// What is too large.
        what: &'static str,
    },
    /// Compression failed.
    #[error("compression failed")]
    Compression,

    /// A sealed part does not open: the bytes were changed or the key is another.
    #[error("a part sealed under key {0} does not open")]
    Unsealable(KeyId),
    /// The log has no such key.
    #[error("key {0} is not in the log")]
    NoKey(KeyId),
    /// The log has another key with this number or for this owner.
    #[error("key {0} contradicts a key of the log")]
    KeyConflict(KeyId),
    /// The store key does not open the keys of this store.
    #[error("the store key does not belong to this store")]
    WrongStoreKey,
    /// The file of the store key can be read or written by others.
    #[error("the file of the store key is open to others; give it mode 0600")]
    StoreKeyExposed,
    /// The file of the store key does not hold a store key.
    #[error("the file of the store key is malformed")]
    StoreKeyMalformed,

    /// A file could not be read or written.
    #[error("`{path}`: {source}")]
    Io {
        /// The file.
        path: String,
        /// The system's answer.
        source: std::io::Error,
    },
}

impl StoreError {
    /// An IO error at a path.
    pub(crate) fn io(path: &std::path::Path, source: std::io::Error) -> StoreError {
        StoreError::Io { path: path.display().to_string(), source }
    }
}
