//! The server's own key pair: ECDSA on P-256 (ES256, RFC 7518 §3.4).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde::Serialize;
use serde_json::{Value, json};

use crate::TokenError;
use crate::crypto::{install, sha256};

/// Signs access tokens and id tokens.
pub struct SigningKey {
    encoding: EncodingKey,
    pub(crate) decoding: DecodingKey,
    kid: String,
    x: String,
    y: String,
}

impl SigningKey {
    /// A new key pair in PKCS #8, to be kept where only the server can read it.
    ///
    /// # Errors
    /// If the system gives no randomness.
    pub fn generate() -> Result<Vec<u8>, TokenError> {
        let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let made = EcdsaKeyPair::generate_pkcs8(kind, &SystemRandom::new());
        Ok(made.map_err(|_| TokenError::Key)?.as_ref().to_vec())
    }

    /// Reads a key pair in PKCS #8.
    ///
    /// # Errors
    /// If the bytes are no such key.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<SigningKey, TokenError> {
        install();
        let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_pkcs8(kind, bytes, &SystemRandom::new());
        let pair = pair.map_err(|_| TokenError::Key)?;
        // An uncompressed point: 4, then 32 bytes each of x and y (SEC 1 §2.3.3).
        let point = pair.public_key().as_ref();
        let half =
            |from: usize| point.get(from..from + 32).map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        let (x, y) = half(1).zip(half(33)).ok_or(TokenError::Key)?;
        // RFC 7638: the members in this order, nothing between them.
        let thumbprint = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        Ok(SigningKey {
            encoding: EncodingKey::from_ec_der(bytes),
            decoding: DecodingKey::from_ec_der(point),
            kid: URL_SAFE_NO_PAD.encode(sha256(thumbprint.as_bytes())),
            x,
            y,
        })
    }

    /// The key's name: its thumbprint (RFC 7638).
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half as a JWK (RFC 7517 §4).
    pub fn jwk(&self) -> Value {
        let (x, y, kid) = (&self.x, &self.y, &self.kid);
        json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid, "use": "sig",
            "alg": "ES256"})
    }

    /// Signs claims.
    ///
    /// # Errors
    /// If the claims cannot be written as JSON.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, TokenError> {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, claims, &self.encoding).map_err(|_| TokenError::Claims)
    }
}
