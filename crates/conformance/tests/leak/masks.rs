//! What documents tell someone for whom only some resources exist, read naively from
//! `docs/access.md`: on parsed JSON, value by value.

use std::sync::Arc;

use accord_engine::{Answer, Outcome, Version};
use serde_json::{Value, json};

/// Types of the directory that the worlds of these tests refer to.
const DIRECTORY: [&str; 6] = [
    "Organization",
    "Location",
    "Practitioner",
    "PractitionerRole",
    "HealthcareService",
    "Medication",
];

/// Whether a resource exists for someone, by type and id.
pub type Exists<'a> = &'a dyn Fn(&str, &str) -> bool;

/// An outcome as someone sees it for whom only those exist, and who owes what is told of each
/// version by codes; `None` of what is a marker, which stays as it is.
pub fn masked(
    outcome: Outcome,
    exists: Exists<'_>,
    owed: &dyn Fn(&Version) -> Option<Vec<&'static str>>,
) -> Outcome {
    let one = |version: Version| match owed(&version) {
        Some(owed) => Version { body: body(&version.body, exists, &owed), ..version },
        None => version,
    };
    outcome.map(|answer| match answer {
        Answer::Read(version) => Answer::Read(one(version)),
        Answer::Page(mut page) => {
            page.entries = page.entries.into_iter().map(one).collect();
            page.included = page.included.into_iter().map(one).collect();
            Answer::Page(page)
        }
        Answer::Changes(mut changes) => {
            for change in &mut changes.entries {
                change.version = one(change.version.clone());
            }
            Answer::Changes(changes)
        }
        other => other,
    })
}

/// A document as they see it.
fn body(text: &str, exists: Exists<'_>, owed: &[&str]) -> Arc<str> {
    if text.is_empty() {
        return Arc::from(text);
    }
    let whole: Value = serde_json::from_str(text).unwrap();
    let (mut left, mut dangling) = (whole.clone(), false);
    for (_, member) in left.as_object_mut().unwrap() {
        references(member, exists, &mut dangling);
    }
    if dangling {
        narratives(&mut left);
    }
    let mut codes = if left == whole { Vec::new() } else { vec!["REDACTED"] };
    codes.extend(owed);
    if codes.is_empty() {
        return Arc::from(text);
    }
    let meta = left["meta"].as_object_mut().unwrap();
    let labels = meta.entry("security").or_insert_with(|| json!([]));
    labels.as_array_mut().unwrap().extend(codes.into_iter().map(label));
    Arc::from(left.to_string())
}

fn label(code: &str) -> Value {
    let (system, display) = match code {
        "REDACTED" => ("v3-ObservationValue", "redacted"),
        "NORDSCLCD" => ("v3-ActCode", "no redisclosure without consent directive"),
        "PRIVMARK" => (
            "v3-ActCode",
            "42 CFR part 2 prohibits unauthorized use or disclosure of these records.",
        ),
        other => panic!("no label {other}"),
    };
    let system = format!("http://terminology.hl7.org/CodeSystem/{system}");
    json!({"system": system, "code": code, "display": display})
}

fn references(value: &mut Value, exists: Exists<'_>, dangling: &mut bool) {
    if let Value::Array(items) = value {
        return items.iter_mut().for_each(|item| references(item, exists, dangling));
    }
    let Value::Object(members) = value else { return };
    members.values_mut().for_each(|member| references(member, exists, dangling));
    let Some(text) = members.get("reference").and_then(Value::as_str) else { return };
    let mut parts = text.split('/');
    let (Some(kind), Some(id)) = (parts.next(), parts.next()) else { return };
    if text.contains(':') || text.starts_with('#') || DIRECTORY.contains(&kind) || exists(kind, id)
    {
        return;
    }
    *dangling = true;
    for telling in ["display", "_display", "identifier", "extension"] {
        members.shift_remove(telling);
    }
}

fn narratives(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(narratives),
        Value::Object(members) => {
            if members.get("text").is_some_and(Value::is_object) {
                members.shift_remove("text");
            }
            members.values_mut().for_each(narratives);
        }
        _ => {}
    }
}
