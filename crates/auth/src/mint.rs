//! Minting.

use accord_base::{ResourceId, Role, Subject};
use jsonwebtoken::{Algorithm, Header};

use crate::claims::Claims;
use crate::tokens::MAX_LIFETIME_S;
use crate::{TokenError, Tokens};

/// How long a token for this subject is good when nobody says otherwise, in seconds: 12 hours for
/// test principals, 15 minutes for everyone else.
pub fn default_lifetime_s(subject: &Subject) -> u64 {
    if subject.test && subject.role != Role::System { 12 * 3600 } else { 15 * 60 }
}

impl Tokens {
    /// A token for this subject, good for `lifetime_s` seconds, or as long as
    /// [`default_lifetime_s`] says. Its `jti` is the subject's `token_id`, or random if that is
    /// empty.
    ///
    /// # Errors
    /// [`TokenError::Claims`] for a subject that is not coherent (say, a clinician without an
    /// organisation), [`TokenError::Times`] for a lifetime of nothing or of more than a day.
    pub fn mint(&self, subject: &Subject, lifetime_s: Option<u64>) -> Result<String, TokenError> {
        self.mint_bound(subject, lifetime_s, None)
    }

    /// The same, good only over connections with the certificate of this SHA-256 (RFC 8705 §3.1).
    pub(crate) fn mint_bound(
        &self,
        subject: &Subject,
        lifetime_s: Option<u64>,
        certificate: Option<&str>,
    ) -> Result<String, TokenError> {
        let lifetime_s = lifetime_s.unwrap_or_else(|| default_lifetime_s(subject));
        if lifetime_s == 0 || lifetime_s > MAX_LIFETIME_S {
            return Err(TokenError::Times);
        }
        let jti = if subject.token_id.is_empty() {
            ResourceId::random(&self.rng).to_string()
        } else {
            subject.token_id.clone()
        };
        let iat = self.now_s();
        let claims = Claims::of(subject, jti, iat, iat.saturating_add(lifetime_s))?;
        let claims = claims.bound_to(certificate);
        let granted = subject.grant.as_ref().is_some_and(|grant| !grant.id.is_empty());
        match self.signing.as_ref().filter(|_| granted) {
            Some(signing) => signing.sign(&claims),
            None => jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
                .map_err(|_| TokenError::Claims),
        }
    }
}
