//! What the claims of an issuer mean here: a document of the operator's. What it does not say, no
//! token has.

use std::collections::BTreeMap;
use std::sync::Arc;

use accord_base::{Context, Grant, Principal, Purpose, ResourceId, Role, Scopes, Subject};
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::Value;

use crate::TokenError;
use crate::claims::{coherent, is_text};

/// Claims and what they mean. Where a claim is named it is by JSON Pointer (RFC 6901), such as
/// `/realm_access/roles`.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Algorithms of signatures that are taken.
    #[serde(default = "usual_algorithms")]
    algorithms: Vec<Algorithm>,
    /// Claims that must have these values.
    #[serde(default)]
    require: BTreeMap<String, String>,
    /// Claims that name the client; the first that is there counts.
    #[serde(default = "usual_clients")]
    client: Vec<String>,
    /// The claim with the scopes.
    #[serde(default)]
    scopes: Option<String>,
    /// Words of that claim and the SMART scopes that they stand for.
    #[serde(default)]
    scope_words: BTreeMap<String, String>,
    /// The scopes of a token whose claim has none.
    #[serde(default)]
    without_scopes: Option<String>,
    /// The claim with the id of the patient in context.
    #[serde(default)]
    patient: Option<String>,
    /// Roles; the first that a token fits counts.
    roles: Vec<RoleRule>,
}

/// A role, and how a token shows that it has it.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct RoleRule {
    /// Claims that must have, or hold, these values.
    when: BTreeMap<String, String>,
    role: String,
    /// Id of the person's Practitioner or Patient, or of the system's Device.
    person: Source,
    #[serde(default)]
    organization: Option<Source>,
    /// Purposes of use; the first counts unless the token asks for another of them.
    purposes: Vec<String>,
    /// The claim with which a token asks for a purpose.
    #[serde(default)]
    purpose: Option<String>,
}

/// Where an id comes from.
#[derive(Deserialize, Debug)]
#[serde(untagged)]
enum Source {
    /// The same for all.
    Fixed(Fixed),
    /// A claim.
    Claim(FromClaim),
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Fixed {
    value: String,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct FromClaim {
    claim: String,
    /// Ids by values of the claim; a value that is not in the table is refused.
    #[serde(default)]
    table: Option<BTreeMap<String, String>>,
}

/// Why a mapping cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MappingFault {
    /// It is not JSON of this form.
    #[error("the mapping cannot be read")]
    Form(#[from] serde_json::Error),
    /// Something in it does not exist.
    #[error("the mapping names `{0}`, which does not exist or cannot be used here")]
    Unknown(String),
    /// Not an address.
    #[error("an issuer is an https address, or one of this machine, and an audience is needed")]
    Issuer,
}

fn usual_algorithms() -> Vec<Algorithm> {
    vec![Algorithm::RS256, Algorithm::ES256]
}

fn usual_clients() -> Vec<String> {
    ["/client_id", "/azp", "/appid"].map(str::to_owned).to_vec()
}

impl Mapping {
    /// Reads a mapping and sees that all it names exists.
    ///
    /// # Errors
    /// The first fault.
    pub fn read(bytes: &[u8]) -> Result<Mapping, MappingFault> {
        let mapping: Mapping = serde_json::from_slice(bytes)?;
        let unknown = |text: &str| Err(MappingFault::Unknown(text.to_owned()));
        use Algorithm::{ES256, ES384, RS256, RS384};
        let good = [RS256, RS384, ES256, ES384];
        if let Some(bad) = mapping.algorithms.iter().find(|a| !good.contains(a)) {
            return unknown(&format!("{bad:?}"));
        }
        let written = mapping.scope_words.values().chain(&mapping.without_scopes);
        if let Some(bad) = written.into_iter().find(|text| Scopes::parse(text).is_err()) {
            return unknown(bad);
        }
        for rule in &mapping.roles {
            let role = Role::from_code(&rule.role).filter(|role| *role != Role::System);
            let bad = rule.purposes.iter().find(|code| Purpose::from_code(code).is_none());
            match (role, bad) {
                (None, _) => return unknown(&rule.role),
                (_, Some(bad)) => return unknown(bad),
                // A role that every token has would be a gift.
                _ if rule.when.is_empty() || rule.purposes.is_empty() => {
                    return unknown(&format!("{} without condition or purpose", rule.role));
                }
                _ => {}
            }
        }
        let pointers = mapping.pointers();
        let bad = pointers.into_iter().find(|pointer| !pointer.starts_with('/'));
        bad.map_or(Ok(()), |bad| Err(MappingFault::Unknown(bad.to_owned())))?;
        Ok(mapping)
    }

    fn pointers(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.require.keys().map(String::as_str).collect();
        all.extend(self.client.iter().chain(&self.scopes).chain(&self.patient).map(String::as_str));
        for rule in &self.roles {
            all.extend(rule.when.keys().chain(&rule.purpose).map(String::as_str));
            let sources = [Some(&rule.person), rule.organization.as_ref()];
            all.extend(sources.into_iter().flatten().filter_map(|source| match source {
                Source::Claim(from) => Some(from.claim.as_str()),
                Source::Fixed(_) => None,
            }));
        }
        all
    }

    pub(super) fn takes(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

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
