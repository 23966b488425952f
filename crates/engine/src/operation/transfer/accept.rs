//! `Patient/$accept-transfer`: the organisation to which a record was offered takes it over.

use accord_access::{CLAIM_LABEL, InForce, TRANSFER_PROFILE};
use accord_base::{NameSpace, PatientOrd, ResourceId, Role};
use accord_fhir::DateRange;
use accord_fhir::IssueCode;
use accord_fhir::document::Stamp;
use accord_fhir::json::{Tape, Value, quoted};
use accord_fhir::reference::Reference;
use accord_index::Version;
use accord_spec::ResourceType;

use super::super::Operation;
use super::super::person::{edit, parameters};
use super::{Told, Transfer, task};
use crate::interaction::not_found;
use crate::prepare::{Assumption, Write, parse_json};
use crate::{Category, Engine, Failure, Request};

/// An offer that stands.
struct Offer {
    id: ResourceId,
    version: Version,
    giver: ResourceId,
    receiver: ResourceId,
    patient: ResourceId,
    body: Tape,
}

impl Engine {
    /// Prepares the end of the offer, the Task that tells of the taking over, and what moves.
    pub(super) fn prepare_accept(
        &self,
        request: &Request,
        operation: &Operation,
    ) -> Result<(Vec<Write>, Transfer), Failure> {
        let asked = parameters::read(&operation.body, &["offer"])?;
        let (kind, id) = parameters::target(asked.root(), "offer")?;
        if kind != task()? {
            return Err(not_found());
        }
        let offer = self.offer(request, id)?;
        if !self.stands(&offer) {
            return Err(conflict("the offer does not hold, or no longer"));
        }
        let transfer = self.transfer_of(&offer)?;
        let done = edit::with_member(offer.body.root(), "status", Some(r#""completed""#));
        let mut end = self.transfer_task(request, &offer.giver, &offer.id, &done)?;
        end.assumes.push(Assumption::Current(offer.version.version));
        let id = ResourceId::random(&*self.rng);
        let focus =
            format!(r#","focus":{{"reference":{}}}"#, quoted(&format!("Task/{}", offer.id)));
        let taken = Told {
            id: &id,
            status: "completed",
            text: "this organisation took the record over",
            patient: &offer.patient,
            by: &request.subject,
            own: &offer.receiver,
            owner: &offer.receiver,
            at: self.clock.now(),
            more: &focus,
        };
        let taken = self.transfer_task(request, &offer.receiver, &id, &taken.task())?;
        Ok((vec![end, taken], transfer))
    }

    /// An offer to the organisation that the asker acts for. Anything else is not found: which
    /// Tasks there are at other organisations is not told.
    fn offer(&self, request: &Request, id: ResourceId) -> Result<Offer, Failure> {
        let versions = self.index.upkeep().versions(task()?, id.as_str());
        let version = versions.into_iter().next().ok_or_else(not_found)?;
        if version.deleted || version.labels & CLAIM_LABEL == 0 {
            return Err(not_found());
        }
        let stamp = Stamp { id: &id, version: version.version, last_updated: version.born };
        let text = self.documents.fetch(version.row, stamp);
        let text = text.map_err(|error| self.fault("reading a document", &error))?;
        let body = parse_json(text.as_bytes())?;
        let profiles = body.root().get("meta").and_then(|meta| meta.get("profile"));
        let mut profiles = profiles.into_iter().flat_map(Value::each);
        let of_transfer = profiles.any(|p| p.as_str().as_deref() == Some(TRANSFER_PROFILE));
        let receiver = target(body.root(), "owner", "Organization");
        let patient = target(body.root(), "for", "Patient");
        let giver = self.organization_name(version.controller);
        let (Some(receiver), Some(patient), Some(giver), true) =
            (receiver, patient, giver, of_transfer)
        else {
            return Err(not_found());
        };
        let own = request.subject.organization.as_ref() == Some(&receiver);
        if !own && request.subject.role != Role::System || giver == receiver {
            return Err(not_found());
        }
        Ok(Offer { id, version, giver, receiver, patient, body })
    }

    /// Whether the offer is open and its time not over.
    fn stands(&self, offer: &Offer) -> bool {
        let root = offer.body.root();
        let open = root.get_str("status").as_deref() == Some("requested");
        let end = root.get("restriction").and_then(|restriction| restriction.get("period"));
        let end = end.and_then(|period| period.get_str("end"));
        let end = end.and_then(|end| DateRange::parse(&end));
        let now = self.clock.now().0.cast_signed();
        // A time that cannot be read is over.
        open && end.is_some_and(|end| end.low > now)
    }

    /// What would move now.
    fn transfer_of(&self, offer: &Offer) -> Result<Transfer, Failure> {
        let patient = self.index.ordinal(NameSpace::Patient, offer.patient.as_str());
        let patient = PatientOrd(patient.ok_or_else(not_found)?);
        let person = InForce::from(&*self.policy.read()).person(patient);
        let (giver, receiver) = (offer.version.controller, offer.receiver.clone());
        let upkeep = self.index.upkeep();
        let rows = self.rows_of(&upkeep, giver, &person)?;
        for one in &person {
            let id = self.patient_name(*one).ok_or_else(not_found)?;
            let newest = upkeep.versions(ResourceType::PATIENT, id.as_str()).into_iter().next();
            if newest.is_some_and(|newest| !rows.contains(&newest.row)) {
                let text = "the record cannot go as it is: its Patient resource is answered for \
                            by another organisation, or names somebody else";
                return Err(conflict(text));
            }
        }
        Ok(Transfer { giver, receiver, person, rows, seen: upkeep.end() })
    }
}

/// Whom an element refers to, if it is of a type.
fn target(root: Value<'_>, element: &str, wanted: &str) -> Option<ResourceId> {
    let text = root.get(element)?.get_str("reference")?;
    match Reference::parse(&text)? {
        Reference::Relative { resource_type, id, .. } if resource_type == wanted => {
            ResourceId::new(id).ok()
        }
        _ => None,
    }
}

fn conflict(text: &str) -> Failure {
    Failure::new(Category::Conflict, IssueCode::Conflict, text)
}
