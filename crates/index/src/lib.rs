//! What is where: the tail in memory, sealed segments, and the searches over both.
//!
//! - [`Values`], [`RowEffect`]: what the index is given
//! - [`Index`], [`Writer`]: the store's rows, one writer, many readers
//! - [`Snapshot`], [`View`]: a state of the store, and the only door to it
//! - [`marker`]: what stands in place of a row that may be known of and not seen
//! - [`Chunk`], [`Segment`]: rows in memory, and the same rows sealed in a file
//! - [`Tiers`], [`Merge`]: segments that become one
//!
//! **Invariant:** readers never wait for the writer longer than one row takes, and what the writer
//! has not published changes no answer.
//! **Absent:** documents, files, threads, clocks. The caller reads and writes files and decides
//! when to seal and to merge.

mod effect;
mod error;
pub mod extract;
mod hash;
mod index;
mod key;
mod labelled;
mod lacking;
pub mod marker;
mod measured;
mod names;
mod own;
mod paged;
mod part;
mod plan;
mod range;
mod reach;
mod row;
mod segment;
mod set;
mod sharded;
mod snapshot;
mod stats;
mod tail;
mod tiers;
mod upkeep;
mod value;
mod verify;
mod versions;
mod view;
mod writer;

pub use effect::{Change, NewName, RowChange, RowEffect};
pub use error::IndexError;
pub use index::{HORIZON_US, Index, RowFacts};
pub use key::Prepared;
pub use lacking::{Addition, Lacking};
pub use names::COMMONS_NAME;
pub use own::{Definition, Fault, Numbered, Own, definitions};
pub use reach::{RowContent, Unwritten};
pub use segment::{BlockCache, Merge, Segment, SegmentSource};
pub use snapshot::Snapshot;
pub use tail::Chunk;
pub use tiers::Tiers;
pub use upkeep::{Labels, Upkeep};
pub use value::{Datum, EXTRACTOR_VERSION, Value, Values};
pub use verify::{Difference, Verifier, VerifyReport};
pub use versions::Version;
pub use view::{
    Changed, Found, HistoryPage, HistoryRange, Key, Page, Paging, Reader, RowRef, View,
};
pub use writer::{Head, Writer};
