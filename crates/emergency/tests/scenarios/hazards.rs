//! What the hazard log names: scores that hide others, dates ahead, scales that nobody sees.

use accord_emergency::{Rules, Timers};
use std::sync::Arc;

use accord_base::Subject;
use serde_json::{Value, json};

use crate::world::*;

const NORMAL: [&str; 5] = ["16", "98", "120", "70", "37.0"];
const HIGH: [&str; 5] = ["26", "93", "105", "112", "38.5"];

fn scored(values: [&str; 5], more: Vec<Value>) -> Vec<Value> {
    let mut all = vitals(values, "air", "A");
    all.extend(more);
    all
}

#[test]
fn an_incomplete_score_stands_beside_the_complete_one_before_it() {
    let world = World::new();
    let encounter = world.arrive("ann");
    world.assess(&encounter, scored(NORMAL, vec![acuity(3)])).unwrap();
    world.wait(10);
    world.assess(&encounter, scored(HIGH, vec![acuity(2)])).unwrap();
    let row = world.board(&nurse()).remove(0);
    let shown = "score.state score.total last-complete previous-total trend";
    assert_eq!(tell(&row, shown), "complete 9 - 0 up");
    world.wait(10);
    world.assess(&encounter, vec![measured_as("8867-4", "95", "/min"), acuity(2)]).unwrap();
    let row = world.board(&nurse()).remove(0);
    let shown = "score.state score.at-least last-complete.state last-complete.total \
                 last-complete.level last-complete.label last-complete.scheme previous-total trend";
    assert_eq!(tell(&row, shown), "incomplete 1 complete 9 high High news2 0 up");
    assert!(told(&row, "last-complete.at") < told(&row, "score.at"));
    world.wait(10);
    world.assess(&encounter, scored(NORMAL, vec![])).unwrap();
    let row = world.board(&nurse()).remove(0);
    let shown = "score.total last-complete previous-total trend";
    assert_eq!(tell(&row, shown), "0 - 9 down", "the incomplete one between them is no trend");
}

/// An acuity as another client may write it.
fn foreign(encounter: &str, id: &str, minutes: u64) -> Value {
    let at = NOW.plus_us(minutes * MINUTE_US);
    let code = json!([{"system": "urn:accord:observation", "code": "acuity"}]);
    let value = json!([{"system": "http://snomed.info/sct", "code": "1077251000000100"}]);
    json!({"resourceType": "Observation", "id": id, "status": "final",
        "code": {"coding": code}, "valueCodeableConcept": {"coding": value},
        "subject": {"reference": "Patient/ann"},
        "encounter": {"reference": format!("Encounter/{encounter}")},
        "effectiveDateTime": at.to_string()})
}

#[test]
fn what_is_dated_ahead_puts_nothing_off() {
    let world = World::new();
    let mut timers = Timers::new(Rules::built_in().unwrap());
    let mut run = || {
        let now = world.engine.now();
        timers.run(now, &|request| world.engine.handle_blocking(request)).unwrap()
    };
    let encounter = world.arrive("ann");
    assert_eq!(run(), 1);
    world.fed(foreign(&encounter, "ahead", 24 * 60));
    let row = world.board(&nurse()).remove(0);
    assert_eq!(tell(&row, "phase acuity due.what dated-ahead"), "assessment-due - assessment 1");
    world.wait(16);
    assert_eq!(run(), 1, "it is overdue all the same");
    world.assess(&encounter, vec![acuity(2)]).unwrap();
    let row = world.board(&nurse()).remove(0);
    assert_eq!(tell(&row, "phase acuity initial-acuity due.what"), "waiting 2 2 re-triage");
    // Not even when its time comes: nobody looked then.
    world.wait(24 * 60);
    let row = world.board(&nurse()).remove(0);
    assert_eq!(tell(&row, "phase acuity due.overdue dated-ahead"), "escalated 2 true 1");
    let at = json!({"name": "at", "valueDateTime": "2027-01-01T00:00:00Z"});
    let refused = world.assess(&encounter, vec![acuity(2), at]).unwrap_err();
    assert_eq!(refused, "422 an assessment does not lie ahead");
}

#[test]
fn a_clock_that_is_a_little_ahead_counts_from_when_it_was_stored() {
    let world = World::new();
    let encounter = world.arrive("ann");
    world.fed(foreign(&encounter, "soon", 9));
    let row = world.board(&nurse()).remove(0);
    assert_eq!(tell(&row, "acuity dated-ahead"), "5 -");
    assert!(told(&row, "acuity-since").starts_with("2026-11-22T10:00:0"), "not at 10:09");
    world.wait(1);
    world.assess(&encounter, vec![acuity(2)]).unwrap();
    let row = world.board(&nurse()).remove(0);
    assert_eq!(tell(&row, "acuity initial-acuity"), "2 5", "the next assessment is not held up");
}

#[test]
fn an_arrival_that_lies_ahead_counts_from_when_it_was_stored() {
    let world = World::new();
    world.fed(json!({"resourceType": "Encounter", "id": "theirs", "status": "arrived",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
        "subject": {"reference": "Patient/dan"}, "period": {"start": "2026-11-23T08:00:00Z"},
        "serviceProvider": {"reference": "Organization/north"}}));
    world.wait(16);
    let row = world.board(&nurse()).remove(0);
    assert_eq!(tell(&row, "phase due.what due.overdue"), "escalated assessment true");
}

/// Closes one resource to everybody.
pub fn seal(world: &World, id: &str, of: &str) {
    world.fed(json!({"resourceType": "Consent", "id": id, "status": "active",
        "meta": {"profile": ["urn:accord:profile:seal"]},
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope",
            "code": "patient-privacy"}]},
        "category": [{"text": "locked"}], "patient": {"reference": "Patient/ann"},
        "policyRule": {"text": "seal"},
        "provision": {"type": "deny",
            "data": [{"meaning": "instance", "reference": {"reference": of}}]}}));
}

#[test]
fn a_scale_that_nobody_sees_is_asked_for_and_not_switched_back() {
    let world = World::new();
    let encounter = world.arrive("ann");
    let known = |more: Vec<Value>| {
        let preview = json!({"name": "preview", "valueBoolean": true});
        let mut all = scored(NORMAL, vec![preview]);
        all.extend(more);
        tell(&world.assess(&encounter, all).unwrap(), "spo2-scale spo2-scale-known")
    };
    assert_eq!(known(vec![]), "1 true", "nobody was assessed yet");
    let switch = vec![
        json!({"name": "spo2-scale", "valueInteger": 2}),
        json!({"name": "spo2-scale-reason", "valueString": "target 88 to 92 % prescribed"}),
        acuity(3),
    ];
    world.assess(&encounter, scored(NORMAL, switch)).unwrap();
    assert_eq!(known(vec![]), "2 true");
    let all = world.of("Observation", &encounter);
    let score = all.iter().find(|one| one.get("method").is_some()).unwrap();
    let score = score.get("id").unwrap().as_str().unwrap();
    seal(&world, "closed", &format!("Observation/{score}"));
    assert_eq!(known(vec![]), "1 false");
    assert_eq!(known(vec![json!({"name": "spo2-scale", "valueInteger": 2})]), "2 false");
    world.wait(1);
    let answer = world.assess(&encounter, scored(NORMAL, vec![])).unwrap();
    assert_eq!(tell(&answer, "spo2-scale spo2-scale-known"), "1 false");
    assert_eq!(known(vec![]), "1 false", "what was assumed is not known the next time either");
    // Who sees it all again finds the switch as it was set.
    world.fed(json!({"resourceType": "Consent", "id": "closed", "status": "inactive",
        "scope": {"text": "seal"}, "category": [{"text": "locked"}],
        "policyRule": {"text": "seal"}, "patient": {"reference": "Patient/ann"}}));
    assert_eq!(known(vec![]), "2 true");
}

#[test]
fn who_states_the_scale_where_it_is_not_known_is_kept_as_the_one_who_did() {
    let world = World::new();
    world.fed(json!({"resourceType": "Encounter", "id": "theirs", "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
        "subject": {"reference": "Patient/ann"}, "period": {"start": "2026-11-22T08:00:00Z"},
        "serviceProvider": {"reference": "Organization/north"}}));
    let stated = json!({"name": "spo2-scale", "valueInteger": 1});
    let answer = world.assess("theirs", scored(NORMAL, vec![acuity(3), stated])).unwrap();
    assert_eq!(tell(&answer, "spo2-scale spo2-scale-known"), "1 false");
    world.wait(1);
    let answer = world.assess("theirs", scored(NORMAL, vec![])).unwrap();
    assert_eq!(tell(&answer, "spo2-scale spo2-scale-known"), "1 true");
    let found = world.ask(&nurse(), accord_engine::Interaction::get("Provenance").unwrap());
    let Ok(accord_engine::Answer::Page(page)) = found else { panic!("provenance") };
    let [why] = &page.entries[..] else { panic!("one statement") };
    assert!(why.body.contains("spo2-scale"), "{}", why.body);
}

#[test]
fn of_two_desks_at_once_one_receives_and_one_task_is_made() {
    let world = World::new();
    // The nurse may read and write tasks, and sees whom the desk received before.
    let encounter = world.arrive("ann");
    let end = json!([{"name": "disposition", "valueCode": "home"}]);
    world.operate(&nurse(), ("$dispose", Some(&encounter)), end).unwrap();
    let patient = json!([{"name": "patient", "valueReference": {"reference": "Patient/ann"}}]);
    let first = std::cell::RefCell::new(None);
    let between = |request: accord_engine::Request| {
        let writes = matches!(request.interaction, accord_engine::Interaction::Bundle { .. });
        if writes && first.borrow().is_none() {
            let other = world.operate(&nurse(), ("$arrive", None), patient.clone()).unwrap();
            first.replace(Some(other));
        }
        world.engine.handle_blocking(request)
    };
    let second = world.operate_by(&nurse(), ("$arrive", None), patient.clone(), &between);
    assert_eq!(second.unwrap_err(), "409 somebody else was first");
    let first = first.take().unwrap();
    let first = first.get("id").unwrap().as_str().unwrap();
    let open = |task: &Value| task.get("status") == Some(&json!("requested"));
    assert_eq!(world.of("Task", first).iter().filter(|task| open(task)).count(), 1);
    assert_eq!(world.board(&nurse()).len(), 1);
}

#[test]
fn no_acuity_is_lost_where_an_arrival_looks_later() {
    let world = World::new();
    let later = NOW.plus_us(5 * MINUTE_US).to_string();
    // The clock of a feed is five minutes ahead.
    world.fed(json!({"resourceType": "Encounter", "id": "ahead", "status": "arrived",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
        "subject": {"reference": "Patient/bob"}, "period": {"start": later},
        "serviceProvider": {"reference": "Organization/north"}}));
    world.wait(2);
    world.assess("ahead", vec![acuity(1)]).unwrap();
    for _ in 0..3 {
        let rows = world.board(&nurse());
        assert_eq!(tell(rows.first().unwrap(), "acuity initial-acuity due.what"), "1 1 re-triage");
        world.wait(4);
    }
    world.fed(json!({"resourceType": "Encounter", "id": "ahead", "status": "triaged",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
        "subject": {"reference": "Patient/bob"}, "period": {"start": later},
        "serviceProvider": {"reference": "Organization/north"}}));
    let rows = world.board(&nurse());
    let told = tell(rows.first().unwrap(), "acuity record-contradicts");
    assert_eq!(told, "1 an acuity is dated before the arrival");
    world.assess("ahead", vec![acuity(2)]).unwrap();
    let rows = world.board(&nurse());
    assert_eq!(tell(rows.first().unwrap(), "acuity initial-acuity"), "2 1");
    let found = world.operate(&nurse(), ("$ecds", None), json!({"date": "2026-11-22"})).unwrap();
    assert_eq!(tell(&found, "row.initial-acuity"), "1064891000000107");
}

#[test]
fn who_does_not_see_an_acuity_is_told_of_no_delay() {
    let world = World::new();
    let ann = world.arrive("ann");
    world.assess(&ann, vec![acuity(3)]).unwrap();
    world.wait(16);
    let shown = "acuity acuity-unknown phase due.what target.breached";
    let row = |who: &Arc<Subject>| tell(world.board(who).first().unwrap(), shown);
    assert_eq!(row(&reception()), "- true waiting - -");
    assert!(row(&nurse()).starts_with("3 - waiting re-triage"), "{}", row(&nurse()));
    let first = world.of("Observation", &ann).first().unwrap().get("id").cloned().unwrap();
    seal(&world, "closed", &format!("Observation/{}", first.as_str().unwrap()));
    assert_eq!(row(&nurse()), "- true waiting - -");
    world.assess(&ann, vec![acuity(2)]).unwrap();
    assert!(row(&nurse()).starts_with("2 - "), "{}", row(&nurse()));
    let all = world.of("Observation", &ann);
    let [later] = all.as_slice() else { panic!("{all:?}") };
    assert!(later.get("category").unwrap().to_string().contains("\"later\""), "{later}");
    let found = world.operate(&nurse(), ("$ecds", None), json!({"date": "2026-11-22"})).unwrap();
    assert_eq!(tell(&found, "row.assessment row.initial-acuity"), "- -");
}

#[test]
fn what_a_monitor_stores_by_the_minute_keeps_nobody_from_the_board() {
    let world = World::new();
    let ann = world.arrive("ann");
    world.assess(&ann, scored(HIGH, vec![acuity(2)])).unwrap();
    let pulse = |at: u64| {
        json!({"request": {"method": "POST", "url": "Observation"},
            "resource": {"resourceType": "Observation", "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
            "subject": {"reference": "Patient/ann"},
            "encounter": {"reference": format!("Encounter/{ann}")},
            "effectiveDateTime": NOW.plus_us(at * 1_000_000).to_string(),
            "valueQuantity": {"value": 90, "unit": "/min"}}})
    };
    for hundred in 0..25 {
        let pulses = (0..100).map(|at| pulse(hundred * 100 + at)).collect();
        world.bundle(&feed("north"), pulses).unwrap();
    }
    world.wait(42);
    let row = || {
        let rows = world.board(&nurse());
        tell(rows.first().unwrap(), "acuity score.total due.what")
    };
    assert!(row().starts_with("2 9 "), "{}", row());
    let rules = Rules::built_in().unwrap();
    let mut timers = Timers::new(rules);
    let made = timers.run(world.engine.now(), &|request| world.engine.handle_blocking(request));
    assert!(made.unwrap() > 0, "what is overdue is called");
    assert_eq!(timers.failed(), 0);
    world.assess(&ann, scored(NORMAL, vec![acuity(3)])).unwrap();
    assert!(row().starts_with("3 0 "), "{}", row());
    let end = json!([{"name": "disposition", "valueCode": "home"}]);
    world.operate(&nurse(), ("$dispose", Some(&ann)), end).unwrap();
}

#[test]
fn a_score_that_cannot_be_made_again_is_told_of() {
    let world = World::new();
    let ann = world.arrive("ann");
    world.assess(&ann, scored(HIGH, vec![acuity(2)])).unwrap();
    let row = || tell(world.board(&nurse()).first().unwrap(), "score.total score-not-recomputed");
    assert_eq!(row(), "9 -");
    // The birth date is corrected: a child has no NEWS2.
    world.fed(json!({"resourceType": "Patient", "id": "ann", "birthDate": "2020-01-01",
        "managingOrganization": {"reference": "Organization/north"}}));
    assert!(row().starts_with("- the newest score fits"), "{}", row());
}

fn theirs(status: &str, priority: (&str, &str)) -> Value {
    let (system, code) = priority;
    json!({"resourceType": "Encounter", "id": "theirs", "status": status,
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
        "priority": {"coding": [{"system": system, "code": code}]},
        "subject": {"reference": "Patient/bob"}, "period": {"start": NOW.to_string()},
        "serviceProvider": {"reference": "Organization/north"}})
}

#[test]
fn a_priority_of_another_kind_is_no_acuity() {
    let other = ("http://terminology.hl7.org/CodeSystem/v3-ActPriority", "EM");
    for status in ["arrived", "in-progress"] {
        let world = World::new();
        world.fed(theirs(status, other));
        world.wait(16);
        let row = world.board(&nurse()).remove(0);
        let told = tell(&row, "acuity-unknown due.what due.overdue");
        assert_eq!(told, "- assessment true", "{status}");
        world.assess("theirs", vec![acuity(3)]).unwrap();
        let row = world.board(&nurse()).remove(0);
        assert_eq!(tell(&row, "acuity initial-acuity"), "3 3", "{status}");
    }
    let world = World::new();
    world.fed(theirs("triaged", ("http://snomed.info/sct", "1064901000000108")));
    let row = world.board(&nurse()).remove(0);
    assert_eq!(tell(&row, "acuity-unknown due.what"), "true -", "an acuity that nobody here sees");
}

#[test]
fn who_lost_their_only_acuity_is_assessed_anew() {
    let world = World::new();
    let ann = world.arrive("ann");
    world.assess(&ann, vec![acuity(2)]).unwrap();
    let mut wrong = world.of("Observation", &ann).remove(0);
    *wrong.pointer_mut("/status").unwrap() = "entered-in-error".into();
    world.put(&nurse(), wrong);
    world.wait(16);
    let row = world.board(&nurse()).remove(0);
    assert_eq!(tell(&row, "acuity-unknown due.what due.overdue"), "- assessment true");
}

#[test]
fn the_sheet_says_what_the_board_does_of_what_cannot_be_told() {
    let world = World::new();
    let ann = world.arrive("ann");
    world.assess(&ann, vec![acuity(3)]).unwrap();
    let expected = NOW.plus_us(30 * MINUTE_US).to_string();
    let announce = json!([
        {"name": "patient", "valueReference": {"reference": "Patient/bob"}},
        {"name": "complaint", "valueString": "<b>stroke"},
        {"name": "expected", "valueInstant": expected}]);
    world.operate(&reception(), ("$arrive", None), announce).unwrap();
    let page = world.file(&reception(), "$downtime").unwrap();
    for told in [
        "<td class=\"acuity\">not shown</td>",
        "the acuity is not shown to this account",
        "<h2>Expected</h2>\n<ul><li>2026-11-22 10:30, bob Hill, 1970-05-05, female, &lt;b&gt;stroke</li>",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let page = world.file(&nurse(), "$downtime").unwrap();
    assert!(page.contains("<td class=\"acuity\">3</td>"), "{page}");
}
