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

/// T26: where a protected patient lives or is, by whatever tells of a place.
pub fn whereabouts(_: &Scene) {
    let scene = Scene::new();
    let system = Arc::new(Subject::system("scene"));
    let ward = json!({"resourceType": "Location", "id": "s-ward", "name": "Ward",
        "status": "active", "position": {"longitude": 1.0, "latitude": 1.0}});
    let fay = json!({"resourceType": "Patient", "id": "s-fay", "name": [{"family": "Fay"}],
        "meta": {"security": [{"code": "R",
            "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"}]},
        "telecom": [{"system": "phone", "value": "0161 496 0000"}],
        "address": [{"postalCode": "M1 1AA", "city": "Town"}]});
    let patient = json!({"reference": "Patient/s-fay"});
    let place = json!({"reference": "Location/s-ward"});
    let visit = json!({"resourceType": "Encounter", "id": "s-fays", "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": patient, "serviceProvider": {"reference": format!("Organization/{OWN}")},
        "location": [{"location": place}]});
    let appointment = json!({"resourceType": "Appointment", "id": "s-fays", "status": "booked",
        "start": "2026-11-02T09:00:00Z", "end": "2026-11-02T09:30:00Z",
        "participant": [{"actor": patient, "status": "accepted"},
            {"actor": place, "status": "accepted"}]});
    let device =
        json!({"resourceType": "Device", "id": "s-fays", "patient": patient, "location": place});
    let claim = json!({"resourceType": "Claim", "id": "s-fays", "status": "active",
        "type": {"text": "institutional"}, "use": "claim", "patient": patient,
        "created": "2026-11-02", "provider": {"reference": format!("Organization/{OWN}")},
        "priority": {"text": "normal"}, "facility": place,
        "insurance": [{"sequence": 1, "focal": true, "coverage": {"display": "own means"}}]});
    for body in [ward, fay, visit, appointment, device, claim] {
        let name = (body["resourceType"].as_str().unwrap(), body["id"].as_str().unwrap());
        scene.full.put(&system, name, &body.to_string(), Some(OWN)).unwrap();
    }
    // Who has them in care finds them by who they are.
    for url in [
        "Patient?family=Fay",
        "Encounter?patient=s-fay",
        "Appointment?patient=s-fay",
        "Appointment?actor.name=Fay",
        "Claim?_count=1",
        "Device?_id=s-fays",
    ] {
        assert!(scene.seen_by_asker(url).contains("fay"), "{url}");
    }
    for url in [
        "Patient?address-postalcode=M1 1AA",
        "Patient?address:contains=Town",
        "Patient?address-city:missing=false",
        "Patient?phone=0161 496 0000",
        "Patient?telecom:not=phone|1",
        "Patient?_has:Encounter:patient:location=Location/s-ward",
        "Patient?_has:Appointment:patient:location.name=Ward",
        "Encounter?location=Location/s-ward",
        "Encounter?location.near=1|1|5|km",
        "Encounter?location:missing=false",
        "Encounter?subject:Patient.address-city=Town",
        "Appointment?location=Location/s-ward",
        "Device?location=Location/s-ward",
        "Claim?facility=Location/s-ward",
        "Encounter?_sort=location&location.status=active",
        "Location?_id=s-ward&_revinclude=Encounter:location",
        "Location?_id=s-ward&_revinclude=*",
        "Appointment?actor=Location/s-ward",
        "Appointment?actor=s-ward",
        "Appointment?actor:Location.name=Ward",
        "Appointment?actor.name=Ward",
        "Patient?_has:Appointment:patient:actor=s-ward",
    ] {
        let told = scene.seen_by_asker(url);
        assert!(!told.contains("fay"), "{url}: {told}");
        assert!(told.starts_with("Search"), "{url}: {told}");
    }
    // Nor do they count among what is too much.
    for batch in 0..3 {
        let visit = |n| {
            json!({"resourceType": "Encounter", "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "identifier": [{"value": format!("{batch}-{n}")}],
            "subject": {"reference": "Patient/s-ann"}, "location": [{"location": place}]})
        };
        let entry =
            |n| json!({"resource": visit(n), "request": {"method": "POST", "url": "Encounter"}});
        let entries: Vec<Value> = (0..667).map(entry).collect();
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
        scene.full.bundle(&system, &bundle.to_string(), Some(OWN)).unwrap();
    }
    let brought = "Location?_id=s-ward&_revinclude=Encounter:location";
    let told = scene.seen_by_asker(brought);
    assert!(told.starts_with("TooCostly"), "{}", told.chars().take(200).collect::<String>());
}

/// T28: a read of what is hidden leaves as long a record, in as many files, as one of what never
/// was. How many instructions either takes is counted by the benchmark.
pub fn as_long_a_record(scene: &Scene) {
    let disk = &scene.full.parts.disk;
    let written = || -> u64 {
        let names = disk.list("access").unwrap();
        let size = |name: &String| disk.open(&format!("access/{name}")).unwrap().size().unwrap();
        names.iter().map(size).sum()
    };
    let after = |url: &str| {
        let before = written();
        let _ = get(&scene.full, &scene.asker, url);
        written() - before
    };
    for kind in ["Observation", "Patient", "Condition"] {
        let never = after(&format!("{kind}/h-never"));
        assert!(never > 0, "a read leaves a record");
        for hidden in ["h-bob", "h-cat", "h-eve", "h-potassium", "h-note", "h-gone"] {
            assert_eq!(after(&format!("{kind}/{hidden}")), never, "{kind}/{hidden}");
            let version = format!("{kind}/{hidden}/_history/1");
            assert_eq!(after(&version), after(&format!("{kind}/h-never/_history/1")), "{version}");
        }
    }
    let nothing = after("Observation?patient=Patient/h-never");
    assert_eq!(after("Observation?patient=Patient/h-bob"), nothing);
    assert_eq!(after("Observation?patient=Patient/h-cat"), nothing);
}
