//! What the engine is asked: one FHIR interaction as plain data.

use std::sync::Arc;

use accord_base::{ResourceId, Subject};
use accord_spec::ResourceType;

/// One request with everything the engine needs to know about it.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who asks.
    pub subject: Arc<Subject>,
    /// What is asked.
    pub interaction: Interaction,
    /// How the client names this request (`X-Request-Id`), or a fresh random name.
    pub request_id: String,
    /// The organisation that will answer for what is written. Only the system may name it; for
    /// everyone else it follows from the subject.
    pub controller: Option<ResourceId>,
}

/// An interaction of the FHIR R4 REST API (§3.1.0).
#[derive(Clone, Debug)]
pub enum Interaction {
    /// `GET Type/id`
    Read {
        /// Type of the resource.
        resource_type: ResourceType,
        /// Logical id.
        id: ResourceId,
        /// Answer "not modified" when the current version is this one (`If-None-Match`).
        if_none_match: Option<u32>,
        /// Answer "not modified" when unchanged since this second (`If-Modified-Since`), in
        /// seconds since 1970.
        if_modified_since: Option<u64>,
    },
    /// `GET Type/id/_history/version`
    Vread {
        /// Type of the resource.
        resource_type: ResourceType,
        /// Logical id.
        id: ResourceId,
        /// Version asked for.
        version: u32,
    },
    /// `GET [Type[/id]]/_history`
    History {
        /// Whose history.
        of: HistoryOf,
        /// Parameters of the query: `_count`, `_since`, `_cursor`.
        params: Vec<(String, String)>,
    },
    /// `GET [Type]?…` or `POST [Type]/_search`
    Search {
        /// The type searched; `None` at system level.
        resource_type: Option<ResourceType>,
        /// Decoded parameters in their order.
        params: Vec<(String, String)>,
        /// The query as it was sent, for the access record.
        raw: String,
        /// Whether unknown parameters are ignored (`Prefer: handling=lenient`).
        lenient: bool,
    },
    /// `POST Type`
    Create {
        /// Type of the resource.
        resource_type: ResourceType,
        /// The resource as received.
        body: Arc<[u8]>,
        /// Query of `If-None-Exist`.
        if_none_exist: Option<String>,
    },
    /// `PUT Type/id`
    Update {
        /// Type of the resource.
        resource_type: ResourceType,
        /// Logical id.
        id: ResourceId,
        /// The resource as received.
        body: Arc<[u8]>,
        /// Version that must be current (`If-Match`).
        if_match: Option<u32>,
    },
    /// `DELETE Type/id`
    Delete {
        /// Type of the resource.
        resource_type: ResourceType,
        /// Logical id.
        id: ResourceId,
        /// Version that must be current (`If-Match`).
        if_match: Option<u32>,
    },
    /// `POST /` with a Bundle of type batch or transaction.
    Bundle {
        /// The Bundle as received.
        body: Arc<[u8]>,
        /// How its entries are read.
        options: BundleOptions,
    },
}

/// Whose history is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HistoryOf {
    /// One resource.
    Instance(ResourceType, ResourceId),
    /// All resources of a type.
    Type(ResourceType),
    /// All resources.
    System,
}

/// How the entries of a Bundle are read.
#[derive(Clone, Debug, Default)]
pub struct BundleOptions {
    /// Creates of these types get an `If-None-Exist` on their identifiers (`import --match`).
    pub match_identifier: Arc<[ResourceType]>,
    /// Updates that change nothing are left out instead of making a version.
    pub skip_unchanged: bool,
    /// Names this Bundle for the import ledger: once committed it is not committed again.
    pub mark: Option<[u8; 32]>,
}
