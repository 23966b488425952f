//! Whether what resources refer to exists, and whether what is deleted is referred to (decision
//! 33). Both are asked of what exists for the asker.
//!
//! **Invariant:** the answer is that of a store in which what is hidden from the asker is deleted.

mod dangling;
mod told;

use std::collections::{HashMap, HashSet};

use accord_access::Interaction;
use accord_base::{NameSpace, PatientOrd, ResourceId};
use accord_fhir::json::Value;
use accord_fhir::{IssueCode, Reference};
use accord_index::{Found, View, extract};
use accord_spec::ResourceType;

use crate::interaction::bundle::in_entry;
use crate::interaction::late::in_time;
use crate::labels::Target;
use crate::prepare::{Act, Assumption, By, Content, Prepared, Write, parse_json};
use crate::{Category, Engine, Failure, Request};

pub use dangling::Dangling;
pub(crate) use dangling::Suspects;

/// A resource of this server that another one refers to.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Named {
    /// Type and logical id.
    pub target: Target,
    /// The version, if one is named.
    pub version: Option<u32>,
}

/// What resources of the same transaction will be: there, or gone.
type Own = HashMap<Target, bool>;

/// The resources of this server that a resource refers to, without repeats; `resolve` says what a
/// reference stands for that names another entry of its transaction.
pub(crate) fn named(resource: Value<'_>, resolve: &dyn Fn(&str) -> Option<String>) -> Vec<Named> {
    let (mut all, mut seen) = (Vec::new(), HashSet::new());
    for reference in extract::references(resource) {
        let Some(text) = reference.as_str() else { continue };
        let resolved = resolve(&text);
        let named = name(resolved.as_deref().unwrap_or(&text));
        all.extend(named.filter(|named| seen.insert(named.clone())));
    }
    all
}

fn name(text: &str) -> Option<Named> {
    let Reference::Relative { resource_type, id, version } = Reference::relative(text)? else {
        return None;
    };
    let target = (ResourceType::from_name(resource_type)?, ResourceId::new(id).ok()?);
    Some(Named { target, version: version.and_then(|version| version.parse().ok()) })
}

impl Engine {
    /// Refuses writes that would refer to nothing, or take away what is referred to, and has the
    /// writer check again what that rests on.
    ///
    /// What an operator imports may come in any order. What the server adds, what an entitled act
    /// writes anew and what claims access follow rules of their own.
    pub(crate) fn with_integrity(
        &self,
        request: &Request,
        mut prepared: Prepared,
    ) -> Result<Prepared, Failure> {
        if !self.integrity || request.is_import() {
            return Ok(prepared);
        }
        let (own, types) = (own(&prepared), types(&prepared));
        if types.is_empty() {
            return Ok(prepared);
        }
        let view = self.existing(request, types)?;
        let mut rests_on = Vec::with_capacity(prepared.writes.len());
        for (at, write) in prepared.writes.iter().enumerate() {
            in_time(request)?;
            let checked = match &write.act {
                _ if write.by == By::Server => Ok(None),
                Act::Store { content, .. } => self.refers(view.as_ref(), write, content, &own),
                Act::Delete => self.unreferred(request, view.as_ref(), write, &own),
                Act::Keep => Ok(None),
            };
            let entry = prepared.entries.as_ref().and_then(|entries| entries.get(at));
            rests_on.push(checked.map_err(|failure| match entry {
                Some(at) => in_entry(failure, *at),
                None => failure,
            })?);
        }
        for (write, assumption) in prepared.writes.iter_mut().zip(rests_on) {
            write.assumes.extend(assumption);
        }
        Ok(prepared)
    }

    /// What the asker may read, decided on the first type of which they may read anything; `None` if
    /// they may read nothing at all.
    fn existing(
        &self,
        request: &Request,
        types: Vec<ResourceType>,
    ) -> Result<Option<View>, Failure> {
        let mut tried = HashSet::new();
        for of in types.into_iter().chain(ResourceType::ALL.iter().copied()) {
            if !tried.insert(of) {
                continue;
            }
            match self.view_for(request, Interaction::Read, Some(of)) {
                Ok(view) => return Ok(Some(view.until(request.deadline.clone()))),
                Err(failure) if failure.category == Category::Forbidden => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(None)
    }

    /// Whether everything that new content refers to exists for the asker. What the version before
    /// referred to is not asked about: else nobody could write what was dangling before, or has
    /// come to refer to something hidden.
    fn refers(
        &self,
        view: Option<&View>,
        write: &Write,
        content: &Content,
        own: &Own,
    ) -> Result<Option<Assumption>, Failure> {
        if content.act.is_some() || !content.facts.claims.is_empty() {
            return Ok(None);
        }
        let (mut there, mut missing) = (Vec::new(), Vec::new());
        for named in &content.references {
            match own.get(&named.target) {
                Some(true) => {}
                None if lives(view, &named.target) => there.push(named.target.clone()),
                None if self.is_known(view, named) => {}
                Some(false) | None => missing.push(named),
            }
        }
        if !missing.is_empty() {
            let before = self.referred_before(view, write)?;
            missing.retain(|named| own.contains_key(&named.target) || !before.contains(named));
        }
        if missing.is_empty() {
            return Ok((!there.is_empty()).then_some(Assumption::There(there)));
        }
        Err(told::dangling(write, content, &missing))
    }

    /// What stands for a resource that is not there: an old version that is named, events, which
    /// are made when they are asked for, and a patient whose Patient resource may be kept elsewhere.
    fn is_known(&self, view: Option<&View>, named: &Named) -> bool {
        let (of, id) = &named.target;
        if *of == ResourceType::AUDIT_EVENT {
            return true;
        }
        let Some(view) = view else { return false };
        let old = named.version.and_then(|version| view.version(*of, id.as_str(), version));
        if old.is_some_and(|row| !row.deleted() && !row.is_marker()) {
            return true;
        }
        if *of != ResourceType::PATIENT {
            return false;
        }
        let patient = self.index.ordinal(NameSpace::Patient, id.as_str()).map(PatientOrd);
        view.scope().may_name_unseen(patient)
    }

    /// What the version that stands refers to, as far as the asker sees it.
    fn referred_before(&self, view: Option<&View>, write: &Write) -> Result<Vec<Named>, Failure> {
        let Some(view) = view else { return Ok(Vec::new()) };
        let Found::Live(row) = view.read(write.resource_type, write.id.as_str()) else {
            return Ok(Vec::new());
        };
        let version = self.version_as(view, &row, &write.id)?;
        Ok(named(parse_json(version.body.as_bytes())?.root(), &|_| None))
    }

    /// Whether nothing that exists for the asker refers to what they delete.
    fn unreferred(
        &self,
        request: &Request,
        view: Option<&View>,
        write: &Write,
        own: &Own,
    ) -> Result<Option<Assumption>, Failure> {
        let Some(view) = view else { return Ok(None) };
        let target = (write.resource_type, write.id.clone());
        let may = self.view_for(request, Interaction::Delete, Some(write.resource_type));
        if !may.is_ok_and(|deleting| lives(Some(&deleting), &target)) {
            // Nothing will be deleted: the writer says why.
            return Ok(None);
        }
        let rows = view
            .dependents((target.0, target.1.as_str()), own.len() + 1)
            .map_err(|error| self.index_failure("what refers to a resource", &error))?;
        let other = |row: &accord_index::RowRef<'_>| {
            let id = ResourceId::new(&row.id()).ok();
            id.is_none_or(|id| !own.contains_key(&(row.resource_type(), id)))
        };
        if rows.iter().any(other) {
            let text = "the resource is referred to by others; they have to go, or change, first";
            return Err(Failure::new(Category::Conflict, IssueCode::Conflict, text));
        }
        Ok(Some(Assumption::Unreferred(view.snapshot().watermark())))
    }
}

fn own(prepared: &Prepared) -> Own {
    let of = |write: &Write| {
        let stays = match &write.act {
            Act::Store { .. } => true,
            Act::Delete => false,
            Act::Keep => return None,
        };
        Some(((write.resource_type, write.id.clone()), stays))
    };
    prepared.writes.iter().filter_map(of).collect()
}

/// The types of what is referred to and of what is deleted.
fn types(prepared: &Prepared) -> Vec<ResourceType> {
    let mut types = Vec::new();
    for write in &prepared.writes {
        match &write.act {
            Act::Store { content, .. } => {
                types.extend(content.references.iter().map(|named| named.target.0));
            }
            Act::Delete => types.push(write.resource_type),
            Act::Keep => {}
        }
    }
    types
}

fn lives(view: Option<&View>, (of, id): &Target) -> bool {
    view.is_some_and(|view| matches!(view.read(*of, id.as_str()), Found::Live(_)))
}
