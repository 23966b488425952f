//! The access stream: sealed records of every access that is not in the log itself, in the order
//! in which they were granted or refused. Each is a leaf of the access tree.
//!
//! Files `access/NNNNNNNN.acc`, numbered from 0, append-only; a new one is begun at the first
//! flush that finds the last one past 64 MiB. All integers are little-endian.
//!
//! | file header | |
//! |---|---|
//! | 8 | `accordAS` |
//! | 2 | format version, 1 |
//! | 2 | zero |
//! | 8 | sequence number of the first frame |
//! | 4 | CRC-32C of the 20 bytes before |
//!
//! | frame | |
//! |---|---|
//! | 4 | length n of the sealed record, 1 to 131,072 |
//! | 4 | CRC-32C of length, sealed record, sequence number |
//! | 8 | sequence number, dense from 0 over all files |
//! | n | sealed record |
//!
//! **Invariant:** a record was handed to the operating system before [`AccessStream::append`]
//! returns, and is on disk before [`AccessStream::flush`] counts it. After a failed write or sync
//! the stream takes nothing more: without a record there is no access.
//!
//! **Absent:** keys and clear records (sealing comes before, in the caller's thread), checkpoints
//! (their owner signs what `flush` gives), the thread that calls `flush`.

mod file;
mod frames;
mod leaves;
mod reader;
mod recover;
mod stream;
#[cfg(test)]
mod tests;

pub use frames::{Frames, Placed, file_size, record_at};
pub use leaves::Leaves;
pub use recover::{Floor, Recovered};
pub use stream::AccessStream;

/// Longest sealed record, in bytes.
pub const MAX_SEALED_BYTES: usize = 128 * 1024;
/// Length at which a file is followed by a new one.
pub const FILE_BYTES: u64 = 64 << 20;
const FOLDER: &str = "access";

/// Why the access stream cannot be opened, written or read.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// An earlier write or sync failed; what is on disk shows at the next opening.
    #[error("the access stream failed earlier and takes no records until it is opened anew")]
    Failed,
    /// The operating system refused.
    #[error("access file `{path}` failed")]
    Io {
        /// The file or folder.
        path: String,
        /// What it said.
        source: std::io::Error,
    },
    /// Records that a checkpoint vouches for are missing or unreadable.
    #[error("access records are lost: {have} can be read, a checkpoint vouches for {need}")]
    Lost {
        /// Readable from the first on.
        have: u64,
        /// Vouched for.
        need: u64,
    },
    /// A record in the middle does not pass its checks.
    #[error("access record {0} is damaged")]
    Damaged(u64),
    /// The file was written by a format this version does not know.
    #[error("access file `{0}` has a format this version does not know")]
    Format(String),
    /// The sealed record is empty or too long.
    #[error("a sealed access record has {0} bytes, more than 131072 or none")]
    Length(usize),
}

impl StreamError {
    fn io(path: &str) -> impl Fn(std::io::Error) -> StreamError + use<> {
        let path = path.to_owned();
        move |source| StreamError::Io { path: path.clone(), source }
    }
}
