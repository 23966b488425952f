//! From arrival to the end.

use serde_json::{Value, json};

use crate::world::*;

#[test]
fn somebody_arrives_is_assessed_twice_and_goes_to_a_ward() {
    let world = World::new();
    let encounter = world.arrive("ann");
    world.wait(12);
    let mut first = vitals(["21", "93", "120", "95", "37.5"], "air", "A");
    first.extend([acuity(3), json!({"name": "flag", "valueCode": "falls"})]);
    let answer = world.assess(&encounter, first).unwrap();
    let told_first = "score.state score.total score.level acuity.level next-due.what next-due.who";
    assert_eq!(
        tell(&answer, told_first),
        "complete 5 medium 3 review clinician competent in acute illness"
    );
    assert_eq!(told(&answer, "encounter"), format!("Encounter/{encounter}/_history/2"));
    let read = stored(&world, &encounter);
    assert_eq!(read.pointer("/status"), Some(&json!("triaged")));
    assert_eq!(read.pointer("/statusHistory/0/status"), Some(&json!("arrived")));
    assert_eq!(read.pointer("/priority/coding/0/code"), Some(&json!("1064901000000108")));
    world.wait(30);
    let mut second = vitals(["26", "93", "105", "112", "38.5"], "face-mask", "A");
    let area = json!({"name": "area", "valueReference": {"reference": "Location/resus"}});
    second.extend([acuity(2), area, json!({"name": "bed-request", "valueBoolean": true})]);
    let answer = world.assess(&encounter, second).unwrap();
    assert_eq!(tell(&answer, "score.total score.level acuity.level"), "11 high 2");
    let [row] = &world.board(&nurse())[..] else { panic!("one attendance") };
    let shown = "name area complaint status acuity initial-acuity score.total previous-total trend \
                 flag bed-requested score.contradicts due.what";
    let expected =
        "ann Hill Location/resus Chest pain triaged 2 3 11 5 up falls true false re-triage";
    assert_eq!(tell(row, shown), expected);
    let parameters = json!([{"name": "disposition", "valueCode": "admitted"}]);
    let end = world.operate(&nurse(), ("$dispose", Some(&encounter)), parameters).unwrap();
    assert_eq!(end.pointer("/status"), Some(&json!("finished")));
    assert!(end.pointer("/period/end").is_some());
    assert!(world.board(&nurse()).is_empty());
    let states = |of: &str| {
        let mut all: Vec<String> = world
            .of(of, &encounter)
            .iter()
            .map(|one| one.get("status").unwrap().as_str().unwrap().to_owned())
            .collect();
        all.sort();
        all.join(" ")
    };
    assert_eq!(states("Task"), "cancelled cancelled completed", "the next look and the review");
    assert_eq!(states("ServiceRequest"), "completed");
    let late = world.assess(&encounter, vec![acuity(1)]).unwrap_err();
    assert_eq!(late, "409 the attendance has ended");
}

pub fn stored(world: &World, encounter: &str) -> Value {
    let read = accord_engine::Interaction::get(&format!("Encounter/{encounter}")).unwrap();
    let Ok(accord_engine::Answer::Read(version)) = world.ask(&nurse(), read) else { panic!() };
    serde_json::from_str(&version.body).unwrap()
}

/// The observation of an encounter that has this code.
pub fn observed<'a>(all: &'a [Value], code: &str) -> Vec<&'a Value> {
    let is = |one: &&Value| one.pointer("/code/coding/0/code") == Some(&json!(code));
    all.iter().filter(is).collect()
}

#[test]
fn what_is_stored_is_fhir_that_says_where_it_comes_from() {
    let world = World::new();
    let encounter = world.arrive("ann");
    let mut taken = vitals(["21", "93", "120", "95", "37.50"], "air", "A");
    taken.push(acuity(3));
    world.assess(&encounter, taken).unwrap();
    world.wait(1);
    let again = vec![
        json!({"name": "life-threat", "valueBoolean": false}),
        json!({"name": "high-risk", "valueBoolean": false}),
        json!({"name": "resources", "valueInteger": 2}),
        acuity(2),
        json!({"name": "override-reason", "valueString": "looks worse than the numbers"}),
    ];
    world.assess(&encounter, again).unwrap();
    let all = world.of("Observation", &encounter);
    let [score] = observed(&all, "1104051000000101")[..] else { panic!("one score") };
    assert_eq!(score.pointer("/valueQuantity/value"), Some(&json!(5)));
    assert_eq!(score.pointer("/valueQuantity/code"), Some(&json!("{ScoreOf}")));
    assert_eq!(score.get("derivedFrom").unwrap().as_array().unwrap().len(), 7);
    let parts = score.get("component").unwrap().as_array().unwrap();
    let codes: Vec<_> = parts.iter().map(|p| p.pointer("/code/coding/0/code").unwrap()).collect();
    assert_eq!(codes.len(), 8);
    assert_eq!(codes.first(), Some(&&json!("1104301000000104")));
    let [pressure] = observed(&all, "85354-9")[..] else { panic!("one panel") };
    assert_eq!(pressure.pointer("/component/0/valueQuantity/value"), Some(&json!(120)));
    assert!(pressure.pointer("/component/1/dataAbsentReason").is_some());
    let [temperature] = observed(&all, "8310-5")[..] else { panic!("one temperature") };
    let value = temperature.pointer("/valueQuantity/value").unwrap().to_string();
    assert_eq!(value, "37.50", "as it was measured");
    let acuities = observed(&all, "acuity");
    let when: Vec<_> =
        acuities.iter().map(|one| one.pointer("/category/1/coding/0/code").unwrap()).collect();
    assert!(when.contains(&&json!("initial")) && when.contains(&&json!("later")), "{when:?}");
    let url = "Provenance?_count=10";
    let found = world.ask(&nurse(), accord_engine::Interaction::get(url).unwrap()).unwrap();
    let accord_engine::Answer::Page(page) = found else { panic!("{url}") };
    let [why] = &page.entries[..] else { panic!("one override") };
    let why: Value = serde_json::from_str(&why.body).unwrap();
    assert_eq!(why.pointer("/reason/0/text"), Some(&json!("looks worse than the numbers")));
    assert_eq!(why.pointer("/agent/0/who/reference"), Some(&json!("Practitioner/nurse")));
}

#[test]
fn a_preview_writes_nothing_and_says_what_is_missing() {
    let world = World::new();
    let encounter = world.arrive("ann");
    let preview = json!({"name": "preview", "valueBoolean": true});
    let mut taken = vitals(["25", "", "120", "300", ""], "", "A");
    taken.push(preview.clone());
    let answer = world.assess(&encounter, taken).unwrap();
    let shown = "score.state score.total score.at-least score.level missing.parameter \
                 to-confirm.code acuity.level encounter";
    assert_eq!(tell(&answer, shown), "incomplete - 3 low-medium spo2 8867-4 - -");
    assert!(world.of("Observation", &encounter).is_empty());
    let nothing = world.assess(&encounter, vec![preview]).unwrap();
    assert_eq!(tell(&nothing, "score.state score.at-least score.level"), "incomplete 0 -");
}

#[test]
fn what_cannot_be_is_refused() {
    let world = World::new();
    let encounter = world.arrive("ann");
    let refused = |parameters: Vec<Value>, expected: &str| {
        assert_eq!(world.assess(&encounter, parameters).unwrap_err(), expected);
    };
    let pulse = |value, unit| measured_as("8867-4", value, unit);
    refused(vec![], "422 the first assessment gives an `acuity`");
    refused(vec![acuity(6)], "400 `acuity` is from 1 to 5");
    refused(
        vec![measured_as("8310-5", "98.6", "[degF]"), acuity(3)],
        "422 Temperature is measured in `Cel`; `[degF]` is not taken",
    );
    refused(vec![pulse("401", "/min"), acuity(3)], "422 Pulse is from 0 to 400 `/min`");
    refused(
        vec![pulse("260", "/min"), acuity(3)],
        "422 Pulse is outside 20 to 250 /min: measure again, or confirm",
    );
    refused(
        vec![pulse("80", "/min"), pulse("90", "/min"), acuity(3)],
        "400 Pulse stands more than once",
    );
    refused(
        vec![measured_as("1-1", "1", "1"), acuity(3)],
        "422 `1-1` is no vital sign that is known here",
    );
    refused(
        vec![
            json!({"name": "life-threat", "valueBoolean": false}),
            json!({"name": "high-risk", "valueBoolean": false}),
            json!({"name": "resources", "valueInteger": 0}),
            acuity(3),
        ],
        "422 an acuity other than the computed one needs an `override-reason`",
    );
    refused(
        vec![json!({"name": "spo2-scale", "valueInteger": 2}), acuity(3)],
        "422 to switch the scale of oxygen saturation needs a `spo2-scale-reason`",
    );
    refused(
        vec![json!({"name": "scheme", "valueCode": "pews"}), acuity(3)],
        "422 `pews` is not meant for this age",
    );
    refused(
        vec![json!({"name": "acutiy", "valueInteger": 3})],
        "400 the parameter `acutiy` is not known",
    );
    refused(
        vec![acuity(3), json!({"name": "flag", "valueCode": "x"})],
        "400 the flag `x` is not known",
    );
    assert!(world.of("Observation", &encounter).is_empty());
    let mut confirmed = pulse("260", "/min");
    let parts = confirmed.get_mut("part").unwrap().as_array_mut().unwrap();
    parts.push(json!({"name": "confirmed", "valueBoolean": true}));
    let answer = world.assess(&encounter, vec![confirmed, acuity(3)]).unwrap();
    assert_eq!(tell(&answer, "score.state score.at-least"), "incomplete 3");
}

#[test]
fn a_child_is_scored_as_a_child_and_acuity_is_computed() {
    let world = World::new();
    let encounter = world.arrive("cat");
    let taken = vec![
        measured_as("9279-1", "55", "/min"),
        measured_as("8867-4", "165", "/min"),
        coded("67775-7", "http://snomed.info/sct", "300202002"),
        json!({"name": "concern", "valueCode": "carer-medium"}),
        json!({"name": "resources", "valueInteger": 2}),
    ];
    let answer = world.assess(&encounter, taken).unwrap();
    let shown = "scheme.id score.state score.at-least score.level trigger.id acuity.level \
                 acuity.computed acuity.why";
    let expected = "pews incomplete 4 high voice 2 2 newly confused, or responds only to voice";
    assert_eq!(tell(&answer, shown), expected);
}

#[test]
fn the_second_scale_stays_until_it_is_switched_back() {
    let world = World::new();
    let encounter = world.arrive("ann");
    let taken = || vitals(["16", "89", "125", "72", "36.8"], "air", "A");
    let with = |more: Vec<Value>| {
        let mut all = taken();
        all.extend(more);
        world.wait(1);
        tell(&world.assess(&encounter, all).unwrap(), "score.total")
    };
    let switch = |to: u32| {
        vec![
            json!({"name": "spo2-scale", "valueInteger": to}),
            json!({"name": "spo2-scale-reason", "valueString": "target 88 to 92 % prescribed"}),
        ]
    };
    assert_eq!(with(vec![acuity(3)]), "3");
    assert_eq!(with(switch(2)), "0");
    assert_eq!(with(vec![]), "0");
    assert_eq!(told(world.board(&nurse()).first().unwrap(), "score.total"), "0");
    assert_eq!(with(switch(1)), "3");
}

#[test]
fn who_is_only_moved_or_begun_with_was_not_assessed() {
    let world = World::new();
    let encounter = world.arrive("ann");
    let resus = json!({"name": "area", "valueReference": {"reference": "Location/resus"}});
    let begun = json!({"name": "started", "valueBoolean": true});
    let moved = world.assess(&encounter, vec![resus]).unwrap();
    assert_eq!(tell(&moved, "acuity.level next-due.what"), "- assessment");
    let [row] = &world.board(&nurse())[..] else { panic!("one attendance") };
    assert_eq!(tell(row, "area status acuity phase"), "Location/resus arrived - assessment-due");
    let early = world.assess(&encounter, vec![begun.clone()]).unwrap_err();
    assert_eq!(early, "422 the first assessment gives an `acuity`");
    world.assess(&encounter, vec![acuity(2)]).unwrap();
    let since = told(world.board(&nurse()).first().unwrap(), "acuity-since");
    world.wait(5);
    let begun = world.assess(&encounter, vec![begun]).unwrap();
    assert_eq!(tell(&begun, "acuity.level next-due.what"), "2 -");
    let [row] = &world.board(&nurse())[..] else { panic!("one attendance") };
    assert_eq!(tell(row, "status phase due.what"), "in-progress in-treatment -");
    assert_eq!(told(row, "acuity-since"), since);
    let all = world.of("Observation", &encounter);
    assert_eq!(observed(&all, "acuity").len(), 1);
    world.wait(5);
    let mut again = vitals(["21", "93", "120", "95", "37.5"], "air", "A");
    again.push(acuity(3));
    let again = world.assess(&encounter, again).unwrap();
    assert_eq!(tell(&again, "acuity.level next-due.what"), "3 review");
    let [row] = &world.board(&nurse())[..] else { panic!("one attendance") };
    assert_eq!(tell(row, "status phase due.what"), "in-progress in-treatment review");
    let end = json!([{"name": "disposition", "valueCode": "home"}]);
    world.operate(&nurse(), ("$dispose", Some(&encounter)), end).unwrap();
    let open = world.of("Task", &encounter);
    let ended = |task: &Value| task.get("status") != Some(&json!("requested"));
    assert!(open.iter().all(ended));
}

#[test]
fn two_nurses_at_once_are_told_apart() {
    let world = World::new();
    let encounter = world.arrive("ann");
    let seen = json!({"name": "version", "valueString": "1"});
    world.assess(&encounter, vec![acuity(3), seen.clone()]).unwrap();
    let second = world.assess(&encounter, vec![acuity(2), seen]).unwrap_err();
    assert!(second.starts_with("412 "), "{second}");
    let twice = json!([{"name": "patient", "valueReference": {"reference": "Patient/ann"}}]);
    let twice = world.operate(&reception(), ("$arrive", None), twice).unwrap_err();
    assert_eq!(twice, "409 the patient is here already");
}

#[test]
fn arrivals_lie_little_back_unless_there_is_a_reason() {
    let world = World::new();
    let arrive = |patient: &str, minutes: u64, reason: bool| {
        let at = NOW.minus_us(minutes * MINUTE_US).to_string();
        let mut all = vec![
            json!({"name": "patient", "valueReference": {"reference": format!("Patient/{patient}")}}),
            json!({"name": "arrived", "valueDateTime": at}),
        ];
        if reason {
            all.push(json!({"name": "reason", "valueString": "the desk was not staffed"}));
        }
        world.operate(&reception(), ("$arrive", None), Value::Array(all)).map(|_| ())
    };
    assert_eq!(arrive("ann", 9, false), Ok(()));
    let late = "422 an arrival more than 10 minutes ago needs a `reason`";
    assert_eq!(arrive("bob", 11, false), Err(late.to_owned()));
    assert_eq!(arrive("bob", 11, true), Ok(()));
}
