//! An issuer's keys: fetched, kept for a while, fetched again when an unknown one is met.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use serde_json::Value;

/// How often keys are fetched at the most, in seconds: whoever sends tokens with made-up key names
/// causes no more.
const SELDOM_S: u64 = 10;
/// How old keys become before they are fetched again, in seconds.
const FRESH_S: u64 = 300;
/// How long keys count that cannot be fetched again, in seconds.
const STALE_S: u64 = 6 * 3600;
/// Most keys of an issuer.
const MOST_KEYS: usize = 64;

/// Fetches documents of an issuer.
pub trait Fetch: Send + Sync {
    /// The document at an address; bounded in time and length, redirects not followed.
    ///
    /// # Errors
    /// If it cannot be had.
    fn get(&self, url: &str) -> Result<Vec<u8>, FetchFault>;
}

/// Why an issuer's keys cannot be had.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FetchFault {
    /// The network, or what answered there.
    #[error("`{0}` does not answer with a document")]
    Unreachable(String),
    /// The document is not what it should be.
    #[error("`{0}` does not hold what it should: {1}")]
    Unfit(String, &'static str),
    /// Tried a moment ago.
    #[error("the keys were asked for a moment ago")]
    TooSoon,
}

struct Key {
    kid: Option<String>,
    /// The one algorithm it is for, if it says.
    algorithm: Option<Algorithm>,
    family: AlgorithmFamily,
    key: DecodingKey,
}

#[derive(Default)]
struct Known {
    /// What the keys were made of, to see whether they are others.
    text: Value,
    keys: Vec<Key>,
    metadata: Option<Arc<Value>>,
    fetched_s: u64,
}

pub(super) struct Keys {
    issuer: String,
    fetch: Box<dyn Fetch>,
    known: RwLock<Known>,
    tried_s: Mutex<Option<u64>>,
}

/// Whether nobody can change what is fetched from an address: HTTPS, or this machine.
pub(super) fn is_safe(url: &str) -> bool {
    let local = ["http://localhost", "http://127.0.0.1", "http://[::1]"].iter().any(|front| {
        url.strip_prefix(front).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    let clean = url.bytes().all(|b| b.is_ascii_graphic()) && !url.contains(['@', '#', '\\']);
    clean && (local || url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty()))
}

impl Keys {
    pub fn new(issuer: &str, fetch: Box<dyn Fetch>) -> Keys {
        let (known, tried_s) = (RwLock::default(), Mutex::default());
        Keys { issuer: issuer.to_owned(), fetch, known, tried_s }
    }

    pub fn metadata(&self) -> Option<Arc<Value>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).metadata.clone()
    }

    /// The key of this name that may verify this algorithm. A token without a name fits only where
    /// there is one such key.
    pub fn find(&self, kid: Option<&str>, algorithm: Algorithm, now_s: u64) -> Option<DecodingKey> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if now_s >= known.fetched_s + STALE_S {
            return None;
        }
        let mut fitting = known.keys.iter().filter(|key| {
            key.family == algorithm.family()
                && key.algorithm.is_none_or(|of| of == algorithm)
                && (kid.is_none() || key.kid.as_deref() == kid)
        });
        let first = fitting.next()?;
        fitting.next().is_none().then(|| first.key.clone())
    }

    pub fn is_due(&self, now_s: u64) -> bool {
        let fetched_s = self.known.read().unwrap_or_else(PoisonError::into_inner).fetched_s;
        let tried_s = *self.tried_s.lock().unwrap_or_else(PoisonError::into_inner);
        now_s >= fetched_s + FRESH_S && tried_s.is_none_or(|tried| now_s >= tried + SELDOM_S)
    }

    /// Fetches the keys; says whether they are others than before.
    pub fn refresh(&self, now_s: u64) -> Result<bool, FetchFault> {
        // Held while the network is waited for: one fetches, others then find that it was done.
        let mut tried_s = self.tried_s.lock().unwrap_or_else(PoisonError::into_inner);
        if tried_s.is_some_and(|tried| now_s < tried + SELDOM_S) {
            return Err(FetchFault::TooSoon);
        }
        *tried_s = Some(now_s);
        let front = self.issuer.trim_end_matches('/');
        let at = format!("{front}/.well-known/openid-configuration");
        let metadata = self.document(&at)?;
        let text = |name: &str| metadata.get(name).and_then(Value::as_str);
        // OpenID Connect Discovery 1.0 §4.3: or another issuer's keys would pass for this one's.
        if text("issuer") != Some(&self.issuer) {
            return Err(FetchFault::Unfit(at, "it names another issuer"));
        }
        let Some(jwks_uri) = text("jwks_uri").filter(|uri| is_safe(uri)) else {
            return Err(FetchFault::Unfit(at, "it names no safe address of keys"));
        };
        let set = self.document(jwks_uri)?;
        let keys = read(&set);
        if keys.is_empty() {
            return Err(FetchFault::Unfit(jwks_uri.to_owned(), "there is no key in it"));
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let changed = known.text != set;
        *known = Known { text: set, keys, metadata: Some(Arc::new(metadata)), fetched_s: now_s };
        Ok(changed)
    }

    fn document(&self, url: &str) -> Result<Value, FetchFault> {
        let bytes = self.fetch.get(url)?;
        serde_json::from_slice(&bytes)
            .map_err(|_| FetchFault::Unfit(url.to_owned(), "it is not JSON"))
    }
}

/// The keys of a set that can verify signatures; others are passed over (RFC 7517 §5).
fn read(set: &Value) -> Vec<Key> {
    let all = set.get("keys").and_then(Value::as_array);
    all.into_iter().flatten().take(MOST_KEYS).filter_map(key).collect()
}

fn key(value: &Value) -> Option<Key> {
    // A symmetric key in a public set would let anyone sign.
    let family = match value.get("kty").and_then(Value::as_str)? {
        "RSA" => AlgorithmFamily::Rsa,
        "EC" => AlgorithmFamily::Ec,
        _ => return None,
    };
    let jwk: Jwk = serde_json::from_value(value.clone()).ok()?;
    let signs = jwk.common.public_key_use.as_ref().is_none_or(|u| *u == PublicKeyUse::Signature);
    let algorithm = match value.get("alg").and_then(Value::as_str) {
        Some(name) => Some(name.parse().ok()?),
        None => match value.get("crv").and_then(Value::as_str) {
            Some("P-256") => Some(Algorithm::ES256),
            Some("P-384") => Some(Algorithm::ES384),
            _ => None,
        },
    };
    let kid = jwk.common.key_id.clone();
    let key = DecodingKey::from_jwk(&jwk).ok().filter(|_| signs)?;
    Some(Key { kid, algorithm, family, key })
}
