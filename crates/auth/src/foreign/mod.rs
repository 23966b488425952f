//! Tokens of another issuer: an identity provider that stands in the place of this server's own
//! sign-in. Its signature, its times and whom a token is for are checked here; what its claims
//! mean here, the operator's mapping says ([`Mapping`]).

mod keys;
mod mapping;
mod meaning;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use accord_base::{Clock, Subject};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Validation};
use serde_json::{Map, Value};

pub use keys::{Fetch, FetchFault};
pub use mapping::{Mapping, MappingFault};

use crate::authority::Rules;
use crate::claims::Confirmation;
use crate::crypto::{self, sha256};
use crate::{TokenError, tokens};
use keys::Keys;

/// Longest token looked at, in bytes: providers put much into theirs.
const MAX_BYTES: usize = 16 << 10;
/// How far clocks may differ, in seconds. A token that is over is over.
const SKEW_S: u64 = 60;
/// Longest time for which a token may still be good, in seconds.
const MAX_LIFETIME_S: u64 = 24 * 3600;

/// An issuer whose tokens are taken.
pub struct Foreign {
    issuer: String,
    audience: String,
    mapping: Mapping,
    keys: Keys,
    rules: Arc<dyn Rules>,
    clock: Arc<dyn Clock>,
}

type Checked = (Subject, u64, Option<Arc<str>>);

/// What a [`Foreign`] is made of.
pub struct ForeignParts {
    /// The issuer's name, as it stands in `iss` and in its discovery document.
    pub issuer: String,
    /// The name of this server as the issuer writes it into `aud`.
    pub audience: String,
    /// What its claims mean.
    pub mapping: Mapping,
    /// Where its documents come from.
    pub fetch: Box<dyn Fetch>,
    /// What roles may do.
    pub rules: Arc<dyn Rules>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl Foreign {
    /// An issuer whose keys are not known yet ([`Foreign::refresh`]).
    ///
    /// # Errors
    /// [`MappingFault::Issuer`] if the issuer is no address whose documents nobody can change on
    /// their way.
    pub fn new(parts: ForeignParts) -> Result<Foreign, MappingFault> {
        crypto::install();
        if !keys::is_safe(&parts.issuer) || parts.audience.is_empty() {
            return Err(MappingFault::Issuer);
        }
        Ok(Foreign {
            keys: Keys::new(&parts.issuer, parts.fetch),
            issuer: parts.issuer,
            audience: parts.audience,
            mapping: parts.mapping,
            rules: parts.rules,
            clock: parts.clock,
        })
    }

    /// The issuer's name.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The issuer's discovery document (OpenID Connect Discovery 1.0 §3), once it was read.
    pub fn metadata(&self) -> Option<Arc<Value>> {
        self.keys.metadata()
    }

    /// Fetches the issuer's keys anew, unless that was tried a few seconds ago; waits for the
    /// network. Says whether the keys are others now.
    ///
    /// # Errors
    /// If they cannot be had; those that are there stay for some hours.
    pub fn refresh(&self) -> Result<bool, FetchFault> {
        self.keys.refresh(self.clock.now().seconds())
    }

    /// Whether the keys should be fetched anew by now.
    pub fn is_due(&self) -> bool {
        self.keys.is_due(self.clock.now().seconds())
    }

    /// The subject of a token, the second in which it ends, and the certificate it is bound to.
    pub(crate) fn check(&self, token: &str) -> Result<Checked, TokenError> {
        if token.len() > MAX_BYTES {
            return Err(TokenError::Malformed);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Malformed)?;
        // RFC 7515 §4.1.11: what must be understood and is not, makes the token void.
        if !self.mapping.takes(header.alg) || header.crit.is_some() {
            return Err(TokenError::Malformed);
        }
        let now_s = self.clock.now().seconds();
        let claims = self.signed(token, header.alg, header.kid.as_deref(), now_s)?;
        self.check_aim(&claims)?;
        let exp = check_times(&claims, now_s)?;
        let token_id = match claims.get("jti").and_then(Value::as_str) {
            Some(jti) if crate::claims::is_text(jti) => jti.to_owned(),
            _ => URL_SAFE_NO_PAD.encode(sha256(token.as_bytes())),
        };
        let bound = match claims.get("cnf") {
            None => None,
            Some(cnf) => {
                let read = serde_json::from_value::<Confirmation>(cnf.clone());
                Some(Arc::from(read.map_err(|_| TokenError::Claims)?.certificate))
            }
        };
        let subject = self.mapping.subject(&Value::Object(claims), token_id)?;
        if !self.rules.may_purpose(subject.role, subject.purpose) {
            return Err(TokenError::Claims);
        }
        Ok((subject, exp, bound))
    }

    /// The claims, if one of the issuer's keys signed them.
    fn signed(
        &self,
        token: &str,
        algorithm: Algorithm,
        kid: Option<&str>,
        now_s: u64,
    ) -> Result<Map<String, Value>, TokenError> {
        let key = self.keys.find(kid, algorithm, now_s).ok_or(TokenError::UnknownKey)?;
        let mut validation = Validation::new(algorithm);
        validation.required_spec_claims.clear();
        // Looked at below, by our clock and as texts alone.
        (validation.validate_exp, validation.validate_aud) = (false, false);
        let data = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation);
        data.map(|data| data.claims).map_err(|e| tokens::refusal(e.kind()))
    }

    /// Issued by whom, and for whom (OpenID Connect Core §3.1.3.7; RFC 9068 §4).
    fn check_aim(&self, claims: &Map<String, Value>) -> Result<(), TokenError> {
        let is = |value: &Value, text: &str| value.as_str() == Some(text);
        let issued = claims.get("iss").is_some_and(|iss| is(iss, &self.issuer));
        let meant = match claims.get("aud") {
            Some(Value::Array(all)) => all.iter().any(|aud| is(aud, &self.audience)),
            Some(aud) => is(aud, &self.audience),
            None => false,
        };
        if issued && meant { Ok(()) } else { Err(TokenError::Audience) }
    }
}

/// Seconds since 1970 in which the token ends, if it is good now (RFC 7519 §4.1.4 to §4.1.6).
fn check_times(claims: &Map<String, Value>, now_s: u64) -> Result<u64, TokenError> {
    let at = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_u64().map(Some).ok_or(TokenError::Times),
    };
    let exp = at("exp")?.ok_or(TokenError::Times)?;
    if now_s >= exp {
        return Err(TokenError::Expired);
    }
    let begun = |time: Option<u64>| time.is_none_or(|time| time <= now_s + SKEW_S);
    if exp - now_s > MAX_LIFETIME_S || !begun(at("nbf")?) || !begun(at("iat")?) {
        return Err(TokenError::Times);
    }
    Ok(exp)
}

/// Who a token says it is from, not verified yet.
pub(crate) fn stated_issuer(token: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Stated {
        iss: String,
    }
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<Stated>(&claims).ok().map(|stated| stated.iss)
}
