//! `Patient/$offer-transfer`: the organisation that answers for a record offers it to another.

use accord_access::Interaction as Code;
use accord_base::{NameSpace, OrgOrd, ResourceId, Role};
use accord_fhir::IssueCode;
use accord_fhir::json::quoted;
use accord_index::Found;
use accord_spec::ResourceType;

use super::super::Operation;
use super::super::person::parameters;
use super::{OFFER_US, Told};
use crate::interaction::not_found;
use crate::prepare::Write;
use crate::{Category, Engine, Failure, Request};

impl Engine {
    /// Prepares the Task that offers.
    pub(super) fn prepare_offer(
        &self,
        request: &Request,
        operation: &Operation,
    ) -> Result<Write, Failure> {
        let asked = parameters::read(&operation.body, &["patient", "receiver", "reason"])?;
        let patient = parameters::patient(asked.root(), "patient")?;
        let (kind, receiver) = parameters::target(asked.root(), "receiver")?;
        let reason = parameters::parameter(asked.root(), "reason")
            .and_then(|reason| reason.get_str("valueString"));
        let Some(reason) = reason.filter(|reason| !reason.trim().is_empty()) else {
            return Err(unprocessable(IssueCode::Required, "a `reason` in words is needed"));
        };
        let giver = self.giver(request, &patient)?;
        self.receives(request, (kind, &receiver), &giver)?;
        let (at, id) = (self.clock.now(), ResourceId::random(&*self.rng));
        let until = at.plus_us(OFFER_US);
        let more = format!(
            r#","restriction":{{"period":{{"end":"{until}"}}}},"reasonCode":{{"text":{}}}"#,
            quoted(&reason)
        );
        let offer = Told {
            id: &id,
            status: "requested",
            text: "another organisation is asked to take the record over",
            patient: &patient,
            by: &request.subject,
            own: &giver,
            owner: &receiver,
            at,
            more: &more,
        };
        self.transfer_task(request, &giver, &id, &offer.task())
    }

    /// The organisation that answers for a patient's record and for which the asker acts. Of a
    /// patient of another organisation nothing is told, nor of one who is not there.
    fn giver(&self, request: &Request, patient: &ResourceId) -> Result<ResourceId, Failure> {
        let keeper = self.controller_of(ResourceType::PATIENT, patient).ok_or_else(not_found)?;
        let name = self.organization_name(keeper).ok_or_else(not_found)?;
        let own = request.subject.organization.as_ref() == Some(&name);
        if own || request.subject.role == Role::System { Ok(name) } else { Err(not_found()) }
    }

    /// Whether the receiver is another organisation of this server's directory.
    fn receives(
        &self,
        request: &Request,
        (kind, receiver): (ResourceType, &ResourceId),
        giver: &ResourceId,
    ) -> Result<(), Failure> {
        let organization = ResourceType::from_name("Organization");
        let view = self.view_for(request, Code::Read, organization)?;
        let known = organization == Some(kind)
            && matches!(view.read(kind, receiver.as_str()), Found::Live(_));
        if !known || receiver == giver {
            let text = "the `receiver` must be another Organization of this server";
            return Err(unprocessable(IssueCode::Value, text));
        }
        Ok(())
    }

    /// The id of an organisation; none of the commons.
    pub(super) fn organization_name(&self, organization: OrgOrd) -> Option<ResourceId> {
        if organization == OrgOrd::COMMONS {
            return None;
        }
        let name = self.index.name(NameSpace::Organization, organization.0)?;
        ResourceId::new(&name).ok()
    }
}

fn unprocessable(code: IssueCode, text: &str) -> Failure {
    Failure::new(Category::Unprocessable, code, text)
}
