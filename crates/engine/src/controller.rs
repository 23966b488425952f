//! Who answers for what is written.

use accord_access::{ControllerRule, Rule, Scope};
use accord_base::{NameSpace, OrgOrd, ResourceId, Role};
use accord_index::{Found, View};
use accord_spec::ResourceType;

use crate::{Engine, Failure, Request, denied};

/// Who answers for a resource.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Controller {
    /// Shared reference data.
    Commons,
    /// An organisation.
    Organization(ResourceId),
}

impl Controller {
    /// The organisation's id; empty for the commons, which is no organisation.
    pub fn id(&self) -> &str {
        match self {
            Controller::Commons => "",
            Controller::Organization(id) => id.as_str(),
        }
    }
}

impl Engine {
    /// Who will answer for a resource that a request writes: whoever does already, else as the
    /// subject's role says. What the operator adds to the directory is shared reference data.
    pub(crate) fn controller(
        &self,
        request: &Request,
        resource_type: ResourceType,
        id: &ResourceId,
        patients: &[ResourceId],
    ) -> Result<Controller, Failure> {
        if let Some(standing) = self.standing_controller(resource_type, id) {
            return Ok(standing);
        }
        let directory = accord_access::Class::of(resource_type) == accord_access::Class::Directory;
        match accord_access::controller_for(&request.subject) {
            Some(ControllerRule::Own(id)) => Ok(Controller::Organization(id)),
            Some(ControllerRule::Stated) if directory && patients.is_empty() => {
                Ok(Controller::Commons)
            }
            Some(ControllerRule::Stated) => Ok(Controller::Organization(
                request.controller.clone().unwrap_or(self.settings.default_controller.clone()),
            )),
            Some(ControllerRule::OfPatient) => Ok(self.controller_of_patient(request, patients)),
            None => Err(denied(&[Rule::OrganizationMissing])),
        }
    }

    /// Who answers for the Patient resource of a patient who writes, or for whom somebody does; the
    /// default controller where there is none.
    fn controller_of_patient(&self, request: &Request, named: &[ResourceId]) -> Controller {
        let patient = match (&request.subject.principal, request.subject.role) {
            (accord_base::Principal::Patient(id), Role::Patient) => Some(id),
            _ => named.first(),
        };
        let own = patient.and_then(|id| self.standing_controller(ResourceType::PATIENT, id));
        own.unwrap_or_else(|| Controller::Organization(self.settings.default_controller.clone()))
    }

    /// Who answers for a resource now, whoever asks; never part of an answer.
    fn standing_controller(
        &self,
        resource_type: ResourceType,
        id: &ResourceId,
    ) -> Option<Controller> {
        match self.controller_of(resource_type, id)? {
            OrgOrd::COMMONS => Some(Controller::Commons),
            OrgOrd(ordinal) => {
                let name = self.index.name(NameSpace::Organization, ordinal)?;
                ResourceId::new(&name).ok().map(Controller::Organization)
            }
        }
    }

    /// The same by its number.
    pub(crate) fn controller_of(
        &self,
        resource_type: ResourceType,
        id: &ResourceId,
    ) -> Option<OrgOrd> {
        let scope = Scope::system("who answers for a resource that is written or was looked at");
        let view = View::new(self.index.snapshot(), scope);
        match view.read(resource_type, id.as_str()) {
            Found::Live(row) | Found::Deleted(row) => Some(row.policy().controller),
            // Nothing is sealed for the system.
            Found::Known(_) | Found::Absent => None,
        }
    }
}
