//! Attempts that write, or that are more than an address.

use std::sync::Arc;

use accord_base::{LogTime, Principal, Purpose, Role, Row, Subject};
use accord_conformance::{Store, id};
use accord_engine::{Answer, Category, Interaction, Live, OPERATIONS, Operation, Outcome, Since};
use accord_spec::ResourceType;
use serde_json::{Value, json};

use crate::answers::told;
use crate::scene::{OTHER, OWN, Scene, TELLING, get, operation};

fn kind(name: &str) -> ResourceType {
    ResourceType::from_name(name).unwrap()
}

fn bytes(body: &Value) -> Arc<[u8]> {
    Arc::from(body.to_string().into_bytes())
}

fn category(outcome: Outcome) -> Category {
    match outcome {
        Ok(answer) => panic!("not refused: {}", told(&Ok(answer))),
        Err(failure) => failure.category,
    }
}

/// T7: the same by `POST`, in a batch, in a transaction.
pub fn in_bundles(scene: &Scene) {
    for kind in ["batch", "transaction"] {
        for url in ["Patient/h-bob", "Observation?value-quantity=gt5.5", "Patient?family=Cat"] {
            let body = json!({"resourceType": "Bundle", "type": kind,
                "entry": [{"request": {"method": "GET", "url": url}}]});
            let outcome = scene.full.bundle(&scene.asker, &body.to_string(), None);
            let text = told(&outcome);
            assert!(!text.contains("\"id\":\"h-"), "{kind} {url}: {text}");
        }
    }
}

/// T8: versions from before the consent, and the deleted one.
pub fn old_versions(scene: &Scene) {
    let vread = |name: &str, version| Interaction::Vread {
        resource_type: kind("Observation"),
        id: id(name),
        version,
    };
    for version in 1..4 {
        scene.same_as_never(|name| scene.full.ask(&scene.asker, vread(name, version)));
        let old = category(scene.full.ask(&scene.asker, vread("h-sodium", version)));
        assert_eq!(old, Category::NotFound);
    }
    scene.same_as_never(|name| {
        get(&scene.full, &scene.asker, &format!("Observation/{name}/_history"))
    });
}

/// T20: a reference to something hidden reads like one to something deleted or never known.
pub fn references_tell_nothing(scene: &Scene) {
    let told = |(name, target): (&str, &str)| {
        let answer = get(&scene.full, &scene.asker, &format!("Observation/{name}"));
        let Ok(Answer::Read(version)) = answer else { panic!("{name} is seen") };
        let mut body: Value = serde_json::from_str(&version.body).unwrap();
        body["meta"]["lastUpdated"] = Value::Null;
        let text = body.to_string();
        assert!(!text.contains("clinic"), "{text}");
        assert!(text.contains("REDACTED") && text.contains(target), "{text}");
        text.replace(name, "it").replace(target, "that")
    };
    // What was left out is not lost by sending back what is left.
    for (name, _) in TELLING {
        let answer = get(&scene.full, &scene.asker, &format!("Observation/{name}"));
        let Ok(Answer::Read(version)) = answer else { panic!("{name} is seen") };
        let sent = scene.full.put(&scene.asker, ("Observation", name), &version.body, None);
        assert_eq!(category(sent), Category::Unprocessable);
    }
    let [hidden, deleted, never] = TELLING.map(told);
    assert_eq!(hidden, never);
    assert_eq!(deleted, never);
}

/// T20: nor do parts of resources.
pub fn parts_tell_nothing(scene: &Scene) {
    for shape in ["_elements=derivedFrom", "_summary=true", "_summary=text", "_summary=data"] {
        for with in ["", "&_include=*", "&_revinclude=*:*"] {
            let text = scene.seen_by_asker(&format!("Observation?_count=100&{shape}{with}"));
            assert!(text.contains("SUBSETTED") || text.contains("do not go together"), "{text}");
            assert!(!text.contains("clinic") && !text.contains("\"id\":\"h-"), "{text}");
        }
    }
}

/// T9: conditional creates and writes onto ids as an oracle of existence.
pub fn conditions(scene: &Scene) {
    let body = json!({"resourceType": "Patient",
        "identifier": [{"system": "https://ids.example", "value": "number-h-bob"}]});
    let create = |value: &str| {
        scene.full.ask(
            &scene.asker,
            Interaction::Create {
                resource_type: kind("Patient"),
                body: bytes(&body),
                if_none_exist: Some(format!("identifier=https://ids.example|{value}")),
            },
        )
    };
    let plain = |value: &str| told(&create(value)).replace(value, "it");
    assert_eq!(plain("number-h-bob"), plain("number-never"));
    assert_eq!(plain("number-h-cat"), plain("number-never"));
    for if_match in [None, Some(1), Some(2)] {
        for type_name in ["Patient", "Observation", "Condition"] {
            let resource_type = kind(type_name);
            let condition = |name: &str| vec![("_id".to_owned(), name.to_owned())];
            scene.same_as_never(|name| {
                let id = id(name);
                scene.full.ask(&scene.asker, Interaction::Delete { resource_type, id, if_match })
            });
            scene.same_as_never(|name| {
                let condition = condition(name);
                let delete = Interaction::ConditionalDelete { resource_type, condition, if_match };
                scene.full.ask(&scene.asker, delete)
            });
            scene.same_as_never(|name| {
                let body = bytes(&json!({"resourceType": type_name, "id": name,
                    "status": "final", "code": {"text": "x"},
                    "subject": {"reference": "Patient/s-ann"}}));
                let condition = condition(name);
                let update =
                    Interaction::ConditionalUpdate { resource_type, condition, body, if_match };
                scene.full.ask(&scene.asker, update)
            });
        }
    }
}

/// T10: guessing versions, and echoes of what one may not read.
pub fn guesses(scene: &Scene) {
    for if_match in [None, Some(1), Some(2), Some(3)] {
        scene.same_as_never(|name| {
            let body = json!({"resourceType": "Observation", "id": name, "status": "final",
                "code": {"text": "x"}, "subject": {"reference": "Patient/s-ann"}});
            scene.full.ask(
                &scene.asker,
                Interaction::Update {
                    resource_type: kind("Observation"),
                    id: id(name),
                    body: bytes(&body),
                    if_match,
                },
            )
        });
    }
}

/// T11: taking a label away, moving a resource to another patient.
pub fn laundering(scene: &Scene) {
    let note = |patient: &str, labelled: bool| {
        let mut body = json!({"resourceType": "Condition", "id": "s-note",
            "code": {"text": "something sensitive"},
            "subject": {"reference": format!("Patient/{patient}")}});
        if labelled {
            body["meta"] = json!({"security": [
                {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}]});
        }
        body
    };
    for body in
        [note("s-ann", false), note("h-bob", true), note("h-cat", true), note("never", true)]
    {
        let outcome = scene.full.ask(
            &scene.asker,
            Interaction::Update {
                resource_type: kind("Condition"),
                id: id("s-note"),
                body: bytes(&body),
                if_match: None,
            },
        );
        let refused = category(outcome);
        let known = [Category::Forbidden, Category::Conflict, Category::Unprocessable];
        assert!(known.contains(&refused), "{body}: {refused:?}");
    }
    let moved = |patient: &str| {
        told(&scene.full.ask(
            &scene.asker,
            Interaction::Update {
                resource_type: kind("Condition"),
                id: id("s-note"),
                body: bytes(&note(patient, true)),
                if_match: None,
            },
        ))
    };
    assert_eq!(moved("h-bob"), moved("never"));
    assert_eq!(moved("h-cat"), moved("never"));
}

/// T11: giving a record to another organisation, or taking one, as an oracle of patients and of
/// what others keep.
pub fn other_controllers(scene: &Scene) {
    let to = |organization: &str| format!("Organization/{organization}");
    let offering = |who: &Arc<Subject>, name: &str, receiver: &str| {
        let (patient, receiver) = (format!("Patient/{name}"), to(receiver));
        let sides = [("patient", &*patient), ("receiver", &*receiver)];
        scene.full.ask(who, operation("$offer-transfer", &sides, "by mistake"))
    };
    let accepting = |who: &Arc<Subject>, name: &str| {
        let offer = format!("Task/{name}");
        scene.full.ask(who, operation("$accept-transfer", &[("offer", &*offer)], ""))
    };
    let officer = |organization: &str| {
        Arc::new(Subject {
            principal: Principal::Practitioner(id("officer")),
            role: Role::PrivacyOfficer,
            purpose: Purpose::Hoperat,
            organization: Some(id(organization)),
            ..(*scene.asker).clone()
        })
    };
    for who in [scene.asker.clone(), officer("meadow-health-plan")] {
        scene.same_as_never(|name| offering(&who, name, OWN));
        scene.same_as_never(|name| accepting(&who, name));
    }
    // An offer that the record's own organisation made is another's nothing.
    let keeper = offering(&Arc::new(Subject::system("test")), "s-ann", OTHER);
    let text = told(&keeper);
    let task = text.split(r#""resourceType":"Task","id":""#).nth(1);
    let task = task.and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned();
    assert!(!task.is_empty(), "{text}");
    for who in [scene.asker.clone(), officer(OWN), officer("elm-street-practice")] {
        let plain = |name: &str| told(&accepting(&who, name)).replace(name, "it");
        assert_eq!(plain(&task), plain("h-never"));
    }
}

/// T12: manufacturing a consent or a relationship.
pub fn manufacture(scene: &Scene) {
    let facts = [
        json!({"resourceType": "Encounter", "status": "in-progress",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
            "subject": {"reference": "Patient/h-bob"},
            "serviceProvider": {"reference": format!("Organization/{OWN}")}}),
        json!({"resourceType": "CareTeam", "status": "active",
            "subject": {"reference": "Patient/h-bob"},
            "participant": [{"member": {"reference": "Practitioner/dr-alder"}}],
            "managingOrganization": [{"reference": format!("Organization/{OWN}")}]}),
        json!({"resourceType": "Appointment", "status": "booked",
            "participant": [{"actor": {"reference": "Patient/h-bob"}, "status": "accepted"},
                {"actor": {"reference": "Practitioner/dr-alder"}, "status": "accepted"}]}),
        json!({"resourceType": "Consent", "status": "active",
            "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope",
                "code": "patient-privacy"}]},
            "category": [{"text": "privacy"}], "patient": {"reference": "Patient/h-cat"},
            "policyRule": {"text": "yes"}, "provision": {"type": "permit"}}),
    ];
    for body in facts {
        let resource_type = kind(body["resourceType"].as_str().unwrap());
        let create = Interaction::Create { resource_type, body: bytes(&body), if_none_exist: None };
        let _ = scene.full.ask(&scene.asker, create);
        for url in ["Patient/h-bob", "Patient/h-cat", "Observation/h-potassium"] {
            assert_eq!(category(get(&scene.full, &scene.asker, url)), Category::NotFound, "{body}");
        }
    }
}

/// T13: another purpose than the role's.
pub fn purposes(scene: &Scene) {
    for purpose in [Purpose::Hpaymt, Purpose::Hoperat, Purpose::Patrqt, Purpose::Sysadmin] {
        let other = Arc::new(Subject { purpose, ..(*scene.asker).clone() });
        for url in ["Patient/s-ann", "Patient/h-bob", "Observation?_count=1"] {
            let refused = category(get(&scene.full, &other, url));
            assert_eq!(refused, Category::Forbidden, "{purpose:?} {url}");
        }
    }
}

/// T4: a cursor of somebody else, of another query, and an edited one.
pub fn cursors(scene: &Scene) {
    let system = Arc::new(Subject::system("other"));
    let page = |who: &Arc<Subject>, url: &str| match get(&scene.full, who, url) {
        Ok(Answer::Page(page)) => page,
        other => panic!("{url}: {}", told(&other)),
    };
    let theirs = page(&system, "Observation?_count=1").next.unwrap();
    let own = page(&scene.asker, "Observation?_count=1").next.unwrap();
    let mut edited = own.clone().into_bytes();
    let last = edited.len() - 2;
    edited[last] = if edited[last] == b'A' { b'B' } else { b'A' };
    let edited = String::from_utf8(edited).unwrap();
    for (url, cursor) in [
        ("Observation?_count=1", &theirs),
        ("Condition?_count=1", &own),
        ("Observation?_count=1&status=final", &own),
        ("Observation?_count=1", &edited),
    ] {
        let refused = get(&scene.full, &scene.asker, &format!("{url}&_cursor={cursor}"));
        assert!(refused.is_err(), "{url} {cursor}");
    }
}

/// T15: a consent between two pages.
pub fn withdrawal_while_paging(_: &Scene) {
    let scene = Scene::new();
    let first = match get(&scene.full, &scene.asker, "Observation?_count=1") {
        Ok(Answer::Page(page)) => page,
        other => panic!("{}", told(&other)),
    };
    deny(&scene.full, "s-ann");
    scene.full.clock.advance_us(LogTime::SECOND_US);
    let next = format!("Observation?_count=1&_cursor={}", first.next.unwrap());
    match get(&scene.full, &scene.asker, &next) {
        Ok(Answer::Page(page)) => assert!(page.entries.is_empty() && page.total.unwrap_or(0) == 0),
        Ok(other) => panic!("{}", told(&Ok(other))),
        Err(failure) => assert_eq!(failure.category, Category::Gone),
    }
}

/// T15: and nothing is told any more, not even of what was written before.
pub fn withdrawal_while_listening(_: &Scene) {
    let scene = Scene::new();
    let listen = |since| {
        let criteria = vec!["Observation".to_owned(), "Patient".to_owned()];
        let live = Interaction::Live(Box::new(Live { criteria, since, ..Live::default() }));
        match scene.full.ask(&scene.asker, live) {
            Ok(Answer::Changes(changes)) => changes,
            other => panic!("{}", told(&other)),
        }
    };
    let before = listen(Since::Row(Row(0)));
    assert!(!before.entries.is_empty());
    deny(&scene.full, "s-ann");
    scene.full.clock.advance_us(LogTime::SECOND_US);
    for since in [Since::Row(Row(0)), Since::Position(before.begins)] {
        let after = listen(since);
        let told = after.entries.iter().any(|change| change.version.id.as_str() == "s-ann");
        let of_ann = after.entries.iter().any(|c| c.version.resource_type.name() == "Observation");
        assert!(!told && !of_ann, "{:?}", after.entries);
    }
}

/// Has a patient withdraw what they agreed to.
pub fn deny(store: &Store, patient: &str) {
    let body = json!({"resourceType": "Consent", "id": "withdrawn", "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope",
            "code": "patient-privacy"}]},
        "category": [{"text": "privacy"}],
        "patient": {"reference": format!("Patient/{patient}")},
        "policyRule": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": "OPTOUT"}]},
        "provision": {"type": "deny"}});
    let system = Arc::new(Subject::system("withdrawal"));
    store.put(&system, ("Consent", "withdrawn"), &body.to_string(), Some(OWN)).unwrap();
}

/// T16: consents that are not in force do not open what one in force closes.
pub fn consents_not_in_force(_: &Scene) {
    let scene = Scene::new();
    let system = Arc::new(Subject::system("consents"));
    for (n, (status, period)) in [
        ("entered-in-error", json!({})),
        ("inactive", json!({})),
        ("active", json!({"start": "2099-01-01"})),
        ("active", json!({"end": "2001-01-01"})),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = json!({"resourceType": "Consent", "id": format!("permit-{n}"),
            "status": status,
            "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope",
                "code": "patient-privacy"}]},
            "category": [{"text": "privacy"}], "patient": {"reference": "Patient/h-cat"},
            "policyRule": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                "code": "OPTIN"}]},
            "provision": {"type": "permit", "period": period}});
        if body["provision"]["period"] == json!({}) {
            body["provision"].as_object_mut().unwrap().remove("period");
        }
        let name = format!("permit-{n}");
        scene.full.put(&system, ("Consent", &name), &body.to_string(), Some(OWN)).unwrap();
        let cat = get(&scene.full, &scene.asker, "Patient/h-cat");
        assert_eq!(category(cat), Category::NotFound, "{body}");
    }
}

/// T22: an operation that looks beyond what is in care.
pub fn operations(scene: &Scene) {
    let signature = OPERATIONS.iter().find(|o| o.name() == "$trace").unwrap();
    let trace = |value: &str| {
        let body = json!({"resourceType": "Parameters", "parameter": [
            {"name": "birthDate", "valueDate": "1980-02-03"},
            {"name": "identifier", "valueIdentifier":
                {"system": "https://ids.example", "value": format!("number-{value}")}}]});
        let operation = Operation { signature, id: None, params: Vec::new(), body: bytes(&body) };
        told(&scene.full.ask(&scene.asker, Interaction::Operation(Box::new(operation))))
    };
    assert_eq!(trace("h-cat"), trace("h-never"), "whoever denies is not found");
    assert!(trace("h-bob").contains("Patient/h-bob"), "others are");
    let bob = get(&scene.full, &scene.asker, "Patient/h-bob");
    assert_eq!(category(bob), Category::NotFound, "and nothing is opened by it");
}

/// T25: another role and organisation of the same person, and one the store never heard of.
pub fn other_organizations(scene: &Scene) {
    for organization in ["riverside-hospital", "nowhere-clinic"] {
        let other =
            Arc::new(Subject { organization: Some(id(organization)), ..(*scene.asker).clone() });
        for url in ["Patient/s-ann", "Observation/s-potassium-1"] {
            assert_eq!(category(get(&scene.full, &other, url)), Category::NotFound);
        }
    }
    let none = Arc::new(Subject { organization: None, ..(*scene.asker).clone() });
    assert_eq!(category(get(&scene.full, &none, "Patient/s-ann")), Category::Forbidden);
    let mixed = Arc::new(Subject {
        principal: Principal::Patient(id("s-ann")),
        role: Role::Clinician,
        ..(*scene.asker).clone()
    });
    assert_eq!(category(get(&scene.full, &mixed, "Patient/s-ann")), Category::Forbidden);
}

/// T27: entity tags and dates as an oracle.
pub fn entity_tags(scene: &Scene) {
    for (if_none_match, if_modified_since) in
        [(Some(1), None), (Some(2), None), (None, Some(4_000_000_000)), (None, None)]
    {
        for type_name in ["Patient", "Observation", "Condition", "Communication"] {
            scene.same_as_never(|name| {
                scene.full.ask(
                    &scene.asker,
                    Interaction::Read {
                        resource_type: kind(type_name),
                        id: id(name),
                        if_none_match,
                        if_modified_since,
                    },
                )
            });
        }
    }
}

/// T30: nobody writes, changes or deletes records of access as resources.
pub fn records_of_access(scene: &Scene) {
    let system_like = [scene.asker.clone()];
    for who in &system_like {
        let body = json!({"resourceType": "AuditEvent", "recorded": "2026-01-01T00:00:00Z",
            "type": {"code": "rest"}, "agent": [{"requestor": true}],
            "source": {"observer": {"display": "x"}}});
        let create = Interaction::Create {
            resource_type: kind("AuditEvent"),
            body: bytes(&body),
            if_none_exist: None,
        };
        assert_eq!(category(scene.full.ask(who, create)), Category::Forbidden);
        let search = get(&scene.full, who, "AuditEvent?patient=Patient/h-bob");
        assert!(matches!(search, Err(_) | Ok(Answer::Page(_))));
        assert!(!told(&search).contains("h-bob/"), "no record of another's patient");
    }
}

/// T24: merges and matches as oracles of existence.
pub fn one_person(scene: &Scene) {
    let registrar = Arc::new(Subject {
        principal: Principal::Practitioner(id("desk")),
        role: Role::Registration,
        ..(*scene.asker).clone()
    });
    scene.same_as_never(|name| {
        let source = format!("Patient/{name}");
        let sides = [("source-patient", &*source), ("target-patient", "Patient/s-ann")];
        scene.full.ask(&registrar, operation("$merge", &sides, ""))
    });
    scene.same_as_never(|name| {
        let source = format!("Patient/{name}");
        scene.full.ask(&registrar, operation("$unmerge", &[("source-patient", &source)], ""))
    });
    let signature = OPERATIONS.iter().find(|o| o.name() == "$match").unwrap();
    let described = |family: &str| {
        let patient = json!({"resourceType": "Patient", "birthDate": "1980-02-03", "gender": "other",
            "name": [{"family": family, "given": ["Pat"]}],
            "identifier": [{"system": "https://ids.example", "value": format!("number-h-{family}")}]});
        let body = bytes(&json!({"resourceType": "Parameters",
            "parameter": [{"name": "resource", "resource": patient}]}));
        let operation = Operation { signature, id: None, params: Vec::new(), body };
        scene.full.ask(&scene.asker, Interaction::Operation(Box::new(operation)))
    };
    for hidden in ["Bob", "Cat", "Eve", "bob", "cat", "eve"] {
        assert_eq!(told(&described(hidden)), told(&described("Never")), "{hidden}");
    }
}

/// T24: moving resources as an oracle of patients and of resources.
pub fn wrong_patient(scene: &Scene) {
    let moving = |resource: &str, from: &str, to: &str| {
        let (from, to) = (format!("Patient/{from}"), format!("Patient/{to}"));
        let references = [("resource", resource), ("from-patient", &*from), ("to-patient", &*to)];
        scene.full.ask(&scene.asker, operation("$move-resource", &references, "by mistake"))
    };
    scene.same_as_never(|name| moving(&format!("Observation/{name}"), "s-ann", "s-ann"));
    scene.same_as_never(|name| moving("Observation/s-potassium-1", "s-ann", name));
    scene.same_as_never(|name| moving("Observation/s-potassium-1", name, "s-ann"));
}
