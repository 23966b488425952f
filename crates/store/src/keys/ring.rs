//! The ring of data keys: who has which, prepared and shared, made when first needed.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use accord_base::Rng;
use parking_lot::Mutex;
use quick_cache::sync::Cache;
use ring::aead::LessSafeKey;

use super::data::{aead_key, open, seal};
use super::{DataKey, KeyId, KeyOwner, NONCE_LEN, StoreKey, SubKey, WrappedKey};
use crate::StoreError;
use crate::log::Log;

/// Prepared keys kept at hand; about 600 bytes each.
const PREPARED: usize = 32_768;
/// First byte of a wrapped key.
const WRAP_FORMAT: u8 = 1;
/// Pending keys after which those that nothing holds any more are dropped.
const SWEEP_AT: usize = 1024;

/// Gives threads the keys they seal and open with.
///
/// A key that is new lives in memory, *pending*, until a group with a record under it is durable:
/// the writer takes [`KeyRing::pending_for`] into the group and calls [`KeyRing::confirm`] after
/// it. A group that fails leaves its keys pending; a pending key that no prepared record holds
/// any more is forgotten.
pub struct KeyRing {
    log: Arc<dyn Log>,
    wrapping: LessSafeKey,
    rng: Arc<dyn Rng>,
    prepared: Cache<KeyId, Arc<DataKey>>,
    owners: Cache<KeyOwner, KeyId>,
    pending: Mutex<Pending>,
}

/// Keys that no durable group carries yet.
struct Pending {
    next: u64,
    sweep_at: usize,
    by_owner: HashMap<KeyOwner, KeyId>,
    by_id: HashMap<KeyId, PendingKey>,
}

/// A key that no durable group carries yet.
struct PendingKey {
    key: Arc<DataKey>,
    wrapped: WrappedKey,
    /// Whether a group has taken it: then it may be durable by now and must not be forgotten.
    taken: bool,
}

impl KeyRing {
    /// The ring of a log. Opens one key as a test, so that a wrong store key shows at once.
    pub fn open(
        log: Arc<dyn Log>,
        store_key: &StoreKey,
        rng: Arc<dyn Rng>,
    ) -> Result<KeyRing, StoreError> {
        let pending = Pending {
            next: log.last_key()?.0 + 1,
            sweep_at: SWEEP_AT,
            by_owner: HashMap::new(),
            by_id: HashMap::new(),
        };
        let ring = KeyRing {
            wrapping: aead_key(&store_key.derive(SubKey::Wrapping)),
            log,
            rng,
            prepared: Cache::new(PREPARED),
            owners: Cache::new(PREPARED),
            pending: Mutex::new(pending),
        };
        if let Some(key) = ring.log.keys(KeyId(0), 1)?.first() {
            ring.unwrap(key)?;
        }
        Ok(ring)
    }

    /// The key with this number, to open what it sealed.
    pub fn key(&self, id: KeyId) -> Result<Arc<DataKey>, StoreError> {
        if let Some(key) = self.prepared.get(&id) {
            return Ok(key);
        }
        if let Some(pending) = self.pending.lock().by_id.get(&id) {
            return Ok(pending.key.clone());
        }
        let wrapped = self.log.key(id)?.ok_or(StoreError::NoKey(id))?;
        self.remember(&wrapped)
    }

    /// The key of this owner, to seal with; made if there is none. All threads that ask get the
    /// same key.
    pub fn key_of(&self, owner: &KeyOwner) -> Result<Arc<DataKey>, StoreError> {
        if let Some(id) = self.owners.get(owner) {
            return self.key(id);
        }
        if let Some(key) = self.pending.lock().of(owner) {
            return Ok(key);
        }
        if let Some(wrapped) = self.log.key_of(owner)? {
            return self.remember(&wrapped);
        }
        let mut pending = self.pending.lock();
        if let Some(key) = pending.of(owner) {
            return Ok(key);
        }
        // Between the look into the log and the lock, the key may have become durable.
        if let Some(wrapped) = self.log.key_of(owner)? {
            return self.remember(&wrapped);
        }
        self.make(&mut pending, owner)
    }

    /// Those of `ids` that no durable group carries yet, wrapped, to go into the group that uses
    /// them; ascending, each once.
    pub fn pending_for(&self, ids: impl IntoIterator<Item = KeyId>) -> Vec<WrappedKey> {
        let mut pending = self.pending.lock();
        if pending.by_id.is_empty() {
            return Vec::new();
        }
        let ids: BTreeSet<KeyId> = ids.into_iter().collect();
        let mut keys = Vec::new();
        for id in ids {
            if let Some(key) = pending.by_id.get_mut(&id) {
                key.taken = true;
                keys.push(key.wrapped.clone());
            }
        }
        keys
    }

    /// Tells that the group with these keys is durable.
    pub fn confirm(&self, keys: &[WrappedKey]) {
        let mut pending = self.pending.lock();
        for wrapped in keys {
            if let Some(durable) = pending.by_id.remove(&wrapped.id) {
                pending.by_owner.remove(&wrapped.owner);
                self.prepared.insert(wrapped.id, durable.key);
                self.owners.insert(wrapped.owner.clone(), wrapped.id);
            }
        }
    }

    /// Keys that wait for their first durable group.
    pub fn pending_len(&self) -> usize {
        self.pending.lock().by_id.len()
    }

    fn make(&self, pending: &mut Pending, owner: &KeyOwner) -> Result<Arc<DataKey>, StoreError> {
        pending.sweep();
        let id = KeyId(pending.next);
        let mut secret = [0; 32];
        self.rng.fill(&mut secret);
        let wrapped = self.wrap(id, owner, &secret)?;
        let wrapped = WrappedKey { id, owner: owner.clone(), wrapped };
        let key = Arc::new(DataKey::new(id, &secret));
        pending.next += 1;
        pending.by_owner.insert(owner.clone(), id);
        pending.by_id.insert(id, PendingKey { key: key.clone(), wrapped, taken: false });
        Ok(key)
    }

    fn remember(&self, wrapped: &WrappedKey) -> Result<Arc<DataKey>, StoreError> {
        let key = Arc::new(DataKey::new(wrapped.id, &self.unwrap(wrapped)?));
        self.prepared.insert(wrapped.id, key.clone());
        self.owners.insert(wrapped.owner.clone(), wrapped.id);
        Ok(key)
    }

    fn wrap(&self, id: KeyId, owner: &KeyOwner, secret: &[u8; 32]) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE_LEN];
        self.rng.fill(&mut nonce);
        let mut sealed = secret.to_vec();
        seal(&self.wrapping, &wrap_context(id, owner), nonce, &mut sealed)?;
        sealed.insert(0, WRAP_FORMAT);
        Ok(sealed)
    }

    fn unwrap(&self, key: &WrappedKey) -> Result<[u8; 32], StoreError> {
        let mut sealed = match key.wrapped.split_first() {
            Some((&WRAP_FORMAT, sealed)) => sealed.to_vec(),
            _ => return Err(StoreError::WrongStoreKey),
        };
        let plain = open(&self.wrapping, &wrap_context(key.id, &key.owner), &mut sealed);
        plain.and_then(|secret| (&*secret).try_into().ok()).ok_or(StoreError::WrongStoreKey)
    }
}

/// What is bound to a wrapped key: its number (little-endian) and its owner's bytes.
fn wrap_context(id: KeyId, owner: &KeyOwner) -> Vec<u8> {
    let mut context = id.0.to_le_bytes().to_vec();
    context.extend_from_slice(&owner.to_bytes());
    context
}

impl Pending {
    fn of(&self, owner: &KeyOwner) -> Option<Arc<DataKey>> {
        let id = self.by_owner.get(owner)?;
        self.by_id.get(id).map(|pending| pending.key.clone())
    }

    /// Forgets keys of requests that were given up, so that refused writes cost no memory: a
    /// prepared record holds its key, so one that only this map holds was used for nothing.
    fn sweep(&mut self) {
        if self.by_id.len() < self.sweep_at {
            return;
        }
        self.by_id.retain(|_, pending| pending.taken || Arc::strong_count(&pending.key) > 1);
        let by_id = &self.by_id;
        self.by_owner.retain(|_, id| by_id.contains_key(id));
        self.sweep_at = SWEEP_AT.max(self.by_id.len() * 2);
    }
}
