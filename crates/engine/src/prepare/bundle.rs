//! Bundles of type batch and transaction: their entries, and what each asks for.

use std::collections::HashSet;

use accord_base::ResourceId;
use accord_fhir::json::{self, Tape, Value};
use accord_fhir::{Issue, IssueCode};
use accord_spec::ResourceType;

use crate::{Category, Failure, PatchOf};

/// Most entries of one Bundle.
const MOST_ENTRIES: usize = 50_000;

/// A Bundle whose entries were read.
pub(crate) struct ParsedBundle {
    /// The whole Bundle; entries are parts of it.
    pub tape: Tape,
}

/// What a Bundle asks for.
pub(crate) struct Plan<'a> {
    /// Its entries in their order. In a batch an entry can be at fault by itself.
    pub entries: Vec<Result<Entry<'a>, Failure>>,
}

/// One entry.
pub(crate) struct Entry<'a> {
    /// `fullUrl`, which other entries refer to it by.
    pub full_url: Option<String>,
    /// What it asks for.
    pub request: EntryRequest,
    /// Its resource, for creates and updates.
    pub resource: Option<Value<'a>>,
}

/// What an entry asks for.
#[derive(Debug)]
pub(crate) enum EntryRequest {
    /// `POST Type`
    Create {
        /// Type of the resource.
        resource_type: ResourceType,
        /// `ifNoneExist`
        if_none_exist: Option<String>,
    },
    /// `PUT Type/id`
    Update {
        /// Type of the resource.
        resource_type: ResourceType,
        /// Logical id.
        id: ResourceId,
        /// `ifMatch`
        if_match: Option<u32>,
    },
    /// `DELETE Type/id`
    Delete {
        /// Type of the resource.
        resource_type: ResourceType,
        /// Logical id.
        id: ResourceId,
        /// `ifMatch`
        if_match: Option<u32>,
    },
    /// `PUT Type?query`
    ConditionalUpdate {
        /// Type of the resource.
        resource_type: ResourceType,
        /// What the one resource must match.
        condition: Vec<(String, String)>,
        /// `ifMatch`
        if_match: Option<u32>,
    },
    /// `DELETE Type?query`
    ConditionalDelete {
        /// Type of the resource.
        resource_type: ResourceType,
        /// What the one resource must match.
        condition: Vec<(String, String)>,
        /// `ifMatch`
        if_match: Option<u32>,
    },
    /// `PATCH Type/id` or `PATCH Type?query`
    Patch {
        /// Type of the resource.
        resource_type: ResourceType,
        /// Which one.
        of: PatchOf,
        /// `ifMatch`
        if_match: Option<u32>,
    },
    /// `GET …`: the path and query.
    Get(String),
}

impl ParsedBundle {
    /// Parses the bytes of a Bundle.
    pub fn parse(body: &[u8]) -> Result<ParsedBundle, Failure> {
        let tape = super::content::parse_json(body)?;
        if tape.root().get_str("resourceType").as_deref() != Some("Bundle") {
            return Err(invalid("resourceType", "a batch or transaction is a `Bundle`"));
        }
        Ok(ParsedBundle { tape })
    }

    /// Reads the entries.
    ///
    /// # Errors
    /// The Bundle's own faults; in a transaction also any entry's.
    pub fn plan(&self) -> Result<Plan<'_>, Failure> {
        let root = self.tape.root();
        let transaction = match root.get_str("type").as_deref() {
            Some("transaction") => true,
            Some("batch") => false,
            _ => {
                return Err(invalid("Bundle.type", "only `batch` and `transaction` are processed"));
            }
        };
        let items = root.get("entry").map(Value::items).into_iter().flatten();
        let mut entries = Vec::new();
        for (at, value) in items.enumerate() {
            if at >= MOST_ENTRIES {
                let text = format!("a Bundle has at most {MOST_ENTRIES} entries");
                return Err(Failure::new(Category::TooCostly, IssueCode::TooCostly, text));
            }
            let entry = entry(value, &format!("Bundle.entry[{at}]"));
            match entry {
                Err(failure) if transaction => return Err(failure),
                entry => entries.push(entry),
            }
        }
        if transaction {
            check_once_each(&entries)?;
        }
        Ok(Plan { entries })
    }
}

fn entry<'a>(value: Value<'a>, path: &str) -> Result<Entry<'a>, Failure> {
    let request = value
        .get("request")
        .ok_or_else(|| invalid(&format!("{path}.request"), "the entry has no request"))?;
    let text = |name: &str| request.get_str(name).map(|t| t.into_owned());
    let url = text("url").unwrap_or_default();
    let url_path = format!("{path}.request.url");
    let method = text("method").unwrap_or_default();
    let resource = value.get("resource").filter(|r| r.kind() == json::Kind::Object);
    let request = match method.as_str() {
        "POST" => {
            let resource_type = ResourceType::from_name(&url)
                .ok_or_else(|| invalid(&url_path, format!("`{url}` is not a type to create")))?;
            EntryRequest::Create { resource_type, if_none_exist: text("ifNoneExist") }
        }
        "PUT" | "DELETE" | "PATCH" => {
            if request.get("ifNoneMatch").is_some() {
                // Ignoring it could overwrite what the client wanted to protect.
                let path = format!("{path}.request.ifNoneMatch");
                return Err(unsupported(&path, "`ifNoneMatch` is not supported on writes"));
            }
            let if_match = text("ifMatch").map(|tag| etag(&tag, path)).transpose()?;
            write(&method, &url, if_match, &url_path)?
        }
        "GET" | "HEAD" => EntryRequest::Get(url),
        _ => {
            let text = format!("method `{method}` is not supported in a Bundle");
            return Err(unsupported(&format!("{path}.request.method"), text));
        }
    };
    let stores = matches!(
        request,
        EntryRequest::Create { .. }
            | EntryRequest::Update { .. }
            | EntryRequest::ConditionalUpdate { .. }
            | EntryRequest::Patch { .. }
    );
    if stores && resource.is_none() {
        return Err(invalid(&format!("{path}.resource"), "the entry has no resource"));
    }
    let full_url = value.get_str("fullUrl").map(|t| t.into_owned());
    Ok(Entry { full_url, request, resource })
}

/// An update, a delete or a patch: of `Type/id`, or of what `Type?query` finds.
fn write(
    method: &str,
    url: &str,
    if_match: Option<u32>,
    path: &str,
) -> Result<EntryRequest, Failure> {
    let known = |name: &str| {
        ResourceType::from_name(name)
            .ok_or_else(|| invalid(path, format!("`{name}` is not a resource type")))
    };
    if let Some((name, query)) = url.split_once('?') {
        let (resource_type, condition) = (known(name)?, crate::url::pairs(query));
        return Ok(match method {
            "PUT" => EntryRequest::ConditionalUpdate { resource_type, condition, if_match },
            "PATCH" => {
                EntryRequest::Patch { resource_type, of: PatchOf::Where(condition), if_match }
            }
            _ => EntryRequest::ConditionalDelete { resource_type, condition, if_match },
        });
    }
    let (name, id) = url.split_once('/').unwrap_or((url, ""));
    let resource_type = known(name)?;
    let id = ResourceId::new(id).map_err(|e| invalid(path, e.to_string()))?;
    Ok(match method {
        "PUT" => EntryRequest::Update { resource_type, id, if_match },
        "PATCH" => EntryRequest::Patch { resource_type, of: PatchOf::Id(id), if_match },
        _ => EntryRequest::Delete { resource_type, id, if_match },
    })
}

/// The version of an entity tag, `W/"3"`.
fn etag(tag: &str, path: &str) -> Result<u32, Failure> {
    let version = tag.trim().strip_prefix("W/").unwrap_or(tag.trim()).trim_matches('"');
    version.parse().map_err(|_| {
        invalid(&format!("{path}.request.ifMatch"), format!("`{tag}` is not an entity tag"))
    })
}

/// FHIR R4 §3.1.0.11.2: no resource may appear twice in a transaction.
fn check_once_each(entries: &[Result<Entry<'_>, Failure>]) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    for (at, entry) in entries.iter().enumerate() {
        let Ok(entry) = entry else { continue };
        let (EntryRequest::Update { resource_type, id, .. }
        | EntryRequest::Patch { resource_type, of: PatchOf::Id(id), .. }
        | EntryRequest::Delete { resource_type, id, .. }) = &entry.request
        else {
            continue;
        };
        if !seen.insert((*resource_type, id.clone())) {
            let path = format!("Bundle.entry[{at}]");
            return Err(invalid(&path, "a transaction names this resource more than once"));
        }
    }
    Ok(())
}

fn invalid(path: &str, text: impl Into<String>) -> Failure {
    Failure { category: Category::Invalid, issues: vec![Issue::at(IssueCode::Invalid, path, text)] }
}

fn unsupported(path: &str, text: impl Into<String>) -> Failure {
    let issues = vec![Issue::at(IssueCode::NotSupported, path, text)];
    Failure { category: Category::Unsupported, issues }
}
