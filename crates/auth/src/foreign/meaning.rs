//! The subject that claims form by a mapping. What the mapping does not say, no token has.

use std::collections::BTreeMap;
use std::sync::Arc;

use accord_base::{Context, Grant, Principal, Purpose, ResourceId, Role, Scopes, Subject};
use serde_json::Value;

use super::mapping::{Mapping, RoleRule, Source};
use crate::TokenError;
use crate::claims::{coherent, is_text};

impl Mapping {
    /// The subject that claims of a verified token form.
    ///
    /// # Errors
    /// [`TokenError::Claims`] if they say nothing that the mapping knows, or contradict it.
    pub(super) fn subject(&self, claims: &Value, token_id: String) -> Result<Subject, TokenError> {
        if !holds(claims, &self.require) {
            return Err(TokenError::Claims);
        }
        let rule = self.roles.iter().find(|rule| holds(claims, &rule.when));
        let rule = rule.ok_or(TokenError::Claims)?;
        let role = Role::from_code(&rule.role).ok_or(TokenError::Claims)?;
        let person = rule.person.id(claims)?;
        let principal = match role {
            Role::Patient => Principal::Patient(person),
            Role::Integration => Principal::Device(person),
            _ => Principal::Practitioner(person),
        };
        let grant = self.grant(claims, &principal)?;
        let subject = Subject {
            principal,
            role,
            organization: rule.organization.as_ref().map(|source| source.id(claims)).transpose()?,
            purpose: rule.purpose(claims)?,
            token_id,
            test: false,
            grant: Some(Arc::new(grant)),
        };
        if coherent(&subject) { Ok(subject) } else { Err(TokenError::Claims) }
    }

    /// The ceiling of a token. There is always one.
    fn grant(&self, claims: &Value, principal: &Principal) -> Result<Grant, TokenError> {
        let named = self.client.iter().find_map(|pointer| text(claims, pointer));
        let client = named.filter(|name| is_text(name)).ok_or(TokenError::Claims)?;
        let stated = self.scopes.as_deref().and_then(|pointer| claims.pointer(pointer));
        let words = stated.map_or_else(Vec::new, words);
        let meant: Vec<&str> =
            words.iter().map(|word| self.scope_words.get(*word).map_or(*word, |m| m)).collect();
        let mut scopes = Scopes::parse_known(&meant.join(" ")).map_err(|_| TokenError::Claims)?;
        if scopes.resources.is_empty() {
            let usual = self.without_scopes.as_deref().ok_or(TokenError::Claims)?;
            scopes = Scopes::parse(usual).map_err(|_| TokenError::Claims)?;
        }
        // What systems do by themselves, no person's token allows, and the other way round.
        let system = matches!(principal, Principal::Device(_));
        scopes.resources.retain(|scope| (scope.context == Context::System) == system);
        if scopes.resources.is_empty() {
            return Err(TokenError::Claims);
        }
        let patient = match principal {
            Principal::Patient(own) => Some(own.clone()),
            _ => match self.patient.as_deref().and_then(|pointer| text(claims, pointer)) {
                Some(id) => Some(resource_id(id)?),
                None => None,
            },
        };
        Ok(Grant { id: String::new(), client: client.to_owned(), scopes, patient })
    }
}

impl RoleRule {
    fn purpose(&self, claims: &Value) -> Result<Purpose, TokenError> {
        let asked = self.purpose.as_deref().and_then(|pointer| claims.pointer(pointer));
        let code = match asked {
            None => self.purposes.first(),
            Some(asked) => self.purposes.iter().find(|code| asked.as_str() == Some(code)),
        };
        code.and_then(|code| Purpose::from_code(code)).ok_or(TokenError::Claims)
    }
}

impl Source {
    fn id(&self, claims: &Value) -> Result<ResourceId, TokenError> {
        match self {
            Source::Fixed(fixed) => resource_id(&fixed.value),
            Source::Claim(from) => {
                let stated = text(claims, &from.claim).ok_or(TokenError::Claims)?;
                match &from.table {
                    None => resource_id(stated),
                    Some(table) => resource_id(table.get(stated).ok_or(TokenError::Claims)?),
                }
            }
        }
    }
}

/// An id, with or without its type before it.
fn resource_id(text: &str) -> Result<ResourceId, TokenError> {
    let types = ["Practitioner/", "Patient/", "Device/", "Organization/"];
    let id = types.iter().find_map(|front| text.strip_prefix(front)).unwrap_or(text);
    ResourceId::new(id).map_err(|_| TokenError::Claims)
}

fn text<'a>(claims: &'a Value, pointer: &str) -> Option<&'a str> {
    claims.pointer(pointer).and_then(Value::as_str)
}

/// Scopes as one text (RFC 8693 §4.2) or as a list.
fn words(stated: &Value) -> Vec<&str> {
    match stated {
        Value::String(text) => text.split(' ').collect(),
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether each claim is the value, or a list that holds it.
fn holds(claims: &Value, wanted: &BTreeMap<String, String>) -> bool {
    wanted.iter().all(|(pointer, value)| match claims.pointer(pointer) {
        Some(Value::Array(all)) => all.iter().any(|one| one.as_str() == Some(value)),
        Some(one) => one.as_str() == Some(value),
        None => false,
    })
}
