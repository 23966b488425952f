//! The main job: files, folders and archives into a store, with the real binary.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../common/mod.rs"]
mod common;

mod containers;
mod dangling;
mod faults;
mod interrupted;
mod matching;
mod real;

use common::Said;
use serde_json::{Value, json};

/// A transaction of a Patient and its Observations that refer to it by `urn:uuid`.
pub fn transaction(number: usize, observations: usize) -> Value {
    let patient = format!("urn:uuid:00000000-0000-4000-8000-{number:012}");
    let mut entries = vec![json!({
        "fullUrl": patient,
        "request": {"method": "POST", "url": "Patient"},
        "resource": {"resourceType": "Patient", "name": [{"family": format!("F{number}")}]}
    })];
    entries.extend((0..observations).map(|n| {
        json!({
            "request": {"method": "POST", "url": "Observation"},
            "resource": {"resourceType": "Observation", "status": "final",
                "code": {"text": format!("o{n}")}, "subject": {"reference": patient}}
        })
    }));
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
}

/// A resource with an id.
pub fn basic(id: &str) -> Value {
    json!({"resourceType": "Basic", "id": id, "code": {"text": id}})
}

/// A line of the reconciliation: read, stored, unchanged, refused.
#[track_caller]
pub fn counts(said: &Said, name: &str) -> [u64; 4] {
    let line = said.out.lines().find(|line| line.split_whitespace().next() == Some(name));
    let line = line.unwrap_or_else(|| panic!("no line `{name}` in\n{}\n{}", said.out, said.err));
    let numbers: Vec<u64> =
        line.split_whitespace().skip(1).map(|number| number.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}
