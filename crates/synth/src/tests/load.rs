//! Bodies for load generators.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{observation_body, transaction_body};

#[test]
fn creates_are_distinct_and_repeatable() {
    let bodies: BTreeSet<String> = (0..500).map(|n| observation_body(1, n, "p1")).collect();
    assert!(bodies.len() > 495);
    assert_eq!(observation_body(1, 7, "p1"), observation_body(1, 7, "p1"));
    for body in bodies {
        let value: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(value["resourceType"], "Observation");
        assert_eq!(value["subject"]["reference"], "Patient/p1");
        assert!(value.get("id").is_none());
    }
}

#[test]
fn transactions_refer_to_themselves_alone() {
    for n in 0..20 {
        let body = transaction_body(3, n, 100);
        assert_eq!(body, transaction_body(3, n, 100));
        let bundle: Value = serde_json::from_str(&body).unwrap();
        let entries = bundle["entry"].as_array().unwrap();
        assert_eq!(entries.len(), 100);
        let urls: BTreeSet<&str> = entries.iter().map(|e| e["fullUrl"].as_str().unwrap()).collect();
        assert_eq!(urls.len(), 100);
        for entry in entries {
            assert_eq!(entry["request"]["method"], "POST");
            assert_eq!(entry["request"]["url"], entry["resource"]["resourceType"]);
            for key in ["subject", "encounter"] {
                let target = &entry["resource"][key]["reference"];
                assert!(target.is_null() || urls.contains(target.as_str().unwrap()));
            }
            assert!(!entry["resource"].to_string().contains("Organization/"));
        }
    }
    assert_ne!(transaction_body(3, 1, 100), transaction_body(3, 2, 100));
    let least: Value = serde_json::from_str(&transaction_body(3, 1, 0)).unwrap();
    assert_eq!(least["entry"].as_array().unwrap().len(), 3);
}
