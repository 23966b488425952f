//! Operations that change whose a record is: merging two records of one person, taking a merge
//! back, moving a resource that was filed under the wrong patient.
//!
//! Each prepares writes like any other request; the one writer decides them.

pub(super) mod edit;
mod merge;
mod move_resource;
pub(super) mod parameters;
mod told;
mod unmerge;

use std::borrow::Cow;
use std::sync::Arc;

use accord_access::{Fact, Interaction as Code};
use accord_base::{NameSpace, OrgOrd, PatientOrd, ResourceId, Role};
use accord_fhir::IssueCode;
use accord_fhir::document::Stamp;
use accord_index::{Found, RowRef, View};
use accord_spec::ResourceType;

use super::{Operation, unsupported};
use crate::interaction::not_found;
use crate::prepare::{Act, Assumption, Entitled, Parsed, Prepared, Resolver, Write, parse_json};
use crate::recorded::Finding;
use crate::{Answer, Category, Engine, Failure, Request};

/// What an operation that may write comes to.
pub(crate) enum Ready {
    /// Writes for the writer.
    Write(Prepared),
    /// An answer for which nothing is written: a preview, or something that is done already.
    Told(Finding),
}

/// A Patient as it stands.
struct Standing<'a> {
    row: RowRef<'a>,
    id: ResourceId,
    ordinal: PatientOrd,
    version: u32,
    born: accord_base::LogTime,
    /// As it is stored, whoever asks: what is written anew must be whole.
    body: Arc<str>,
    /// Into whose record it was merged.
    merged_into: Option<PatientOrd>,
}

impl Engine {
    /// Prepares an operation of these.
    pub(super) fn prepare_person(
        &self,
        request: &Request,
        operation: &Operation,
    ) -> Result<Ready, Failure> {
        match operation.signature.code {
            Code::Merge => self.prepare_merge(request, operation),
            Code::Unmerge => self.prepare_unmerge(request, operation),
            Code::MoveResource => self.prepare_move(request, operation),
            _ => Err(unsupported()),
        }
    }

    /// A Patient that exists for the asker, of the organisation they act for.
    fn standing<'a>(
        &self,
        request: &Request,
        view: &'a View,
        id: &ResourceId,
    ) -> Result<Standing<'a>, Failure> {
        let Found::Live(row) = view.read(ResourceType::PATIENT, id.as_str()) else {
            return Err(not_found());
        };
        self.owned(request, &row)?;
        let ordinal = self.index.ordinal(NameSpace::Patient, id.as_str()).map(PatientOrd);
        let ordinal = ordinal.ok_or_else(not_found)?;
        let merged = self.policy.read().stated(row.row()).find_map(|fact| match fact {
            Fact::Merged { into, .. } => Some(into),
            _ => None,
        });
        Ok(Standing {
            row,
            id: id.clone(),
            ordinal,
            version: row.version(),
            born: row.born(),
            body: self.stored(&row)?,
            merged_into: merged,
        })
    }

    /// Whether the asker's own organisation answers for a row that they see.
    fn owned(&self, request: &Request, row: &RowRef<'_>) -> Result<(), Failure> {
        let own = request.subject.organization.as_ref();
        let own = own.and_then(|own| self.index.ordinal(NameSpace::Organization, own.as_str()));
        if request.subject.role == Role::System || own.map(OrgOrd) == Some(row.policy().controller)
        {
            return Ok(());
        }
        Err(conflict("another organisation answers for the data"))
    }

    /// The text of a row as it is stored, with nothing left out for anyone: never an answer.
    fn stored(&self, row: &RowRef<'_>) -> Result<Arc<str>, Failure> {
        if row.is_marker() {
            return Err(not_found());
        }
        let id = ResourceId::new(&row.id())
            .map_err(|error| self.fault("reading an id of the index", &error))?;
        let stamp = Stamp { id: &id, version: row.version(), last_updated: row.born() };
        let text = self.documents.fetch(row.row(), stamp);
        text.map_err(|error| self.fault("reading a document", &error))
    }

    /// The write that gives a resource this text, if it is still at this version.
    fn rewrite(
        &self,
        request: &Request,
        (resource_type, id, version): (ResourceType, &ResourceId, u32),
        text: &str,
        act: Entitled,
    ) -> Result<Write, Failure> {
        let tape = parse_json(text.as_bytes())?;
        let parsed = Parsed::check(tape.root(), resource_type)?;
        let mut write = self.update(request, &parsed, id, None, &Resolver::default(), false)?;
        if let Act::Store { content, .. } = &mut write.act {
            content.act = Some(act);
        }
        write.assumes.push(Assumption::Current(version));
        Ok(write)
    }

    /// The answer to an operation that wrote nothing.
    fn told(&self, view: &View, patients: Vec<ResourceId>, text: String) -> Ready {
        let rules = view.scope().rules().iter().map(|rule| Cow::Borrowed(rule.code())).collect();
        Ready::Told(Finding {
            outcome: Ok(Answer::Resource(text)),
            rules,
            permit: true,
            patients,
            as_of: view.snapshot().t(),
        })
    }
}

/// The state keeps the act from being done.
fn conflict(text: &str) -> Failure {
    Failure::new(Category::Conflict, IssueCode::Conflict, text)
}

/// What was asked cannot be done.
fn unprocessable(code: IssueCode, text: &str) -> Failure {
    Failure::new(Category::Unprocessable, code, text)
}
