//! Flags of the record on the board, and what becomes of an attendance's own when it ends.

use std::sync::Arc;

use accord_emergency::{Rules, Timers};
use accord_engine::{Interaction, OPERATIONS, Operation};
use serde_json::{Value, json};

use crate::flow::stored;
use crate::world::*;

/// A flag of the record as another system writes it.
fn flag(id: &str, of: &str, code: Value, more: Value) -> Value {
    let mut made = json!({"resourceType": "Flag", "id": id, "status": "active", "code": code,
        "subject": {"reference": format!("Patient/{of}")}});
    let members = more.as_object().unwrap().clone();
    made.as_object_mut().unwrap().extend(members);
    made
}

fn mrsa() -> Value {
    json!({"coding": [{"system": "http://snomed.info/sct", "code": "432415000",
        "display": "MRSA carrier"}]})
}

/// What the row says of the record, a text for each flag.
fn on_record(row: &Value) -> Vec<String> {
    let parts = row.get("part").unwrap().as_array().unwrap();
    let all = parts.iter().filter(|part| part.get("name") == Some(&json!("record-flag")));
    all.map(|one| tell(one, "code text category since")).collect()
}

fn flagged(kinds: &[&str]) -> Vec<Value> {
    let flag = |kind: &&str| json!({"name": "flag", "valueCode": kind});
    kinds.iter().map(flag).chain([acuity(3)]).collect()
}

fn end(world: &World, encounter: &str, how: &str) {
    let how = json!([{"name": "disposition", "valueCode": how}]);
    world.operate(&nurse(), ("$dispose", Some(encounter)), how).unwrap();
}

/// Kind and state of every flag of an attendance.
fn states(world: &World, encounter: &str) -> Vec<String> {
    let all = world.of("Flag", encounter);
    let at = |flag: &Value, pointer: &str| {
        flag.pointer(pointer).and_then(Value::as_str).unwrap_or("-").to_owned()
    };
    let told = |flag: &Value| {
        let ended = if at(flag, "/period/end") == "-" { "" } else { " ended" };
        format!("{} {}{ended}", at(flag, "/code/coding/0/code"), at(flag, "/status"))
    };
    let mut all: Vec<String> = all.iter().map(told).collect();
    all.sort();
    all
}

#[test]
fn flags_of_the_record_stand_beside_those_of_the_attendance() {
    let world = World::new();
    let contact = json!({"category": [{"coding": [{
        "system": "http://terminology.hl7.org/CodeSystem/flag-category", "code": "contact",
        "display": "Subject Contact"}]}], "period": {"start": "2024-03-01"}});
    world.fed(flag("germs", "ann", mrsa(), contact));
    world.fed(flag("words", "ann", json!({"text": "Ask before <touching>"}), json!({})));
    let until = |end: &str| json!({"period": {"start": "2020-01-01", "end": end}});
    world.fed(flag("today", "ann", json!({"text": "until today"}), until("2026-11-22")));
    // None of these holds of Ann now.
    world.fed(flag("past", "ann", json!({"text": "past"}), until("2026-11-21")));
    let ahead = json!({"period": {"start": "2026-12-24"}});
    world.fed(flag("ahead", "ann", json!({"text": "ahead"}), ahead));
    world.fed(flag("ended", "ann", json!({"text": "ended"}), json!({"status": "inactive"})));
    let error = json!({"status": "entered-in-error"});
    world.fed(flag("error", "ann", json!({"text": "in error"}), error));
    world.fed(flag("other", "bob", json!({"text": "of Bob"}), json!({})));
    let encounter = world.arrive("ann");
    world.assess(&encounter, flagged(&["infection", "falls"])).unwrap();
    // Another client flags this attendance with a code that is not the board's.
    let here = json!({"encounter": {"reference": format!("Encounter/{encounter}")}});
    world.fed(flag("here", "ann", json!({"text": "Steps only with two"}), here));
    let row = world.board(&nurse()).remove(0);
    let own: Vec<_> = row.get("part").unwrap().as_array().unwrap().iter().collect();
    let own = own.iter().filter(|part| part.get("name") == Some(&json!("flag"))).count();
    assert_eq!(own, 2, "the attendance's own");
    let expected = [
        "infection MRSA carrier Subject Contact 2024-03-01",
        "- Ask before <touching> - -",
        "- Steps only with two - -",
        "- until today - 2020-01-01",
    ];
    assert_eq!(on_record(&row), expected);
    assert_eq!(told(&row, "record-flag.flag"), "Flag/germs");
    let sheet = world.file(&nurse(), "$downtime").unwrap();
    let told = "<td>falls, infection<br>ON RECORD: MRSA carrier (Subject Contact); \
                Ask before &lt;touching&gt;; ";
    assert!(sheet.contains(told), "{sheet}");
    let desk = world.board(&reception()).remove(0);
    assert!(on_record(&desk).is_empty(), "reception sees no flags");
    let desk = world.file(&reception(), "$downtime").unwrap();
    assert!(!desk.contains("ON RECORD"), "{desk}");
}

#[test]
fn who_is_expected_is_told_with_the_flags_of_their_record() {
    let world = World::new();
    world.fed(flag("germs", "ann", mrsa(), json!({})));
    let at = NOW.plus_us(20 * MINUTE_US).to_string();
    let announced = json!([
        {"name": "patient", "valueReference": {"reference": "Patient/ann"}},
        {"name": "mode", "valueCode": "pre-alert"}, {"name": "expected", "valueDateTime": at}]);
    world.operate(&nurse(), ("$arrive", None), announced).unwrap();
    let board = world.operate(&nurse(), ("$board", None), json!({})).unwrap();
    assert_eq!(tell(&board, "expected.name expected.record-flag.code"), "ann Hill infection");
    assert!(world.file(&nurse(), "$downtime").unwrap().contains("ON RECORD: MRSA carrier"));
}

#[test]
fn what_was_judged_of_an_attendance_ends_with_it_and_the_rest_is_on_record_at_the_next() {
    let world = World::new();
    let all = ["sepsis", "safeguarding", "infection", "mental-health", "learning-disability"];
    let first = world.arrive("ann");
    world.assess(&first, flagged(&[&all[..], &["falls"]].concat())).unwrap();
    end(&world, &first, "home");
    let expected = [
        "falls inactive ended",
        "infection active",
        "learning-disability active",
        "mental-health inactive ended",
        "safeguarding active",
        "sepsis inactive ended",
    ];
    assert_eq!(states(&world, &first), expected);
    // One that an earlier release left in force was of that attendance all the same.
    let before = json!({"encounter": {"reference": format!("Encounter/{first}")}});
    let code = json!({"coding": [{"system": "urn:accord:emergency-flag", "code": "sepsis"}]});
    world.fed(flag("left", "ann", code, before));
    world.wait(60);
    let second = world.arrive("ann");
    world.assess(&second, flagged(&["safeguarding"])).unwrap();
    let row = world.board(&nurse()).remove(0);
    let codes: Vec<_> = on_record(&row);
    let codes: Vec<_> = codes.iter().map(|one| one.split(' ').next().unwrap()).collect();
    assert_eq!(told(&row, "flag"), "safeguarding");
    assert_eq!(codes, ["infection", "learning-disability", "safeguarding"]);
    // Said twice, it stands there once, with both.
    end(&world, &second, "admitted");
    world.wait(60);
    world.arrive("ann");
    let row = world.board(&nurse()).remove(0);
    assert_eq!(on_record(&row).len(), 3);
    let text = row.to_string();
    assert_eq!(text.matches("\"Flag/").count(), 4, "{text}");
}

#[test]
fn flags_of_an_attendance_that_never_was_were_entered_in_error() {
    let world = World::new();
    let encounter = world.arrive("ann");
    world.assess(&encounter, flagged(&["safeguarding", "falls"])).unwrap();
    let ended = json!({"name": "flag-end", "valueCode": "falls"});
    world.assess(&encounter, vec![ended]).unwrap();
    end(&world, &encounter, "registered-in-error");
    let all = states(&world, &encounter);
    assert_eq!(all, ["falls entered-in-error ended", "safeguarding entered-in-error"]);
    world.arrive("ann");
    assert!(on_record(&world.board(&nurse()).remove(0)).is_empty());
}

#[test]
fn the_timers_end_flags_where_reception_ended_the_attendance() {
    let world = World::new();
    let mut timers = Timers::new(Rules::built_in().unwrap());
    let encounter = world.arrive("ann");
    world.assess(&encounter, flagged(&["sepsis", "infection"])).unwrap();
    timers.run(world.engine.now(), &|one| world.engine.handle_blocking(one)).unwrap();
    let left = json!([{"name": "disposition", "valueCode": "home"}]);
    world.operate(&reception(), ("$dispose", Some(&encounter)), left).unwrap();
    assert_eq!(states(&world, &encounter), ["infection active", "sepsis active"]);
    timers.run(world.engine.now(), &|one| world.engine.handle_blocking(one)).unwrap();
    assert_eq!(states(&world, &encounter), ["infection active", "sepsis inactive ended"]);
    assert_eq!(stored(&world, &encounter).get("status"), Some(&json!("finished")));
}

/// Records that are one person under several names, merged in two steps.
#[test]
fn a_flag_under_another_name_of_the_person_is_told() {
    let world = World::new();
    for name in ["old", "older", "between"] {
        world.fed(json!({"resourceType": "Patient", "id": name, "birthDate": "1950-01-02",
            "name": [{"given": ["ann"], "family": "Hill"}],
            "managingOrganization": {"reference": "Organization/north"}}));
    }
    world.fed(flag("one", "old", json!({"text": "one step"}), json!({})));
    let merge = |from: &str, into: &str| {
        let of = |name: &str, id: &str| {
            json!({"name": name,
                "valueReference": {"reference": format!("Patient/{id}")}})
        };
        let body = json!({"resourceType": "Parameters", "parameter":
            [of("source-patient", from), of("target-patient", into)]});
        let signature =
            OPERATIONS.iter().find(|one| one.on == "Patient" && one.name() == "$merge").unwrap();
        let operation = Operation {
            signature,
            id: None,
            params: Vec::new(),
            body: Arc::from(body.to_string().into_bytes()),
        };
        world.ask(&feed("north"), Interaction::Operation(Box::new(operation))).unwrap();
    };
    merge("old", "ann");
    world.arrive("ann");
    let row = || world.board(&nurse()).remove(0);
    assert_eq!(on_record(&row()), ["- one step - -"]);
    merge("older", "between");
    merge("between", "ann");
    world.fed(flag("two", "older", json!({"text": "two steps"}), json!({})));
    assert_eq!(on_record(&row()), ["- one step - -", "- two steps - -"]);
}

/// Ann denies the hospital a type of data, for all that is done with it or what `more` says.
fn denied(class: &str, more: Value) -> Value {
    let class = json!([{"system": "http://hl7.org/fhir/resource-types", "code": class}]);
    let mut provision = json!({"type": "deny", "class": class, "actor": [{
        "role": {"text": "whoever"}, "reference": {"reference": "Organization/north"}}]});
    provision.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"resourceType": "Consent", "id": "no", "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope",
            "code": "patient-privacy"}]}, "category": [{"text": "privacy"}],
        "policyRule": {"text": "opt-out"}, "patient": {"reference": "Patient/ann"},
        "provision": provision})
}

#[test]
fn a_flag_that_is_hidden_changes_no_byte_of_board_and_sheet() {
    let [with, without] = [true, false].map(|hidden| {
        let world = World::new();
        world.fed(denied("Flag", json!({})));
        world.arrive("ann");
        world.arrive("bob");
        let id = if hidden { "ann" } else { "cat" };
        world.fed(flag("germs", id, mrsa(), json!({})));
        world.fed(flag("shown", "bob", mrsa(), json!({})));
        let board = world.operate(&nurse(), ("$board", None), json!({})).unwrap();
        let rows = world.board(&nurse());
        let shown: usize = rows.iter().map(|row| on_record(row).len()).sum();
        assert_eq!((rows.len(), shown), (2, 1), "{board}");
        let texts = rows.iter().map(|row| tell(row, "name record-flag.text"));
        (texts.collect::<Vec<_>>(), world.file(&nurse(), "$downtime").unwrap())
    });
    assert_eq!(with, without);
}

#[test]
fn a_flag_that_must_not_be_changed_keeps_nobody_here() {
    let world = World::new();
    let mut timers = Timers::new(Rules::built_in().unwrap());
    let encounter = world.arrive("ann");
    world.assess(&encounter, flagged(&["sepsis"])).unwrap();
    timers.run(world.engine.now(), &|one| world.engine.handle_blocking(one)).unwrap();
    world.fed(denied(
        "Flag",
        json!({"action": [{"coding": [{"code": "correct",
        "system": "http://terminology.hl7.org/CodeSystem/consentaction"}]}]}),
    ));
    assert_eq!(told(&world.board(&nurse()).remove(0), "flag"), "sepsis", "seen all the same");
    end(&world, &encounter, "home");
    assert_eq!(stored(&world, &encounter).get("status"), Some(&json!("finished")));
    assert_eq!(states(&world, &encounter), ["sepsis active"]);
    timers.run(world.engine.now(), &|one| world.engine.handle_blocking(one)).unwrap();
    assert_eq!(
        (timers.failed(), states(&world, &encounter)),
        (0, vec!["sepsis inactive ended".to_owned()])
    );
}
