//! Who asked, on the wire of an access record.

use std::sync::Arc;

use accord_base::{Grant, Principal, Purpose, ResourceId, Role, Scopes, Subject};

use super::bounds::{MAX_CLIENT, MAX_ID, MAX_REASON, MAX_SCOPES, MAX_TOKEN_ID};
use super::codec::flag;
use super::wire::{Reader, put_text};
use crate::AuditError;

pub(super) fn put_who(to: &mut Vec<u8>, who: &Subject) {
    let (kind, text) = match &who.principal {
        Principal::System { reason } => (1, reason.as_str()),
        Principal::Patient(id) => (2, id.as_str()),
        Principal::Practitioner(id) => (3, id.as_str()),
        Principal::Device(id) => (4, id.as_str()),
        Principal::RelatedPerson(id) => (5, id.as_str()),
    };
    to.extend_from_slice(&[role_number(who.role), purpose_number(who.purpose), kind]);
    put_text(to, text);
    put_text(to, &who.token_id);
    if let Some(organization) = &who.organization {
        put_text(to, organization.as_str());
    }
    if let Some(grant) = &who.grant {
        put_text(to, &grant.id);
        put_text(to, &grant.client);
        put_text(to, &grant.scopes.to_string());
        if let Some(patient) = &grant.patient {
            put_text(to, patient.as_str());
        }
    }
}

pub(super) fn take_who(from: &mut Reader<'_>, flags: u16) -> Result<Subject, AuditError> {
    let (role, purpose, kind) = (from.u8()?, from.u8()?, from.u8()?);
    let role = Role::ALL.iter().map(|(role, _)| *role).find(|r| role_number(*r) == role);
    let purpose =
        Purpose::ALL.iter().map(|(purpose, _)| *purpose).find(|p| purpose_number(*p) == purpose);
    let principal = match kind {
        1 => Principal::System { reason: from.text(MAX_REASON)? },
        2 => Principal::Patient(take_id(from)?),
        3 => Principal::Practitioner(take_id(from)?),
        4 => Principal::Device(take_id(from)?),
        5 => Principal::RelatedPerson(take_id(from)?),
        _ => return Err(AuditError::Record("it names an unknown kind of principal")),
    };
    let token_id = from.text(MAX_TOKEN_ID)?;
    let organization = (flags & flag::ORGANIZATION != 0).then(|| take_id(from)).transpose()?;
    let grant = (flags & flag::GRANT != 0).then(|| take_grant(from, flags)).transpose()?;
    Ok(Subject {
        principal,
        role: role.ok_or(AuditError::Record("it names an unknown role"))?,
        organization,
        purpose: purpose.ok_or(AuditError::Record("it names an unknown purpose"))?,
        token_id,
        test: flags & flag::TEST != 0,
        grant: grant.map(Arc::new),
    })
}

fn take_grant(from: &mut Reader<'_>, flags: u16) -> Result<Grant, AuditError> {
    let (id, client) = (from.text(MAX_TOKEN_ID)?, from.text(MAX_CLIENT)?);
    let text = from.text(MAX_SCOPES)?;
    let scopes = Scopes::parse(&text).ok().filter(|scopes| scopes.to_string() == text);
    let scopes = scopes.ok_or(AuditError::Record("its scopes are not written as they are read"))?;
    let patient = (flags & flag::GRANT_PATIENT != 0).then(|| take_id(from)).transpose()?;
    Ok(Grant { id, client, scopes, patient })
}

pub(super) fn take_id(from: &mut Reader<'_>) -> Result<ResourceId, AuditError> {
    ResourceId::new(&from.text(MAX_ID)?).map_err(|_| AuditError::Record("an id is not a FHIR id"))
}

/// Numbers on disk, never reused.
fn role_number(role: Role) -> u8 {
    match role {
        Role::System => 1,
        Role::Integration => 2,
        Role::Registration => 3,
        Role::Clinician => 4,
        Role::Pharmacist => 5,
        Role::Patient => 6,
        Role::Administrator => 7,
        Role::Payor => 8,
        Role::PrivacyOfficer => 9,
        Role::Proxy => 10,
        Role::Researcher => 11,
    }
}

/// Numbers on disk, never reused.
fn purpose_number(purpose: Purpose) -> u8 {
    match purpose {
        Purpose::Treat => 1,
        Purpose::Hpaymt => 2,
        Purpose::Hoperat => 3,
        Purpose::Patrqt => 4,
        Purpose::Sysadmin => 5,
        Purpose::Hresch => 6,
    }
}
