//! `--match`: directory entries that every bundle repeats.

use std::collections::HashMap;
use std::fs;

use serde_json::{Value, json};

use crate::common::Store;
use crate::counts;

/// A bundle that brings its own copy of an organisation and a practitioner.
fn repeating(number: usize) -> Value {
    let uuid = |kind: usize| format!("urn:uuid:0000000{kind}-0000-4000-8000-{number:012}");
    let shared = number % 3;
    let directory = |kind: &str| {
        json!({"resourceType": kind, "active": true,
            "identifier": [{"system": "http://x.example/id", "value": format!("n,{shared}|x")}]})
    };
    json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": uuid(1), "request": {"method": "POST", "url": "Organization"},
         "resource": directory("Organization")},
        {"fullUrl": uuid(2), "request": {"method": "POST", "url": "Practitioner"},
         "resource": directory("Practitioner")},
        {"fullUrl": uuid(3), "request": {"method": "POST", "url": "Patient"},
         "resource": {"resourceType": "Patient", "name": [{"family": format!("S{shared}")}],
            "managingOrganization": {"reference": uuid(1)},
            "generalPractitioner": [{"reference": uuid(2)}]}},
    ]})
}

#[test]
fn matched_types_are_stored_once_and_referred_to() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..30 {
        fs::write(folder.path().join(format!("{n:02}.json")), repeating(n).to_string()).unwrap();
    }
    let store = Store::new();
    let option = ["--match", "Organization,Practitioner=identifier"];
    let said = store.import(&option, &[folder.path()]).good();
    assert_eq!(counts(&said, "Organization"), [30, 3, 27, 0]);
    assert_eq!(counts(&said, "Practitioner"), [30, 3, 27, 0]);
    assert_eq!(counts(&said, "Patient"), [30, 30, 0, 0]);

    let server = store.serve();
    let mut client = server.client(&store.system());
    let mut by_identifier = HashMap::new();
    for entry in client.get("Organization").expect(200).json()["entry"].as_array().unwrap() {
        let resource = &entry["resource"];
        let value = resource["identifier"][0]["value"].as_str().unwrap().to_owned();
        let id = resource["id"].as_str().unwrap().to_owned();
        assert_eq!(by_identifier.insert(value, id), None);
    }
    assert_eq!(by_identifier.len(), 3);
    for shared in 0..3 {
        let organization = &by_identifier[&format!("n,{shared}|x")];
        let query = format!("Patient?family=S{shared}&organization={organization}&_summary=count");
        assert_eq!(client.get(&query).expect(200).json()["total"], 10);
    }
    assert_eq!(client.get("Practitioner?_summary=count").json()["total"], 3);
}
