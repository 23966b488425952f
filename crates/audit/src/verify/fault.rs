//! What can be wrong with a store's evidence.

use std::fmt;

use crate::AuditError;
use crate::tree::TreeHash;

/// One of the two trees.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tree {
    /// Over every record of the access stream.
    Access,
    /// Over every record of the log.
    Log,
}

/// Which checkpoint a fault was found at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Checked {
    /// One of those the store keeps, counted from 0.
    Stored(u64),
    /// The one kept elsewhere.
    External,
}

/// The first fault found.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// A stored checkpoint cannot be read.
    #[error("{checkpoint} cannot be read: {reason}")]
    NoCheckpoint {
        /// Which.
        checkpoint: Checked,
        /// Why.
        reason: String,
    },
    /// The checkpoint is malformed or its signature is not valid.
    #[error("{checkpoint} does not hold: {reason}")]
    BadCheckpoint {
        /// Which.
        checkpoint: Checked,
        /// What is wrong with it.
        reason: AuditError,
    },
    /// The checkpoint is of another node or store.
    #[error("{checkpoint} is of the origin `{origin}`")]
    Origin {
        /// Which.
        checkpoint: Checked,
        /// What it names.
        origin: String,
    },
    /// The checkpoint vouches for fewer records than the one before it.
    #[error("{checkpoint} has {size} records of the {tree}, the one before it {before}")]
    Backwards {
        /// Which.
        checkpoint: Checked,
        /// The tree that shrank.
        tree: Tree,
        /// Its size in this checkpoint.
        size: u64,
        /// Its size in the checkpoint before.
        before: u64,
    },
    /// The records there are do not have the root that was signed: one of them was changed,
    /// removed, inserted or moved.
    #[error(
        "the {tree} was altered among its records {since} to {size}: {checkpoint} signed the \
         root {signed}, the records have {found}"
    )]
    Altered {
        /// The altered tree.
        tree: Tree,
        /// The checkpoint that tells.
        checkpoint: Checked,
        /// The records before this one are as signed.
        since: u64,
        /// The size at which the roots differ.
        size: u64,
        /// The root that was signed.
        signed: TreeHash,
        /// The root of the records.
        found: TreeHash,
    },
    /// Records that were signed are missing from the end.
    #[error("the {tree} ends after {size} records, {checkpoint} signed {signed}")]
    Short {
        /// The tree that was cut.
        tree: Tree,
        /// The checkpoint that tells.
        checkpoint: Checked,
        /// The records there are.
        size: u64,
        /// The records there were.
        signed: u64,
    },
    /// A record cannot be read.
    #[error("record {leaf} of the {tree} cannot be read: {reason}")]
    NoRecord {
        /// The tree.
        tree: Tree,
        /// The record's number, from 0.
        leaf: u64,
        /// Why.
        reason: String,
    },
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tree::Access => "access stream",
            Tree::Log => "log",
        })
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Checked::Stored(number) => write!(f, "stored checkpoint {number}"),
            Checked::External => f.write_str("the external checkpoint"),
        }
    }
}
