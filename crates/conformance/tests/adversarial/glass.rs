//! Attempts that take access, or ask why there is none.

use std::sync::Arc;

use accord_base::{LogTime, Principal, Purpose, Role, Subject};
use accord_conformance::id;
use accord_engine::{Category, Interaction, OPERATIONS, Operation, Outcome};
use serde_json::{Value, json};

use crate::answers::told;
use crate::scene::{OWN, Scene, asker, get};

fn person(name: &str, role: Role, purpose: Purpose) -> Arc<Subject> {
    let principal = Principal::Practitioner(id(name));
    Arc::new(Subject { principal, role, purpose, ..(*asker()).clone() })
}

fn operation(name: &str, on: Option<&str>, body: &Value) -> Interaction {
    let signature = OPERATIONS.iter().find(|o| o.name() == name).unwrap();
    let body = Arc::from(body.to_string().into_bytes());
    let id = on.map(id);
    Interaction::Operation(Box::new(Operation { signature, id, params: Vec::new(), body }))
}

fn break_glass(scene: &Scene, who: &Arc<Subject>, patient: &str, more: &[Value]) -> Outcome {
    let mut parameters = vec![
        json!({"name": "reasonCode", "valueCoding": {"code": "ETREAT"}}),
        json!({"name": "reason", "valueString": "unconscious"}),
    ];
    parameters.extend_from_slice(more);
    let body = json!({"resourceType": "Parameters", "parameter": parameters});
    scene.full.ask(who, operation("$break-glass", Some(patient), &body))
}

fn category(outcome: Outcome) -> Category {
    match outcome {
        Ok(answer) => panic!("not refused: {}", told(&Ok(answer))),
        Err(failure) => failure.category,
    }
}

/// T14: without the role, without a reason, for longer than four hours, for somebody else, on what
/// is locked, again and again.
pub fn broken_where_it_must_not(_: &Scene) {
    // Time passes and things are opened: a store of its own.
    let scene = Scene::new();
    let doctor = person("dr-birch", Role::Clinician, Purpose::Treat);
    let sees = |who: &Arc<Subject>, url: &str| get(&scene.full, who, url).is_ok();
    for (name, role, purpose) in [
        ("ph-cedar", Role::Pharmacist, Purpose::Treat),
        ("re-elm", Role::Registration, Purpose::Treat),
        ("po-fir", Role::PrivacyOfficer, Purpose::Hoperat),
        ("pay-yew", Role::Payor, Purpose::Hpaymt),
    ] {
        let refused = category(break_glass(&scene, &person(name, role, purpose), "h-cat", &[]));
        assert_eq!(refused, Category::Forbidden, "{name}");
    }
    let coded = json!([{"name": "reasonCode", "valueCoding": {"code": "ETREAT"}}]);
    for parameters in [coded, json!([{"name": "reason", "valueString": "words alone"}])] {
        let body = json!({"resourceType": "Parameters", "parameter": parameters});
        let asked = operation("$break-glass", Some("h-cat"), &body);
        assert_eq!(category(scene.full.ask(&doctor, asked)), Category::Invalid);
    }
    assert!(!sees(&doctor, "Observation/h-sodium"));
    let longer = json!({"name": "until", "valueDateTime": "2027-01-01T00:00:00Z"});
    // Whether there is such a patient is not told.
    let plain = |outcome: &Outcome| told(outcome).len();
    let known = break_glass(&scene, &doctor, "h-cat", std::slice::from_ref(&longer));
    let never = break_glass(&scene, &doctor, "h-nob", std::slice::from_ref(&longer));
    assert_eq!(plain(&known), plain(&never));
    assert!(sees(&doctor, "Observation/h-sodium"), "for who claimed");
    assert!(!sees(&asker(), "Observation/h-sodium"), "for nobody else");
    assert!(!sees(&doctor, "Observation/s-potassium-1/_history/9"));
    for other in ["Communication/h-both", "Patient/h-bob", "Observation/h-potassium"] {
        let both = other == "Communication/h-both";
        assert_eq!(sees(&doctor, other), both, "{other}: no other patient is opened by it");
    }
    let seal = json!({"resourceType": "Consent", "id": "h-seal", "status": "active",
        "meta": {"profile": ["urn:accord:profile:seal"]},
        "scope": {"coding": [{"code": "patient-privacy"}]}, "category": [{"text": "locked"}],
        "patient": {"reference": "Patient/h-cat"}, "policyRule": {"text": "own"}});
    let system = Arc::new(Subject::system("scene"));
    scene.full.put(&system, ("Consent", "h-seal"), &seal.to_string(), Some(OWN)).unwrap();
    assert!(!sees(&doctor, "Observation/h-sodium"), "locked");
    let lifted = seal.to_string().replace("\"active\"", "\"inactive\"");
    scene.full.put(&system, ("Consent", "h-seal"), &lifted, Some(OWN)).unwrap();
    assert!(sees(&doctor, "Observation/h-sodium"));
    scene.full.clock.advance_us((4 * 3600 + 1) * LogTime::SECOND_US);
    assert!(!sees(&doctor, "Observation/h-sodium"), "four hours at most");
    let often = (0..40).map(|_| break_glass(&scene, &doctor, "h-nob", &[]));
    let refused = often.filter(|outcome| outcome.is_err()).count();
    assert_eq!(refused, 10, "and not without end");
}

fn sealed(name: &str, how: &str) -> Value {
    json!({"resourceType": "Consent", "id": name, "status": "active",
        "meta": {"profile": ["urn:accord:profile:seal"]},
        "scope": {"coding": [{"code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "urn:accord:codes", "code": how}]}],
        "patient": {"reference": "Patient/s-ann"}, "policyRule": {"text": "own"}})
}

/// T14, T19: a marker says that there is something, to whom it may be opened, and nothing else.
pub fn markers_say_no_more(_: &Scene) {
    let scene = Scene::new();
    let system = Arc::new(Subject::system("scene"));
    let seal = |how: &str| {
        let body = sealed("s-seal", how).to_string();
        scene.full.put(&system, ("Consent", "s-seal"), &body, Some(OWN)).unwrap();
    };
    let ask = |url: &str| told(&get(&scene.full, &scene.asker, url));
    seal("sealed");
    let marker = ask("Observation/s-potassium-1");
    assert!(marker.contains("BTG") && marker.contains("Patient/s-ann"), "{marker}");
    for telling in ["2823-3", "mmol", "final", "seal"] {
        assert!(!marker.contains(telling), "{telling}: {marker}");
    }
    for url in [
        "Observation?code=2823-3",
        "Observation?value-quantity=gt1&_summary=count",
        "Observation?_id=s-potassium-1&status=final",
        "Patient?family=Ann",
        "Patient?_has:Observation:patient:code=2823-3",
        "Observation?patient.family=Ann",
        "Condition?_security=PSY",
    ] {
        assert!(ask(url).starts_with("Search Some(0)"), "{url}: {}", ask(url));
    }
    for (url, count) in [
        ("Observation?patient=Patient/s-ann", 6),
        ("Observation?_security=BTG&_summary=count", 6),
        ("Observation?code:missing=true&_summary=count", 6),
        ("Patient?_has:Observation:patient:_id=s-potassium-1", 1),
    ] {
        assert!(ask(url).starts_with(&format!("Search Some({count})")), "{url}: {}", ask(url));
    }
    let pharmacist = person("ph-cedar", Role::Pharmacist, Purpose::Treat);
    let never = told(&get(&scene.full, &pharmacist, "Observation/s-never"));
    assert_eq!(told(&get(&scene.full, &pharmacist, "Observation/s-potassium-1")), never);
    let gone = Interaction::Delete {
        resource_type: accord_spec::ResourceType::from_name("Observation").unwrap(),
        id: id("s-potassium-1"),
        if_match: None,
    };
    scene.full.ask(&scene.asker, gone).unwrap();
    assert_eq!(ask("Observation/s-potassium-1"), marker, "it is not theirs to delete");
    break_glass(&scene, &scene.asker, "s-ann", &[]).unwrap();
    assert!(ask("Observation/s-potassium-1").contains("2823-3"));
    seal("sealed-locked");
    assert_eq!(ask("Observation/s-potassium-1"), ask("Observation/s-never"));
}

/// T14: what goes with it tells those whom it must, and nobody else, who and whom it was about.
pub fn alerted(_: &Scene) {
    let scene = Scene::new();
    let doctor = person("dr-birch", Role::Clinician, Purpose::Treat);
    break_glass(&scene, &doctor, "h-cat", &[]).unwrap();
    let officer = person("po-fir", Role::PrivacyOfficer, Purpose::Hoperat);
    let profile = |name: &str| format!("Task?_profile=urn:accord:profile:access-{name}");
    let alert = told(&get(&scene.full, &officer, &profile("alert")));
    assert!(alert.contains("break-glass"), "{alert}");
    for named in ["h-cat", "dr-birch", "unconscious"] {
        assert!(!alert.contains(named), "the alert names `{named}`: {alert}");
    }
    for (who, profile) in [(&doctor, "notice"), (&scene.asker, "notice")] {
        let forged = json!({"resourceType": "Communication", "status": "completed",
            "meta": {"profile": [format!("urn:accord:profile:access-{profile}")]},
            "sender": {"reference": who.reference()},
            "subject": {"reference": "Patient/h-cat"}});
        let create = Interaction::Create {
            resource_type: accord_spec::ResourceType::from_name("Communication").unwrap(),
            body: Arc::from(forged.to_string().into_bytes()),
            if_none_exist: None,
        };
        assert_eq!(category(scene.full.ask(who, create)), Category::Forbidden, "forged");
    }
    let review = told(&get(&scene.full, &officer, &profile("review")));
    assert!(review.contains("Patient/h-cat"), "{review}");
    let cat = Principal::Patient(id("h-cat"));
    let own = Subject {
        principal: cat,
        role: Role::Patient,
        purpose: Purpose::Patrqt,
        ..(*asker()).clone()
    };
    let own = Arc::new(Subject { organization: None, ..own });
    let notice = "Communication?_profile=urn:accord:profile:access-notice";
    assert!(told(&get(&scene.full, &own, notice)).contains("took access"));
    for url in [notice.to_owned(), profile("alert"), profile("review"), profile("claim")] {
        let answer = told(&get(&scene.full, &scene.asker, &url));
        assert!(answer.contains("Some(0)"), "{url}: {answer}");
    }
}

/// T22: operations that explain or preview, asked by whoever is kept out.
pub fn asked_why(scene: &Scene) {
    let who = json!([
        {"name": "role", "valueCode": "clinician"},
        {"name": "organization", "valueReference": {"reference": format!("Organization/{OWN}")}}]);
    let explain = |resource: &str| {
        let mut parameters = who.as_array().unwrap().clone();
        parameters.push(json!({"name": "resource", "valueReference": {"reference": resource}}));
        let body = json!({"resourceType": "Parameters", "parameter": parameters});
        operation("$explain-access", None, &body)
    };
    let officer = person("po-fir", Role::PrivacyOfficer, Purpose::Hoperat);
    let refused = scene.full.ask(&scene.asker, explain("Observation/h-sodium"));
    assert_eq!(category(refused), Category::Forbidden);
    let theirs = told(&scene.full.ask(&officer, explain("Observation/h-potassium")));
    assert_eq!(theirs, told(&scene.full.ask(&officer, explain("Observation/h-never"))));
    assert!(told(&scene.full.ask(&officer, explain("Observation/h-sodium"))).contains("deny"));
}
