//! Who is on the way: announced, come, not come, forgotten.

use accord_emergency::{Rules, Timers};
use serde_json::{Value, json};

use crate::timers::run;
use crate::world::*;

fn announce(world: &World, eta: &str) -> Result<Value, String> {
    let asked = json!([
        {"name": "patient", "valueReference": {"reference": "Patient/ann"}},
        {"name": "area", "valueReference": {"reference": "Location/resus"}},
        {"name": "mode", "valueCode": "pre-alert"},
        {"name": "complaint", "valueString": "Major trauma"},
        {"name": "expected", "valueInstant": format!("2026-11-22T{eta}:00Z")}]);
    world.operate(&reception(), ("$arrive", None), asked)
}

fn id_of(resource: &Value) -> String {
    resource.get("id").unwrap().as_str().unwrap().to_owned()
}

fn expected(world: &World) -> Vec<Value> {
    let board = world.operate(&nurse(), ("$board", None), json!({})).unwrap();
    let all = board.get("parameter").unwrap().as_array().unwrap().clone();
    all.into_iter().filter(|one| one.get("name") == Some(&json!("expected"))).collect()
}

#[test]
fn who_is_on_the_way_is_told_and_nothing_is_due_before_they_come() {
    let world = World::new();
    let mut timers = Timers::new(Rules::built_in().unwrap());
    let planned = announce(&world, "10:20").unwrap();
    assert_eq!(planned.get("status"), Some(&json!("planned")));
    let rows = expected(&world);
    let shown = "name complaint area mode eta due.what target.id phase";
    let told = "ann Hill Major trauma Location/resus pre-alert 2026-11-22T10:20:00.000000Z - - -";
    assert_eq!(tell(&rows[0], shown), told);
    assert!(world.board(&nurse()).is_empty(), "not among those who are here");
    let again = announce(&world, "10:25").unwrap_err();
    assert_eq!(again, "409 the patient is expected already");
    let refused = world.assess(&id_of(&planned), vec![acuity(1)]).unwrap_err();
    assert_eq!(refused, "409 the patient is on the way: `$arrive` them once they are here");
    // An hour late, and nobody is called: no clock runs on the road.
    world.wait(80);
    run(&world, &mut timers);
    assert!(world.of("Task", &id_of(&planned)).is_empty());
    let encounter = world.arrive("ann");
    assert_eq!(encounter, id_of(&planned), "the same attendance");
    assert!(expected(&world).is_empty());
    let row = world.board(&nurse()).remove(0);
    let shown = "status arrived due.at due.overdue target.breached complaint area";
    let told = "arrived 2026-11-22T11:20:00.000000Z 2026-11-22T11:35:00.000000Z false false \
                Chest pain Location/majors";
    assert_eq!(tell(&row, shown), told);
    let read = world.ask(&nurse(), accord_engine::Interaction::get("Encounter").unwrap()).unwrap();
    let accord_engine::Answer::Page(page) = read else { panic!("no page") };
    let [one] = &page.entries[..] else { panic!("nobody is there twice") };
    let one: Value = serde_json::from_str(&one.body).unwrap();
    assert_eq!(one.pointer("/statusHistory/0/status"), Some(&json!("planned")));
    world.wait(16);
    run(&world, &mut timers);
    assert!(!world.of("Task", &encounter).is_empty(), "now they are called about");
}

#[test]
fn who_did_not_come_or_never_was_is_not_counted() {
    let world = World::new();
    for (eta, says) in [("09:59", "lies ahead"), ("08:00", "lies ahead")] {
        assert!(announce(&world, eta).unwrap_err().contains(says));
    }
    let planned = id_of(&announce(&world, "10:20").unwrap());
    let end = |id: &str, how: &str| {
        let how = json!([{"name": "disposition", "valueCode": how}]);
        world.operate(&nurse(), ("$dispose", Some(id)), how)
    };
    assert!(end(&planned, "home").unwrap_err().starts_with("409 the patient is on the way"));
    let gone = end(&planned, "did-not-come").unwrap();
    assert_eq!(gone.get("status"), Some(&json!("cancelled")));
    assert!(expected(&world).is_empty());
    assert!(end(&planned, "did-not-come").unwrap_err().starts_with("409"));
    let here = world.arrive("ann");
    assert_ne!(here, planned);
    assert_eq!(end(&here, "did-not-come").unwrap_err(), "422 who is here did come");
    let wrong = end(&here, "registered-in-error").unwrap();
    assert_eq!(wrong.get("status"), Some(&json!("entered-in-error")));
    assert!(world.board(&nurse()).is_empty());
    let day = json!({"date": "2026-11-22"});
    let rows = world.operate(&nurse(), ("$ecds", None), day).unwrap().to_string();
    assert!(!rows.contains(&here) && !rows.contains(&planned), "neither is counted: {rows}");
}

#[test]
fn an_announcement_of_another_day_is_nobodys_arrival() {
    let world = World::new();
    let lapsed = id_of(&announce(&world, "10:20").unwrap());
    world.wait(25 * 60);
    let here = world.arrive("ann");
    assert_ne!(here, lapsed);
    assert!(expected(&world).is_empty());
    let row = world.board(&nurse()).remove(0);
    assert_eq!(tell(&row, "complaint area"), "Chest pain Location/majors");
}

#[test]
fn what_another_client_keeps_of_an_announcement_stays() {
    let world = World::new();
    let mut planned = announce(&world, "10:20").unwrap();
    let theirs = json!({"url": "urn:other", "valueString": "theirs"});
    let before = json!({"status": "onleave", "period": {"end": "2026-11-22T09:00:00Z"}});
    let number = json!({"system": "urn:other", "value": "17"});
    planned["extension"] = json!([theirs.clone()]);
    planned["statusHistory"] = json!([before.clone()]);
    planned["hospitalization"]["preAdmissionIdentifier"] = number.clone();
    world.fed(planned);
    let asked = json!([
        {"name": "patient", "valueReference": {"reference": "Patient/ann"}},
        {"name": "mode", "valueCode": "ambulance"}, {"name": "reason", "valueString": "why"}]);
    let came = world.operate(&reception(), ("$arrive", None), asked).unwrap();
    assert_eq!(came.pointer("/extension/0"), Some(&theirs));
    assert_eq!(came.pointer("/extension/1/valueString"), Some(&json!("why")));
    assert_eq!(came.pointer("/statusHistory/0"), Some(&before));
    assert_eq!(came.pointer("/statusHistory/1/status"), Some(&json!("planned")));
    assert_eq!(came.pointer("/hospitalization/preAdmissionIdentifier"), Some(&number));
    let mode = came.pointer("/hospitalization/admitSource/coding/0/code");
    assert_eq!(mode, Some(&json!("ambulance")));
}
