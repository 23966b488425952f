//! The server's key pairs: the one that signs, and those before it whose tokens may still be good.

use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::DecodingKey;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{SigningKey, TokenError};

/// How long a key that no longer signs still verifies, in seconds: longer than any token lasts that
/// it signed.
pub const RETIRED_S: u64 = 3600;

/// A key that signs no more.
pub struct Retired {
    /// The key.
    pub key: SigningKey,
    /// The second since 1970 from which it verifies no more.
    pub until_s: u64,
}

struct Keys {
    current: SigningKey,
    retired: Vec<Retired>,
}

/// The keys of a server; others may take their place while it runs.
pub struct KeyRing(RwLock<Arc<Keys>>);

impl KeyRing {
    /// A ring of these keys.
    pub fn new(current: SigningKey, retired: Vec<Retired>) -> KeyRing {
        KeyRing(RwLock::new(Arc::new(Keys { current, retired })))
    }

    /// Puts these keys in the place of those that are there.
    pub fn replace(&self, current: SigningKey, retired: Vec<Retired>) {
        let keys = Arc::new(Keys { current, retired });
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// The public halves as a JWK Set (RFC 7517 §5), the one that signs first.
    pub fn jwks(&self, now_s: u64) -> Value {
        let keys = self.keys();
        let all: Vec<Value> = keys.all(now_s).map(SigningKey::jwk).collect();
        json!({ "keys": all })
    }

    /// Signs claims.
    ///
    /// # Errors
    /// If the claims cannot be written as JSON.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, TokenError> {
        self.keys().current.sign(claims)
    }

    /// The key of this name.
    pub(crate) fn find(&self, kid: &str, now_s: u64) -> Option<DecodingKey> {
        self.keys().all(now_s).find(|key| key.kid() == kid).map(|key| key.decoding.clone())
    }

    fn keys(&self) -> Arc<Keys> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Keys {
    fn all(&self, now_s: u64) -> impl Iterator<Item = &SigningKey> {
        let good = move |retired: &&Retired| {
            now_s < retired.until_s && retired.key.kid() != self.current.kid()
        };
        std::iter::once(&self.current).chain(self.retired.iter().filter(good).map(|old| &old.key))
    }
}

impl From<SigningKey> for KeyRing {
    fn from(key: SigningKey) -> KeyRing {
        KeyRing::new(key, Vec::new())
    }
}
