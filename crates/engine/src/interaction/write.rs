//! Create, update, delete: prepared here, committed by the writer, answered here.

use std::sync::Arc;

use accord_access::Interaction;
use accord_base::{ResourceId, Role};
use accord_fhir::document::{self, Edit, Stamp};
use accord_fhir::{Issue, IssueCode};
use accord_index::Found;
use accord_spec::ResourceType;

use crate::prepare::{
    Act, Assumption, By, Demand, Destination, Parsed, Prepared, Resolver, Write, edits, parse_json,
};
use crate::writer::{How, Written};
use crate::{Answer, Category, Engine, Failure, Marks, Outcome, Request, Version};

impl Engine {
    /// Prepares `POST Type`.
    pub(crate) fn prepare_create(
        &self,
        request: &Request,
        resource_type: ResourceType,
        body: &[u8],
        if_none_exist: Option<&str>,
    ) -> Result<Prepared, Failure> {
        let tape = parse_json(body)?;
        let parsed = Parsed::check(tape.root(), resource_type)?;
        let resolver = Resolver::default();
        let write = self.create(request, &parsed, if_none_exist, &resolver)?;
        Ok(self.prepared(vec![write]))
    }

    /// The write of a create, conditional or not.
    fn create(
        &self,
        request: &Request,
        parsed: &Parsed<'_>,
        if_none_exist: Option<&str>,
        resolver: &Resolver,
    ) -> Result<Write, Failure> {
        let resource_type = parsed.resource_type;
        let mut assumes = Vec::new();
        if let Some(query) = if_none_exist {
            let (assumption, found) = self.condition(request, resource_type, query)?;
            assumes.push(assumption);
            if let Some(id) = found {
                return Ok(Write {
                    resource_type,
                    id,
                    act: Act::Keep,
                    demand: Demand::Any,
                    assumes,
                    by: By::Asker,
                });
            }
        }
        let id = ResourceId::random(&*self.rng);
        let content = Box::new(self.content(parsed, &self.destination(request, &id, resolver))?);
        let act = Act::Store { content, create: true };
        Ok(Write { resource_type, id, act, demand: Demand::Any, assumes, by: By::Asker })
    }

    /// Prepares `PUT Type/id`.
    pub(crate) fn prepare_update(
        &self,
        request: &Request,
        resource_type: ResourceType,
        id: &ResourceId,
        body: &[u8],
        if_match: Option<u32>,
    ) -> Result<Prepared, Failure> {
        let tape = parse_json(body)?;
        let parsed = Parsed::check(tape.root(), resource_type)?;
        let write = self.update(request, &parsed, id, if_match, &Resolver::default(), false)?;
        Ok(self.prepared(vec![write]))
    }

    /// The write of an update. The resource must carry the id it is sent to (FHIR R4 §3.1.0.5).
    pub(crate) fn update(
        &self,
        request: &Request,
        parsed: &Parsed<'_>,
        id: &ResourceId,
        if_match: Option<u32>,
        resolver: &Resolver,
        skip_unchanged: bool,
    ) -> Result<Write, Failure> {
        let resource_type = parsed.resource_type;
        if parsed.id().as_deref() != Some(id.as_str()) {
            let path = format!("{}.id", resource_type.name());
            let text = "the resource's id must be the one in the address";
            let issues = vec![Issue::at(IssueCode::Invalid, path, text)];
            return Err(Failure { category: Category::Invalid, issues });
        }
        whole(request, parsed)?;
        let demand = if_match.map_or(Demand::Any, Demand::Version);
        let id = id.clone();
        if skip_unchanged && let Some(version) = self.unchanged(request, parsed, &id, resolver)? {
            let assumes = vec![Assumption::Current(version)];
            return Ok(Write { resource_type, id, act: Act::Keep, demand, assumes, by: By::Asker });
        }
        let content = Box::new(self.content(parsed, &self.destination(request, &id, resolver))?);
        let act = Act::Store { content, create: false };
        Ok(Write { resource_type, id, act, demand, assumes: Vec::new(), by: By::Asker })
    }

    /// Prepares `DELETE Type/id`.
    pub(crate) fn prepare_delete(
        &self,
        resource_type: ResourceType,
        id: &ResourceId,
        if_match: Option<u32>,
    ) -> Prepared {
        self.prepared(vec![delete(resource_type, id, if_match)])
    }

    /// Writes prepared on the state as it is.
    pub(crate) fn prepared(&self, writes: Vec<Write>) -> Prepared {
        let (mark, entries, repeats) = (None, None, Vec::new());
        Prepared { writes, mark, entries, repeats, beside: None, transfer: None }
    }

    /// Where a resource goes: its id, and who will answer for it.
    pub(crate) fn destination<'a>(
        &self,
        request: &'a Request,
        id: &'a ResourceId,
        resolver: &'a Resolver,
    ) -> Destination<'a> {
        Destination { id, request, resolver }
    }

    /// The current version of a resource that an update would not change, if it may be seen.
    fn unchanged(
        &self,
        request: &Request,
        parsed: &Parsed<'_>,
        id: &ResourceId,
        resolver: &Resolver,
    ) -> Result<Option<u32>, Failure> {
        let view = self.view_for(request, Interaction::Read, Some(parsed.resource_type))?;
        let Found::Live(row) = view.read(parsed.resource_type, id.as_str()) else {
            return Ok(None);
        };
        // Both as they would be served in the same version: what the server owns does not count.
        let stamp = Stamp { id, version: row.version(), last_updated: row.born() };
        let served = self
            .documents
            .fetch(row.row(), stamp)
            .map_err(|error| self.fault("reading a document", &error))?;
        let sent = document::render(parsed.value.raw(), &edits(parsed.value, resolver), stamp);
        Ok((*served == *sent).then_some(row.version()))
    }

    /// The answer to one committed write.
    pub(crate) fn answer(&self, request: &Request, write: &Write, written: &Written) -> Outcome {
        let stored = |version: Version| match written.how {
            How::Created => Answer::Created(version),
            How::Updated => Answer::Updated(version),
            How::Deleted | How::WasAbsent | How::Kept => Answer::Existing(version),
        };
        match &write.act {
            Act::Delete => Ok(Answer::Deleted {
                version: (written.how == How::Deleted).then_some(written.version),
            }),
            Act::Keep => Ok(stored(self.kept(request, write, written)?)),
            Act::Store { content, .. } if content.patched => {
                Ok(stored(self.kept(request, write, written)?))
            }
            Act::Store { content, .. } => {
                let (text, edits): (&Arc<str>, &Arc<[Edit]>) = (&content.text, &content.edits);
                let body = document::render(text, edits, stamp(&write.id, written));
                Ok(stored(version(write, written, body.into())))
            }
        }
    }

    /// What a write left as it was, as the asker sees it; without its body where it is not for
    /// them to read.
    fn kept(
        &self,
        request: &Request,
        write: &Write,
        written: &Written,
    ) -> Result<Version, Failure> {
        let view = self.view_for(request, Interaction::Read, Some(write.resource_type));
        let found = view.as_ref().ok().and_then(|view| Some((view, view.row(written.row)?)));
        match found {
            Some((view, row)) => self.version_as(view, &row, &write.id),
            None => Ok(version(write, written, Arc::from(""))),
        }
    }
}

/// Whoever was shown a resource with parts left out does not store it without them. Feeds and the
/// operator may: what they hold can have been redacted elsewhere.
pub(super) fn whole(request: &Request, parsed: &Parsed<'_>) -> Result<(), Failure> {
    let feeds = matches!(request.subject.role, Role::System | Role::Integration);
    if feeds || !Marks::stated(parsed.value).has(Marks::REDACTED) {
        return Ok(());
    }
    let path = format!("{}.meta.security", parsed.resource_type.name());
    let text = "parts were left out of what is sent; take the label `REDACTED` off to store it so";
    let issues = vec![Issue::at(IssueCode::Invariant, path, text)];
    Err(Failure { category: Category::Unprocessable, issues })
}

/// The write of a delete.
pub(crate) fn delete(resource_type: ResourceType, id: &ResourceId, if_match: Option<u32>) -> Write {
    let demand = if_match.map_or(Demand::Any, Demand::Version);
    let (act, assumes) = (Act::Delete, Vec::new());
    Write { resource_type, id: id.clone(), act, demand, assumes, by: By::Asker }
}

fn stamp<'a>(id: &'a ResourceId, written: &Written) -> Stamp<'a> {
    Stamp { id, version: written.version, last_updated: written.born }
}

fn version(write: &Write, written: &Written, body: Arc<str>) -> Version {
    Version {
        resource_type: write.resource_type,
        id: write.id.clone(),
        version: written.version,
        last_updated: written.born,
        body,
        deleted: false,
        put: written.put,
        marks: Marks::NONE,
        fragment: None,
    }
}
