//! Who is told what.

use super::*;

#[test]
fn those_who_treat_learn_nothing_and_nobody_writes_events() {
    let mut world = World::new();
    let care = subject(Principal::Practitioner(id("dr")), Role::Clinician);
    for who in [care, subject(Principal::Practitioner(id("r")), Role::Registration)] {
        for name in ["p1", "nobody-here"] {
            let asked = search(ResourceType::AUDIT_EVENT, &format!("patient={name}"));
            assert_eq!(world.ask(who.clone(), asked).unwrap_err().category, Category::Forbidden);
        }
    }
    let write = put(ResourceType::AUDIT_EVENT, "mine", "");
    assert_eq!(world.ask(patient(1), write).unwrap_err().category, Category::Forbidden);
}

#[test]
fn a_search_for_events_is_itself_told_and_narrowed() {
    let mut world = World::new();
    world.ask(patient(1), read(ResourceType::PATIENT, "p1")).unwrap();
    let all = world.events(&patient(1), "");
    assert!(world.events(&patient(1), "").len() > all.len());
    let agent = world.events(&system(), "patient=p1&agent=Patient/p1&action=R");
    assert!(agent.len() > all.len());
    assert!(world.events(&system(), "patient=p1&agent=Patient/p2").is_empty());
    assert!(world.events(&system(), "patient=p1&date=lt2020").is_empty());
    assert!(!world.events(&system(), "patient=p1&date=ge2020&action=U").is_empty());
    for bad in ["patient=a/b/c", "date=now", "action=X", "entity=x", "_count=x", "_cursor=x"] {
        let refused = world.ask(system(), search(ResourceType::AUDIT_EVENT, bad)).unwrap_err();
        assert_eq!(refused.category, Category::Invalid, "{bad}");
    }
}

fn officer(organization: &str) -> Arc<Subject> {
    let principal = Principal::Practitioner(id("po"));
    let (role, purpose) = (Role::PrivacyOfficer, Purpose::Hoperat);
    let organization = Some(id(organization));
    Arc::new(Subject { principal, role, purpose, organization, ..(*system()).clone() })
}

fn who_looked(name: &str, params: &str) -> Interaction {
    let is = |s: &&crate::Signature| s.name() == "$who-looked";
    let signature = crate::OPERATIONS.iter().find(is).unwrap();
    let params = crate::url::pairs(params);
    let operation = crate::Operation { signature, id: Some(id(name)), params, body: Arc::from([]) };
    Interaction::Operation(Box::new(operation))
}

#[test]
fn patients_and_their_own_privacy_officers_ask_who_looked() {
    let mut world = World::new();
    world.ask(patient(1), read(ResourceType::PATIENT, "p1")).unwrap();
    let expect = world.named()["p1"].clone();
    for reader in [patient(1), officer("northgate"), system()] {
        let Ok(Answer::Page(page)) = world.ask(reader, who_looked("p1", "start=2020&_count=100"))
        else {
            panic!("not a page")
        };
        let told = page.entries.iter().map(|event| told(&event.body, "")[2].clone());
        let told: Vec<String> = told.collect();
        // Newest first; those that asked before are told of too.
        assert!(told.is_sorted_by_key(|r| std::cmp::Reverse(r[1..].parse::<u32>().unwrap())));
        assert!(expect.iter().all(|request| told.contains(request)));
    }
    for (reader, name) in [
        (patient(2), "p1"),
        (patient(1), "nobody"),
        (officer("new-hospital"), "p1"),
        (officer("northgate"), "nobody"),
        (system(), "nobody"),
    ] {
        let refused = world.ask(reader, who_looked(name, "")).unwrap_err();
        assert_eq!(refused.category, Category::NotFound);
        assert_eq!(refused.issues[0].diagnostics, "no such resource");
    }
    let care = subject(Principal::Practitioner(id("dr")), Role::Clinician);
    let refused = world.ask(care, who_looked("p1", "")).unwrap_err();
    assert_eq!(refused.category, Category::Forbidden);
    let asked = "patient=p1&_count=2";
    assert!(!world.events(&officer("northgate"), asked).is_empty());
    assert!(world.events(&officer("new-hospital"), asked).is_empty());
    assert!(world.events(&officer("new-hospital"), "").is_empty());
}

#[test]
fn what_was_asked_is_told_to_the_letter_only_where_it_names_nobody_else() {
    let mut world = World::new();
    let query = "_id=p1,p2";
    world.ask(system(), search(ResourceType::PATIENT, query)).unwrap();
    let letters = "X2lkPXAxLHAy";
    let mut shown = |reader: Arc<Subject>| {
        let asked = search(ResourceType::AUDIT_EVENT, "patient=p1&action=E");
        let Answer::Page(page) = world.ask(reader, asked).unwrap() else { panic!() };
        assert!(page.entries.iter().all(|event| !event.body.contains("p2")));
        page.entries.iter().any(|event| event.body.contains(letters))
    };
    assert!(shown(system()));
    assert!(!shown(patient(1)));
    assert!(!shown(officer("northgate")));
}
