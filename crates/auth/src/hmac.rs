//! HMAC SHA-256 by `ring` for `jsonwebtoken`.
//!
//! The only algorithm there is: a token that names another finds nobody to verify it. It also
//! keeps a second family of cryptographic crates out of the build.

use std::sync::Once;

use jsonwebtoken::crypto::{CryptoProvider, JwkUtils, JwtSigner, JwtVerifier};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{Error, Signer, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use ring::hmac;

static PROVIDER: CryptoProvider =
    CryptoProvider { signer_factory: signer, verifier_factory: verifier, jwk_utils: JWK_UTILS };

const JWK_UTILS: JwkUtils = JwkUtils::new_unimplemented();

/// Makes this provider the one of the process. Repeating it changes nothing.
pub fn install() {
    static ONCE: Once = Once::new();
    // An error means that a provider is there already; only this crate installs one.
    ONCE.call_once(|| {
        let _ = PROVIDER.install_default();
    });
}

struct HmacSha256(hmac::Key);

impl HmacSha256 {
    fn new(algorithm: Algorithm, secret: &[u8]) -> Result<HmacSha256> {
        if algorithm != Algorithm::HS256 {
            return Err(ErrorKind::InvalidAlgorithm.into());
        }
        Ok(HmacSha256(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }
}

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    Ok(Box::new(HmacSha256::new(*algorithm, key.try_get_hmac_secret()?)?))
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    Ok(Box::new(HmacSha256::new(*algorithm, key.try_get_hmac_secret()?)?))
}

impl Signer<Vec<u8>> for HmacSha256 {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        Ok(hmac::sign(&self.0, message).as_ref().to_vec())
    }
}

impl Verifier<Vec<u8>> for HmacSha256 {
    /// Compares in constant time.
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        hmac::verify(&self.0, message, signature).map_err(|_| Error::new())
    }
}

impl JwtSigner for HmacSha256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for HmacSha256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}
