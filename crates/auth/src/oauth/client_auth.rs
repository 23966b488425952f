//! Who the client is: nothing, a secret, or a signed assertion.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};

use super::{Addresses, OAuthFault, Params, needed, one};
use crate::Authority;
use crate::client::{Client, ClientProof};
use crate::crypto::sha256;
use crate::records::{Stored, Table};
use crate::secrets::hashed;

/// The only kind of assertion there is (RFC 7523 §2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Longest life of an assertion, in seconds (SMART App Launch 2.2, "Client authentication:
/// asymmetric").
const ASSERTION_S: u64 = 300;
/// Algorithms of assertions that are taken.
const ALGORITHMS: [Algorithm; 2] = [Algorithm::RS384, Algorithm::ES384];

/// What a client sent to show who it is, besides parameters.
#[derive(Clone, Default, Debug)]
pub struct Credentials {
    /// Id and secret of HTTP Basic (RFC 6749 §2.3.1), decoded.
    pub basic: Option<(String, String)>,
    /// The certificate of the connection, verified.
    pub certificate: Option<Arc<ClientCertificate>>,
}

/// A certificate with which a client opened its connection; that it holds the key, and that
/// someone who is trusted vouches for it, was verified in the handshake.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientCertificate {
    /// SHA-256 of its DER, base64url.
    pub thumbprint: String,
    /// DNS names of its subject.
    pub names: Vec<String>,
}

impl ClientCertificate {
    /// The certificate of this DER.
    pub fn new(der: &[u8], names: Vec<String>) -> ClientCertificate {
        ClientCertificate { thumbprint: URL_SAFE_NO_PAD.encode(sha256(der)), names }
    }
}

impl Client {
    /// The certificate that its tokens are bound to, where it is that which shows who it is.
    pub(super) fn bound_by<'a>(&self, credentials: &'a Credentials) -> Option<&'a str> {
        let certificate = credentials.certificate.as_deref();
        let shown = certificate.filter(|_| matches!(self.proof, ClientProof::Certificate(_)));
        shown.map(|certificate| &*certificate.thumbprint)
    }
}

#[derive(Deserialize)]
struct Assertion {
    iss: String,
    sub: String,
    aud: Audience,
    exp: u64,
    jti: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// An assertion that was used.
#[derive(Serialize, Deserialize)]
struct Used {
    until_s: u64,
}

impl Stored for Used {
    const TABLE: Table = Table::Assertion;

    fn until_s(&self) -> Option<u64> {
        Some(self.until_s)
    }
}

impl Authority {
    /// The client that a request comes from, by the proof that it is registered with.
    ///
    /// # Errors
    /// If the proof is missing, of another kind, or not good.
    pub(super) fn authenticate(
        &self,
        params: &Params,
        credentials: &Credentials,
        addresses: &Addresses,
    ) -> Result<Client, OAuthFault> {
        let stated = one(params, "client_id")?;
        let assertion = one(params, "client_assertion")?;
        let id = match (&credentials.basic, assertion) {
            (Some(_), Some(_)) => return Err(twice()),
            (Some((id, _)), None) => id.clone(),
            (None, Some(assertion)) => issuer_of(assertion).ok_or_else(unknown)?,
            (None, None) => stated.ok_or_else(unknown)?.to_owned(),
        };
        if stated.is_some_and(|stated| stated != id) {
            return Err(twice());
        }
        let client = self.client(&id)?.ok_or_else(unknown)?;
        let proven = match (&client.proof, &credentials.basic, assertion) {
            (ClientProof::Public, None, None) => true,
            (ClientProof::SecretHash(hash), Some((_, secret)), None) => *hash == hashed(secret),
            (ClientProof::Keys(_), None, Some(assertion)) => {
                if needed(params, "client_assertion_type")? != JWT_BEARER {
                    return Err(unknown());
                }
                self.asserted(&client, assertion, addresses)?
            }
            (ClientProof::Certificate(known), None, None) => {
                credentials.certificate.as_deref().is_some_and(|shown| known.fits(shown))
            }
            _ => false,
        };
        if proven { Ok(client) } else { Err(unknown()) }
    }

    /// Whether an assertion is the client's, for this server, now, and for the first time.
    fn asserted(
        &self,
        client: &Client,
        assertion: &str,
        addresses: &Addresses,
    ) -> Result<bool, OAuthFault> {
        let Some(claims) = verified(client, assertion) else { return Ok(false) };
        let now_s = self.now_s();
        let meant = |aud: &String| *aud == addresses.token() || *aud == addresses.issuer;
        let for_us = match &claims.aud {
            Audience::One(aud) => meant(aud),
            Audience::Many(all) => all.iter().any(meant),
        };
        let timely = claims.exp > now_s && claims.exp <= now_s + ASSERTION_S;
        let named = matches!(claims.jti.len(), 1..=256);
        if !for_us || !timely || !named || claims.iss != client.id || claims.sub != client.id {
            return Ok(false);
        }
        let used = Used { until_s: claims.exp };
        Ok(self.shelf.add(&hashed(&format!("{}\n{}", client.id, claims.jti)), &used)?)
    }
}

/// The claims of an assertion that one of the client's keys signed.
fn verified(client: &Client, assertion: &str) -> Option<Assertion> {
    let ClientProof::Keys(keys) = &client.proof else { return None };
    let header = jsonwebtoken::decode_header(assertion).ok()?;
    let algorithm = header.alg;
    if !ALGORITHMS.contains(&algorithm) {
        return None;
    }
    let kid = header.kid.as_deref();
    let mut fitting = keys.keys.iter().filter(|key| {
        kid.is_none() || key.common.key_id.as_deref().is_none_or(|of| Some(of) == kid)
    });
    fitting.find_map(|key| {
        let key = DecodingKey::from_jwk(key).ok()?;
        let mut validation = Validation::new(algorithm);
        validation.required_spec_claims.clear();
        // Times and audience are looked at by the caller, by its clock.
        (validation.validate_exp, validation.validate_aud) = (false, false);
        jsonwebtoken::decode::<Assertion>(assertion, &key, &validation).ok().map(|d| d.claims)
    })
}

/// Who an assertion says it is from, not verified yet.
fn issuer_of(assertion: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Issuer {
        iss: String,
    }
    let claims = jsonwebtoken::dangerous::insecure_decode::<Issuer>(assertion).ok()?;
    Some(claims.claims.iss)
}

fn unknown() -> OAuthFault {
    OAuthFault::new("invalid_client", "the client is not known, or did not show that it is it")
}

fn twice() -> OAuthFault {
    OAuthFault::new("invalid_request", "the client is named in two ways")
}
