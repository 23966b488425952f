//! Ids are distinct, references lead somewhere, time runs forward.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{entries, parse, population};
use crate::Population;

/// Every reference inside a value.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("reference").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn references_name_what_came_before_or_with_them() {
    for updates in [false, true] {
        let mut known = BTreeSet::new();
        for t in population(110, 5, updates).transactions() {
            let entries = parse(t.controller, t.entries, &t.body);
            known.extend(entries.iter().map(|entry| entry.url.clone()));
            for entry in &entries {
                let mut found = Vec::new();
                references(&entry.resource, &mut found);
                for reference in found {
                    assert!(known.contains(&reference), "{} names {reference}", entry.url);
                }
            }
        }
    }
}

#[test]
fn ids_are_distinct_and_nothing_deleted_is_referred_to() {
    let mut seen = BTreeSet::new();
    for entry in entries(&population(110, 6, false)) {
        assert_eq!(entry.method, "PUT");
        assert!(seen.insert(entry.url.clone()), "{} comes twice", entry.url);
    }
    let (mut referred, mut deleted) = (Vec::new(), BTreeSet::new());
    for entry in entries(&population(110, 6, true)) {
        assert!(!deleted.contains(&entry.url), "{} is changed after its end", entry.url);
        references(&entry.resource, &mut referred);
        if entry.method == "DELETE" {
            assert!(seen.contains(&entry.url));
            deleted.insert(entry.url);
        }
    }
    assert!(deleted.len() > 20);
    assert!(referred.iter().all(|reference| !deleted.contains(reference)));
}

#[test]
fn updates_keep_the_controller() {
    let mut owner = std::collections::BTreeMap::new();
    for entry in entries(&population(60, 8, true)) {
        let first = *owner.entry(entry.url.clone()).or_insert(entry.controller);
        assert_eq!(first, entry.controller, "{}", entry.url);
    }
}

/// Every period of a value, and every point in time, as (element, start, end).
fn times(name: &str, value: &Value, found: &mut Vec<(String, String, String)>) {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    match value {
        Value::Object(_) if value.get("start").is_some() => {
            found.push((name.to_owned(), text("start"), text("end")));
        }
        Value::Object(members) => members.iter().for_each(|(key, v)| times(key, v, found)),
        Value::Array(items) => items.iter().for_each(|item| times(name, item, found)),
        Value::String(at) if at.len() == 25 && at.as_bytes()[10] == b'T' => {
            found.push((name.to_owned(), at.clone(), String::new()));
        }
        _ => {}
    }
}

/// A dateTime as seconds since 1970, with the offset taken off; a date as its midnight.
pub fn seconds(text: &str) -> i64 {
    let number = |from: usize, to: usize| text.get(from..to).map_or(0, |t| t.parse().unwrap_or(0));
    let days =
        accord_base::days_from_civil(number(0, 4), number(5, 7) as u32, number(8, 10) as u32);
    let clock = number(11, 13) * 3600 + number(14, 16) * 60 + number(17, 19);
    days * 86_400 + clock - number(20, 22) * 3600
}

#[test]
fn time_runs_forward_and_ends_at_the_present() {
    let present = Population::DEFAULT_UNTIL.seconds() as i64;
    let mut births = std::collections::BTreeMap::new();
    for entry in entries(&population(110, 4, true)) {
        if entry.kind() == "Patient" {
            births.insert(entry.url.clone(), seconds(entry.text("/birthDate")));
        }
        let mut found = Vec::new();
        times("", &entry.resource, &mut found);
        for (name, start, end) in found {
            assert!(seconds(&start) <= present, "{name} {start} of {}", entry.url);
            assert!(end.is_empty() || seconds(&start) <= seconds(&end), "{name} of {}", entry.url);
            if let Some(birth) = births.get(entry.patient()) {
                assert!(*birth <= seconds(&start), "{name} {start} of {} before birth", entry.url);
            }
        }
    }
}
