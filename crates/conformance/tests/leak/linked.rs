//! What stands in a version and what it is connected with, read from all documents again and
//! again: D8 and D9 of consents.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::labels::links;
use crate::rules::Row;

/// The codes in a version, what it refers to or is referred to by, and what it depends on.
#[derive(Clone, Default)]
pub struct Linked {
    pub codes: Vec<(String, String)>,
    pub related: BTreeSet<String>,
    /// By the patient in whose compartment one goes from reference to reference.
    pub depends_on: BTreeMap<String, BTreeSet<String>>,
}

/// A version as far as it stands in the graph of references.
struct Node<'a> {
    name: String,
    targets: BTreeSet<String>,
    /// These, and the people and groups that it names.
    named: BTreeSet<String>,
    row: &'a Row,
}

impl Linked {
    /// Of every version; `person` gives everyone who is one person with a patient.
    pub fn of_all(rows: &[Row], person: &dyn Fn(&str) -> BTreeSet<String>) -> Vec<Linked> {
        let node = |row| Node { name: name(row), targets: targets(row), named: named(row), row };
        let all: Vec<Node<'_>> = rows.iter().map(node).collect();
        let current: Vec<&Node<'_>> = all.iter().filter(|node| !node.row.superseded).collect();
        all.iter().map(|node| Linked::of(node, &current, person)).collect()
    }

    fn of(
        node: &Node<'_>,
        current: &[&Node<'_>],
        person: &dyn Fn(&str) -> BTreeSet<String>,
    ) -> Linked {
        let by = current.iter().filter(|other| other.named.contains(&node.name));
        let related = node.named.iter().cloned().chain(by.map(|other| other.name.clone()));
        let patients: BTreeSet<String> =
            node.row.patients.iter().flat_map(|patient| person(patient)).collect();
        let depends_on = patients.into_iter().map(|patient| {
            let records = person(&patient);
            let mut reached = node.targets.clone();
            loop {
                let before = reached.len();
                for other in current {
                    let about = !other.row.patients.is_disjoint(&records);
                    if about && reached.contains(&other.name) {
                        reached.extend(other.targets.iter().cloned());
                    }
                }
                if reached.len() == before {
                    return (patient, reached);
                }
            }
        });
        let mut codes = Vec::new();
        codings(&node.row.content, &mut codes);
        Linked { codes, related: related.collect(), depends_on: depends_on.collect() }
    }
}

fn name(row: &Row) -> String {
    format!("{}/{}", row.kind, row.id)
}

fn targets(row: &Row) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    links(&row.content, &mut found);
    found.into_iter().map(|(kind, id)| format!("{kind}/{id}")).collect()
}

/// The same with people and groups, as far as elements name them that searches read: in these
/// worlds all but extensions.
fn named(row: &Row) -> BTreeSet<String> {
    fn each(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| each(item, found)),
            Value::Object(members) => {
                found.extend(value["reference"].as_str().map(str::to_owned));
                let read = members.iter().filter(|(name, _)| *name != "extension");
                read.for_each(|(_, member)| each(member, found));
            }
            _ => {}
        }
    }
    let mut found = targets(row);
    each(&row.content, &mut found);
    found
}

fn codings(value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| codings(item, found)),
        Value::Object(members) => {
            if let (Some(system), Some(code)) = (value["system"].as_str(), value["code"].as_str()) {
                found.push((system.to_owned(), code.to_owned()));
            }
            members.values().for_each(|member| codings(member, found));
        }
        _ => {}
    }
}
