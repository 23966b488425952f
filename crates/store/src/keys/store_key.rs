//! The owner's key: a file of its own, from which everything secret in a store is derived.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use accord_base::Rng;
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

use crate::StoreError;

/// First word of the file; the number is its format.
const HEAD: &str = "accord-store-key-1";
/// Salt of the derivation; changing it would make every store unreadable.
const SALT: &[u8] = b"accord store key 1";

/// What a sub-key is for; each use has a key that tells nothing about the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SubKey {
    /// Wraps data keys (AES-256-GCM).
    Wrapping,
    /// Seals access records (AES-256-GCM); a purge of patients leaves it alone.
    AccessRecords,
    /// Signs tokens (HMAC-SHA-256).
    Tokens,
    /// Seals page cursors.
    Cursors,
    /// Seed of the key that signs checkpoints (Ed25519).
    Checkpoints,
    /// Names of patients in rolls and ids of access events (HMAC-SHA-256).
    Rolls,
}

impl SubKey {
    /// The `info` of HKDF (RFC 5869 §3.2).
    fn info(self) -> &'static [u8] {
        match self {
            SubKey::Wrapping => b"wrapping",
            SubKey::AccessRecords => b"access records",
            SubKey::Tokens => b"tokens",
            SubKey::Cursors => b"cursors",
            SubKey::Checkpoints => b"checkpoint signing seed",
            SubKey::Rolls => b"rolls of access records",
        }
    }
}

/// The store key. Whoever holds it can read the store; without it nothing opens.
#[derive(Clone)]
pub struct StoreKey(Prk, [u8; 32]);

impl StoreKey {
    /// A new random key, for [`StoreKey::create`] and tests.
    pub fn random(rng: &dyn Rng) -> StoreKey {
        let mut secret = [0; 32];
        rng.fill(&mut secret);
        StoreKey::from_secret(secret)
    }

    /// Makes the file of a new store with mode 0600, durably. Fails if it exists.
    pub fn create(path: &Path, rng: &dyn Rng) -> Result<StoreKey, StoreError> {
        let key = StoreKey::random(rng);
        let io = |e| StoreError::io(path, e);
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(path).map_err(io)?;
        file.write_all(key.to_text().as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new("."))).and_then(|f| f.sync_all()).map_err(io)?;
        Ok(key)
    }

    /// Reads the file; refuses one that anybody but its owner can read or write.
    pub fn open(path: &Path) -> Result<StoreKey, StoreError> {
        let io = |e| StoreError::io(path, e);
        let mut file = File::open(path).map_err(io)?;
        if file.metadata().map_err(io)?.permissions().mode() & 0o077 != 0 {
            return Err(StoreError::StoreKeyExposed);
        }
        let mut text = String::new();
        (&mut file).take(256).read_to_string(&mut text).map_err(io)?;
        StoreKey::from_text(&text)
    }

    /// The key as one line, `accord-store-key-1` and 64 hexadecimal digits: the file's content,
    /// and the form in which another provider may hand it over.
    pub fn to_text(&self) -> String {
        let hex: String = self.1.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{HEAD} {hex}\n")
    }

    /// Reads the form of [`StoreKey::to_text`].
    pub fn from_text(text: &str) -> Result<StoreKey, StoreError> {
        let hex = text.trim_end().strip_prefix(HEAD).and_then(|rest| rest.strip_prefix(' '));
        let hex = hex.filter(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let (high, low) = hex.ok_or(StoreError::StoreKeyMalformed)?.split_at(32);
        let half = |hex| u128::from_str_radix(hex, 16).map_err(|_| StoreError::StoreKeyMalformed);
        let mut secret = [0; 32];
        let bytes = half(high)?.to_be_bytes().into_iter().chain(half(low)?.to_be_bytes());
        secret.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        Ok(StoreKey::from_secret(secret))
    }

    /// Derives the 32 bytes of a sub-key (HKDF with SHA-256, RFC 5869).
    pub fn derive(&self, sub: SubKey) -> [u8; 32] {
        let mut out = [0; 32];
        // HKDF refuses only lengths over 255 hashes.
        #[allow(clippy::expect_used, reason = "32 bytes are one hash")]
        let () = self
            .0
            .expand(&[sub.info()], Bytes32)
            .and_then(|okm| okm.fill(&mut out))
            .expect("one hash of output");
        out
    }

    fn from_secret(secret: [u8; 32]) -> StoreKey {
        StoreKey(Salt::new(HKDF_SHA256, SALT).extract(&secret), secret)
    }
}

/// Says nothing, so that no log can.
impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey")
    }
}

/// The length of every sub-key.
struct Bytes32;

impl KeyType for Bytes32 {
    fn len(&self) -> usize {
        32
    }
}
