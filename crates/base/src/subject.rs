//! Who asks, in which role, for whom and why.

use std::sync::Arc;

use crate::{Grant, ResourceId};

/// The authenticated asker of a request. Made by `auth` from a token, or by the operator's own
/// commands; never from anything a client can write freely.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subject {
    /// The person or process.
    pub principal: Principal,
    /// The one role active in this session.
    pub role: Role,
    /// The organisation acted for; `None` for patients, proxies and the system.
    pub organization: Option<ResourceId>,
    /// Why, as claimed by the token.
    pub purpose: Purpose,
    /// The token's id (`jti`), for the access record.
    pub token_id: String,
    /// Whether the token was minted for a store with test principals.
    pub test: bool,
    /// The ceiling that the token sets; `None`: no ceiling but the role.
    pub grant: Option<Arc<Grant>>,
}

/// The person or process behind a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Principal {
    /// The operator at the machine or a process of the server itself, with the stated reason.
    System {
        /// Why the scope of the system is needed; recorded at every use.
        reason: String,
    },
    /// A patient who asks for their own record.
    Patient(ResourceId),
    /// A professional, by the id of their `Practitioner`.
    Practitioner(ResourceId),
    /// A feeding system of an organisation, by the id of its `Device`.
    Device(ResourceId),
    /// A person who acts for a patient, by the id of their `RelatedPerson`.
    RelatedPerson(ResourceId),
}

/// What the session may do, one role at a time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// The operator or the server itself.
    System,
    /// A system that feeds an organisation's records (interface engine, import).
    Integration,
    /// Registration and admission staff.
    Registration,
    /// Doctors, nurses and other treating professionals.
    Clinician,
    /// Pharmacists and pharmacy technicians.
    Pharmacist,
    /// A person asking for their own record.
    Patient,
    /// Administrators of an organisation: directory and configuration, no clinical data.
    Administrator,
    /// Staff of a payor: claims and coverage of those it covers.
    Payor,
    /// Those responsible for an organisation's data: agreements, consents, claims of access; no
    /// clinical data.
    PrivacyOfficer,
    /// A person who acts for a patient, as far as they were given leave: a guardian, a carer.
    Proxy,
    /// Those who do research at an organisation, on the data of patients who did not opt out.
    Researcher,
}

impl Role {
    /// Every role with its code in tokens and access records. Facts on disk name a role by its
    /// place here: add at the end.
    pub const ALL: [(Role, &'static str); 11] = [
        (Role::System, "system"),
        (Role::Integration, "integration"),
        (Role::Registration, "registration"),
        (Role::Clinician, "clinician"),
        (Role::Pharmacist, "pharmacist"),
        (Role::Patient, "patient"),
        (Role::Administrator, "administrator"),
        (Role::Payor, "payor"),
        (Role::PrivacyOfficer, "privacy-officer"),
        (Role::Proxy, "proxy"),
        (Role::Researcher, "researcher"),
    ];

    /// The role's code.
    pub fn code(self) -> &'static str {
        Role::ALL.iter().find(|(role, _)| *role == self).map_or("", |(_, code)| code)
    }

    /// The role with this code.
    pub fn from_code(code: &str) -> Option<Role> {
        Role::ALL.iter().find(|(_, c)| *c == code).map(|(role, _)| *role)
    }

    /// Whether facts that grant access (encounters, care teams, managing organisation) count when
    /// this role wrote them.
    pub fn writes_facts(self) -> bool {
        matches!(self, Role::System | Role::Integration | Role::Registration)
    }
}

/// Purpose of use, a code of HL7 v3 ActReason.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Purpose {
    /// Treatment.
    Treat,
    /// Health-care payment.
    Hpaymt,
    /// Health-care operations.
    Hoperat,
    /// Patient requested.
    Patrqt,
    /// System administration.
    Sysadmin,
    /// Health-care research.
    Hresch,
}

impl Purpose {
    /// Every purpose with its code. Facts on disk name a purpose by its place here: add at the end.
    pub const ALL: [(Purpose, &'static str); 6] = [
        (Purpose::Treat, "TREAT"),
        (Purpose::Hpaymt, "HPAYMT"),
        (Purpose::Hoperat, "HOPERAT"),
        (Purpose::Patrqt, "PATRQT"),
        (Purpose::Sysadmin, "HSYSADMIN"),
        (Purpose::Hresch, "HRESCH"),
    ];

    /// The ActReason code.
    pub fn code(self) -> &'static str {
        Purpose::ALL.iter().find(|(purpose, _)| *purpose == self).map_or("", |(_, code)| code)
    }

    /// The purpose with this code.
    pub fn from_code(code: &str) -> Option<Purpose> {
        Purpose::ALL.iter().find(|(_, c)| *c == code).map(|(purpose, _)| *purpose)
    }
}

impl Subject {
    /// The subject of the operator's own commands and of the server's own work.
    pub fn system(reason: &str) -> Subject {
        Subject {
            principal: Principal::System { reason: reason.to_owned() },
            role: Role::System,
            organization: None,
            purpose: Purpose::Sysadmin,
            token_id: String::new(),
            test: false,
            grant: None,
        }
    }

    /// The subject as a relative reference, or `system`.
    pub fn reference(&self) -> String {
        match &self.principal {
            Principal::System { .. } => "system".to_owned(),
            Principal::Patient(id) => ["Patient/", id.as_str()].concat(),
            Principal::Practitioner(id) => ["Practitioner/", id.as_str()].concat(),
            Principal::Device(id) => ["Device/", id.as_str()].concat(),
            Principal::RelatedPerson(id) => ["RelatedPerson/", id.as_str()].concat(),
        }
    }
}
