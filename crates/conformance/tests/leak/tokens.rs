//! What the role and the token's scopes alone allow, read directly.

use std::sync::Arc;

use accord_base::{Context, Grant, ResourceScope, Role, Subject};
use accord_conformance::naive::all;
use serde_json::Value;

use crate::rules::{ADMINISTRATIVE, DIRECTORY, Row};

/// Whether the role may read the type at all.
pub fn may_read(role: Role, kind: &str) -> bool {
    let directory = DIRECTORY.contains(&kind);
    let administrative = ADMINISTRATIVE.contains(&kind);
    let charged = ["Claim", "ClaimResponse", "ExplanationOfBenefit", "Coverage"].contains(&kind);
    match role {
        Role::Payor => directory || charged,
        Role::Researcher => {
            let other =
                administrative || charged || ["Consent", "Contract", "Task"].contains(&kind);
            directory || !other
        }
        Role::PrivacyOfficer => directory || ["Consent", "Contract", "Task"].contains(&kind),
        Role::Clinician | Role::Pharmacist | Role::Patient | Role::Proxy => kind != "Contract",
        Role::Administrator => directory,
        Role::Registration => directory || administrative || kind == "Consent",
        _ => true,
    }
}

/// Whether the subject may read the type: by role and by the token's scopes.
pub fn may_ask(subject: &Subject, kind: &str) -> bool {
    let covered = |grant: &Arc<Grant>| {
        let of = |s: &ResourceScope| s.resource_type.as_deref().is_none_or(|name| name == kind);
        grant.scopes.resources.iter().any(of)
    };
    may_read(subject.role, kind) && subject.grant.as_ref().is_none_or(covered)
}

/// Whether one of the token's scopes that count shows the row. All scopes of these tests read and
/// search.
pub fn under_scopes(row: &Row, subject: &Subject, counts: impl Fn(&ResourceScope) -> bool) -> bool {
    let Some(grant) = &subject.grant else { return true };
    let context = grant.patient.as_ref().map(|id| id.as_str());
    grant.scopes.resources.iter().filter(|scope| counts(scope)).any(|scope| {
        let own = row.patients.is_empty() || context.is_some_and(|c| row.patients.contains(c));
        scope.resource_type.as_deref().is_none_or(|name| name == row.kind)
            && (scope.context != Context::Patient || (context.is_some() && own))
            && scope.query.iter().all(|(name, value)| has(&row.content, name, value))
    })
}

/// Whether a document has the value; alternatives stand between commas.
fn has(content: &Value, name: &str, value: &str) -> bool {
    let (path, flat) = match name {
        "category" => ("category.coding", false),
        "code" => ("code.coding", false),
        "status" => ("status", true),
        other => panic!("the tests know no parameter `{other}`"),
    };
    value.split(',').any(|wanted| {
        all(content, path).iter().any(|found| match wanted.split_once('|') {
            _ if flat => found.as_str() == Some(wanted),
            Some((system, code)) => found["system"] == system && found["code"] == code,
            None => found["code"] == wanted,
        })
    })
}
