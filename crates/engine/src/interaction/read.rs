//! Read and vread, and the way every interaction that writes nothing is decided.

use std::borrow::Cow;
use std::sync::Arc;

use accord_access::{AccessRequest, Decision};
use accord_base::ResourceId;
use accord_fhir::IssueCode;
use accord_fhir::document::Stamp;
use accord_index::{Found, RowRef, View};
use accord_spec::ResourceType;

use super::late::in_time;
use super::search::Asked;
use crate::recorded::Finding;
use crate::{
    Answer, Category, CompartmentSearch, Engine, Failure, Interaction, Marks, Outcome, Request,
    Version,
};

/// An answer with the patients it draws on.
pub(crate) type Drawn = (Outcome, Vec<ResourceId>);

impl Engine {
    /// Decides and answers a request that writes nothing.
    pub(crate) fn find(self: &Arc<Engine>, request: &Request) -> Finding {
        if let Interaction::Live(live) = &request.interaction {
            return self.changes(request, live);
        }
        let interaction = &request.interaction;
        let resource_type = interaction.resource_type();
        let asked = AccessRequest { interaction: interaction.code(), resource_type };
        let (decision, snapshot) = self.decide_now(&request.subject, asked);
        let as_of = snapshot.t();
        let mut rules = crate::rule_codes(&decision);
        let permit = matches!(decision, Decision::Permit(_));
        let (outcome, patients) = match crate::permitted(decision) {
            Ok(scope) => self.look(request, View::new(snapshot, scope)),
            Err(failure) => (Err(failure), Vec::new()),
        };
        let marks = outcome.as_ref().map_or(Marks::NONE, Answer::marks);
        rules.extend(marks.codes().map(Cow::Borrowed));
        Finding { outcome, rules, permit, patients, as_of }
    }

    fn look(self: &Arc<Engine>, request: &Request, view: View) -> Drawn {
        match &request.interaction {
            Interaction::Read { resource_type: ResourceType::AUDIT_EVENT, id, .. } => {
                self.event_or_row(request, view, id)
            }
            Interaction::Search { resource_type: Some(ResourceType::AUDIT_EVENT), .. } => {
                self.look_for_events(request, view.scope())
            }
            Interaction::Read { resource_type, id, if_none_match, if_modified_since } => {
                let found = view.read(*resource_type, id.as_str());
                let current = |row: &RowRef<'_>| {
                    let same = *if_none_match == Some(row.version());
                    // FHIR R4 §3.1.0.2.2: If-None-Match wins where both are sent.
                    let since = if_none_match.is_none()
                        && if_modified_since.is_some_and(|since| row.born().seconds() <= since);
                    same || since
                };
                self.read(&view, id, found, current)
            }
            Interaction::Meta { resource_type, id } => self.meta(&view, *resource_type, id),
            // As of a search that only counts, the record names nobody.
            Interaction::Metas(of) => (self.metas(request, view, *of), Vec::new()),
            Interaction::Vread { resource_type, id, version } => {
                self.vread(&view, *resource_type, id, *version)
            }
            Interaction::History { of, params } => self.history(request, view, of, params),
            Interaction::Search { resource_type, params, lenient, .. } => {
                let (resource_type, lenient) = (*resource_type, *lenient);
                self.search(request, view, &Asked { resource_type, owner: None, params, lenient })
            }
            Interaction::Compartment(search) => {
                let CompartmentSearch { owner, id, resource_type, params, lenient, .. } = &**search;
                let (resource_type, lenient) = (*resource_type, *lenient);
                let owner = Some((*owner, id));
                self.search(request, view, &Asked { resource_type, owner, params, lenient })
            }
            Interaction::Operation(operation) => self.operate(request, operation, view),
            _ => (Err(not_found()), Vec::new()),
        }
    }

    pub(crate) fn read(
        &self,
        view: &View,
        id: &ResourceId,
        found: Found<'_>,
        is_current: impl Fn(&RowRef<'_>) -> bool,
    ) -> Drawn {
        let row = match found {
            Found::Absent => return (Err(not_found()), Vec::new()),
            Found::Deleted(row) | Found::Live(row) | Found::Known(row) => row,
        };
        let patients = self.patients_of([&row]);
        if row.deleted() {
            return (Err(gone()), patients);
        }
        if is_current(&row) {
            let answer = Answer::NotModified { version: row.version(), last_updated: row.born() };
            return (Ok(answer), patients);
        }
        (self.version_as(view, &row, id).map(Answer::Read), patients)
    }

    fn vread(
        &self,
        view: &View,
        resource_type: ResourceType,
        id: &ResourceId,
        version: u32,
    ) -> Drawn {
        let Some(row) = view.version(resource_type, id.as_str(), version) else {
            return (Err(not_found()), Vec::new());
        };
        let patients = self.patients_of([&row]);
        if row.deleted() {
            return (Err(gone()), patients);
        }
        (self.version_as(view, &row, id).map(Answer::Read), patients)
    }

    /// Rows as they are served: as many as have room on a page, at least one.
    pub(crate) fn versions(
        &self,
        request: &Request,
        view: &View,
        rows: &[RowRef<'_>],
    ) -> Result<Vec<Version>, Failure> {
        let (mut served, mut bytes) = (Vec::with_capacity(rows.len()), 0);
        for row in rows {
            in_time(request)?;
            let version = self.version(view, row)?;
            bytes += version.body.len();
            if bytes > self.answer_limits.page_bytes && !served.is_empty() {
                break;
            }
            served.push(version);
        }
        Ok(served)
    }

    /// A row as it is served.
    pub(crate) fn version(&self, view: &View, row: &RowRef<'_>) -> Result<Version, Failure> {
        let id = ResourceId::new(&row.id())
            .map_err(|error| self.fault("reading an id of the index", &error))?;
        self.version_as(view, row, &id)
    }

    pub(crate) fn version_as(
        &self,
        view: &View,
        row: &RowRef<'_>,
        id: &ResourceId,
    ) -> Result<Version, Failure> {
        let (version, last_updated) = (row.version(), row.born());
        let (body, marks) = if row.deleted() {
            (Arc::from(""), Marks::NONE)
        } else if row.is_marker() {
            self.marker(row, Stamp { id, version, last_updated })
        } else {
            let stored = self
                .documents
                .fetch(row.row(), Stamp { id, version, last_updated })
                .map_err(|error| self.fault("reading a document", &error))?;
            self.seen(view, row, stored)?
        };
        Ok(Version {
            resource_type: row.resource_type(),
            id: id.clone(),
            version,
            last_updated,
            body,
            deleted: row.deleted(),
            put: row.put(),
            marks,
            fragment: None,
        })
    }
}

/// Absent and hidden are the same.
pub(crate) fn not_found() -> Failure {
    Failure::new(Category::NotFound, IssueCode::NotFound, "no such resource")
}

fn gone() -> Failure {
    Failure::new(Category::Gone, IssueCode::Deleted, "the resource was deleted")
}
