//! Subjects and names for tests.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::HashMap;

use accord_access::Names;
use accord_base::{
    ActorOrd, NameSpace, OrgOrd, PatientOrd, Principal, Purpose, ResourceId, Role, Subject,
};

/// Ordinals in the order of first mention; ordinal 0 of organisations is `commons`.
pub struct Directory {
    ordinals: HashMap<(NameSpace, String), u32>,
}

impl Directory {
    pub fn new() -> Directory {
        let mut directory = Directory { ordinals: HashMap::new() };
        directory.ordinal(NameSpace::Organization, "commons");
        directory
    }

    pub fn ordinal(&mut self, space: NameSpace, name: &str) -> u32 {
        let next = self.ordinals.keys().filter(|(s, _)| *s == space).count() as u32;
        *self.ordinals.entry((space, name.to_owned())).or_insert(next)
    }

    fn find(&self, space: NameSpace, name: &str) -> Option<u32> {
        self.ordinals.get(&(space, name.to_owned())).copied()
    }
}

impl Names for Directory {
    fn organization(&self, id: &str) -> Option<OrgOrd> {
        self.find(NameSpace::Organization, id).map(OrgOrd)
    }

    fn patient(&self, id: &str) -> Option<PatientOrd> {
        self.find(NameSpace::Patient, id).map(PatientOrd)
    }

    fn actor(&self, reference: &str) -> Option<ActorOrd> {
        self.find(NameSpace::Actor, reference).map(ActorOrd)
    }
}

/// A subject in a role, with the kind of principal and the purpose that fit it.
pub fn subject(role: Role, id: &str, organization: Option<&str>) -> Subject {
    let resource_id = |id: &str| ResourceId::new(id).unwrap();
    let (principal, purpose) = match role {
        Role::System => (Principal::System { reason: id.to_owned() }, Purpose::Sysadmin),
        Role::Patient => (Principal::Patient(resource_id(id)), Purpose::Patrqt),
        Role::Proxy => (Principal::RelatedPerson(resource_id(id)), Purpose::Patrqt),
        Role::Integration => (Principal::Device(resource_id(id)), Purpose::Treat),
        Role::Administrator | Role::PrivacyOfficer => {
            (Principal::Practitioner(resource_id(id)), Purpose::Hoperat)
        }
        Role::Researcher => (Principal::Practitioner(resource_id(id)), Purpose::Hresch),
        Role::Payor => (Principal::Practitioner(resource_id(id)), Purpose::Hpaymt),
        Role::Registration | Role::Clinician | Role::Pharmacist => {
            (Principal::Practitioner(resource_id(id)), Purpose::Treat)
        }
    };
    Subject {
        principal,
        role,
        organization: organization.map(resource_id),
        purpose,
        token_id: String::new(),
        test: true,
        grant: None,
    }
}
