//! Another organisation comes to answer for a patient's record: one offers it, the other accepts.
//!
//! Both are done by privacy officers, each for their own organisation, and leave a Task that the
//! server writes and the patient sees. The record moves in the transaction that accepts, as a
//! logged change of the rows; documents stay as they are.

mod accept;
mod offer;
mod rows;

use std::sync::Arc;

use accord_access::{AccessRequest, TRANSFER_PROFILE};
use accord_base::{LogTime, OrgOrd, PatientOrd, Principal, ResourceId, Row, Subject};
use accord_fhir::json::quoted;
use accord_spec::ResourceType;

use super::Operation;
use super::person::Ready;
use crate::prepare::{By, Parsed, Prepared, Resolver, Write, parse_json};
use crate::{Engine, Failure, Request};

/// How long an offer may be accepted: 30 days.
const OFFER_US: u64 = 30 * 86_400 * LogTime::SECOND_US;

/// A record that goes to another organisation, as it was found.
pub(crate) struct Transfer {
    /// Who answered for it.
    pub giver: OrgOrd,
    /// Who will.
    pub receiver: ResourceId,
    /// The patient, with everyone who is one person with them.
    pub person: Vec<PatientOrd>,
    /// Every row that goes.
    pub rows: Vec<Row>,
    /// The first row that was not looked at.
    pub seen: Row,
}

impl Engine {
    /// Prepares `Patient/$offer-transfer` or `$accept-transfer`.
    pub(super) fn prepare_transfer(
        &self,
        request: &Request,
        operation: &Operation,
        accepts: bool,
    ) -> Result<Ready, Failure> {
        let (writes, transfer) = if accepts {
            let (writes, transfer) = self.prepare_accept(request, operation)?;
            (writes, Some(Box::new(transfer)))
        } else {
            (vec![self.prepare_offer(request, operation)?], None)
        };
        let (interaction, of) = (operation.signature.code, Some(ResourceType::PATIENT));
        let beside = Some(AccessRequest { interaction, resource_type: of });
        let prepared = self.prepared(writes);
        Ok(Ready::Write(Prepared { beside, transfer, ..prepared }))
    }

    /// The write of a Task that the server makes, or changes, at an organisation.
    fn transfer_task(
        &self,
        request: &Request,
        at: &ResourceId,
        id: &ResourceId,
        body: &str,
    ) -> Result<Write, Failure> {
        let own = Request {
            subject: Arc::new(Subject::system("what goes with a transfer")),
            controller: Some(at.clone()),
            ..request.clone()
        };
        let tape = parse_json(body.as_bytes())?;
        let parsed = Parsed::check(tape.root(), task()?)?;
        let write = self.update(&own, &parsed, id, None, &Resolver::default(), false)?;
        Ok(Write { by: By::Server, ..write })
    }
}

fn task() -> Result<ResourceType, Failure> {
    ResourceType::from_name("Task").ok_or_else(crate::interaction::not_found)
}

/// What the Tasks of a transfer say.
struct Told<'a> {
    id: &'a ResourceId,
    status: &'a str,
    text: &'a str,
    patient: &'a ResourceId,
    /// Who says it, and for whom.
    by: &'a Subject,
    own: &'a ResourceId,
    /// Whose turn it is, or was.
    owner: &'a ResourceId,
    at: LogTime,
    more: &'a str,
}

impl Told<'_> {
    fn task(&self) -> String {
        let requester = match self.by.principal {
            Principal::Practitioner(_) => self.by.reference(),
            _ => format!("Organization/{}", self.own),
        };
        format!(
            r#"{{"resourceType":"Task","id":"{}","meta":{{"profile":["{TRANSFER_PROFILE}"]}},
                "status":"{}","intent":"order","description":{},
                "code":{{"coding":[{{"system":"urn:accord:codes","code":"controller-transfer"}}]}},
                "for":{{"reference":"Patient/{}"}},"authoredOn":"{}",
                "requester":{{"reference":{}}},
                "owner":{{"reference":"Organization/{}"}}{}}}"#,
            self.id,
            self.status,
            quoted(self.text),
            self.patient,
            self.at,
            quoted(&requester),
            self.owner,
            self.more
        )
    }
}
