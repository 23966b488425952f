//! What the engine answers: plain data, ready to be written to any wire.

use std::sync::Arc;

use accord_base::{LogTime, ResourceId, Row};
use accord_fhir::Issue;
use accord_spec::ResourceType;

use crate::Marks;

/// The result of a request. Only the engine makes one, after the access record exists.
pub type Outcome = Result<Answer, Failure>;

/// An answer to a request that succeeded.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A resource that was read.
    Read(Version),
    /// The client's copy is current.
    NotModified {
        /// Current version.
        version: u32,
        /// When it was born.
        last_updated: LogTime,
    },
    /// A resource was created, or an update created it.
    Created(Version),
    /// A conditional create found its one match, or an update changed nothing.
    Existing(Version),
    /// A resource was updated.
    Updated(Version),
    /// A resource was deleted, or was not there.
    Deleted {
        /// The version that records the deletion, if one was made.
        version: Option<u32>,
    },
    /// A page of a search or a history.
    Page(Page),
    /// The answers of a batch or transaction, in the order of its entries.
    Bundle {
        /// Whether it was a transaction.
        transaction: bool,
        /// One outcome per entry.
        entries: Vec<Outcome>,
    },
    /// What changed.
    Changes(Changes),
    /// A resource that an operation made and nobody stores, as JSON.
    Resource(String),
    /// The import ledger says that this Bundle was committed before.
    AlreadyImported,
}

/// A version of a resource as it is served.
#[derive(Clone, Debug)]
pub struct Version {
    /// Type of the resource.
    pub resource_type: ResourceType,
    /// Logical id.
    pub id: ResourceId,
    /// Version number.
    pub version: u32,
    /// When it was born.
    pub last_updated: LogTime,
    /// The resource as JSON, minified, with the server's elements in place; empty for a deletion.
    pub body: Arc<str>,
    /// Whether this version records a deletion.
    pub deleted: bool,
    /// Whether an update made the resource with this version: a `PUT` where there was none.
    pub put: bool,
    /// Labels that say what was left out for the asker, and what is owed with it. They are in the
    /// body already.
    pub marks: Marks,
    /// The body is a resource that it contains: that one's id within it, empty if it has none.
    pub fragment: Option<Box<str>>,
}

impl Version {
    /// The request that made the version, and the status of its answer, as a history tells them
    /// (FHIR R4 http §3.1.0.9).
    pub fn made_by(&self) -> (&'static str, &'static str) {
        match self {
            Version { deleted: true, .. } => ("DELETE", "204 No Content"),
            Version { put: true, .. } => ("PUT", "201 Created"),
            Version { version: 1, .. } => ("POST", "201 Created"),
            _ => ("PUT", "200 OK"),
        }
    }
}

/// A page of results.
#[derive(Clone, Debug)]
pub struct Page {
    /// Search or history.
    pub kind: PageKind,
    /// Number of matches in all, where asked for.
    pub total: Option<u64>,
    /// This page's versions in order.
    pub entries: Vec<Version>,
    /// What comes with them and is none of them, each once.
    pub included: Vec<Version>,
    /// The query as understood, without cursor, for the self link.
    pub query: String,
    /// Cursor of the next page, sealed; `None` on the last.
    pub next: Option<String>,
    /// Parameters that were set aside under lenient handling.
    pub warnings: Vec<Issue>,
}

/// What changed for somebody since a position.
#[derive(Clone, Debug)]
pub struct Changes {
    /// Versions, oldest first.
    pub entries: Vec<Change>,
    /// The position from which on was looked, sealed.
    pub begins: String,
    /// The position up to which was looked, sealed for the asker and what they asked.
    pub position: String,
    /// The same, for going on.
    pub upto: Row,
    /// Whether there may be more right away.
    pub more: bool,
    /// The position that was given leads nowhere: what happened before this one is not told.
    pub reset: bool,
}

/// A version that concerns somebody.
#[derive(Clone, Debug)]
pub struct Change {
    /// The version, without its body unless that was asked for.
    pub version: Version,
    /// Whether it matches; if not, the version before it did.
    pub matches: bool,
    /// Where it stands in the log.
    pub row: Row,
}

/// What a page is a page of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PageKind {
    /// A search.
    Search,
    /// A history.
    History,
}

/// An answer to a request that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The closed set of categories, which `http` maps to status and headers.
    pub category: Category,
    /// What to tell the client; no patient data.
    pub issues: Vec<Issue>,
}

/// Why a request failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Category {
    /// Not readable as a request: JSON, parameters, ids.
    Invalid,
    /// A resource that is not R4, or breaks a rule.
    Unprocessable,
    /// No or no good token.
    Unauthenticated,
    /// The token alone does not allow this.
    Forbidden,
    /// Not there, or hidden.
    NotFound,
    /// Deleted, or a cursor too old.
    Gone,
    /// The state conflicts.
    Conflict,
    /// A stated precondition does not hold.
    Precondition,
    /// The server does not do this.
    Unsupported,
    /// A limit was met.
    TooCostly,
    /// The server is busy or stopping; try again.
    Busy,
    /// A fault inside the server; the cause is in its log.
    Fault,
}

impl Failure {
    /// A failure with one error issue.
    pub fn new(
        category: Category,
        code: accord_fhir::IssueCode,
        text: impl Into<String>,
    ) -> Failure {
        Failure { category, issues: vec![Issue::error(code, text)] }
    }
}

impl Category {
    /// The HTTP status that stands for the category, on the wire and in access records: the one
    /// table of both.
    pub fn status(self) -> u16 {
        match self {
            Category::Invalid => 400,
            Category::Unauthenticated => 401,
            Category::Forbidden => 403,
            Category::NotFound => 404,
            Category::Conflict => 409,
            Category::Gone => 410,
            Category::Precondition => 412,
            Category::Unprocessable => 422,
            Category::Fault => 500,
            Category::Unsupported => 501,
            Category::Busy => 503,
            Category::TooCostly => 400,
        }
    }
}

impl Answer {
    /// Everything that was left out of what was read or found, and is owed with it.
    pub(crate) fn marks(&self) -> Marks {
        match self {
            Answer::Read(version) | Answer::Existing(version) => version.marks,
            Answer::Page(page) => {
                let all = page.entries.iter().chain(&page.included);
                all.fold(Marks::NONE, |marks, entry| marks.with(entry.marks))
            }
            _ => Marks::NONE,
        }
    }

    /// The HTTP status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Answer::Created(_) => 201,
            Answer::Deleted { .. } => 204,
            Answer::NotModified { .. } => 304,
            _ => 200,
        }
    }
}
