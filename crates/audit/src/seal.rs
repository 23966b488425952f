//! Access records as encrypted leaves.
//!
//! | bytes | field |
//! |---|---|
//! | 1 | format version, 1 |
//! | 8 | key id, little-endian |
//! | 12 | nonce |
//! | n | ciphertext of the 16-byte salt and the padded record |
//! | 16 | tag |
//!
//! AES-256-GCM (NIST SP 800-38D); the first nine bytes are associated data. The salt keeps a leaf
//! hash from confirming a guessed record to someone who holds the key later.

use std::sync::atomic::{AtomicU64, Ordering};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::{AccessRecord, AuditError, Skimmed};

/// Length of the salt in front of a record.
pub const SALT_BYTES: usize = 16;
/// Length of a nonce.
pub const NONCE_BYTES: usize = 12;

const VERSION: u8 = 1;
const PREFIX_BYTES: usize = 9;
const TAG_BYTES: usize = 16;
/// Random 96-bit nonces are good for this many records under one key (NIST SP 800-38D §8.3).
const MOST_SEALS: u64 = 1 << 32;

/// A key that seals and opens access records, with the number under which its owner keeps it.
///
/// A key counts what it seals and refuses to go past 2³² records. The count starts at zero with
/// each value, so the owner uses a fresh key at each start and whenever [`SealKey::left`] runs low.
pub struct SealKey {
    id: u64,
    key: LessSafeKey,
    sealed: AtomicU64,
}

impl SealKey {
    /// The key `id` with these 256 random bits.
    pub fn new(id: u64, bytes: &[u8; 32]) -> Result<SealKey, AuditError> {
        let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| AuditError::Open)?;
        Ok(SealKey { id, key: LessSafeKey::new(key), sealed: AtomicU64::new(0) })
    }

    /// The key's number.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// How many records the key may still seal.
    pub fn left(&self) -> u64 {
        MOST_SEALS.saturating_sub(self.sealed.load(Ordering::Relaxed))
    }
}

/// Encodes, pads and encrypts a record into the bytes of a leaf. `salt` and `nonce` must be
/// random and fresh.
pub fn seal(
    record: &AccessRecord,
    key: &SealKey,
    salt: [u8; SALT_BYTES],
    nonce: [u8; NONCE_BYTES],
) -> Result<Vec<u8>, AuditError> {
    if key.sealed.fetch_add(1, Ordering::Relaxed) >= MOST_SEALS {
        return Err(AuditError::KeyUsedUp(key.id));
    }
    // Most records have two units of padding at most.
    let mut bytes = Vec::with_capacity(640);
    bytes.push(VERSION);
    bytes.extend_from_slice(&key.id.to_le_bytes());
    bytes.extend_from_slice(&nonce);
    let body_at = bytes.len();
    bytes.extend_from_slice(&salt);
    record.encode_into(&mut bytes)?;
    let (head, body) = bytes.split_at_mut(body_at);
    let aad = Aad::from(head.get(..PREFIX_BYTES).unwrap_or_default());
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = key.key.seal_in_place_separate_tag(nonce, aad, body).map_err(|_| AuditError::Open)?;
    bytes.extend_from_slice(tag.as_ref());
    Ok(bytes)
}

/// The number of the key that untrusted sealed bytes say they need.
pub fn sealed_key_id(sealed: &[u8]) -> Result<u64, AuditError> {
    match sealed.split_first_chunk::<PREFIX_BYTES>() {
        Some(([VERSION, id @ ..], _)) => Ok(u64::from_le_bytes(*id)),
        Some(_) => Err(AuditError::Sealed("its format version is unknown")),
        None => Err(AuditError::Sealed("it is too short")),
    }
}

/// Decrypts and decodes sealed bytes.
pub fn open(sealed: &[u8], key: &SealKey) -> Result<AccessRecord, AuditError> {
    AccessRecord::decode(decrypt(sealed, key)?.get(SALT_BYTES..).ok_or(SHORT)?)
}

/// Decrypts sealed bytes and reads when it was and who is named, passing over the rest.
pub fn skim(sealed: &[u8], key: &SealKey) -> Result<Skimmed, AuditError> {
    Skimmed::read(decrypt(sealed, key)?.get(SALT_BYTES..).ok_or(SHORT)?)
}

const SHORT: AuditError = AuditError::Sealed("it is too short");

/// Salt and padded record.
fn decrypt(sealed: &[u8], key: &SealKey) -> Result<Vec<u8>, AuditError> {
    let id = sealed_key_id(sealed)?;
    if id != key.id {
        return Err(AuditError::OtherKey(id));
    }
    let (prefix, rest) = sealed.split_first_chunk::<PREFIX_BYTES>().ok_or(SHORT)?;
    let (nonce, body) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(SHORT)?;
    if body.len() < SALT_BYTES + TAG_BYTES {
        return Err(SHORT);
    }
    let mut body = body.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let plain =
        key.key.open_in_place(nonce, Aad::from(prefix), &mut body).map_err(|_| AuditError::Open)?;
    let len = plain.len();
    body.truncate(len);
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::sample;

    fn key(id: u64) -> SealKey {
        SealKey::new(id, &[7; 32]).unwrap()
    }

    #[test]
    fn sealed_records_open_under_their_key_only() {
        let sealed = seal(&sample(), &key(3), [1; 16], [2; 12]).unwrap();
        assert_eq!(sealed.len(), 9 + 12 + 16 + 256 + 16);
        assert_eq!(sealed_key_id(&sealed), Ok(3));
        assert_eq!(open(&sealed, &key(3)), Ok(sample()));
        assert_eq!(open(&sealed, &key(4)), Err(AuditError::OtherKey(3)));
        let same_number = SealKey::new(3, &[8; 32]).unwrap();
        assert_eq!(open(&sealed, &same_number), Err(AuditError::Open));
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_refused() {
        let sealed = seal(&sample(), &key(3), [1; 16], [2; 12]).unwrap();
        for at in 0..sealed.len() {
            assert!(open(&sealed[..at], &key(3)).is_err(), "cut at {at}");
            for bit in 0..8 {
                let mut changed = sealed.clone();
                changed[at] ^= 1 << bit;
                assert!(open(&changed, &key(3)).is_err(), "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn salt_and_nonce_change_every_leaf() {
        let one = seal(&sample(), &key(3), [1; 16], [2; 12]).unwrap();
        let other_salt = seal(&sample(), &key(3), [9; 16], [2; 12]).unwrap();
        let other_nonce = seal(&sample(), &key(3), [1; 16], [9; 12]).unwrap();
        assert!(one != other_salt && one != other_nonce && other_salt != other_nonce);
    }

    #[test]
    fn a_key_stops_when_its_nonces_are_used_up() {
        let key = key(3);
        key.sealed.store(MOST_SEALS - 1, Ordering::Relaxed);
        assert_eq!(key.left(), 1);
        assert!(seal(&sample(), &key, [1; 16], [2; 12]).is_ok());
        assert_eq!(key.left(), 0);
        assert_eq!(seal(&sample(), &key, [1; 16], [2; 12]), Err(AuditError::KeyUsedUp(3)));
        assert_eq!(key.left(), 0);
    }
}
