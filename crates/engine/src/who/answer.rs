//! AuditEvents as answers: a search, a read, and a patient's `$who-looked`.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use accord_access::{RowView, Scope};
use accord_audit::AccessRecord;
use accord_base::{LogTime, NameSpace, OrgOrd, PatientOrd, ResourceId, Role, Subject};
use accord_fhir::IssueCode;
use accord_index::{Key, View};
use accord_spec::ResourceType;

use super::ask::Asked;
use super::render::Event;
use super::walk::{Bounds, Place, Step};
use crate::cursor::Cursor;
use crate::interaction::late::late;
use crate::interaction::read::{Drawn, not_found};
use crate::{
    Answer, Category, Engine, Failure, Interaction, Operation, Page, PageKind, Request, Version,
};

/// Most records that one page looks at: a search that finds little goes on where it ended.
const MOST_LOOKED_AT: usize = 10_000;
/// Answers for no organisation: for patients of whom the store has no Patient resource.
const NOBODY: OrgOrd = OrgOrd(u32::MAX - 1);

/// An answer with the patients it draws on.
type Told = Result<(Answer, Vec<ResourceId>), Failure>;

/// A page of events, the patients they are about, and where the next page begins.
#[derive(Default)]
struct Found {
    entries: Vec<Version>,
    patients: Vec<ResourceId>,
    next: Option<Cursor>,
}

/// Whose events exist for an asker. An event is to their scope what a row is that names its
/// patient and nobody else, at the organisation that answers for that patient.
struct Readers<'a> {
    engine: &'a Engine,
    scope: &'a Scope,
    known: HashMap<ResourceId, bool>,
}

impl Engine {
    /// Searches the events that exist in a scope; `patient` is one that a path names.
    pub(crate) fn search_events(
        &self,
        request: &Request,
        scope: &Scope,
        patient: Option<&ResourceId>,
        params: &[(String, String)],
        lenient: bool,
    ) -> Told {
        let mut asked = Asked::read(params, patient, lenient)?;
        let mut readers = Readers { engine: self, scope, known: HashMap::new() };
        if patient.is_some_and(|patient| !readers.may(Some(patient))) {
            return Err(not_found());
        }
        let bound = format!("AuditEvent?{}&{}", patient.map_or("", |id| id.as_str()), asked.text);
        if asked.patients.is_none() {
            // One patient's scope shows events of theirs alone: their list is shorter than all.
            let only = scope.only_patient().and_then(|ordinal| self.patient_name(ordinal));
            asked.patients = only.map(|id| vec![id]);
        }
        if let Some(patients) = &mut asked.patients {
            self.add_merged(scope, patients);
        }
        let from = match &asked.cursor {
            Some(text) => self.open_cursor(request, text, &bound)?,
            None => self.newest()?,
        };
        let from = read_cursor(&from.key).ok_or_else(bad_cursor)?;
        let Found { entries, patients, next } = self.events(request, &asked, &mut readers, from)?;
        let next = next.map(|cursor| {
            let sealed = self.cursors.seal(&cursor, &request.subject, &bound, &*self.rng);
            sealed.ok_or_else(bad_cursor)
        });
        let page = Page {
            kind: PageKind::Search,
            total: None,
            entries,
            included: Vec::new(),
            query: asked.text,
            next: next.transpose()?,
            warnings: asked.warnings,
        };
        Ok((Answer::Page(page), patients))
    }

    /// Answers a search for AuditEvents.
    pub(crate) fn look_for_events(&self, request: &Request, scope: &Scope) -> Drawn {
        let Interaction::Search { params, lenient, .. } = &request.interaction else {
            return (Err(not_found()), Vec::new());
        };
        drawn(self.search_events(request, scope, None, params, *lenient))
    }

    /// Answers `Patient/id/$who-looked`: the events about one patient.
    pub(crate) fn who_looked(
        &self,
        request: &Request,
        operation: &Operation,
        scope: &Scope,
    ) -> Drawn {
        let Some(patient) = &operation.id else { return (Err(not_found()), Vec::new()) };
        drawn(self.search_events(request, scope, Some(patient), &operation.params, false))
    }

    /// Answers a read of an AuditEvent: one of a record, else one that the operator stored.
    pub(crate) fn event_or_row(&self, request: &Request, view: View, id: &ResourceId) -> Drawn {
        match self.read_event(request, view.scope(), id) {
            Ok(Some((version, patients))) => (Ok(Answer::Read(version)), patients),
            Ok(None) => {
                let found = view.read(ResourceType::AUDIT_EVENT, id.as_str());
                self.read(&view, id, found, |_| false)
            }
            Err(failure) => (Err(failure), Vec::new()),
        }
    }

    /// Adds those whose records were merged with a patient's: what was looked at of theirs was
    /// looked at of the same person.
    fn add_merged(&self, scope: &Scope, patients: &mut Vec<ResourceId>) {
        let index = &self.index;
        let ordinals =
            patients.iter().filter_map(|id| index.ordinal(NameSpace::Patient, id.as_str()));
        let merged = ordinals.flat_map(|ordinal| scope.merged_with(PatientOrd(ordinal)));
        let more: Vec<ResourceId> = merged.filter_map(|p| self.patient_name(*p)).collect();
        patients.extend(more);
        patients.sort_unstable();
        patients.dedup();
    }

    /// A cursor before which everything lies that is recorded at this moment.
    fn newest(&self) -> Result<Cursor, Failure> {
        let bounds = self.who.bounds(self.recorder.stream());
        Ok(cursor(bounds.map_err(|error| self.fault("listing access records", &error))?, 0))
    }

    /// A page of events.
    fn events(
        &self,
        request: &Request,
        asked: &Asked,
        readers: &mut Readers<'_>,
        (from, mut skip): (Bounds, usize),
    ) -> Result<Found, Failure> {
        let name = match asked.patients.as_deref() {
            Some([one]) => Some(self.who.names.name(Some(one))),
            _ => None,
        };
        let mut walk = self.who.walk(name, asked.between(), from, request.deadline.clone());
        let mut found = Found::default();
        for _ in 0..MOST_LOOKED_AT {
            let here = walk.bounds();
            let step = walk.next().map_err(|error| self.fault("reading access records", &error))?;
            let (place, record) = match step {
                Step::Record(place, record) => (place, record),
                Step::End => return Ok(found),
                Step::Late => return Err(late()),
            };
            let skipped = std::mem::take(&mut skip);
            if !asked.matches(&record) {
                continue;
            }
            for (at, patient) in patients(&record).enumerate().skip(skipped) {
                if !asked.about(patient) || !readers.may(patient) {
                    continue;
                }
                if found.entries.len() >= asked.count as usize {
                    return Ok(Found { next: Some(cursor(here, at)), ..found });
                }
                found.entries.extend(self.event(request, place, at, &record));
                let told = patient.filter(|id| !found.patients.contains(*id)).cloned();
                found.patients.extend(told);
            }
        }
        Ok(Found { next: Some(cursor(walk.bounds(), 0)), ..found })
    }

    /// Reads an event by its id; `None` if it is not one that exists in the scope.
    pub(crate) fn read_event(
        &self,
        request: &Request,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<(Version, Vec<ResourceId>)>, Failure> {
        let Some((place, at)) = self.who.names.event_place(id) else { return Ok(None) };
        let record = self.who.record(place);
        let record = record.map_err(|error| self.fault("reading an access record", &error))?;
        let Some(record) = record else { return Ok(None) };
        let Some(patient) = patients(&record).nth(usize::from(at)) else { return Ok(None) };
        if !(Readers { engine: self, scope, known: HashMap::new() }).may(patient) {
            return Ok(None);
        }
        let about = patient.cloned().into_iter().collect();
        Ok(self.event(request, place, usize::from(at), &record).map(|event| (event, about)))
    }

    fn event(
        &self,
        request: &Request,
        place: Place,
        at: usize,
        record: &AccessRecord,
    ) -> Option<Version> {
        let id = self.who.names.event_id(place, u16::try_from(at).ok()?)?;
        let event = Event {
            id: &id,
            record,
            patient: record.patients.get(at),
            origin: &self.settings.origin,
            whole: sees_queries(&request.subject, record),
        };
        Some(Version {
            resource_type: ResourceType::AUDIT_EVENT,
            version: 1,
            last_updated: record.at,
            body: Arc::from(event.render()),
            deleted: false,
            put: false,
            marks: crate::Marks::NONE,
            fragment: None,
            id,
        })
    }
}

/// As other interactions give it.
fn drawn(told: Told) -> Drawn {
    match told {
        Ok((answer, patients)) => (Ok(answer), patients),
        Err(failure) => (Err(failure), Vec::new()),
    }
}

/// Whether a reader may see what was asked to the letter, for a query may name other patients:
/// the system, who asked it, and privacy officers if it was asked for their own organisation.
fn sees_queries(reader: &Subject, record: &AccessRecord) -> bool {
    let Some(who) = &record.who else { return reader.role == Role::System };
    match reader.role {
        Role::System => true,
        Role::PrivacyOfficer => {
            who.organization.is_some() && who.organization == reader.organization
        }
        role => role == who.role && reader.principal == who.principal,
    }
}

/// The patients of a record, or nobody, once.
fn patients(record: &AccessRecord) -> impl Iterator<Item = Option<&ResourceId>> {
    let nobody = record.patients.is_empty().then_some(None);
    record.patients.iter().map(Some).chain(nobody)
}

impl Readers<'_> {
    /// Whether the events about a patient exist for the asker. Those about nobody exist for the
    /// system alone.
    fn may(&mut self, patient: Option<&ResourceId>) -> bool {
        let Some(patient) = patient else { return self.scope.is_unrestricted() };
        if let Some(known) = self.known.get(patient) {
            return *known;
        }
        let may = self.admits(patient);
        self.known.insert(patient.clone(), may);
        may
    }

    fn admits(&self, patient: &ResourceId) -> bool {
        let ordinal = self.engine.index.ordinal(NameSpace::Patient, patient.as_str());
        let Some(ordinal) = ordinal.map(PatientOrd) else { return false };
        let controller = self.engine.controller_of(ResourceType::PATIENT, patient);
        self.scope.admits(RowView {
            resource_type: ResourceType::AUDIT_EVENT,
            deleted: false,
            controller: controller.unwrap_or(NOBODY),
            patients: &[ordinal],
            labels: 0,
            clinical_day: i32::MIN,
            authors: &[],
            links: None,
        })
    }
}

/// A cursor that carries file and place of both sources, and how many patients of the next record
/// were told of. The records are no state of the index.
fn cursor(bounds: Bounds, skip: usize) -> Cursor {
    let mut text = String::new();
    let skip = u32::try_from(skip).unwrap_or(u32::MAX);
    for number in [bounds.stream.0, bounds.stream.1, bounds.log.0, bounds.log.1, skip] {
        // Writing to a text does not fail.
        let _ = write!(text, "{number:08x}");
    }
    Cursor { as_of: LogTime(0), key: Key::Id(text, ResourceType::AUDIT_EVENT.0) }
}

fn read_cursor(key: &Key) -> Option<(Bounds, usize)> {
    let Key::Id(text, _) = key else { return None };
    let number = |at: usize| u32::from_str_radix(text.get(8 * at..8 * at + 8)?, 16).ok();
    let bounds = Bounds { stream: (number(0)?, number(1)?), log: (number(2)?, number(3)?) };
    Some((bounds, number(4)? as usize))
}

fn bad_cursor() -> Failure {
    let text = "the cursor is not one of this search";
    Failure::new(Category::Invalid, IssueCode::Value, text)
}
