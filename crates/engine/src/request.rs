//! What the engine is asked: one FHIR interaction as plain data.

use std::sync::Arc;

use accord_base::{Deadline, ResourceId, Subject};
use accord_fhir::IssueCode;
use accord_spec::ResourceType;

use crate::{Category, Failure, Live, Operation, Patch, PatchFormat};

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
    /// Until when someone waits. What reads or writes much looks at it between its steps and fails
    /// with `too-costly` once it has passed; what was committed by then stays.
    pub deadline: Deadline,
}

impl Request {
    /// Whether the operator imports records that exist already.
    pub(crate) fn is_import(&self) -> bool {
        let system = self.subject.role == accord_base::Role::System;
        system
            && matches!(&self.interaction, Interaction::Bundle { options, .. } if options.skip_unchanged)
    }
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
    /// `GET Type/id/Type?…` or `GET Type/id/*?…`
    Compartment(Box<CompartmentSearch>),
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
    /// `PUT Type?query`
    ConditionalUpdate {
        /// Type of the resource.
        resource_type: ResourceType,
        /// What the one resource to update must match: decoded parameters.
        condition: Vec<(String, String)>,
        /// The resource as received.
        body: Arc<[u8]>,
        /// Version that must be current (`If-Match`).
        if_match: Option<u32>,
    },
    /// `DELETE Type?query`
    ConditionalDelete {
        /// Type of the resource.
        resource_type: ResourceType,
        /// What the one resource to delete must match: decoded parameters.
        condition: Vec<(String, String)>,
        /// Version that must be current (`If-Match`).
        if_match: Option<u32>,
    },
    /// `Type/id/$meta`
    Meta {
        /// Type of the resource.
        resource_type: ResourceType,
        /// Logical id.
        id: ResourceId,
    },
    /// `[Type/]$meta`
    Metas(Option<ResourceType>),
    /// `PATCH Type/id` or `PATCH Type?query`
    Patch(Box<Patch>),
    /// `POST /` with a Bundle of type batch or transaction.
    Bundle {
        /// The Bundle as received.
        body: Arc<[u8]>,
        /// How its entries are read.
        options: BundleOptions,
    },
    /// `POST Type/$name`, `Type/id/$name`
    Operation(Box<Operation>),
    /// `GET $live`
    Live(Box<Live>),
}

impl Interaction {
    /// The type that the request names.
    pub fn resource_type(&self) -> Option<ResourceType> {
        match self {
            Interaction::Read { resource_type, .. }
            | Interaction::Vread { resource_type, .. }
            | Interaction::History {
                of: HistoryOf::Instance(resource_type, _) | HistoryOf::Type(resource_type),
                ..
            }
            | Interaction::Create { resource_type, .. }
            | Interaction::Update { resource_type, .. }
            | Interaction::Meta { resource_type, .. }
            | Interaction::ConditionalUpdate { resource_type, .. }
            | Interaction::ConditionalDelete { resource_type, .. }
            | Interaction::Delete { resource_type, .. } => Some(*resource_type),
            Interaction::Search { resource_type, .. } | Interaction::Metas(resource_type) => {
                *resource_type
            }
            Interaction::Compartment(search) => search.resource_type,
            Interaction::Patch(patch) => Some(patch.resource_type),
            Interaction::Operation(operation) => operation.resource_type(),
            Interaction::History { of: HistoryOf::System, .. }
            | Interaction::Bundle { .. }
            | Interaction::Live(_) => None,
        }
    }

    /// Reads the address of a `GET` below the base, such as `Patient/1/_history` or
    /// `Observation?code=1`, as in entries of a Bundle.
    ///
    /// # Errors
    /// If it is not an interaction.
    pub fn get(url: &str) -> Result<Interaction, Failure> {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let bad = || {
            let text = format!("`{url}` is not an address of this server");
            Failure::new(Category::Invalid, IssueCode::NotSupported, text)
        };
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let named = |name: &str| ResourceType::from_name(name).ok_or_else(bad);
        let id = |text: &str| ResourceId::new(text).map_err(|_| bad());
        let params = || crate::url::pairs(query);
        let search = |resource_type| Interaction::Search {
            resource_type,
            params: params(),
            raw: query.to_owned(),
            lenient: false,
        };
        Ok(match parts.as_slice() {
            [""] => search(None),
            ["_history"] => Interaction::History { of: HistoryOf::System, params: params() },
            ["$meta"] => Interaction::Metas(None),
            [name] => search(Some(named(name)?)),
            [name, "_history"] => {
                Interaction::History { of: HistoryOf::Type(named(name)?), params: params() }
            }
            [on, "$meta"] => Interaction::Metas(Some(named(on)?)),
            [on, name] if name.starts_with('$') => {
                let asked = Operation::search(on, None, name, params());
                Interaction::Operation(Box::new(asked.ok_or_else(bad)?))
            }
            [on, text, name] if name.starts_with('$') => {
                let asked = Operation::search(on, Some(id(text)?), name, params());
                Interaction::Operation(Box::new(asked.ok_or_else(bad)?))
            }
            [name, text] => Interaction::Read {
                resource_type: named(name)?,
                id: id(text)?,
                if_none_match: None,
                if_modified_since: None,
            },
            [name, text, "_history"] => Interaction::History {
                of: HistoryOf::Instance(named(name)?, id(text)?),
                params: params(),
            },
            [name, text, of] => Interaction::Compartment(Box::new(CompartmentSearch {
                owner: named(name)?,
                id: id(text)?,
                resource_type: if *of == "*" { None } else { Some(named(of)?) },
                params: params(),
                raw: query.to_owned(),
                lenient: false,
            })),
            [name, text, "_history", version] => Interaction::Vread {
                resource_type: named(name)?,
                id: id(text)?,
                version: version.parse().map_err(|_| bad())?,
            },
            _ => return Err(bad()),
        })
    }

    /// The kind of interaction, as decisions and access records name it. A Bundle counts as a
    /// transaction until its type is known.
    pub fn code(&self) -> accord_access::Interaction {
        use accord_access::Interaction as Code;
        match self {
            Interaction::Read { .. } => Code::Read,
            Interaction::Vread { .. } => Code::Vread,
            Interaction::History { of: HistoryOf::Instance(..), .. } => Code::HistoryInstance,
            Interaction::History { of: HistoryOf::Type(_), .. } => Code::HistoryType,
            Interaction::History { of: HistoryOf::System, .. } => Code::HistorySystem,
            // What is in use could be found out by searches.
            Interaction::Search { resource_type: Some(_), .. } | Interaction::Metas(Some(_)) => {
                Code::SearchType
            }
            Interaction::Search { resource_type: None, .. } | Interaction::Metas(None) => {
                Code::SearchSystem
            }
            Interaction::Compartment(search) => match search.resource_type {
                Some(_) => Code::SearchType,
                None => Code::SearchSystem,
            },
            Interaction::Create { .. } => Code::Create,
            Interaction::Update { .. } | Interaction::ConditionalUpdate { .. } => Code::Update,
            Interaction::Meta { .. } => Code::Meta,
            Interaction::Patch(patch) => match patch.format {
                PatchFormat::Json | PatchFormat::Fhirpath => Code::Patch,
                PatchFormat::MetaAdd => Code::MetaAdd,
                PatchFormat::MetaDelete => Code::MetaDelete,
            },
            Interaction::Delete { .. } | Interaction::ConditionalDelete { .. } => Code::Delete,
            Interaction::Bundle { .. } => Code::Transaction,
            Interaction::Operation(operation) => operation.signature.code,
            // Each of its searches is decided as one.
            Interaction::Live(_) => Code::SearchSystem,
        }
    }
}

/// A search among what is about one resource (FHIR R4 search §3.1.1.2).
#[derive(Clone, Debug)]
pub struct CompartmentSearch {
    /// Type of the resource the compartment is named after.
    pub owner: ResourceType,
    /// Its logical id.
    pub id: ResourceId,
    /// The type searched; `None` for all.
    pub resource_type: Option<ResourceType>,
    /// Decoded parameters in their order.
    pub params: Vec<(String, String)>,
    /// The query as it was sent, for the access record.
    pub raw: String,
    /// Whether unknown parameters are ignored (`Prefer: handling=lenient`).
    pub lenient: bool,
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
