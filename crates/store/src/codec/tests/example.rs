//! The worked example of `docs/storage.md` is a real record.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use accord_base::{ActorOrd, LogTime, NameSpace, OrgOrd, PatientOrd, ResourceId, Rng, Row};
use accord_index::{Datum, NewName, RowEffect, Value, Values};

use crate::codec::{TxPlace, body, decode_record, encode_record, seal_body};
use crate::keys::{DataKey, KeyId, Part};

const DOC: &[u8] = br#"{"resourceType":"Patient","id":"a","active":true}"#;
const EDITS: &[u8] = &[0xe1, 0xe2];

/// Gives the nonces of the example: `a0 … ab`, then `b0 … bb`.
struct Nonces(AtomicU8);

impl Rng for Nonces {
    fn fill(&self, bytes: &mut [u8]) {
        for nonce in bytes.chunks_mut(12) {
            let high = self.0.fetch_add(0x10, Ordering::Relaxed);
            (high..).zip(nonce).for_each(|(value, byte)| *byte = value);
        }
    }
}

fn effect() -> RowEffect {
    let token = |param, code: &str| Value {
        param,
        datum: Datum::Token { system: None, code: code.to_owned() },
    };
    RowEffect {
        row: Row(5),
        born: LogTime(1_795_300_398_123_456),
        resource_type: 103,
        id: ResourceId::new("a").unwrap(),
        version: 2,
        deleted: false,
        put: false,
        prior: Some(Row(2)),
        policy: accord_access::RowPolicy {
            controller: OrgOrd(1),
            source: OrgOrd(1),
            patients: std::iter::once(PatientOrd(0)).collect(),
            labels: 0,
            clinical_day: i32::MIN,
            authors: std::iter::once(ActorOrd(4)).collect(),
        },
        names: vec![NewName {
            space: NameSpace::Actor,
            ordinal: 4,
            name: "Practitioner/b".to_owned(),
        }],
        facts: Vec::new(),
        values: Arc::new(Values(vec![token(3, "a"), token(5, "true")])),
        changes: Vec::new(),
    }
}

/// Pairs of hexadecimal digits in the example's block; words after `#` explain them.
fn documented() -> Vec<u8> {
    let page = include_str!("../../../../../docs/storage.md");
    let (_, block) = page.split_once("```record\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let digits = block.lines().map(|line| line.split('#').next().unwrap());
    let words = digits.flat_map(str::split_whitespace);
    words.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

#[test]
fn the_documented_record_is_what_is_written() {
    let effect = effect();
    let secret: [u8; 32] = std::array::from_fn(|at| at as u8);
    let key = Arc::new(DataKey::new(KeyId(7), &secret));
    let rng = Nonces(AtomicU8::new(0xa0));
    let body = seal_body(&key, DOC, EDITS, &effect.values, &rng).unwrap();
    let place = TxPlace { index: 0, size: 1 };
    let bytes = encode_record(&effect, Some(&body), place, None).unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x} ")).collect::<String>();
    assert_eq!(hex(&documented()), hex(&bytes), "docs/storage.md shows another record");
}

/// The record of the page stays readable, whatever compresses new ones.
#[test]
fn the_documented_record_opens() {
    let bytes = documented();
    let record = decode_record(&bytes).unwrap();
    assert_eq!(record.effect(effect().values).unwrap(), Some(effect()));
    let secret: [u8; 32] = std::array::from_fn(|at| at as u8);
    let key = DataKey::new(KeyId(7), &secret);
    let dictionary = record.header().dictionary;
    let plain = body::open(&key, Part::Doc, dictionary, record.doc).unwrap();
    let doc = body::Doc::unpack(plain).unwrap();
    assert_eq!((&doc.bytes[..], &doc.edits[..]), (DOC, EDITS));
}
