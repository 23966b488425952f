//! Attempts by way of operations, access records and research.

use std::sync::Arc;

use accord_base::{Principal, Purpose, Role, Subject};
use accord_conformance::id;
use accord_engine::{Interaction, OPERATIONS, Operation, Outcome};
use serde_json::{Value, json};

use crate::answers::told;
use crate::scene::{OWN, Scene, asker, get};

fn person(name: &str, role: Role, purpose: Purpose) -> Arc<Subject> {
    let principal = Principal::Practitioner(id(name));
    Arc::new(Subject { principal, role, purpose, ..(*asker()).clone() })
}

fn patient(name: &str) -> Arc<Subject> {
    let (principal, role) = (Principal::Patient(id(name)), Role::Patient);
    let purpose = Purpose::Patrqt;
    Arc::new(Subject { principal, role, purpose, organization: None, ..(*asker()).clone() })
}

fn ask(scene: &Scene, who: &Arc<Subject>, name: &str, on: Option<&str>, body: &Value) -> Outcome {
    let signature = OPERATIONS.iter().find(|o| o.name() == name).unwrap();
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let (id, body) = (on.map(id), Arc::from(text.into_bytes()));
    let operation = Operation { signature, id, params: Vec::new(), body };
    scene.full.ask(who, Interaction::Operation(Box::new(operation)))
}

fn consent(of: &str) -> Value {
    json!({"resourceType": "Consent", "status": "active",
        "scope": {"coding": [{"code": "patient-privacy"}]}, "category": [{"text": "privacy"}],
        "patient": {"reference": format!("Patient/{of}")}, "policyRule": {"text": "own"},
        "provision": {"type": "deny"}})
}

/// T22: operations on what is hidden say what they say of what never was.
pub fn on_what_is_hidden(scene: &Scene) {
    let desk = person("desk", Role::Registration, Purpose::Treat);
    let own = patient("s-ann");
    for who in [&desk, &own] {
        for (name, body) in [("$revoke", json!({})), ("$supersede", consent("s-ann"))] {
            let plain = |on: &str| told(&ask(scene, who, name, Some(on), &body)).replace(on, "it");
            assert_eq!(plain("h-consent"), plain("h-never"), "{name}");
            scene.same_as_never(|on| ask(scene, who, name, Some(on), &body));
        }
        scene.same_as_never(|on| ask(scene, who, "$who-looked", Some(on), &Value::Null));
    }
    let draft = |of: &str| {
        let parameters = json!([
            {"name": "role", "valueCode": "clinician"},
            {"name": "organization", "valueReference": {"reference": format!("Organization/{OWN}")}},
            {"name": "consent", "resource": consent(of)}]);
        json!({"resourceType": "Parameters", "parameter": parameters})
    };
    scene.same_as_never(|on| ask(scene, &desk, "$preview", None, &draft(on)));
    let seen = told(&ask(scene, &own, "$preview", None, &draft("s-ann")));
    assert!(seen.contains("Observation"), "what is one's own is counted: {seen}");
    let pairs =
        told(&ask(scene, &desk, "$duplicates", None, &json!({"resourceType": "Parameters"})));
    assert!(!pairs.contains("h-bob") && !pairs.contains("h-cat"), "{pairs}");
}

/// T30: searching the records of access for who is a patient.
pub fn records_as_a_list_of_patients(scene: &Scene) {
    for url in ["Patient/s-ann", "Patient/h-bob", "Patient/h-cat"] {
        scene.seen_by_all(url);
        scene.seen_by_asker(url);
    }
    let events = |who: &Arc<Subject>, of: &str| {
        told(&get(&scene.full, who, &format!("AuditEvent?patient=Patient/{of}"))).replace(of, "it")
    };
    // Of whom another organisation answers, an officer is told nothing.
    let officer = person("po-fir", Role::PrivacyOfficer, Purpose::Hoperat);
    assert_eq!(events(&officer, "h-bob"), events(&officer, "h-never"));
    assert_ne!(events(&officer, "s-ann"), events(&officer, "h-never"));
    let own = patient("s-ann");
    assert_ne!(events(&own, "s-ann"), events(&own, "h-never"));
    for other in ["h-bob", "h-cat", "h-eve"] {
        assert_eq!(events(&own, other), events(&own, "h-never"), "{other}");
        assert_eq!(events(&scene.asker, other), events(&scene.asker, "h-never"), "{other}");
    }
}

/// T29: research on those who opted out, or were not asked whether they do.
pub fn opted_out(_: &Scene) {
    let scene = Scene::new();
    let system = Arc::new(Subject::system("scene"));
    let researcher = person("re-yew", Role::Researcher, Purpose::Hresch);
    let list = |until: &str| {
        let body = json!({"resourceType": "List", "id": "s-cleared", "status": "current",
            "mode": "snapshot", "meta": {"profile": ["urn:accord:profile:cleared-list"]},
            "extension": [{"url": "urn:accord:extension:valid-until", "valueDateTime": until}],
            "code": {"coding": [{"system": "urn:accord:codes", "code": "national-data-opt-out"}]},
            "entry": [{"item": {"reference": "Patient/s-ann"}}]});
        scene.full.put(&system, ("List", "s-cleared"), &body.to_string(), Some(OWN)).unwrap();
    };
    let seen = |url: &str| told(&get(&scene.full, &researcher, url));
    let nobody = |why: &str| {
        assert!(seen("Observation?_summary=count").starts_with("Search Some(0)"), "{why}");
        assert_eq!(seen("Observation/s-potassium-1"), seen("Observation/s-never"), "{why}");
    };
    nobody("no list clears nobody");
    list("2026-01-01");
    nobody("nor does one that expired");
    list("2099-01-01");
    assert!(seen("Observation/s-potassium-1").contains("2823-3"));
    for hidden in ["h-sodium", "h-chloride", "h-potassium", "h-moved"] {
        let url = format!("Observation/{hidden}");
        assert_eq!(
            seen(&url).replace(hidden, "it"),
            seen("Observation/h-never").replace("h-never", "it")
        );
    }
    for url in ["Patient/s-ann", "Patient?family=Ann", "Observation?patient.family=Bob"] {
        assert!(!seen(url).contains("\"family\""), "nobody is named: {url}");
    }
    assert_eq!(
        seen("Observation?patient=Patient/h-cat"),
        seen("Observation?patient=Patient/h-never").replace("h-never", "h-cat")
    );
}
