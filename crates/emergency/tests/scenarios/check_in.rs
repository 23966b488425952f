//! A kiosk tells nobody who is known, and the desk says who came.

use std::collections::HashSet;
use std::sync::Arc;

use accord_base::{Grant, Scopes, Subject};
use accord_emergency::Kiosks;
use accord_engine::Interaction;
use serde_json::{Value, json};

use crate::world::*;

/// The token of a kiosk: it may create, and read the directory.
fn kiosk() -> Arc<Subject> {
    let scopes = "user/Patient.c user/Encounter.c user/Organization.r user/Location.r";
    let grant = Grant {
        id: "g".to_owned(),
        client: "kiosk".to_owned(),
        scopes: Scopes::parse(scopes).unwrap(),
        patient: None,
    };
    Arc::new(Subject { grant: Some(Arc::new(grant)), ..(*reception()).clone() })
}

fn typed(given: &str, born: &str) -> Value {
    json!([
        {"name": "organization", "valueReference": {"reference": "Organization/north"}},
        {"name": "area", "valueReference": {"reference": "Location/majors"}},
        {"name": "family", "valueString": "Hill"}, {"name": "given", "valueString": given},
        {"name": "birthDate", "valueDate": born}, {"name": "postcode", "valueString": "N1 1AA"},
        {"name": "complaint", "valueString": "Chest pain"},
        {"name": "attempt", "valueString": "one"}])
}

fn check_in(world: &World, given: &str, born: &str) -> Result<Value, String> {
    world.operate(&kiosk(), ("$check-in", None), typed(given, born))
}

fn only(world: &World) -> (Value, String) {
    let [row] = &world.board(&reception())[..] else { panic!("one attendance") };
    let encounter = told(row, "encounter");
    (row.clone(), encounter.strip_prefix("Encounter/").unwrap().to_owned())
}

#[test]
fn a_kiosk_answers_alike_whoever_is_known() {
    let world = World::new();
    world.fed(json!({"resourceType": "Consent", "id": "no", "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope",
            "code": "patient-privacy"}]},
        "category": [{"text": "privacy"}], "patient": {"reference": "Patient/bob"},
        "policyRule": {"text": "opt-out"},
        "provision": {"type": "deny", "actor": [{"role": {"text": "whoever"},
            "reference": {"reference": "Organization/north"}}]}}));
    world.arrive("cat");
    let shape = |answer: &Value| {
        let mut text = answer.to_string();
        let ticket = told(answer, "ticket");
        assert_eq!((ticket.len(), ticket.is_ascii()), (4, true));
        text = text.replace(&ticket, "T").replace(&told(answer, "arrived"), "NOW");
        text
    };
    let known = check_in(&world, "ann", "1950-01-02").unwrap();
    for (given, born) in [
        ("nobody", "1960-07-07"),
        ("bob", "1970-05-05"),
        ("cat", "2024-06-01"),
        ("ann", "1951-01-02"),
    ] {
        let other = check_in(&world, given, born).unwrap();
        assert_eq!(shape(&other), shape(&known), "{given}");
        assert_ne!(told(&other, "ticket"), told(&known, "ticket"));
    }
    assert!(told(&known, "arrived").starts_with("2026-11-22T10:00:00."));
}

#[test]
fn a_kiosk_can_do_nothing_else() {
    let world = World::new();
    let encounter = world.arrive("ann");
    check_in(&world, "bob", "1970-05-05").unwrap();
    for url in ["Patient/ann", "Patient?name=hill", "Encounter", "Patient/ann/$everything"] {
        let asked = Interaction::get(url).unwrap();
        let refused = world.ask(&kiosk(), asked).map(|_| ()).unwrap_err();
        assert_eq!(refused.category.status(), 403, "{url}");
    }
    let patient = json!([{"name": "patient", "valueReference": {"reference": "Patient/dan"}}]);
    for (asked, parameters) in [
        (("$board", None), json!({})),
        (("$arrive", None), patient),
        (("$confirm-identity", Some(encounter.as_str())), json!([])),
        (("$dispose", Some(&encounter)), json!([{"name": "disposition", "valueCode": "home"}])),
    ] {
        let refused = world.operate(&kiosk(), asked, parameters).unwrap_err();
        assert!(refused.starts_with("403 "), "{} {refused}", asked.0);
    }
    let refused = world.operate(&nurse(), ("$check-in", None), typed("ann", "1950-01-02"));
    assert_eq!(refused.unwrap_err(), "403 this role does not use the operation");
}

#[test]
fn a_second_press_makes_no_second_attendance() {
    let world = World::new();
    let first = told(&check_in(&world, "ann", "1950-01-02").unwrap(), "ticket");
    world.wait(5);
    let again = check_in(&world, "ann", "1950-01-02").unwrap();
    assert_eq!(told(&again, "ticket"), first);
    assert!(told(&again, "arrived") > NOW.to_string(), "the time of the answer, not of an arrival");
    let (row, encounter) = only(&world);
    let shown = "name ticket identity-unconfirmed mode complaint area phase";
    let expected =
        format!("ann Hill {first} true self-check-in Chest pain Location/majors assessment-due");
    assert_eq!(tell(&row, shown), expected);
    // Whoever has gone and comes back is received anew.
    let end = json!([{"name": "disposition", "valueCode": "left-without-being-seen"}]);
    world.operate(&reception(), ("$dispose", Some(&encounter)), end).unwrap();
    let anew = told(&check_in(&world, "ann", "1950-01-02").unwrap(), "ticket");
    assert_ne!(anew, first);
    assert_eq!(told(&only(&world).0, "ticket"), anew);
}

#[test]
fn a_restart_gives_no_ticket_twice() {
    let mut world = World::new();
    let mut tickets = HashSet::new();
    let mut given = |world: &World, count: usize| {
        for _ in 0..count {
            let name = format!("n{}", tickets.len());
            tickets.insert(told(&check_in(world, &name, "1980-01-01").unwrap(), "ticket"));
        }
        tickets.len()
    };
    assert_eq!(given(&world, 15), 15);
    // Whose Encounter changed since has the ticket still.
    let [first, ..] = &world.board(&reception())[..] else { panic!("somebody") };
    let first = told(first, "encounter").replace("Encounter/", "");
    world.operate(&reception(), ("$confirm-identity", Some(&first)), json!([])).unwrap();
    for minutes in [1, 6] {
        let send = |request| world.engine.handle_blocking(request);
        world.kiosks = Arc::new(Kiosks::after_restart(world.engine.now(), &send).unwrap());
        world.wait(minutes);
        assert_eq!(given(&world, 1), if minutes == 1 { 16 } else { 17 });
    }
    assert_eq!(given(&world, 10), 27, "all are different");
}

#[test]
fn two_who_type_the_same_are_two() {
    let world = World::new();
    let of = |attempt: &str| {
        let mut asked = typed("ann", "2020-01-02");
        asked.as_array_mut().unwrap().retain(|one| one["name"] != "attempt");
        asked.as_array_mut().unwrap().push(json!({"name": "attempt", "valueString": attempt}));
        told(&world.operate(&kiosk(), ("$check-in", None), asked).unwrap(), "ticket")
    };
    let tickets: HashSet<String> = ["two", "three"].into_iter().map(of).collect();
    assert_eq!(tickets.len(), 2);
}

#[test]
fn the_desk_says_that_it_is_somebody_known() {
    let world = World::new();
    let ticket = told(&check_in(&world, "ann", "1950-01-02").unwrap(), "ticket");
    let (row, encounter) = only(&world);
    let provisional = told(&row, "patient");
    assert_ne!(provisional, "Patient/ann");
    // Nurses see who came by the kiosk, and do not wait for the desk.
    world.assess(&encounter, vec![acuity(2)]).unwrap();
    let by = |subject: &Arc<Subject>, patient: &str| {
        let patient = json!([{"name": "patient", "valueReference": {"reference": patient}}]);
        world.operate(subject, ("$confirm-identity", Some(&encounter)), patient)
    };
    let refused = by(&nurse(), "Patient/ann").unwrap_err();
    assert_eq!(refused, "403 to say that it is another patient is for registration");
    assert_eq!(by(&reception(), "Patient/no").unwrap_err(), "404 no such resource");
    let refused = by(&reception(), "Patient/bob").unwrap_err();
    assert!(
        refused.starts_with("409 ") || refused.starts_with("422 "),
        "another birth date: {refused}"
    );
    // Who was announced and checked in at the kiosk is here, and expected no more.
    let announce = json!([
        {"name": "patient", "valueReference": {"reference": "Patient/ann"}},
        {"name": "expected", "valueInstant": NOW.plus_us(20 * MINUTE_US).to_string()}]);
    world.operate(&reception(), ("$arrive", None), announce).unwrap();
    let made = by(&reception(), "Patient/ann").unwrap();
    let board = world.operate(&nurse(), ("$board", None), json!({})).unwrap();
    assert_eq!(tell(&board, "expected"), "-");
    assert_eq!(made.pointer("/subject/reference"), Some(&json!("Patient/ann")));
    let row = world.board(&nurse()).remove(0);
    let shown = "patient name ticket identity-unconfirmed acuity";
    assert_eq!(tell(&row, shown), format!("Patient/ann ann Hill {ticket} - 2"));
    let again = by(&reception(), "Patient/ann").unwrap_err();
    assert_eq!(again, "409 the identity is confirmed already");
    // As if the mark had stayed when the last step failed: nobody is merged into another.
    let mut stale = made.clone();
    stale["extension"] =
        json!([{"url": "urn:accord:extension:identity-unconfirmed", "valueBoolean": true}]);
    world.put(&reception(), stale);
    let refused = by(&reception(), "Patient/bob").unwrap_err();
    assert!(refused.starts_with("409 this is a patient of the record"), "{refused}");
    by(&reception(), "Patient/ann").unwrap();
    // The provisional record is out of use and stands for the other.
    let read = Interaction::get(&provisional).unwrap();
    let Ok(accord_engine::Answer::Read(read)) = world.ask(&reception(), read) else { panic!() };
    assert!(read.body.contains("replaced-by") && read.body.contains("\"active\":false"));
    world.wait(5);
    let taken = vitals(["16", "98", "120", "70", "37.0"], "air", "A");
    world.assess(&encounter, taken).unwrap();
    assert_eq!(told(&world.board(&nurse())[0], "score.total"), "0");
}

#[test]
fn the_desk_says_that_what_was_typed_is_right() {
    let world = World::new();
    check_in(&world, "eve", "1999-09-09").unwrap();
    let (row, encounter) = only(&world);
    let confirm =
        |by: &Arc<Subject>| world.operate(by, ("$confirm-identity", Some(&encounter)), json!([]));
    confirm(&reception()).unwrap();
    assert_eq!(tell(&only(&world).0, "identity-unconfirmed name"), "- eve Hill");
    let read = Interaction::get(&told(&row, "patient")).unwrap();
    let Ok(accord_engine::Answer::Read(read)) = world.ask(&reception(), read) else { panic!() };
    assert!(!read.body.contains("identity-unconfirmed"), "{}", read.body);
    let hidden = world.operate(&elsewhere(), ("$confirm-identity", Some(&encounter)), json!([]));
    assert_eq!(hidden.unwrap_err(), "404 there is no such resource");
}

#[test]
fn somebody_who_is_there_is_not_confirmed_a_second_time() {
    let world = World::new();
    world.arrive("ann");
    check_in(&world, "ann", "1950-01-02").unwrap();
    let rows = world.board(&reception());
    let row = rows.iter().find(|row| told(row, "identity-unconfirmed") == "true").unwrap();
    let encounter = told(row, "encounter").replace("Encounter/", "");
    let patient = json!([{"name": "patient", "valueReference": {"reference": "Patient/ann"}}]);
    let refused = world.operate(&reception(), ("$confirm-identity", Some(&encounter)), patient);
    assert_eq!(refused.unwrap_err(), "409 the patient is here already");
    assert_eq!(world.board(&reception()).len(), 2, "nothing was merged");
}

#[test]
fn nonsense_is_refused_and_does_not_flood_the_board() {
    let world = World::new();
    let refused = |parameters: Value, expected: &str| {
        let refused = world.operate(&kiosk(), ("$check-in", None), parameters).unwrap_err();
        assert_eq!(refused, expected);
    };
    refused(json!([]), "400 `family` and `birthDate` are needed");
    let day = "422 `birthDate` is a day that has been, as 1980-02-03";
    for born in ["1950", "1950-02-30", "2027-01-01", "0950-01-01", "yesterday!"] {
        refused(typed("ann", born), day);
    }
    let long = "x".repeat(201);
    let text = "422 `given` is one line of at most 200 characters";
    refused(typed(&long, "1950-01-02"), text);
    refused(typed("a\nb", "1950-01-02"), text);
    let mut number = typed("ann", "1950-01-02");
    let all = number.as_array_mut().unwrap();
    all.push(json!({"name": "nhs-number", "valueString": "943 476 5918"}));
    refused(number, "422 an NHS number has ten digits; one of these is not right");
    let mut other = typed("ann", "1950-01-02");
    *other.pointer_mut("/0/valueReference/reference").unwrap() = json!("Organization/south");
    refused(other, "422 people check in at the kiosk's own organisation");
    assert!(world.board(&reception()).is_empty());
    for turn in 0..20 {
        check_in(&world, &format!("n{turn}"), "1980-01-01").unwrap();
    }
    let full = "503 too many people checked in here just now: please go to the desk";
    assert_eq!(check_in(&world, "one", "1980-01-01").unwrap_err(), full);
    assert_eq!(world.board(&reception()).len(), 20);
    world.wait(11);
    check_in(&world, "one", "1980-01-01").unwrap();
}
