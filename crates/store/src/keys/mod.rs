//! Keys: the owner's store key, the sub-keys derived from it, and the data keys it wraps.
//!
//! **Invariant:** a data key is durable in the group of the first record that it seals, or before.

mod data;
mod ring;
mod store_key;
#[cfg(test)]
mod tests;

pub use data::{DataKey, KeyId, Part};
pub use ring::KeyRing;
pub use store_key::{StoreKey, SubKey};

pub(crate) use data::NONCE_LEN;

/// Whose data a key seals: destroying the key erases that data everywhere.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeyOwner {
    /// What names one patient alone, by the id of the `Patient`.
    Patient(String),
    /// What names no patient, by the id of the organisation that answers for it; `commons` for
    /// shared reference data.
    Controller(String),
    /// One resource that names several patients; random, so that each has a key of its own.
    Own([u8; 16]),
}

impl KeyOwner {
    /// The owner as bytes: a tag (1 patient, 2 controller, 3 own) and the id or the random bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (tag, rest) = match self {
            KeyOwner::Patient(id) => (1, id.as_bytes()),
            KeyOwner::Controller(id) => (2, id.as_bytes()),
            KeyOwner::Own(random) => (3, random.as_slice()),
        };
        let mut bytes = Vec::with_capacity(1 + rest.len());
        bytes.push(tag);
        bytes.extend_from_slice(rest);
        bytes
    }

    /// The owner of these bytes, if they are some owner's.
    pub fn from_bytes(bytes: &[u8]) -> Option<KeyOwner> {
        let (tag, rest) = bytes.split_first()?;
        let id = || std::str::from_utf8(rest).ok().map(str::to_owned);
        match tag {
            1 => id().map(KeyOwner::Patient),
            2 => id().map(KeyOwner::Controller),
            3 => rest.try_into().ok().map(KeyOwner::Own),
            _ => None,
        }
    }
}

/// A data key as the log keeps it: sealed under the store key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrappedKey {
    /// The key's number; never given twice.
    pub id: KeyId,
    /// Whose data it seals.
    pub owner: KeyOwner,
    /// Format byte 1, sealed key (32), tag (16), nonce (12).
    pub wrapped: Vec<u8>,
}
