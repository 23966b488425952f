//! What a server does in its life, what it told its clients, and what must be found afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;

use accord_base::{Clock, LogTime, ManualClock, SeededRng, Subject};
use accord_conformance::{Store, id};
use accord_engine::{
    Answer, Interaction, Marks, Outcome, Parts, Version, check_parts, verify_parts,
};
use accord_spec::ResourceType;
use accord_store::decode_record;
use serde_json::json;

use crate::frail::{End, World};

/// Chunks so small that several are sealed.
const CHUNK_ROWS: u32 = 64;
/// How often a life is interrupted by a proper stop and start.
const SESSIONS: usize = 3;
/// Requests between two stops.
const REQUESTS: usize = 80;

/// What clients know.
#[derive(Default)]
pub struct Told {
    /// Versions acknowledged, with their bodies; those of a transaction together.
    committed: Vec<Vec<Version>>,
    /// Names of the resources of a request that was not answered well.
    open: Vec<String>,
    /// Reads that were answered.
    reads: u64,
    /// Writes that were answered, refused ones too.
    writes: u64,
}

/// Lives until all is done or a request fails; whether all was done.
pub fn live(world: &World, told: &mut Told, seed: u64) -> bool {
    let rng = SeededRng::new(seed);
    let system = Arc::new(Subject::system("life"));
    // Each closing signs a checkpoint, each opening begins from one.
    for session in 0..SESSIONS {
        let Ok(store) = Store::open(world.parts(), world.clock.clone(), CHUNK_ROWS) else {
            return false;
        };
        for n in 0..REQUESTS {
            store.clock.advance_us(1000);
            if !request(&store, &system, &rng, session * REQUESTS + n, told) {
                return false;
            }
        }
    }
    true
}

fn observation(name: &str, n: usize) -> serde_json::Value {
    json!({"resourceType": "Observation", "id": name, "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": format!("c{}", n % 7)}]},
        "subject": {"reference": format!("Patient/p{}", n % 5)},
        "valueQuantity": {"value": n, "unit": "mm"}})
}

/// One request; whether it was answered well.
fn request(
    store: &Store,
    system: &Arc<Subject>,
    rng: &SeededRng,
    n: usize,
    told: &mut Told,
) -> bool {
    let name = format!("o{}", rng.below(40));
    match rng.below(8) {
        0 => {
            let asked = Interaction::get("Observation?code=c1&_count=3").unwrap();
            let answered = store.ask(system, asked).is_ok();
            told.reads += u64::from(answered);
            answered
        }
        1 => {
            let delete = Interaction::Delete {
                resource_type: ResourceType::from_name("Observation").unwrap(),
                id: id(&name),
                if_match: None,
            };
            settle(told, store.ask(system, delete), &[name])
        }
        2 => {
            let names: Vec<String> = (0..4).map(|k| format!("t{n}-{k}")).collect();
            let entry = |name: &String| {
                json!({"resource": observation(name, n),
                    "request": {"method": "PUT", "url": format!("Observation/{name}")}})
            };
            let entries: Vec<_> = names.iter().map(entry).collect();
            let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
            settle(told, store.bundle(system, &bundle.to_string(), None), &names)
        }
        _ => {
            let body = observation(&name, n).to_string();
            settle(told, store.put(system, ("Observation", &name), &body, None), &[name])
        }
    }
}

fn settle(told: &mut Told, outcome: Outcome, names: &[String]) -> bool {
    let answers = match outcome {
        Ok(Answer::Bundle { entries, .. }) => entries,
        other => vec![other],
    };
    let mut versions = Vec::new();
    for answer in answers {
        match answer {
            Ok(Answer::Created(version) | Answer::Updated(version)) => versions.push(version),
            Ok(Answer::Deleted { version: Some(number) }) => {
                versions.push(Version {
                    resource_type: ResourceType::from_name("Observation").unwrap(),
                    id: id(&names[0]),
                    version: number,
                    last_updated: LogTime(0),
                    body: "".into(),
                    deleted: true,
                    put: false,
                    marks: Marks::NONE,
                    fragment: None,
                });
            }
            Ok(Answer::Deleted { version: None }) => {}
            _ => {
                told.open = names.to_vec();
                return false;
            }
        }
    }
    told.writes += 1;
    told.committed.push(versions);
    true
}

/// Opens what is found and compares it with what was told.
pub fn check((parts, clock): (Parts, Arc<ManualClock>), told: &Told, end: End, case: &str) {
    evidence(&parts, case, false);
    records(&parts, told, case);
    let store = Store::open(parts.clone(), clock.clone(), CHUNK_ROWS)
        .unwrap_or_else(|error| panic!("{case}: {error}"));
    documents(&store, told, case);
    // Life goes on.
    let system = Arc::new(Subject::system("after"));
    let body = observation("after", 1).to_string();
    let after = store.put(&system, ("Observation", "after"), &body, None);
    assert!(after.is_ok(), "{case}: {after:?}");
    drop(store);
    let listed: Vec<String> = parts.log.segments().unwrap().into_iter().map(|s| s.file).collect();
    assert_eq!(parts.disk.list("segments").unwrap(), listed, "{case}: files are left over");
    let report = evidence(&parts, case, true);
    // The history read above was recorded too; of reads before, none is lost to a killed process.
    if end == End::Killed {
        assert!(report > told.reads, "{case}: {report} access records, {} reads", told.reads);
    }
    let again = Store::open(parts, clock, CHUNK_ROWS).unwrap();
    assert!(again.clock.now() > LogTime(0));
    documents(&again, told, case);
}

/// Verifies both trees and the index; gives the leaves of the access tree.
fn evidence(parts: &Parts, case: &str, closed: bool) -> u64 {
    let mut faults = Vec::new();
    check_parts(parts, CHUNK_ROWS, &mut |fault| faults.push(fault))
        .unwrap_or_else(|error| panic!("{case}: {error}"));
    assert!(faults.is_empty(), "{case}: {faults:?}");
    let verdict = verify_parts(parts, None).unwrap();
    let report = verdict.unwrap_or_else(|fault| panic!("{case}: {fault}"));
    if closed {
        let last = parts.log.last_checkpoint().unwrap().expect("closing signs a checkpoint");
        let external = verify_parts(parts, Some(&last.note)).unwrap();
        external.unwrap_or_else(|fault| panic!("{case}: {fault}"));
    }
    report.access.size
}

/// Every answered write has an access record in the log.
fn records(parts: &Parts, told: &Told, case: &str) {
    let records = parts.log.scan(accord_base::Row(0), usize::MAX).unwrap();
    let access =
        records.iter().filter(|(_, bytes)| decode_record(bytes).unwrap().access().is_some());
    let count = access.count() as u64;
    let more = count - told.writes.min(count);
    assert!(count >= told.writes && more <= 1, "{case}: {count} records, {} writes", told.writes);
}

/// Versions acknowledged are there as told; beyond them at most those of the open request, whole.
fn documents(store: &Store, told: &Told, case: &str) {
    let found: BTreeMap<(String, u32), Version> = store
        .versions()
        .into_iter()
        .filter(|version| version.id.as_str() != "after")
        .map(|version| ((version.id.to_string(), version.version), version))
        .collect();
    let mut acknowledged = 0;
    for version in told.committed.iter().flatten() {
        let key = (version.id.to_string(), version.version);
        let there = found.get(&key).unwrap_or_else(|| panic!("{case}: {key:?} is lost"));
        assert_eq!(
            (&there.body, there.deleted),
            (&version.body, version.deleted),
            "{case}: {key:?}"
        );
        acknowledged += 1;
    }
    let more = found.len() - acknowledged;
    assert!(more == 0 || more == told.open.len(), "{case}: {more} versions of an open request");
    let is_open = |name: &str| told.open.iter().any(|open| open == name);
    let known = |key: &(String, u32)| {
        told.committed.iter().flatten().any(|v| v.id.as_str() == key.0 && v.version == key.1)
    };
    assert!(found.keys().all(|key| known(key) || is_open(&key.0)), "{case}: something never sent");
}
