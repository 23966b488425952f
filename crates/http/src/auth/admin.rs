//! Accounts and clients, for administrators.

use accord_auth::{AdminFault, Client, ClientProof, Hat};
use accord_base::{Role, Subject};
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::Asked;
use super::output::Output;
use crate::backend::Backend;

/// Whether the subject administers identity: the operator, or an administrator in person. An app
/// with scopes is neither.
pub(super) fn may(subject: &Subject) -> bool {
    matches!(subject.role, Role::System | Role::Administrator) && subject.grant.is_none()
}

fn with_subject<S: Backend>(
    asked: &Asked<'_, S>,
    then: impl FnOnce(&Subject) -> Result<Output, AdminFault>,
) -> Output {
    let subject = match asked.subject() {
        Ok(subject) => subject,
        Err(refusal) => return refusal,
    };
    let done = then(&subject);
    asked.record("identity-admin", Some(&subject), done.is_ok());
    done.unwrap_or_else(|fault| {
        let status = match fault {
            AdminFault::Records(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        Output::oauth(status, "invalid_request", &fault.to_string())
    })
}

/// Administrators give roles at their own organisation; the operator gives any.
fn may_give(subject: &Subject, hat: &Hat) -> bool {
    let own = subject.organization.as_ref().map(|id| id.as_str());
    subject.role == Role::System || (own.is_some() && hat.organization.as_deref() == own)
}

fn unreadable(what: &str) -> AdminFault {
    AdminFault::Client(format!("the {what} cannot be read"))
}

pub(super) fn accounts<S: Backend>(asked: &Asked<'_, S>) -> Output {
    with_subject(asked, |subject| {
        let all = asked.authority.accounts()?;
        let seen = all.iter().filter(|a| a.hats.iter().any(|hat| may_give(subject, hat)));
        let told: Vec<_> = seen
            .map(|a| {
                json!({"login": a.login, "name": a.name, "roles": a.hats,
                "disabled": a.disabled, "second_factor": a.has_totp()})
            })
            .collect();
        Ok(Output::json(StatusCode::OK, &told))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    login: String,
    name: String,
    roles: Vec<Hat>,
    password: String,
}

pub(super) fn add_account<S: Backend>(asked: &Asked<'_, S>) -> Output {
    with_subject(asked, |subject| {
        let new = serde_json::from_slice::<NewAccount>(&asked.input.body);
        let new = new.map_err(|_| unreadable("account"))?;
        if let Some(hat) = new.roles.iter().find(|hat| !may_give(subject, hat)) {
            return Err(AdminFault::Hat(hat.label()));
        }
        asked.authority.add_account(&new.login, &new.name, new.roles, Some(&new.password))?;
        let setup = asked.authority.set_up_totp(&new.login)?;
        let codes = asked.authority.recovery_codes(&new.login)?;
        let told = json!({"login": new.login, "totp": setup.uri, "recovery_codes": codes});
        Ok(Output::json(StatusCode::CREATED, &told))
    })
}

fn only_operator(subject: &Subject) -> Result<(), AdminFault> {
    let operator = subject.role == Role::System;
    let text = || AdminFault::Client("the operator registers clients".to_owned());
    operator.then_some(()).ok_or_else(text)
}

pub(super) fn clients<S: Backend>(asked: &Asked<'_, S>) -> Output {
    with_subject(asked, |_| {
        let all = asked.authority.clients()?;
        let told: Vec<_> = all
            .iter()
            .map(|c| {
                json!({"client_id": c.id, "name": c.name, "scopes": c.scopes,
                "redirect_uris": c.redirect_uris, "confidential": c.is_confidential()})
            })
            .collect();
        Ok(Output::json(StatusCode::OK, &told))
    })
}

pub(super) fn add_client<S: Backend>(asked: &Asked<'_, S>) -> Output {
    with_subject(asked, |subject| {
        only_operator(subject)?;
        let client = serde_json::from_slice::<Client>(&asked.input.body);
        let client = client.map_err(|_| unreadable("client"))?;
        if matches!(client.proof, ClientProof::SecretHash(_)) {
            return Err(AdminFault::Client("secrets are made by the server".to_owned()));
        }
        let id = asked.authority.add_client(client)?;
        Ok(Output::json(StatusCode::CREATED, &json!({"client_id": id})))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proven {
    patient: String,
}

/// A code for a patient whose identity was proven.
pub(super) fn proofing_code<S: Backend>(asked: &Asked<'_, S>) -> Output {
    with_subject(asked, |subject| {
        only_operator(subject)?;
        let proven = serde_json::from_slice::<Proven>(&asked.input.body);
        let patient = proven.map_err(|_| unreadable("patient"))?.patient;
        let id = patient.strip_prefix("Patient/").unwrap_or(&patient);
        let code = asked.authority.proofing_code(id)?;
        Ok(Output::json(StatusCode::CREATED, &json!({ "code": code })))
    })
}
