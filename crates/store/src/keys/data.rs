//! A data key, prepared for use.

use std::fmt;

use accord_base::Rng;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::StoreError;

/// Bytes of a nonce (NIST SP 800-38D §5.2.1.1).
pub(crate) const NONCE_LEN: usize = 12;
/// Bytes of a tag.
const TAG_LEN: usize = 16;

/// Number of a data key; 0 is no key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyId(pub u64);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which part of a record is sealed; bound to the bytes, so that parts cannot be exchanged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Part {
    /// The document and its edits.
    Doc = 1,
    /// The search values.
    Values = 2,
}

/// A key for AES-256-GCM (NIST SP 800-38D), expanded once and shared by all threads.
pub struct DataKey {
    id: KeyId,
    key: LessSafeKey,
}

impl DataKey {
    /// Prepares 32 secret bytes.
    pub fn new(id: KeyId, secret: &[u8; 32]) -> DataKey {
        DataKey { id, key: aead_key(secret) }
    }

    /// The key's number.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Seals `bytes` in place and appends tag (16) and nonce (12).
    ///
    /// The nonce is random: below 2³² parts under one key, the chance of a repeat stays under
    /// 2⁻³² (NIST SP 800-38D §8.3).
    pub fn seal(&self, part: Part, rng: &dyn Rng, bytes: &mut Vec<u8>) -> Result<(), StoreError> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill(&mut nonce);
        self.seal_with(part, nonce, bytes)
    }

    /// As [`DataKey::seal`] with a nonce that the caller drew and uses nowhere else.
    pub(crate) fn seal_with(
        &self,
        part: Part,
        nonce: [u8; NONCE_LEN],
        bytes: &mut Vec<u8>,
    ) -> Result<(), StoreError> {
        seal(&self.key, &self.context(part), nonce, bytes)
    }

    /// Opens what [`DataKey::seal`] made, in place, and gives the plain bytes.
    pub fn open<'a>(&self, part: Part, bytes: &'a mut [u8]) -> Result<&'a mut [u8], StoreError> {
        open(&self.key, &self.context(part), bytes).ok_or(StoreError::Unsealable(self.id))
    }

    /// What is bound to a sealed part: key number (little-endian) and part number.
    fn context(&self, part: Part) -> [u8; 9] {
        let [a, b, c, d, e, f, g, h] = self.id.0.to_le_bytes();
        [a, b, c, d, e, f, g, h, part as u8]
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKey({})", self.id.0)
    }
}

/// A prepared AES-256-GCM key.
pub(super) fn aead_key(secret: &[u8; 32]) -> LessSafeKey {
    // 32 bytes are the length AES-256-GCM asks for; nothing else can be refused.
    #[allow(clippy::expect_used, reason = "the length is right by type")]
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, secret).expect("a key has 32 bytes"))
}

/// Seals in place and appends tag and nonce.
pub(super) fn seal(
    key: &LessSafeKey,
    context: &[u8],
    nonce: [u8; NONCE_LEN],
    bytes: &mut Vec<u8>,
) -> Result<(), StoreError> {
    bytes.reserve_exact(TAG_LEN + NONCE_LEN);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), bytes)
        .map_err(|_| StoreError::TooLarge { what: "a sealed part" })?;
    bytes.extend_from_slice(&nonce);
    Ok(())
}

/// Opens in place what [`seal`] made.
pub(super) fn open<'a>(
    key: &LessSafeKey,
    context: &[u8],
    bytes: &'a mut [u8],
) -> Option<&'a mut [u8]> {
    let (sealed, nonce) = bytes.split_last_chunk_mut::<NONCE_LEN>()?;
    let nonce = Nonce::assume_unique_for_key(*nonce);
    key.open_in_place(nonce, Aad::from(context), sealed).ok()
}
