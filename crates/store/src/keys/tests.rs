//! Keys are made once, survive failures, and open nothing for those without the store key.

use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Barrier};

use accord_base::{Row, SeededRng};

use super::*;
use crate::StoreError;
use crate::log::{Fault, Group, Log, MemoryLog};

fn patient(number: usize) -> KeyOwner {
    KeyOwner::Patient(format!("p{number}"))
}

fn ring_over(log: &MemoryLog, seed: u64) -> Result<KeyRing, StoreError> {
    let store_key = StoreKey::random(&SeededRng::new(seed));
    // The ring's own randomness differs from run to run of a store; keys must not repeat.
    let rng = SeededRng::new(seed ^ log.last_key().unwrap().0 << 32);
    KeyRing::open(Arc::new(log.clone()), &store_key, Arc::new(rng))
}

fn append(log: &MemoryLog, keys: Vec<WrappedKey>) -> Result<(), StoreError> {
    let epoch = log.claim()?;
    log.append(&Group { epoch, first: Row(0), records: vec![], keys, marks: vec![] })
}

#[test]
fn a_store_key_file_is_private_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.key");
    let made = StoreKey::create(&path, &SeededRng::new(1)).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(StoreKey::open(&path).unwrap().to_text(), made.to_text());
    assert!(matches!(StoreKey::create(&path, &SeededRng::new(2)), Err(StoreError::Io { .. })));
    for mode in [0o640, 0o604, 0o620, 0o602, 0o610] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(StoreKey::open(&path), Err(StoreError::StoreKeyExposed)), "{mode:o}");
    }
}

#[test]
fn a_malformed_store_key_is_refused() {
    let good = StoreKey::random(&SeededRng::new(1)).to_text();
    assert!(StoreKey::from_text(&good).is_ok());
    let word = good.trim_end();
    for bad in ["", "x", &word[..word.len() - 1], &format!("{word}0"), &word.replace("-1 ", "-2 ")]
    {
        assert!(matches!(StoreKey::from_text(bad), Err(StoreError::StoreKeyMalformed)), "{bad}");
    }
    let accent = word[..word.len() - 2].to_owned() + "é";
    assert!(matches!(StoreKey::from_text(&accent), Err(StoreError::StoreKeyMalformed)));
}

/// Changing a derivation would make every store unreadable, so the outputs are pinned; an
/// independent HKDF gave them.
#[test]
fn sub_keys_are_distinct_and_fixed() {
    let text = format!("accord-store-key-1 {}", "00".repeat(32));
    let key = StoreKey::from_text(&text).unwrap();
    let subs = [
        SubKey::Wrapping,
        SubKey::AccessRecords,
        SubKey::Tokens,
        SubKey::Cursors,
        SubKey::Checkpoints,
    ];
    let derived: HashSet<[u8; 32]> = subs.iter().map(|sub| key.derive(*sub)).collect();
    assert_eq!(derived.len(), subs.len());
    let heads = subs.map(|sub| u32::from_be_bytes(*key.derive(sub).first_chunk().unwrap()));
    assert_eq!(heads, [0xd72b_3b52, 0x7ef3_2ee1, 0x23d8_b2a2, 0xce54_309f, 0x0dff_5e90]);
    assert!(!format!("{key:?}").contains("00"));
}

#[test]
fn threads_that_need_the_same_new_key_get_one() {
    let log = MemoryLog::new();
    let ring = ring_over(&log, 1).unwrap();
    let barrier = Barrier::new(4);
    let ids: Vec<Vec<KeyId>> = std::thread::scope(|scope| {
        let ask = || {
            barrier.wait();
            (0..50).map(|n| ring.key_of(&patient(n)).unwrap().id()).collect()
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|seen| *seen == ids[0]));
    assert_eq!(ids[0].iter().collect::<HashSet<_>>().len(), 50);
    assert_eq!(ring.pending_len(), 50);
}

#[test]
fn a_key_is_pending_until_a_group_with_it_is_durable() {
    let log = MemoryLog::new();
    let ring = ring_over(&log, 1).unwrap();
    let key = ring.key_of(&patient(1)).unwrap();
    let keys = ring.pending_for([key.id(), KeyId(0), key.id()]);
    assert_eq!(keys.len(), 1);

    log.fail_next(Fault::Refuse);
    append(&log, keys.clone()).unwrap_err();
    assert_eq!(ring.pending_for([key.id()]), keys, "a group that fails leaves the key pending");

    append(&log, keys.clone()).unwrap();
    ring.confirm(&keys);
    assert_eq!(ring.pending_len(), 0);
    assert!(ring.pending_for([key.id()]).is_empty());
    assert_eq!(ring.key_of(&patient(1)).unwrap().id(), key.id());
}

#[test]
fn durable_keys_open_after_a_restart_and_new_ones_get_new_numbers() {
    let log = MemoryLog::new();
    let ring = ring_over(&log, 1).unwrap();
    let owners = [patient(1), KeyOwner::Controller("commons".to_owned()), KeyOwner::Own([9; 16])];
    let keys: Vec<_> = owners.iter().map(|owner| ring.key_of(owner).unwrap()).collect();
    let mut sealed = b"secret".to_vec();
    keys[2].seal(Part::Doc, &SeededRng::new(5), &mut sealed).unwrap();
    append(&log, ring.pending_for(keys.iter().map(|key| key.id()))).unwrap();
    drop(ring);

    let ring = ring_over(&log, 1).unwrap();
    for (owner, key) in owners.iter().zip(&keys) {
        assert_eq!(ring.key_of(owner).unwrap().id(), key.id());
    }
    assert_eq!(ring.key(keys[2].id()).unwrap().open(Part::Doc, &mut sealed).unwrap(), b"secret");
    let new = ring.key_of(&patient(2)).unwrap().id();
    assert!(keys.iter().all(|key| key.id() < new));
    assert!(matches!(ring.key(KeyId(99)), Err(StoreError::NoKey(KeyId(99)))));
}

#[test]
fn another_store_key_opens_nothing() {
    let log = MemoryLog::new();
    let ring = ring_over(&log, 1).unwrap();
    let key = ring.key_of(&patient(1)).unwrap();
    append(&log, ring.pending_for([key.id()])).unwrap();
    assert!(matches!(ring_over(&log, 2), Err(StoreError::WrongStoreKey)));
}

/// A wrapped key put under another owner or number must not open there.
#[test]
fn wrapped_keys_are_bound_to_owner_and_number() {
    let ring = ring_over(&MemoryLog::new(), 1).unwrap();
    let key = ring.key_of(&patient(1)).unwrap();
    let wrapped = ring.pending_for([key.id()]).remove(0);
    for swapped in [
        WrappedKey { owner: patient(2), ..wrapped.clone() },
        WrappedKey { id: KeyId(2), ..wrapped.clone() },
        WrappedKey { wrapped: vec![], ..wrapped.clone() },
    ] {
        let log = MemoryLog::new();
        append(&log, vec![swapped]).unwrap();
        assert!(matches!(ring_over(&log, 1), Err(StoreError::WrongStoreKey)));
    }
}

#[test]
fn keys_of_requests_given_up_are_forgotten_but_not_those_in_use() {
    let ring = ring_over(&MemoryLog::new(), 1).unwrap();
    let held = ring.key_of(&KeyOwner::Own([7; 16])).unwrap();
    let taken = ring.key_of(&KeyOwner::Own([8; 16])).unwrap().id();
    assert_eq!(ring.pending_for([taken]).len(), 1);
    for number in 0..5000 {
        ring.key_of(&patient(number)).unwrap();
    }
    assert!(ring.pending_len() < 2000, "{}", ring.pending_len());
    assert_eq!(ring.pending_for([held.id(), taken]).len(), 2);
}

#[test]
fn owners_come_back_from_their_bytes() {
    for owner in [patient(1), KeyOwner::Controller(String::new()), KeyOwner::Own([3; 16])] {
        assert_eq!(KeyOwner::from_bytes(&owner.to_bytes()), Some(owner));
    }
    for bad in [&[][..], &[0], &[4, 1], &[3, 1], &[1, 0xff]] {
        assert_eq!(KeyOwner::from_bytes(bad), None);
    }
}
