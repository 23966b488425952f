//! Bytes: what lies on disk, and what auditors are given.

use std::sync::Arc;

use accord_audit::{AccessRecord, Decision};
use accord_base::{LogTime, Row, Subject};
use accord_conformance::{Store, id};
use accord_index::{BlockCache, Segment};
use accord_store::decode_record;

use crate::Target;

const NOW: LogTime = LogTime(1_795_300_398_000_000);

/// A store with a few of everything.
fn store() -> Store {
    let store = Store::new(1, NOW, 64);
    let system = Arc::new(Subject::system("fuzz"));
    for n in 0..140 {
        let (name, family) = (format!("p{}", n % 25), format!("Family{n}"));
        let body = format!(
            r#"{{"resourceType":"Patient","id":"{name}","name":[{{"family":"{family}"}}],
            "birthDate":"19{:02}-01-02","identifier":[{{"system":"s","value":"{n}"}}]}}"#,
            n % 100
        );
        store.put(&system, ("Patient", &name), &body, Some("northgate-hospital")).unwrap();
    }
    store
}

/// Records of the log: header, names, facts, sealed parts.
pub fn log_records() -> Target {
    let store = store();
    let records = store.parts.log.scan(Row(0), usize::MAX).unwrap();
    let corpus = records.into_iter().map(|(_, bytes)| bytes.to_vec()).collect();
    Target { name: "log record", corpus, words: &[], read: log_record }
}

fn log_record(input: &[u8]) {
    let Ok(record) = decode_record(input) else { return };
    let (_, _, _) = (record.header().prior(), record.id().len(), record.access().map(<[u8]>::len));
    let _ = record.changes();
    let _ = record.effect(Arc::default());
}

/// Access records: what is read is written as the same bytes.
pub fn access_records() -> Target {
    let record = |n: u32| AccessRecord {
        at: NOW,
        policy_as_of: NOW,
        request_id: format!("r{n}"),
        part: n % 3,
        following: n.is_multiple_of(2).then_some(n % 5),
        who: (!n.is_multiple_of(4)).then(|| Arc::new(Subject::system("fuzz"))),
        interaction: "search-type".into(),
        target: None,
        query: b"name=a".to_vec(),
        patients: (0..n % 7).map(|p| id(&format!("p{p}"))).collect(),
        decision: Decision { permit: n.is_multiple_of(2), rules: vec!["directory".into()] },
        status: 200,
    };
    let corpus = (0..12).map(|n| record(n).encode().unwrap()).collect();
    Target { name: "access record", corpus, words: &[], read: access_record }
}

fn access_record(input: &[u8]) {
    if let Ok(record) = AccessRecord::decode(input) {
        assert_eq!(record.encode().unwrap(), input, "it is written as it was read");
    }
}

/// Segment files.
pub fn segments() -> Target {
    let store = store();
    let (engine, disk) = (store.engine.clone(), store.parts.disk.clone());
    engine.close();
    let files = disk.list("segments").unwrap_or_default();
    let read = |name: &String| {
        let file = disk.open(&format!("segments/{name}")).unwrap();
        let mut bytes = vec![0; file.size().unwrap() as usize];
        let mut done = 0;
        while done < bytes.len() {
            done += file.read_at(done as u64, &mut bytes[done..]).unwrap();
        }
        bytes
    };
    let corpus: Vec<Vec<u8>> = files.iter().filter(|f| f.ends_with(".seg")).map(read).collect();
    assert!(!corpus.is_empty(), "there are segments");
    Target { name: "segment", corpus, words: &[], read: segment }
}

fn segment(input: &[u8]) {
    let cache = BlockCache::new(1 << 20);
    if let Ok(segment) = Segment::open(Arc::new(input.to_vec()), &cache) {
        let _ = segment.verify();
    }
}

/// What is laid over documents when they are served.
pub fn edits() -> Target {
    let texts = [r#"{"resourceType":"Patient"}"#, r#"{"meta":{"versionId":"1"},"id":"a"}"#];
    let encoded = texts.map(|text| {
        let tape = accord_fhir::json::parse(text.as_bytes(), Default::default()).unwrap();
        accord_fhir::document::encode_edits(&accord_fhir::document::stamp_edits(tape.root()))
    });
    Target { name: "edits", corpus: encoded.to_vec(), words: &[], read: edit }
}

fn edit(input: &[u8]) {
    for text in [r#"{"resourceType":"Patient"}"#, r#"{"meta":{"versionId":"1"},"id":"é"}"#, ""] {
        let Some(edits) = accord_fhir::document::decode_edits(input, text) else { continue };
        let (version, last_updated) = (1, NOW);
        let stamp = accord_fhir::document::Stamp { id: &id("a"), version, last_updated };
        let _ = accord_fhir::document::render(text, &edits, stamp);
    }
}
