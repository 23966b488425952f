//! Patches: an update told as changes to the resource as its sender sees it (FHIR R4 §3.1.0.6).
//!
//! **Invariant:** what is patched is what a read would show whoever asks, so neither a test that
//! fails nor any other error tells more than a read does; and nothing hidden is lost, because a
//! resource of which something is left out is not patched.

use std::sync::Arc;

use accord_access::Interaction as Code;
use accord_base::ResourceId;
use accord_fhir::document::Stamp;
use accord_fhir::json::Value;
use accord_fhir::{Issue, IssueCode};
use accord_index::{Found, RowRef, View};
use accord_patch::{Limits, PatchError, fhirpath_patch, json_patch};
use accord_spec::ResourceType;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::not_found;
use crate::prepare::{
    Act, Assumption, Entry, Parsed, Prepared, Resolver, Write, parse_json, valid,
};
use crate::{Category, Engine, Failure, Marks, Request};

/// Longest patch, in bytes.
pub const MAX_PATCH_BYTES: usize = 1 << 20;

/// Changes to one resource (FHIR R4 §3.1.0.6).
#[derive(Clone, Debug)]
pub struct Patch {
    /// Type of the resource.
    pub resource_type: ResourceType,
    /// Which one.
    pub of: PatchOf,
    /// How the changes are told.
    pub format: PatchFormat,
    /// The changes as received.
    pub body: Arc<[u8]>,
    /// Version that must be current (`If-Match`).
    pub if_match: Option<u32>,
}

/// Which resource is patched.
#[derive(Clone, Debug)]
pub enum PatchOf {
    /// The one with this logical id.
    Id(ResourceId),
    /// The only one that matches: decoded parameters.
    Where(Vec<(String, String)>),
}

/// How the changes of a patch are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PatchFormat {
    /// JSON Patch (RFC 6902), `application/json-patch+json`.
    Json,
    /// FHIRPath Patch, operations in a Parameters resource.
    Fhirpath,
    /// `$meta-add`, with its Parameters.
    MetaAdd,
    /// `$meta-delete`, with its Parameters.
    MetaDelete,
}

impl PatchFormat {
    /// The media type of JSON Patch.
    pub const JSON_PATCH: &str = "application/json-patch+json";

    /// Whether it adds to `meta`, or takes from it; `None` if it is another.
    pub(crate) fn of_meta(self) -> Option<bool> {
        match self {
            PatchFormat::Json | PatchFormat::Fhirpath => None,
            PatchFormat::MetaAdd => Some(true),
            PatchFormat::MetaDelete => Some(false),
        }
    }
}

impl Engine {
    /// Prepares a patch on its own.
    pub(crate) fn prepare_patch(
        &self,
        request: &Request,
        patch: &Patch,
    ) -> Result<Prepared, Failure> {
        let write = self.patch(request, patch, &Resolver::default())?;
        Ok(self.prepared(vec![write]))
    }

    /// The update that a patch stands for. It is prepared anew if another version has come
    /// between, unless the client named the version.
    pub(super) fn patch(
        &self,
        request: &Request,
        patch: &Patch,
        resolver: &Resolver,
    ) -> Result<Write, Failure> {
        if patch.body.len() > MAX_PATCH_BYTES {
            let text = format!("a patch has at most {MAX_PATCH_BYTES} bytes");
            return Err(Failure::new(Category::TooCostly, IssueCode::TooLong, text));
        }
        let sent = parse_json(&patch.body)?;
        if patch.format != PatchFormat::Json {
            valid(sent.root())?;
        }
        let mut assumes = Vec::new();
        let id = match &patch.of {
            PatchOf::Id(id) => id.clone(),
            PatchOf::Where(condition) => {
                let (assumption, found) =
                    self.condition_of(request, patch.resource_type, condition.clone())?;
                assumes.push(assumption);
                found.ok_or_else(not_found)?
            }
        };
        let view = self.view_for(request, Code::Read, Some(patch.resource_type))?;
        let Found::Live(row) = view.read(patch.resource_type, id.as_str()) else {
            return Err(not_found());
        };
        let version = row.version();
        if let Some(other) = patch.if_match.filter(|wanted| *wanted != version) {
            let text = format!("version `{other}` is not the current version");
            return Err(Failure::new(Category::Precondition, IssueCode::Conflict, text));
        }
        let standing = self.patchable(&view, &row, &id, patch.format.of_meta().is_some())?;
        let standing = parse_json(standing.as_bytes())?;
        let patched = changed(standing.root(), sent.root(), patch.format)?;
        let patched = parse_json(patched.as_bytes())?;
        let parsed = Parsed::check(patched.root(), patch.resource_type)?;
        let mut write = self.update(request, &parsed, &id, patch.if_match, resolver, false)?;
        if let Act::Store { content, .. } = &mut write.act {
            content.patched = true;
        }
        assumes.push(Assumption::Current(version));
        write.assumes = assumes;
        Ok(write)
    }

    /// The resource without the labels that only go with an answer; where more than labels makes
    /// the difference between what is stored and what is told, there is nothing to patch.
    fn patchable(
        &self,
        view: &View,
        row: &RowRef<'_>,
        id: &ResourceId,
        meta_alone: bool,
    ) -> Result<Arc<str>, Failure> {
        let stamp = Stamp { id, version: row.version(), last_updated: row.born() };
        let stored = self
            .documents
            .fetch(row.row(), stamp)
            .map_err(|error| self.fault("reading a document", &error))?;
        let (_, marks) = self.seen(view, row, Arc::clone(&stored))?;
        if meta_alone || !marks.has(Marks::REDACTED) {
            return Ok(stored);
        }
        let text = "parts of the resource are left out of what you are told; \
                    it can be replaced by an update, not patched";
        Err(Failure::new(Category::Unprocessable, IssueCode::Invariant, text))
    }
}

/// The document with the changes made.
fn changed(document: Value<'_>, patch: Value<'_>, format: PatchFormat) -> Result<String, Failure> {
    let patched = match format {
        PatchFormat::Json => json_patch(document, patch, Limits::default()),
        PatchFormat::Fhirpath => fhirpath_patch(document, patch, Limits::default()),
        PatchFormat::MetaAdd => return super::meta::changed(document, patch, true),
        PatchFormat::MetaDelete => return super::meta::changed(document, patch, false),
    };
    patched.map_err(|error| {
        let (category, code) = match &error {
            PatchError::Malformed(_) | PatchError::Operation { .. } => {
                (Category::Invalid, IssueCode::Invalid)
            }
            PatchError::NotApplicable { .. } => (Category::Unprocessable, IssueCode::Invariant),
            PatchError::TooLarge => (Category::TooCostly, IssueCode::TooCostly),
        };
        Failure::new(category, code, error.to_string())
    })
}

impl Entry<'_> {
    /// The patch that an entry of a Bundle carries: a Binary holds a JSON Patch, Parameters are a
    /// FHIRPath Patch (FHIR R4 §3.1.0.11.1).
    pub(super) fn patch(&self) -> Result<(PatchFormat, Arc<[u8]>), Failure> {
        let Some(resource) = self.resource else {
            return Err(wrong("resource", "a patch is a Binary or Parameters"));
        };
        match resource.get_str("resourceType").as_deref() {
            Some("Parameters") => Ok((PatchFormat::Fhirpath, Arc::from(resource.raw().as_bytes()))),
            Some("Binary") => {
                let of_type = resource.get_str("contentType").unwrap_or_default();
                if of_type.split(';').next().map(str::trim) != Some(PatchFormat::JSON_PATCH) {
                    let text = "a Binary holds a patch of the type `application/json-patch+json`";
                    return Err(wrong("Binary.contentType", text));
                }
                let data = resource.get_str("data").unwrap_or_default();
                let data: String = data.split_ascii_whitespace().collect();
                let bytes = STANDARD.decode(data);
                let bytes = bytes.map_err(|_| wrong("Binary.data", "the data is not base64"))?;
                Ok((PatchFormat::Json, bytes.into()))
            }
            _ => Err(wrong("resourceType", "a patch is a Binary or Parameters")),
        }
    }
}

fn wrong(path: &str, text: &str) -> Failure {
    let issues = vec![Issue::at(IssueCode::Invalid, path, text)];
    Failure { category: Category::Invalid, issues }
}
