//! Hostile bytes: an error, or what was written; never a panic, never another record.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;

use super::{arbitrary, owner, ring};
use crate::codec::{TxPlace, decode_record, encode_record, seal_body, values, zip};
use crate::keys::KeyRing;

const DOC: &[u8] = b"a document";

/// Where and how bytes are changed.
#[derive(Clone, Debug)]
enum Mutation {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Grow(Vec<u8>),
    Swap(prop::sample::Index, prop::sample::Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        (any::<prop::sample::Index>(), 1..=255u8).prop_map(|(at, mask)| Mutation::Flip(at, mask)),
        any::<prop::sample::Index>().prop_map(Mutation::Cut),
        vec(any::<u8>(), 1..8).prop_map(Mutation::Grow),
        any::<(prop::sample::Index, prop::sample::Index)>().prop_map(|(a, b)| Mutation::Swap(a, b)),
    ]
}

fn apply(bytes: &mut Vec<u8>, mutation: &Mutation) {
    if bytes.is_empty() {
        return;
    }
    match mutation {
        Mutation::Flip(at, mask) => {
            let at = at.index(bytes.len());
            bytes[at] ^= mask;
        }
        Mutation::Cut(at) => bytes.truncate(at.index(bytes.len())),
        Mutation::Grow(more) => bytes.extend_from_slice(more),
        Mutation::Swap(a, b) => {
            let (a, b) = (a.index(bytes.len()), b.index(bytes.len()));
            bytes.swap(a, b);
        }
    }
}

/// Opens everything; whatever the answers, nothing panics.
fn exercise(bytes: &[u8], keys: &KeyRing) -> Option<Vec<u8>> {
    let record = decode_record(bytes).ok()?;
    let values = record.open_values(keys).unwrap_or_default();
    let _ = record.effect(Arc::new(values));
    let _ = record.changes();
    record.open_doc(keys).ok().map(|doc| doc.bytes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_changed_record_is_refused(
        effect in arbitrary::effect(),
        mutations in vec(mutation(), 1..4),
    ) {
        let (keys, rng) = ring(2);
        let key = keys.key_of(&owner()).unwrap();
        let body = seal_body(&key, DOC, b"", &effect.values, &*rng).unwrap();
        let place = TxPlace { index: 0, size: 1 };
        let bytes = encode_record(&effect, Some(&body), place, None).unwrap();
        let mut changed = bytes.clone();
        mutations.iter().for_each(|mutation| apply(&mut changed, mutation));
        prop_assert_eq!(decode_record(&changed).is_ok(), changed == bytes);

        // A forger can make the checksum right, but not the seal.
        let content = changed.len().saturating_sub(4);
        let mut forged = changed[..content].to_vec();
        forged.extend_from_slice(&crc32c::crc32c(&forged).to_le_bytes());
        if let Some(doc) = exercise(&forged, &keys) {
            prop_assert!(doc.is_empty() || doc == DOC);
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in vec(any::<u8>(), 0..200)) {
        let (keys, _) = ring(3);
        let mut headed = vec![1, 1, 0, 0];
        headed.extend_from_slice(&bytes);
        headed.extend_from_slice(&crc32c::crc32c(&headed).to_le_bytes());
        exercise(&headed, &keys);
        let _ = values::decode(&bytes);
        let _ = zip::decompress(&bytes, 0);
        let _ = zip::decompress(&bytes, 1);
        prop_assert!(zip::decompress(&bytes, 77).is_err());
    }

    #[test]
    fn changed_values_decode_to_something_that_encodes_again(
        original in arbitrary::values(),
        mutations in vec(mutation(), 1..3),
    ) {
        let mut bytes = Vec::new();
        values::encode(&original, &mut bytes);
        mutations.iter().for_each(|mutation| apply(&mut bytes, mutation));
        if let Ok(decoded) = values::decode(&bytes) {
            let mut again = Vec::new();
            values::encode(&decoded, &mut again);
            prop_assert_eq!(values::decode(&again).unwrap(), decoded);
        }
    }
}
