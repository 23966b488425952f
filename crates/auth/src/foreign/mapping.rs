//! What the claims of an issuer mean here: a document of the operator's, read and checked.

use std::collections::BTreeMap;

use accord_base::{Purpose, Role, Scopes};
use jsonwebtoken::Algorithm;
use serde::Deserialize;

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
    pub(super) require: BTreeMap<String, String>,
    /// Claims that name the client; the first that is there counts.
    #[serde(default = "usual_clients")]
    pub(super) client: Vec<String>,
    /// The claim with the scopes.
    #[serde(default)]
    pub(super) scopes: Option<String>,
    /// Words of that claim and the SMART scopes that they stand for.
    #[serde(default)]
    pub(super) scope_words: BTreeMap<String, String>,
    /// The scopes of a token whose claim has none.
    #[serde(default)]
    pub(super) without_scopes: Option<String>,
    /// The claim with the id of the patient in context.
    #[serde(default)]
    pub(super) patient: Option<String>,
    /// Roles; the first that a token fits counts.
    pub(super) roles: Vec<RoleRule>,
}

/// A role, and how a token shows that it has it.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleRule {
    /// Claims that must have, or hold, these values.
    pub when: BTreeMap<String, String>,
    pub role: String,
    /// Id of the person's Practitioner or Patient, or of the system's Device.
    pub person: Source,
    #[serde(default)]
    pub organization: Option<Source>,
    /// Purposes of use; the first counts unless the token asks for another of them.
    pub purposes: Vec<String>,
    /// The claim with which a token asks for a purpose.
    #[serde(default)]
    pub purpose: Option<String>,
}

/// Where an id comes from.
#[derive(Deserialize, Debug)]
#[serde(untagged)]
pub(super) enum Source {
    /// The same for all.
    Fixed(Fixed),
    /// A claim.
    Claim(FromClaim),
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Fixed {
    pub value: String,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct FromClaim {
    pub claim: String,
    /// Ids by values of the claim; a value that is not in the table is refused.
    #[serde(default)]
    pub table: Option<BTreeMap<String, String>>,
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
}
