//! What is entered: of whom little is known, after the fact, and of those who are on the way.

use serde_json::{Value, json};

use crate::world::*;

fn patient(world: &World, id: &str, born: Option<&str>) {
    let mut made = json!({"resourceType": "Patient", "id": id, "name": [{"family": "Unknown"}],
        "managingOrganization": {"reference": "Organization/north"}});
    if let Some(born) = born {
        made.as_object_mut().unwrap().insert("birthDate".to_owned(), born.into());
    }
    world.fed(made);
}

fn months(months: u32) -> Value {
    json!({"name": "age-months", "valueInteger": months})
}

fn at(time: &str) -> Value {
    json!({"name": "at", "valueInstant": format!("2026-11-22T{time}:00Z")})
}

fn reason(text: &str) -> Value {
    json!({"name": "at-reason", "valueString": text})
}

fn preview() -> Value {
    json!({"name": "preview", "valueBoolean": true})
}

#[test]
fn who_has_no_birth_date_is_given_an_acuity_an_area_a_flag_and_treatment() {
    let world = World::new();
    for (id, born) in [("unknown", None), ("ahead", Some("2027-03-01"))] {
        patient(&world, id, born);
        let encounter = world.arrive(id);
        let resus = json!([acuity(1),
            {"name": "area", "valueReference": {"reference": "Location/resus"}},
            {"name": "flag", "valueCode": "sepsis"}, {"name": "started", "valueBoolean": true}]);
        world.assess(&encounter, resus.as_array().unwrap().clone()).unwrap();
        let row = world.board(&nurse()).into_iter().find(|row| told(row, "patient").ends_with(id));
        let row = row.unwrap();
        assert_eq!(tell(&row, "acuity area flag status"), "1 Location/resus sepsis in-progress");
    }
}

#[test]
fn a_child_whose_birth_date_nobody_knows_is_scored_as_a_child() {
    let world = World::new();
    patient(&world, "unknown", None);
    let encounter = world.arrive("unknown");
    let values = || vitals(["60", "", "", "", ""], "air", "A");
    let refused = world.assess(&encounter, [values(), vec![acuity(2)]].concat()).unwrap_err();
    assert!(refused.starts_with("422 the age is not known: give `age-months`"), "{refused}");
    let answer = world.assess(&encounter, [values(), vec![acuity(2), months(30)]].concat());
    let shown = "scheme.id age.months age.basis score.at-least";
    assert_eq!(tell(&answer.unwrap(), shown), "pews 30 stated 4");
    let row = world.board(&nurse()).remove(0);
    assert_eq!(tell(&row, "score.scheme score.at-least score.contradicts"), "pews 4 false");
    let all = world.of("Observation", &encounter);
    let score = all.iter().find(|one| one.get("method").is_some()).unwrap();
    assert!(score.pointer("/note/0/text").unwrap().as_str().unwrap().contains("stated"));
    // Once the birth date is known, it says the age.
    patient(&world, "unknown", Some("2024-06-01"));
    let refused = world.assess(&encounter, vec![acuity(2), months(40)]).unwrap_err();
    assert!(refused.starts_with("422 the birth date says the age"), "{refused}");
}

#[test]
fn an_age_that_spans_two_bands_is_scored_by_the_one_that_asks_for_most() {
    let world = World::new();
    // 10 to 22 months: 45 breaths are 0 before the first birthday and 1 after it.
    patient(&world, "year", Some("2025"));
    let encounter = world.arrive("year");
    let asked = |value: &str, more: Vec<Value>| {
        let own = vitals([value, "", "", "", ""], "air", "A");
        let answer = world.assess(&encounter, [own, vec![preview()], more].concat()).unwrap();
        tell(&answer, "score.at-least age.basis age.least age.most")
    };
    assert_eq!(asked("45", vec![]), "1 partial-birth-date 10 22");
    assert_eq!(asked("25", vec![]), "1 partial-birth-date 10 22", "and 1 before it, 0 after");
    assert_eq!(asked("45", vec![months(11)]), "0 stated - -");
    let refused = world.assess(&encounter, vec![acuity(3), months(30)]).unwrap_err();
    assert!(refused.contains("10 to 22 months"), "{refused}");
}

#[test]
fn what_happened_before_is_entered_with_its_time() {
    let world = World::new();
    let encounter = world.arrive("ann");
    world.wait(60);
    let first = vitals(["21", "93", "120", "95", "37.5"], "air", "A");
    let late = |more: Vec<Value>| [first.clone(), vec![acuity(3), at("10:08")], more].concat();
    let refused = world.assess(&encounter, late(vec![])).unwrap_err();
    assert!(refused.contains("more than 10 minutes ago needs an `at-reason`"), "{refused}");
    world.assess(&encounter, late(vec![reason("no power until 11:00")])).unwrap();
    let row = world.board(&nurse()).remove(0);
    assert_eq!(
        tell(&row, "acuity-since score.at"),
        "2026-11-22T10:08:00.000000Z 2026-11-22T10:08:00.000000Z"
    );
    assert_eq!(told(&row, "target.breached"), "false", "assessed within 15 minutes");
    assert_eq!(tell(&row, "due.at due.overdue"), "2026-11-22T11:08:00.000000Z false");
    let why = world.ask(&nurse(), accord_engine::Interaction::get("Provenance").unwrap()).unwrap();
    let accord_engine::Answer::Page(page) = why else { panic!("no page") };
    let why: Vec<Value> =
        page.entries.iter().map(|one| serde_json::from_str(&one.body).unwrap()).collect();
    let why = why
        .iter()
        .find(|one| one.pointer("/activity/coding/0/code") == Some(&json!("entered-later")));
    let why = why.unwrap();
    assert_eq!(why.pointer("/reason/0/text"), Some(&json!("no power until 11:00")));
    assert_eq!(why.pointer("/agent/0/who/reference"), Some(&json!("Practitioner/nurse")));
    assert_eq!(why.pointer("/recorded"), Some(&json!("2026-11-22T11:00:00.000000Z")));
}

#[test]
fn what_is_older_than_what_is_there_does_not_become_the_newest() {
    let world = World::new();
    let encounter = world.arrive("ann");
    world.wait(30);
    let second = vitals(["21", "93", "120", "95", "37.5"], "air", "A");
    world.assess(&encounter, [second, vec![acuity(2)]].concat()).unwrap();
    world.wait(5);
    let first = vitals(["18", "97", "120", "80", "37.0"], "air", "A");
    let late = [first, vec![acuity(4), at("10:10"), reason("from the paper sheet")]].concat();
    world.assess(&encounter, late).unwrap();
    let row = world.board(&nurse()).remove(0);
    assert_eq!(tell(&row, "acuity score.total previous-total trend"), "2 5 0 up");
    let read = world.operate(&nurse(), ("$board", None), json!({})).unwrap();
    assert!(read.to_string().contains("2026-11-22T10:30"));
    let encounters = world.ask(&nurse(), accord_engine::Interaction::get("Encounter").unwrap());
    let accord_engine::Answer::Page(page) = encounters.unwrap() else { panic!("no page") };
    let own: Value = serde_json::from_str(&page.entries.first().unwrap().body).unwrap();
    assert_eq!(own.pointer("/priority/coding/0/code"), Some(&json!("1064911000000105")), "2");
    // Nobody is moved, begun with or given a bed by a line of paper that is older than what is known.
    for moves in [
        json!({"name": "area", "valueReference": {"reference": "Location/majors"}}),
        json!({"name": "started", "valueBoolean": true}),
        json!({"name": "bed-request", "valueBoolean": true}),
    ] {
        let late = vec![acuity(3), at("10:12"), reason("from the paper sheet"), moves.clone()];
        let refused = world.assess(&encounter, late).unwrap_err();
        assert!(refused.starts_with("422 what is entered of the past changes nothing"), "{moves}");
    }
    for (when, says) in [("09:59", "before the arrival"), ("11:00", "does not lie ahead")] {
        let refused = world.assess(&encounter, vec![acuity(3), at(when), reason("r")]).unwrap_err();
        assert!(refused.starts_with("422") && refused.contains(says), "{refused}");
    }
}

#[test]
fn a_flag_ends() {
    let world = World::new();
    let encounter = world.arrive("ann");
    let flag = |name: &str, code: &str| json!({"name": name, "valueCode": code});
    world.assess(&encounter, vec![flag("flag", "sepsis"), flag("flag", "falls")]).unwrap();
    world.assess(&encounter, vec![flag("flag-end", "sepsis")]).unwrap();
    assert_eq!(told(&world.board(&nurse())[0], "flag"), "falls");
    let refused = world.assess(&encounter, vec![flag("flag-end", "sepsis")]).unwrap_err();
    assert_eq!(refused, "422 the flag `sepsis` is not in force");
    let ended = world.of("Flag", &encounter);
    let ended = ended.iter().find(|one| one.get("status") == Some(&json!("inactive"))).unwrap();
    assert!(ended.pointer("/period/end").is_some());
}

#[test]
fn an_arrival_of_long_ago_is_refused_and_its_reason_is_kept() {
    let world = World::new();
    let arrive = |time: &str| {
        let asked = json!([{"name": "patient", "valueReference": {"reference": "Patient/bob"}},
            {"name": "arrived", "valueInstant": time},
            {"name": "reason", "valueString": "no power until 10:00"}]);
        world.operate(&nurse(), ("$arrive", None), asked)
    };
    let refused = arrive("1970-01-01T00:00:00Z").unwrap_err();
    assert_eq!(refused, "422 an arrival lies at most 24 hours back");
    let made = arrive("2026-11-22T08:00:00Z").unwrap();
    let kept = made.pointer("/extension/0/valueString");
    assert_eq!(kept, Some(&json!("no power until 10:00")));
}

#[test]
fn consciousness_is_understood_by_its_snomed_code() {
    let world = World::new();
    let encounter = world.arrive("ann");
    let asked = json!({"name": "vital", "part": [
        {"name": "code", "valueCoding":
            {"system": "http://snomed.info/sct", "code": "1104441000000107"}},
        {"name": "value", "valueCodeableConcept": {"coding":
            [{"system": "http://snomed.info/sct", "code": "300202002"}]}}]});
    let answer = world.assess(&encounter, vec![asked, acuity(2)]).unwrap();
    assert_eq!(tell(&answer, "score.at-least trigger.id"), "3 single-3");
}

fn answered(life_threat: bool, high_risk: bool, resources: u32) -> Vec<Value> {
    vec![
        json!({"name": "life-threat", "valueBoolean": life_threat}),
        json!({"name": "high-risk", "valueBoolean": high_risk}),
        json!({"name": "resources", "valueInteger": resources}),
    ]
}

#[test]
fn resources_count_once_it_was_asked_whether_somebody_can_wait() {
    let world = World::new();
    let encounter = world.arrive("ann");
    for asked in [&answered(false, false, 0)[2..], &answered(false, false, 0)[1..]] {
        let refused = world.assess(&encounter, asked.to_vec()).unwrap_err();
        let says = "422 `resources` count once `life-threat` and `high-risk` are answered";
        assert_eq!(refused, says);
        let answer = world.assess(&encounter, [asked, &[preview()]].concat()).unwrap();
        assert_eq!(told(&answer, "acuity.computed"), "-");
    }
    let answer = world.assess(&encounter, answered(false, false, 2)).unwrap();
    let shown = "acuity.computed acuity.danger acuity.unassessed";
    let says = "3 - danger zone not assessed: pulse, respiration, spo2";
    assert_eq!(tell(&answer, shown), says);
    patient(&world, "unknown", None);
    let unknown = world.arrive("unknown");
    let answer = world.assess(&unknown, answered(false, false, 2)).unwrap();
    assert!(told(&answer, "acuity.unassessed").ends_with("spo2, age"), "no adult by default");
}

#[test]
fn whoever_lowers_an_acuity_or_keeps_it_in_danger_says_why() {
    let world = World::new();
    let encounter = world.arrive("ann");
    let why = || json!({"name": "override-reason", "valueString": "pain is gone"});
    world.assess(&encounter, vec![acuity(2)]).unwrap();
    let refused = world.assess(&encounter, vec![acuity(4)]).unwrap_err();
    assert_eq!(refused, "422 an acuity lower by two levels or more needs an `override-reason`");
    world.assess(&encounter, vec![acuity(3)]).unwrap();
    world.wait(1);
    let pulse = || measured_as("8867-4", "130", "/min");
    let kept = || [answered(false, false, 2), vec![pulse()]].concat();
    let refused = world.assess(&encounter, kept()).unwrap_err();
    assert!(refused.contains("danger zone (pulse) needs an `override-reason`"), "{refused}");
    let answer = world.assess(&encounter, [kept(), vec![preview()]].concat()).unwrap();
    assert!(told(&answer, "acuity.reason-needed").contains("danger zone"));
    world.assess(&encounter, [kept(), vec![why()]].concat()).unwrap();
    world.wait(1);
    world.assess(&encounter, vec![acuity(5), why()]).unwrap();
    let found = world.ask(&nurse(), accord_engine::Interaction::get("Provenance").unwrap());
    let accord_engine::Answer::Page(page) = found.unwrap() else { panic!("no page") };
    let kept = page.entries.iter().filter(|one| one.body.contains("pain is gone")).count();
    assert_eq!(kept, 2, "each stands in a Provenance");
}

#[test]
fn a_value_that_somebody_stands_by_is_marked_by_a_code() {
    let world = World::new();
    let encounter = world.arrive("ann");
    let mut all = vec![acuity(2)];
    for (code, value, unit) in [("8867-4", "260", "/min"), ("8480-6", "310", "mm[Hg]")] {
        let mut one = measured_as(code, value, unit);
        let parts = one.get_mut("part").unwrap().as_array_mut().unwrap();
        parts.push(json!({"name": "confirmed", "valueBoolean": true}));
        all.push(one);
    }
    world.assess(&encounter, all).unwrap();
    let marked: Vec<Value> = world.of("Observation", &encounter);
    for at in ["/interpretation/0/coding/0", "/component/0/interpretation/0/coding/0"] {
        let mark = marked.iter().find_map(|one| {
            one.pointer(at)
                .filter(|own| own.get("system") == Some(&json!("urn:accord:confirmation")))
        });
        assert_eq!(mark.unwrap().get("code"), Some(&json!("measured-again")), "{at}");
    }
}

#[test]
fn no_period_ends_before_it_begins() {
    let world = World::new();
    let encounter = world.arrive("ann");
    world.wait(30);
    let moved = json!({"name": "area", "valueReference": {"reference": "Location/resus"}});
    let flag = json!({"name": "flag", "valueCode": "falls"});
    world.assess(&encounter, vec![moved, flag]).unwrap();
    world.wait(10);
    let back = json!({"name": "area", "valueReference": {"reference": "Location/majors"}});
    let ends = json!({"name": "flag-end", "valueCode": "falls"});
    let late = vec![acuity(3), at("10:20"), reason("from the paper sheet"), back, ends];
    world.assess(&encounter, late).unwrap();
    let mut periods: Vec<Value> = world.of("Flag", &encounter);
    let own = crate::flow::stored(&world, &encounter);
    periods.extend(own["location"].as_array().unwrap().iter().cloned());
    let ended = periods.iter().filter_map(|one| {
        let at = |name: &str| one.pointer(name).and_then(Value::as_str).map(str::to_owned);
        at("/period/start").zip(at("/period/end"))
    });
    let ended: Vec<_> = ended.collect();
    assert_eq!(ended.len(), 3, "two places and a flag: {periods:?}");
    assert!(ended.iter().all(|(start, end)| start <= end), "{ended:?}");
}
