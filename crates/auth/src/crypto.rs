//! Signatures by `ring` for `jsonwebtoken`: HMAC SHA-256 for the operator's tokens, ECDSA P-256
//! for this server's others, and what clients and foreign issuers may sign with.
//!
//! A token that names another algorithm finds nobody to verify it. It also keeps a second family
//! of cryptographic crates out of the build.

use std::sync::Once;

use jsonwebtoken::crypto::{CryptoProvider, JwkUtils, JwtSigner, JwtVerifier};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{Error, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, RsaPublicKeyComponents, UnparsedPublicKey};
use ring::{digest, hmac};

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

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

enum Key {
    Hmac(hmac::Key),
    EcdsaPair(Box<EcdsaKeyPair>),
    Ecdsa(&'static signature::EcdsaVerificationAlgorithm, Vec<u8>),
    Rsa(&'static signature::RsaParameters, RsaPublicKeyComponents<Vec<u8>>),
}

struct Keyed(Algorithm, Key);

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    let made = match algorithm {
        Algorithm::HS256 => {
            Key::Hmac(hmac::Key::new(hmac::HMAC_SHA256, key.try_get_hmac_secret()?))
        }
        Algorithm::ES256 | Algorithm::ES384 => {
            let kind = if *algorithm == Algorithm::ES256 {
                &signature::ECDSA_P256_SHA256_FIXED_SIGNING
            } else {
                &signature::ECDSA_P384_SHA384_FIXED_SIGNING
            };
            let pair = EcdsaKeyPair::from_pkcs8(kind, key.inner(), &SystemRandom::new());
            Key::EcdsaPair(Box::new(pair.map_err(|_| ErrorKind::InvalidEcdsaKey)?))
        }
        _ => return Err(ErrorKind::InvalidAlgorithm.into()),
    };
    Ok(Box::new(Keyed(*algorithm, made)))
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    let family = |wanted| {
        if key.family() == wanted { Ok(()) } else { Err(ErrorKind::InvalidKeyFormat) }
    };
    let made = match algorithm {
        Algorithm::HS256 => {
            Key::Hmac(hmac::Key::new(hmac::HMAC_SHA256, key.try_get_hmac_secret()?))
        }
        Algorithm::ES256 | Algorithm::ES384 => {
            family(AlgorithmFamily::Ec)?;
            let kind = if *algorithm == Algorithm::ES256 {
                &signature::ECDSA_P256_SHA256_FIXED
            } else {
                &signature::ECDSA_P384_SHA384_FIXED
            };
            Key::Ecdsa(kind, key.as_bytes().to_vec())
        }
        Algorithm::RS256 | Algorithm::RS384 => {
            family(AlgorithmFamily::Rsa)?;
            let kind = if *algorithm == Algorithm::RS256 {
                &signature::RSA_PKCS1_2048_8192_SHA256
            } else {
                &signature::RSA_PKCS1_2048_8192_SHA384
            };
            let DecodingKeyKind::RsaModulusExponent { n, e } = key.kind() else {
                return Err(ErrorKind::InvalidKeyFormat.into());
            };
            Key::Rsa(kind, RsaPublicKeyComponents { n: n.clone(), e: e.clone() })
        }
        _ => return Err(ErrorKind::InvalidAlgorithm.into()),
    };
    Ok(Box::new(Keyed(*algorithm, made)))
}

impl Signer<Vec<u8>> for Keyed {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        match &self.1 {
            Key::Hmac(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
            Key::EcdsaPair(pair) => {
                let signed = pair.sign(&SystemRandom::new(), message).map_err(|_| Error::new())?;
                Ok(signed.as_ref().to_vec())
            }
            Key::Ecdsa(..) | Key::Rsa(..) => Err(Error::new()),
        }
    }
}

impl Verifier<Vec<u8>> for Keyed {
    /// Compares tags in constant time.
    fn verify(&self, message: &[u8], tag: &Vec<u8>) -> std::result::Result<(), Error> {
        let verified = match &self.1 {
            Key::Hmac(key) => hmac::verify(key, message, tag),
            Key::Ecdsa(kind, point) => UnparsedPublicKey::new(*kind, point).verify(message, tag),
            Key::Rsa(kind, components) => components.verify(kind, message, tag),
            Key::EcdsaPair(_) => return Err(Error::new()),
        };
        verified.map_err(|_| Error::new())
    }
}

impl JwtSigner for Keyed {
    fn algorithm(&self) -> Algorithm {
        self.0
    }
}

impl JwtVerifier for Keyed {
    fn algorithm(&self) -> Algorithm {
        self.0
    }
}
