//! The first acuity of an attendance stays what it was, whatever other clients write.

use serde_json::{Value, json};

use crate::hazards::seal;
use crate::world::*;

/// Codes of the Emergency Care Data Set for acuity 1 and 4.
const ONE: &str = "1064891000000107";
const FOUR: &str = "1077241000000103";

/// An attendance with an acuity 4 and, ten minutes later, 3; the Observation of the first.
fn assessed(world: &World) -> (String, Value) {
    let encounter = world.arrive("ann");
    world.wait(5);
    world.assess(&encounter, vec![acuity(4)]).unwrap();
    let first = world.of("Observation", &encounter).remove(0);
    world.wait(10);
    world.assess(&encounter, vec![acuity(3)]).unwrap();
    (encounter, first)
}

fn told(world: &World) -> (String, String) {
    let row = world.board(&nurse()).remove(0);
    let export = world.operate(&nurse(), ("$ecds", None), json!({"date": "2026-11-22"})).unwrap();
    (tell(&row, "acuity initial-acuity record-contradicts"), tell(&export, "row.initial-acuity"))
}

fn is(world: &World, row: &str, export: &str) {
    assert_eq!(told(world), (row.to_owned(), export.to_owned()));
}

#[test]
fn the_first_acuity_cannot_be_changed_afterwards() {
    let world = World::new();
    let (_, mut first) = assessed(&world);
    is(&world, "3 4 -", FOUR);
    *first.pointer_mut("/valueCodeableConcept/coding/0/code").unwrap() = ONE.into();
    *first.pointer_mut("/effectiveDateTime").unwrap() = NOW.plus_us(MINUTE_US).to_string().into();
    world.put(&nurse(), first.clone());
    is(&world, "3 4 the first acuity was changed after it was stored", FOUR);
    // Called a later one, it is the first all the same.
    let categories = first.pointer_mut("/category").unwrap();
    *categories =
        serde_json::from_str(&categories.to_string().replace("initial", "later")).unwrap();
    world.put(&nurse(), first.clone());
    is(&world, "3 4 the first acuity was changed after it was stored", FOUR);
    // What never was one is none, and the later one is not the first.
    *first.pointer_mut("/status").unwrap() = "entered-in-error".into();
    world.put(&nurse(), first);
    is(&world, "3 - -", "-");
}

#[test]
fn what_is_stored_later_is_not_the_first_whatever_it_says() {
    let world = World::new();
    let (_, mut false_claim) = assessed(&world);
    let body = false_claim.as_object_mut().unwrap();
    body.insert("id".to_owned(), "a-claim".into());
    *false_claim.pointer_mut("/valueCodeableConcept/coding/0/code").unwrap() = ONE.into();
    *false_claim.pointer_mut("/effectiveDateTime").unwrap() =
        NOW.plus_us(MINUTE_US).to_string().into();
    world.fed(false_claim);
    is(&world, "3 4 more than one acuity says that it is the first", FOUR);
}

#[test]
fn a_first_acuity_that_is_sealed_is_not_told() {
    let world = World::new();
    let (_, mut first) = assessed(&world);
    first.pointer_mut("/status").unwrap().clone_from(&json!("amended"));
    world.put(&nurse(), first.clone());
    is(&world, "3 4 -", FOUR);
    seal(&world, "closed", &format!("Observation/{}", first["id"].as_str().unwrap()));
    is(&world, "3 - -", "-");
}

#[test]
fn what_was_computed_stands_with_what_somebody_decided_instead() {
    let world = World::new();
    let encounter = world.arrive("ann");
    let asked = |name: &str, value: bool| json!({"name": name, "valueBoolean": value});
    let questions = [asked("life-threat", false), asked("high-risk", true)];
    let why = json!({"name": "override-reason", "valueString": "known chronic pain"});
    let mut overridden = questions.to_vec();
    overridden.extend([acuity(4), why]);
    world.assess(&encounter, overridden).unwrap();
    let stored = world.of("Observation", &encounter).remove(0);
    let code = |at: &str| stored.pointer(at).and_then(Value::as_str).unwrap_or("-").to_owned();
    assert_eq!(code("/valueCodeableConcept/coding/0/code"), FOUR);
    assert_eq!(code("/component/0/code/coding/0/code"), "computed-acuity");
    assert_eq!(code("/component/0/valueCodeableConcept/coding/0/code"), "1064911000000105");
    assert_eq!(code("/note/0/text"), "known chronic pain");
    // What agrees says nothing more.
    world.wait(5);
    world.assess(&encounter, questions.to_vec()).unwrap();
    let all = world.of("Observation", &encounter);
    assert_eq!(all.iter().filter(|one| one.get("component").is_some()).count(), 1);
}
