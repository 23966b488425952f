//! Attempts on labels: several of them, of elements, by rules that come later, by reference.

use std::sync::Arc;

use accord_base::{LogTime, Subject};
use accord_conformance::Store;
use serde_json::{Value, json};

use crate::answers::told;
use crate::scene::{OWN, Scene, asker, get};

const THO: &str = "http://terminology.hl7.org/CodeSystem";
const INLINE: &str =
    "http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label";

fn label(code: &str) -> Value {
    let system = if "NRV".contains(code) { "v3-Confidentiality" } else { "v3-ActCode" };
    json!({"system": format!("{THO}/{system}"), "code": code})
}

fn security(codes: &[&str]) -> Value {
    json!({"security": codes.iter().map(|code| label(code)).collect::<Vec<_>>()})
}

/// A patient in the asker's care, who lets them see what is labelled PSY and what is normal.
fn store() -> Store {
    let store = Store::new(11, LogTime(1_795_300_398_000_000), 64);
    let permit = |labels: &[&str]| {
        json!({"type": "permit",
        "securityLabel": labels.iter().map(|code| label(code)).collect::<Vec<_>>()})
    };
    for body in [
        json!({"resourceType": "Organization", "id": OWN, "name": "Own"}),
        json!({"resourceType": "Patient", "id": "p"}),
        encounter("e", json!({})),
        json!({"resourceType": "Consent", "id": "c", "status": "active",
            "scope": {"coding": [{"code": "patient-privacy"}]}, "category": [{"text": "privacy"}],
            "patient": {"reference": "Patient/p"}, "policyRule": {"text": "own"},
            "provision": {"type": "deny",
                "provision": [permit(&["N"]), permit(&["PSY"])]}}),
    ] {
        put(&store, &body);
    }
    store
}

fn encounter(name: &str, meta: Value) -> Value {
    json!({"resourceType": "Encounter", "id": name, "status": "in-progress", "meta": meta,
        "class": {"code": "IMP"}, "subject": {"reference": "Patient/p"},
        "serviceProvider": {"reference": format!("Organization/{OWN}")}})
}

fn condition(name: &str, meta: Value, code: &str) -> Value {
    json!({"resourceType": "Condition", "id": name, "meta": meta,
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": code}]},
        "subject": {"reference": "Patient/p"}})
}

fn put(store: &Store, body: &Value) {
    let name = (body["resourceType"].as_str().unwrap(), body["id"].as_str().unwrap());
    let mut body = body.clone();
    if body["meta"] == json!({}) {
        body.as_object_mut().unwrap().shift_remove("meta");
    }
    let system = Arc::new(Subject::system("labels"));
    store.put(&system, name, &body.to_string(), Some(OWN)).unwrap();
}

fn sees(store: &Store, url: &str) -> bool {
    get(store, &asker(), url).is_ok()
}

/// What is hidden is answered as what never was, whatever the door.
fn hidden(store: &Store, kind: &str, name: &str) {
    let asked = |name: &str, url: &str| {
        told(&get(store, &asker(), &url.replace("{}", name))).replace(name, "it")
    };
    for url in ["/{}", "/{}/_history", "/{}/_history/1", "?_id={}", "?_id={}&_summary=count"] {
        let url = format!("{kind}{url}");
        assert_eq!(asked(name, &url), asked("never", &url), "{url} of {name}");
    }
}

/// T17: with leave for one label only.
pub fn several(_: &Scene) {
    let store = store();
    put(&store, &condition("normal", json!({}), "I10"));
    put(&store, &condition("psy", security(&["PSY"]), "I10"));
    put(&store, &condition("both", security(&["PSY", "HIV"]), "I10"));
    put(&store, &condition("very", security(&["PSY", "V"]), "I10"));
    let mut inline = condition("inline", security(&["PSY"]), "I10");
    inline["code"]["extension"] = json!([{"url": INLINE, "valueCoding": label("HIV")}]);
    put(&store, &inline);
    let mut embedded = condition("embedded", json!({}), "I10");
    embedded["contained"] = json!([{"resourceType": "Observation", "id": "o", "status": "final",
        "code": {"text": "x", "extension": [{"url": INLINE, "valueCoding": label("HIV")}]}}]);
    embedded["evidence"] = json!([{"detail": [{"reference": "#o"}]}]);
    put(&store, &embedded);
    assert!(sees(&store, "Condition/normal") && sees(&store, "Condition/psy"));
    for name in ["both", "very", "inline", "embedded"] {
        hidden(&store, "Condition", name);
    }
}

/// T17, T8: a rule that comes later, and versions from before it.
pub fn later_rules(_: &Scene) {
    let store = store();
    put(&store, &condition("coded", json!({}), "B20"));
    // Written anew without the code, it is harmless; what it was is not.
    put(&store, &condition("was", json!({}), "B20"));
    put(&store, &condition("was", json!({}), "I10"));
    put(
        &store,
        &json!({"resourceType": "Observation", "id": "of", "status": "final",
        "code": {"text": "x"}, "subject": {"reference": "Patient/p"},
        "focus": [{"reference": "Condition/coded"}]}),
    );
    assert!(sees(&store, "Condition/coded") && sees(&store, "Observation/of"));
    put(
        &store,
        &json!({"resourceType": "PlanDefinition", "id": "rule", "status": "active",
        "meta": {"profile": ["urn:accord:profile:label-rule"]},
        "action": [{"code": [{"coding": [label("HIV")]}],
            "input": [{"type": "Resource", "codeFilter": [{"path": "$this", "code":
                [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "B20"}]}]}]}]}),
    );
    // At once, and when everything has been looked at.
    hidden(&store, "Condition", "coded");
    assert!(store.engine.wait_until_labelled());
    hidden(&store, "Condition", "coded");
    hidden(&store, "Observation", "of");
    assert!(sees(&store, "Condition/was") && !sees(&store, "Condition/was/_history/1"));
}

/// T20: what happened at a place, or in an encounter, that is sensitive.
pub fn inherited(_: &Scene) {
    let store = store();
    put(&store, &json!({"resourceType": "Location", "id": "clinic", "name": "Ward 7"}));
    let mut stay = encounter("stay", json!({}));
    stay["location"] = json!([{"location": {"reference": "Location/clinic"}}]);
    put(&store, &stay);
    put(
        &store,
        &json!({"resourceType": "DocumentReference", "id": "letter", "status": "current",
        "subject": {"reference": "Patient/p"}, "content": [{"attachment": {"title": "letter"}}],
        "context": {"encounter": [{"reference": "Encounter/stay"}]}}),
    );
    assert!(sees(&store, "Encounter/stay") && sees(&store, "DocumentReference/letter"));
    put(
        &store,
        &json!({"resourceType": "Location", "id": "clinic", "name": "Ward 7",
        "meta": security(&["SUD"])}),
    );
    hidden(&store, "Encounter", "stay");
    hidden(&store, "DocumentReference", "letter");
    assert!(sees(&store, "Location/clinic") && sees(&store, "Encounter/e"));
}
