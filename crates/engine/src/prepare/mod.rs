//! From received bytes to writes that the writer only has to check, stamp and log.
//!
//! All of this runs in the asker's thread: parsing, validation, extraction, compression, sealing.
//! What it had to assume about the state is written down in each [`Write`] and checked again by
//! the writer.

mod bundle;
mod content;
mod links;
mod resolve;

pub(crate) use bundle::{Entry, EntryRequest, ParsedBundle, Plan};
pub(crate) use content::{
    Content, Destination, Entitled, Parsed, edits, enforceable, parse_json, valid,
};
pub(crate) use resolve::Resolver;

use accord_access::{AccessRequest, Scope};
use accord_base::{ResourceId, Row};
use accord_query::Query;
use accord_spec::ResourceType;

use crate::labels::Target;

use crate::operation::Transfer;

/// One resource to be written, as decided from a snapshot.
pub(crate) struct Write {
    /// Type of the resource.
    pub resource_type: ResourceType,
    /// Logical id, assigned already for creates.
    pub id: ResourceId,
    /// What is done to it.
    pub act: Act,
    /// What the client demands of the current version.
    pub demand: Demand,
    /// What preparation took for granted, to be checked again.
    pub assumes: Vec<Assumption>,
    /// Who writes it.
    pub by: By,
}

/// Who writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum By {
    /// Whoever asked.
    Asker,
    /// The server itself: what goes with what was asked.
    Server,
}

/// What is done to a resource.
pub(crate) enum Act {
    /// A new version with this content; as a create (the id is fresh) or as an update.
    Store {
        /// The new version.
        content: Box<Content>,
        /// Whether it is a create by `POST`.
        create: bool,
    },
    /// A version that records the deletion.
    Delete,
    /// Nothing: a conditional create found this resource, or an update changes nothing.
    Keep,
}

/// What the client demands of the current version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Demand {
    /// Nothing.
    Any,
    /// It must be this version (`If-Match`).
    Version(u32),
    /// There must be none: a conditional update found nothing, and its resource names an id.
    Absent,
}

/// Something preparation took for granted.
pub(crate) enum Assumption {
    /// The current version is this one.
    Current(u32),
    /// A conditional query finds exactly this.
    Matches(Box<Condition>),
    /// These resources exist.
    There(Vec<Target>),
    /// Nothing refers to the resource that was not there at this row.
    Unreferred(Row),
}

/// What a conditional query found.
pub(crate) struct Condition {
    /// The search of `If-None-Exist` or of a conditional reference.
    pub query: Query,
    /// The one match, or none.
    pub found: Option<ResourceId>,
    /// Through which scope.
    pub scope: Scope,
    /// The state it was searched in: the first row that is not in it.
    pub seen: Row,
}

/// Writes that stand or fall together, in the order of processing.
pub(crate) struct Prepared {
    /// The writes; none twice on the same resource.
    pub writes: Vec<Write>,
    /// Mark for the import ledger.
    pub mark: Option<[u8; 32]>,
    /// For each write the index of its entry, if they came in a Bundle.
    pub entries: Option<Vec<usize>>,
    /// Entries that repeat an earlier conditional create, each with the entry it repeats.
    pub repeats: Vec<(usize, usize)>,
    /// What is decided besides the writes: an operation that they are part of.
    pub beside: Option<AccessRequest>,
    /// The record that goes to another organisation.
    pub transfer: Option<Box<Transfer>>,
}
