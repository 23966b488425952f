//! Passwords: argon2id (RFC 9106).

use accord_base::Rng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

/// Shortest password, in characters (NIST SP 800-63B §3.1.1.2 for use with a second factor and
/// rate limits).
pub const MIN_PASSWORD_CHARS: usize = 12;
/// Longest password, in bytes.
pub const MAX_PASSWORD_BYTES: usize = 256;

/// 19 MiB, two passes, one lane: the smaller of the two settings that OWASP recommends.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The hash of a password, as a PHC string with its salt and parameters; `None` if the password
/// is too short or too long. Takes tens of milliseconds.
pub fn hash(password: &str, rng: &dyn Rng) -> Option<String> {
    if password.chars().count() < MIN_PASSWORD_CHARS || password.len() > MAX_PASSWORD_BYTES {
        return None;
    }
    let mut salt = [0; 16];
    rng.fill(&mut salt);
    let salt = SaltString::encode_b64(&salt).ok()?;
    Some(argon2().hash_password(password.as_bytes(), &salt).ok()?.to_string())
}

/// Whether the password is the one of the hash. Without a hash it takes as long and is not.
pub fn matches(password: &str, hash: Option<&str>) -> bool {
    /// Of a password that nobody knows.
    const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    if password.len() > MAX_PASSWORD_BYTES {
        return false;
    }
    let known = hash.is_some();
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODYS)) else { return false };
    argon2().verify_password(password.as_bytes(), &parsed).is_ok() && known
}
