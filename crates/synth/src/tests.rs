//! Tests of the population as a whole.

mod attendances;
mod load;
mod references;
mod shares;
mod stream;
mod tables;

use serde_json::Value;

use crate::Population;

/// A population of the default present.
fn population(patients: u32, seed: u64, updates: bool) -> Population {
    Population { patients, seed, updates, ..Population::default() }
}

/// One entry of a transaction, parsed.
struct Entry {
    controller: &'static str,
    /// `PUT` or `DELETE`.
    method: String,
    /// `Type/id`.
    url: String,
    /// Null for deletions.
    resource: Value,
}

impl Entry {
    fn kind(&self) -> &str {
        self.url.split_once('/').unwrap().0
    }

    /// The text at a JSON pointer; empty when there is none.
    fn text(&self, pointer: &str) -> &str {
        self.resource.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// The patient the resource is about, as a reference; empty when there is none.
    fn patient(&self) -> &str {
        ["/subject/reference", "/patient/reference", "/beneficiary/reference"]
            .into_iter()
            .map(|pointer| self.text(pointer))
            .find(|text| text.starts_with("Patient/"))
            .unwrap_or_default()
    }
}

/// Every entry of a population in order, with its bundle's shape checked on the way.
fn entries(population: &Population) -> Vec<Entry> {
    population.transactions().flat_map(|t| parse(t.controller, t.entries, &t.body)).collect()
}

fn parse(controller: &'static str, expect: usize, body: &str) -> Vec<Entry> {
    let bundle: Value = serde_json::from_str(body).unwrap();
    assert_eq!(bundle["resourceType"], "Bundle");
    assert_eq!(bundle["type"], "transaction");
    let entries = bundle["entry"].as_array().unwrap();
    assert!((1..=200).contains(&entries.len()) && entries.len() == expect);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let read = |entry: &Value| Entry {
        controller,
        method: text(&entry["request"]["method"]),
        url: text(&entry["request"]["url"]),
        resource: entry["resource"].clone(),
    };
    let entries: Vec<Entry> = entries.iter().map(read).collect();
    for entry in entries.iter().filter(|entry| entry.method == "PUT") {
        let (kind, id) = (entry.text("/resourceType"), entry.text("/id"));
        assert_eq!(entry.url, format!("{kind}/{id}"));
        assert!(accord_base::ResourceId::is_valid(id));
    }
    entries
}
