//! Rolls: side files that tell which access records name whom, without telling it to anyone who
//! lacks the store key. Derived: the access stream and the log are the truth, and a roll that is
//! missing or damaged is made again from them.
//!
//! A name is 64 bits of a keyed hash, made by the caller. A roll `access/NNNNNNNN.who` belongs to
//! the access file of the same number, and its places are offsets of frames in that file;
//! `access/log-NNNNNNNN.who` belongs to 1,048,576 rows of the log, and its places are rows. All
//! integers are little-endian.
//!
//! | file header | |
//! |---|---|
//! | 8 | `accordAW` |
//! | 2 | format version, 1 |
//! | 2 | source: 1 access stream, 2 log |
//! | 4 | number of the file |
//! | 4 | CRC-32C of the 16 bytes before |
//!
//! Runs follow without gaps. Each covers the places from where the one before ended.
//!
//! | run | |
//! |---|---|
//! | 4 | number of entries, at most 65,536 |
//! | 4, 4 | first place covered, first place after |
//! | 8, 8 | lowest and highest instant of the records, µs since 1970 |
//! | 4 | CRC-32C of the 28 bytes before |
//! | 8 a block | the first name of each block |
//! | 4 | CRC-32C of them |
//! | … | blocks of at most 256 entries, each followed by its CRC-32C |
//!
//! An entry is a name (8) and a place (4). Entries of a run are sorted by name, then place.
//!
//! **Invariant:** what is read passed its checksum; nothing that a crash can leave behind is taken
//! for a run. **Absent:** keys, records, and the decision who may ask.

mod file;
mod format;
#[cfg(test)]
mod tests;

use accord_base::LogTime;

pub use file::Roll;

/// Most entries of a run.
pub const RUN_ENTRIES: usize = 65_536;

/// That a record names someone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Entry {
    /// Keyed hash of who is named.
    pub name: u64,
    /// Where the record is.
    pub place: u32,
}

/// What a roll belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Source {
    /// A file of the access stream.
    Stream,
    /// A stretch of the log.
    Log,
}

/// What a run covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    /// The first place.
    pub from: u32,
    /// The first place after.
    pub to: u32,
    /// Lowest and highest instant of the records; the first above the second where there is none.
    pub at: (LogTime, LogTime),
}

/// Why a roll cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RollError {
    /// The operating system refused.
    #[error("roll `{path}` failed")]
    Io {
        /// The file.
        path: String,
        /// What it said.
        source: std::io::Error,
    },
    /// A block does not pass its checks: the file is to be made anew.
    #[error("roll `{0}` is damaged")]
    Damaged(String),
    /// A run that does not follow what the roll covers, or is too long.
    #[error("a run does not fit roll `{0}`")]
    Misfit(String),
}

impl RollError {
    fn io(path: &str) -> impl Fn(std::io::Error) -> RollError + use<> {
        let path = path.to_owned();
        move |source| RollError::Io { path: path.clone(), source }
    }
}
