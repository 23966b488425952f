//! Verifying.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use accord_base::{Clock, Subject, SystemRng};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation};
use quick_cache::sync::Cache;

use crate::TokenError;
use crate::claims::{AUDIENCE, Claims, ISSUER};
use crate::crypto;
use crate::foreign::{Foreign, stated_issuer};
use crate::keyring::KeyRing;

/// Longest token looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 4096;
/// How far a token's `iat` may lie in the future, in seconds: clocks differ.
const SKEW_S: u64 = 60;
/// Longest lifetime of a token, in seconds.
pub(crate) const MAX_LIFETIME_S: u64 = 24 * 3600;
/// Verified tokens that are remembered.
const CACHED_TOKENS: usize = 4096;

/// Mints and verifies the tokens of one store.
pub struct Tokens {
    pub(crate) encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: SystemRng,
    test_principals: bool,
    pub(crate) signing: Option<Arc<KeyRing>>,
    gate: Option<Arc<dyn Gate>>,
    foreign: Option<Arc<Foreign>>,
    verified: Cache<Box<str>, Verified>,
    /// How often what was verified has been forgotten.
    forgotten: AtomicU64,
}

/// Whether grants have ended.
pub trait Gate: Send + Sync {
    /// Whether tokens of the grant are still good. What cannot be told is not.
    fn is_live(&self, grant: &str) -> bool;
}

/// A token whose signature and claims are good; only time can end it.
#[derive(Clone)]
pub(crate) struct Verified {
    pub subject: Arc<Subject>,
    exp: u64,
    /// SHA-256 of the client's certificate without which it is worth nothing, base64url.
    pub bound: Option<Arc<str>>,
}

impl Tokens {
    /// Tokens signed with this key, judged by this clock. Test principals are refused.
    pub fn new(key: [u8; 32], clock: Arc<dyn Clock>) -> Tokens {
        crypto::install();
        Tokens {
            encoding: EncodingKey::from_secret(&key),
            decoding: DecodingKey::from_secret(&key),
            validation: validation(),
            clock,
            rng: SystemRng::new(),
            test_principals: false,
            signing: None,
            gate: None,
            foreign: None,
            verified: Cache::new(CACHED_TOKENS),
            forgotten: AtomicU64::new(0),
        }
    }

    /// The same, accepting test principals if the store was created with them.
    pub fn with_test_principals(self, accepted: bool) -> Tokens {
        Tokens { test_principals: accepted, ..self }
    }

    /// The same, with the server's key pair and what knows of ended grants: tokens of grants are
    /// then signed with the pair, and those of ended ones refused.
    pub fn with_grants(self, signing: Arc<KeyRing>, gate: Arc<dyn Gate>) -> Tokens {
        Tokens { signing: Some(signing), gate: Some(gate), ..self }
    }

    /// The same, taking tokens of another issuer besides the operator's.
    pub fn with_foreign(self, foreign: Option<Arc<Foreign>>) -> Tokens {
        Tokens { foreign, ..self }
    }

    /// Asks the other issuer, if there is one, for its keys; waits for the network. Says whether
    /// there are others now: a token whose key was not known may then be good.
    pub fn refresh_keys(&self) -> bool {
        match self.foreign.as_ref().map(|foreign| foreign.refresh()) {
            Some(Ok(changed)) => {
                if changed {
                    self.forget();
                }
                changed
            }
            Some(Err(_)) | None => false,
        }
    }

    /// Forgets what was verified: after a grant has ended.
    pub fn forget(&self) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.verified.clear();
    }

    /// The subject of a token.
    ///
    /// A token that was verified before is found by its text; its expiry is checked each time. A
    /// token that is bound to a certificate is refused here.
    ///
    /// # Errors
    /// The first reason to refuse the token. After [`TokenError::UnknownKey`] the keys may be
    /// asked for ([`Tokens::refresh_keys`]).
    pub fn verify(&self, token: &str) -> Result<Arc<Subject>, TokenError> {
        self.verify_over(token, None)
    }

    /// The same for a connection whose client showed the certificate of this SHA-256, base64url.
    ///
    /// # Errors
    /// As there, and [`TokenError::Bound`] for a token that is bound to another certificate.
    pub fn verify_over(
        &self,
        token: &str,
        certificate: Option<&str>,
    ) -> Result<Arc<Subject>, TokenError> {
        let found = self.look(token)?;
        if found.bound.as_deref().is_some_and(|bound| certificate != Some(bound)) {
            return Err(TokenError::Bound);
        }
        Ok(found.subject)
    }

    /// What a token says, whoever brings it.
    pub(crate) fn look(&self, token: &str) -> Result<Verified, TokenError> {
        let longest = if self.foreign.is_some() { 4 * MAX_TOKEN_BYTES } else { MAX_TOKEN_BYTES };
        if token.len() > longest {
            return Err(TokenError::Malformed);
        }
        if let Some(found) = self.verified.get(token) {
            if self.now_s() < found.exp {
                return Ok(found);
            }
            self.verified.remove(token);
            return Err(TokenError::Expired);
        }
        let before = self.forgotten.load(Ordering::SeqCst);
        let verified = self.check(token)?;
        self.verified.insert(token.into(), verified.clone());
        // A grant that ended while its token was looked at is not remembered as good.
        if self.forgotten.load(Ordering::SeqCst) != before {
            self.verified.remove(token);
        }
        Ok(verified)
    }

    fn check(&self, token: &str) -> Result<Verified, TokenError> {
        // The issuer says only whose rules apply; under each, the issuer is checked again.
        let foreign = self.foreign.as_ref().filter(|foreign| {
            stated_issuer(token).is_some_and(|stated| stated == foreign.issuer())
        });
        if let Some(foreign) = foreign {
            let (subject, exp, bound) = foreign.check(token)?;
            return Ok(Verified { subject: Arc::new(subject), exp, bound });
        }
        let header = jsonwebtoken::decode_header(token).map_err(|e| refusal(e.kind()))?;
        let ring = self.signing.as_ref().filter(|_| header.alg == Algorithm::ES256);
        let (key, algorithm) = match ring {
            Some(ring) => {
                let named = header.kid.as_deref().and_then(|kid| ring.find(kid, self.now_s()));
                (named.ok_or(TokenError::Signature)?, Algorithm::ES256)
            }
            None => (self.decoding.clone(), Algorithm::HS256),
        };
        let mut validation = self.validation.clone();
        validation.algorithms = vec![algorithm];
        let data = jsonwebtoken::decode::<Claims>(token, &key, &validation)
            .map_err(|e| refusal(e.kind()))?;
        let claims = data.claims;
        let now = self.now_s();
        if now >= claims.exp {
            return Err(TokenError::Expired);
        }
        let lifetime = claims.exp.checked_sub(claims.iat).ok_or(TokenError::Times)?;
        if claims.iat > now.saturating_add(SKEW_S) || lifetime > MAX_LIFETIME_S {
            return Err(TokenError::Times);
        }
        let subject = claims.subject()?;
        if subject.test && !self.test_principals {
            return Err(TokenError::TestPrincipal);
        }
        self.check_grant(&subject, algorithm)?;
        let bound = claims.certificate().map(Arc::from);
        Ok(Verified { subject: Arc::new(subject), exp: claims.exp, bound })
    }

    /// Grants have the key pair's signature and must be going on; the operator's tokens have
    /// neither.
    fn check_grant(&self, subject: &Subject, algorithm: Algorithm) -> Result<(), TokenError> {
        let grant = subject.grant.as_ref().map(|grant| &*grant.id).filter(|id| !id.is_empty());
        match (grant, algorithm) {
            (None, Algorithm::HS256) => Ok(()),
            (Some(grant), Algorithm::ES256) => {
                let live = self.gate.as_ref().is_some_and(|gate| gate.is_live(grant));
                if live { Ok(()) } else { Err(TokenError::Revoked) }
            }
            _ => Err(TokenError::Claims),
        }
    }

    pub(crate) fn now_s(&self) -> u64 {
        self.clock.now().seconds()
    }
}

/// What `jsonwebtoken` itself checks: algorithm, signature, issuer, audience, presence of claims.
/// Times are checked here, by our clock.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.validate_exp = false;
    validation
}

pub(crate) fn refusal(kind: &ErrorKind) -> TokenError {
    match kind {
        ErrorKind::InvalidSignature => TokenError::Signature,
        ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience => TokenError::Audience,
        ErrorKind::MissingRequiredClaim(_) | ErrorKind::Json(_) => TokenError::Claims,
        _ => TokenError::Malformed,
    }
}
