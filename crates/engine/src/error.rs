//! What can go wrong with a store as a whole.

use accord_audit::AuditError;
use accord_index::IndexError;
use accord_store::StoreError;
use accord_store::access::StreamError;

/// Why a store cannot be made, opened or kept going.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The log or the keys.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stream of access records.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// Trees and checkpoints.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// A file of the store.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// The folder holds a store already.
    #[error("there is a store in this folder already")]
    Exists,
    /// The folder holds no store.
    #[error("there is no store in this folder; `accord init` makes one")]
    Missing,
    /// Something in the store does not fit.
    #[error("the store is damaged: {0}")]
    Damaged(&'static str),
}

impl EngineError {
    pub(crate) fn io(what: &'static str) -> impl FnOnce(std::io::Error) -> EngineError {
        move |source| EngineError::Io { what, source }
    }
}
