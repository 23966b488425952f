//! Scores that were stored by another version of their scheme.

use serde_json::{Value, json};

use crate::world::*;

/// The score of an attendance, stored again with another version and total.
fn stored_with(world: &World, encounter: &str, version: Value, total: u32) {
    let all = world.of("Observation", encounter);
    let mut score = all.into_iter().find(|one| one.get("method").is_some()).unwrap();
    *score.pointer_mut("/valueQuantity/value").unwrap() = json!(total);
    *score.pointer_mut("/method/coding/0/version").unwrap() = version;
    score.as_object_mut().unwrap().remove("component");
    world.fed(score);
}

#[test]
fn a_score_of_another_version_is_computed_anew_and_called_so() {
    let world = World::new();
    let encounter = world.arrive("ann");
    let mut taken = vitals(["21", "93", "120", "95", "37.5"], "air", "A");
    taken.push(acuity(3));
    world.assess(&encounter, taken).unwrap();
    let shown = "score.total score.contradicts score.made-with score.computed-with";
    let row = || world.board(&nurse()).remove(0);
    assert_eq!(tell(&row(), shown), "5 false - -");
    stored_with(&world, &encounter, json!("2012"), 6);
    assert_eq!(tell(&row(), shown), "5 false 2012 2017", "the other version may have given 6");
    let sheet = world.file(&nurse(), "$downtime").unwrap();
    assert!(sheet.contains("STORED BY VERSION 2012, COMPUTED BY 2017"), "{sheet}");
    stored_with(&world, &encounter, json!("2017"), 6);
    assert_eq!(tell(&row(), shown), "5 true - -");
}
