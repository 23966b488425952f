//! What goes in comes out.

use std::sync::Arc;

use accord_base::{LogTime, Row};
use accord_index::Values;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{arbitrary, owner, ring};
use crate::StoreError;
use crate::codec::{TxPlace, decode_record, encode_changes, encode_hole, encode_record, seal_body};
use crate::keys::KeyId;

proptest! {
    #[test]
    fn a_record_comes_back(
        effect in arbitrary::effect(),
        doc in vec(any::<u8>(), 0..600),
        edits in vec(any::<u8>(), 0..60),
        access in option::of(vec(any::<u8>(), 0..100)),
        index in any::<u32>(),
        size in any::<u32>(),
    ) {
        let (keys, rng) = ring(1);
        let key = keys.key_of(&owner()).unwrap();
        let body = seal_body(&key, &doc, &edits, &effect.values, &*rng).unwrap();
        let place = TxPlace { index, size };
        let bytes = encode_record(&effect, Some(&body), place, access.as_deref()).unwrap();

        let record = decode_record(&bytes).unwrap();
        let opened = record.open_doc(&keys).unwrap();
        prop_assert_eq!((opened.bytes, opened.edits), (doc, edits));
        let values = Arc::new(record.open_values(&keys).unwrap());
        prop_assert_eq!(record.access(), access.as_deref());
        prop_assert_eq!(record.header().place, place);
        prop_assert_eq!(record.header().key, key.id());
        prop_assert_eq!(record.effect(values).unwrap(), Some(effect));
    }
}

proptest! {
    #[test]
    fn changes_without_a_version_come_back(changes in vec(arbitrary::change(), 0..20)) {
        let place = TxPlace { index: 0, size: 1 };
        let bytes = encode_changes(Row(7), LogTime(9), place, &changes).unwrap();
        let record = decode_record(&bytes).unwrap();
        prop_assert!(!record.header().has_version() && !record.has_doc());
        prop_assert_eq!(record.effect(Arc::default()).unwrap(), None);
        prop_assert_eq!(record.changes().unwrap(), Some(changes));
    }
}

#[test]
fn a_hole_carries_an_access_record_or_nothing() {
    let place = TxPlace { index: 0, size: 1 };
    for access in [None, Some(&b""[..]), Some(b"sealed")] {
        let bytes = encode_hole(Row(7), LogTime(9), place, access).unwrap();
        let record = decode_record(&bytes).unwrap();
        let (keys, _) = ring(1);
        assert_eq!(record.access(), access);
        assert_eq!((record.header().row, record.header().born), (Row(7), LogTime(9)));
        assert!(!record.header().has_version() && !record.has_doc());
        assert_eq!(record.effect(Arc::default()).unwrap(), None);
        assert_eq!(record.changes().unwrap(), None);
        assert_eq!(record.open_values(&keys).unwrap(), Values::default());
    }
}

#[test]
fn a_deletion_has_neither_document_nor_key() {
    let (keys, _) = ring(1);
    let mut effect = sample();
    effect.deleted = true;
    let bytes = encode_record(&effect, None, TxPlace { index: 0, size: 1 }, None).unwrap();
    let record = decode_record(&bytes).unwrap();
    assert!(record.header().deleted() && !record.has_doc());
    assert_eq!(record.header().key, KeyId(0));
    assert_eq!(record.open_doc(&keys).unwrap().bytes, b"");
    assert_eq!(record.effect(Arc::default()).unwrap(), Some(effect));
}

#[test]
fn values_of_another_extractor_are_not_opened() {
    let (keys, _) = ring(1);
    let place = TxPlace { index: 0, size: 1 };
    let mut bytes = encode_record(&sample(), None, place, None).unwrap();
    bytes[40] = 99;
    let end = bytes.len() - 4;
    let crc = crc32c::crc32c(&bytes[..end]).to_le_bytes();
    bytes[end..].copy_from_slice(&crc);
    let record = decode_record(&bytes).unwrap();
    let answer = record.open_values(&keys);
    assert!(matches!(answer, Err(StoreError::StaleValues { found: 99 })), "{answer:?}");
}

#[test]
fn a_body_does_not_open_under_another_key_or_as_another_part() {
    let (keys, rng) = ring(1);
    let key = keys.key_of(&owner()).unwrap();
    let mut sealed = b"plain".to_vec();
    key.seal(crate::keys::Part::Doc, &*rng, &mut sealed).unwrap();
    assert!(key.open(crate::keys::Part::Values, &mut sealed.clone()).is_err());
    let other = keys.key_of(&crate::keys::KeyOwner::Own([1; 16])).unwrap();
    assert!(other.open(crate::keys::Part::Doc, &mut sealed.clone()).is_err());
    assert_eq!(key.open(crate::keys::Part::Doc, &mut sealed).unwrap(), b"plain");
}

/// A small effect without values.
pub fn sample() -> accord_index::RowEffect {
    accord_index::RowEffect {
        row: Row(3),
        born: LogTime(1_795_300_398_123_456),
        resource_type: 7,
        id: accord_base::ResourceId::new("a").unwrap(),
        version: 2,
        deleted: false,
        put: false,
        prior: Some(Row(1)),
        policy: accord_access::RowPolicy {
            controller: accord_base::OrgOrd(0),
            source: accord_base::OrgOrd(0),
            patients: std::iter::empty().collect(),
            labels: 0,
            clinical_day: i32::MIN,
            authors: std::iter::empty().collect(),
        },
        names: Vec::new(),
        facts: Vec::new(),
        values: Arc::default(),
        changes: Vec::new(),
    }
}
