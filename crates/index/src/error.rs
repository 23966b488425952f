//! What can go wrong in the index.

use accord_base::{LogTime, Row};

/// A fault of the index or of what it was given.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// A segment file does not hold what its checksums say, or holds what no writer writes.
    #[error("a segment file is damaged: {0}")]
    Corrupt(&'static str),
    /// A segment file of a format this release does not read.
    #[error("a segment file has format version {0}, which this release does not read")]
    Format(u16),
    /// A segment file that was sealed for another size of chunks, or does not follow its
    /// predecessor.
    #[error("a segment file does not fit its place: {0}")]
    Misplaced(&'static str),
    /// Reading or writing a segment file failed.
    #[error("reading or writing a segment file failed")]
    Io(#[from] std::io::Error),
    /// An effect that does not follow the state it is applied to.
    #[error("the effect of row {row} does not follow the state it is applied to: {what}")]
    Order {
        /// The effect's row.
        row: Row,
        /// What does not fit.
        what: &'static str,
    },
    /// Nobody waits for the answer any more.
    #[error("the deadline has passed")]
    Late,
    /// A condition that leads to more resources than a search may hold at a time; named as it was
    /// asked.
    #[error("`{0}` leads to too many resources")]
    Costly(String),
    /// What is asked by this parameter was not kept by the release that indexed some rows.
    #[error("`{0}` was not indexed so by an earlier release")]
    Older(String),
    /// A search parameter of the store's own that not every row has been asked for yet, and how much
    /// of the store has, in percent.
    #[error("`{0}` is being indexed, {1} % are done")]
    Indexing(String, u8),
    /// A search parameter of the store's own that is not in force any more.
    #[error("a search parameter is gone")]
    Withdrawn,
    /// The state at this instant is no longer kept, or was never reached.
    #[error("the state at {0} is no longer kept")]
    Gone(LogTime),
}
