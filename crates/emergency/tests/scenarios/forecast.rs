//! Forecasts of waits from what the asker may see.

use std::sync::Arc;

use accord_base::{Rng, SeededRng, Subject};
use serde_json::{Value, json};

use crate::world::*;

/// Attendances that ended, every twenty minutes up to now, each with a wait by chance.
fn filled(world: &World, count: u64) {
    filled_by(world, count, &|_, _| None);
}

/// The same, where some leave after so many minutes, by turn and by when they would be seen, and how
/// their attendance ended.
fn filled_by(world: &World, count: u64, leaves: &dyn Fn(u64, u64) -> Option<(u64, &'static str)>) {
    let rng = SeededRng::new(7);
    let patient = |name: &str| {
        json!({"request": {"method": "PUT", "url": format!("Patient/{name}")},
            "resource": {"resourceType": "Patient", "id": name, "birthDate": "1960-01-01",
            "managingOrganization": {"reference": "Organization/north"}}})
    };
    world.bundle(&feed("north"), vec![patient("one"), patient("two")]).unwrap();
    let mut entries = Vec::new();
    for at in 0..count {
        let mut byte = [0];
        rng.fill(&mut byte);
        let minutes = |minutes: u64| {
            NOW.minus_us((count - at) * 20 * MINUTE_US).plus_us(minutes * MINUTE_US).to_string()
        };
        let waited = 10 + u64::from(byte[0]) / 4;
        let left = leaves(at, waited);
        let (seen, end) = (minutes(waited), minutes(left.map_or(120, |(after, _)| after)));
        let how = left.map_or("home", |(_, how)| how);
        let mut history = vec![json!({"status": "arrived", "period": {"start": minutes(0)}})];
        if left.is_none() {
            history.push(json!({"status": "in-progress", "period": {"start": seen, "end": end}}));
        }
        let of = if at % 2 == 0 { "one" } else { "two" };
        entries.push(json!({"request": {"method": "PUT", "url": format!("Encounter/e{at}")},
            "resource": {"resourceType": "Encounter", "id": format!("e{at}"), "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
            "priority": {"coding": [{"system": "http://snomed.info/sct",
                "code": "1064901000000108"}]},
            "statusHistory": history,
            "hospitalization": {"dischargeDisposition": {"coding": [
                {"system": "urn:accord:disposition", "code": how}]}},
            "subject": {"reference": format!("Patient/{of}")},
            "serviceProvider": {"reference": "Organization/north"},
            "period": {"start": minutes(0), "end": end}}}));
    }
    for some in entries.chunks(100) {
        world.bundle(&feed("north"), some.to_vec()).unwrap();
    }
}

fn told(world: &World, paths: &str) -> String {
    let answer = world.operate(&nurse(), ("$forecast", None), json!({})).unwrap();
    tell(&answer, paths)
}

#[test]
fn a_forecast_is_told_with_how_well_it_held() {
    let world = World::new();
    let few = "0 attendances tell how long they waited; at least 200 are needed";
    assert_eq!(told(&world, "forecast-absent forecast"), format!("{few} -"));
    filled(&world, 300);
    assert_eq!(told(&world, "forecast-absent forecast.acuity"), "- 3");
    let answer = world.operate(&nurse(), ("$forecast", None), json!({})).unwrap();
    let number = |name: &str| -> u32 {
        crate::world::told(&answer, &format!("forecast.{name}")).parse().unwrap()
    };
    // Waits are even from 10 to 73 minutes.
    assert!((12..=22).contains(&number("from-minutes")), "{answer}");
    assert!((60..=72).contains(&number("to-minutes")), "{answer}");
    assert!((70..=95).contains(&number("coverage-percent")), "{answer}");
    assert!((8..=24).contains(&number("typical-error-minutes")), "{answer}");
    assert_eq!(number("attendances"), 300);
    let all = answer.get("parameter").and_then(Value::as_array).unwrap();
    assert_eq!(all.len(), 2, "when it was asked, and one acuity");
}

#[test]
fn who_left_unseen_counts_as_long_as_they_waited() {
    let paths = "forecast.attendances forecast.left-unseen-percent forecast.to-minutes";
    // Three in four of those who would wait for more than 40 minutes leave then.
    let leaves = |how: &'static str| {
        let world = World::new();
        let left = |at: u64, waited: u64| (waited > 40 && at % 4 < 3).then_some((40, how));
        filled_by(&world, 400, &left);
        let told = told(&world, paths);
        told.split(' ').map(|number| number.parse().unwrap()).collect::<Vec<u32>>()
    };
    let known = leaves("left-without-being-seen");
    assert!(known[0] == 400 && (35..=43).contains(&known[1]), "{known:?}");
    // Where it does not say that they left, there is no telling when they were seen.
    let unknown = leaves("home");
    assert!(unknown[0] < 260 && unknown[1] == 0, "{unknown:?}");
    assert!(known[2] >= unknown[2] + 5, "{known:?} {unknown:?}");
}

#[test]
fn what_is_hidden_from_the_asker_is_in_no_number() {
    let world = World::new();
    filled(&world, 300);
    world.fed(json!({"resourceType": "Consent", "id": "no", "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope",
            "code": "patient-privacy"}]},
        "category": [{"text": "privacy"}], "patient": {"reference": "Patient/two"},
        "policyRule": {"text": "opt-out"},
        "provision": {"type": "deny", "actor": [{"role": {"text": "whoever"},
            "reference": {"reference": "Organization/north"}}]}}));
    let few = "150 attendances tell how long they waited; at least 200 are needed";
    assert_eq!(told(&world, "forecast-absent"), few);
    let none = world.operate(&elsewhere(), ("$forecast", None), json!({})).unwrap();
    let none = crate::world::told(&none, "forecast-absent");
    assert!(none.starts_with("0 attendances"), "{none}");
}

#[test]
fn whoever_is_being_treated_has_waited_and_one_place_is_asked_about() {
    let world = World::new();
    filled(&world, 299);
    let ann = world.arrive("ann");
    world.wait(25);
    world.assess(&ann, vec![acuity(3)]).unwrap();
    assert_eq!(told(&world, "forecast.attendances"), "299");
    world.assess(&ann, vec![json!({"name": "started", "valueBoolean": true})]).unwrap();
    assert_eq!(told(&world, "forecast.attendances"), "300");
    let system = Arc::new(Subject::system("a look"));
    let nowhere = world.operate(&system, ("$forecast", None), json!({}));
    assert!(nowhere.unwrap_err().starts_with("400 `organization` is needed"));
    let north = json!({"organization": "Organization/north"});
    let there = world.operate(&system, ("$forecast", None), north).unwrap();
    assert_eq!(tell(&there, "forecast.attendances"), "300");
}
