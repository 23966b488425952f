//! What is stored of waits, so that they can be told of later.

use serde_json::json;

use crate::flow::{observed, stored};
use crate::world::*;

#[test]
fn the_acuity_that_somebody_waited_with_is_kept() {
    let world = World::new();
    let [begun, worse, at_once] = ["ann", "bob", "cat"].map(|patient| world.arrive(patient));
    let started = || json!({"name": "started", "valueBoolean": true});
    let code = |encounter: &str, at: &str| stored(&world, encounter).pointer(at).cloned();
    let priority = "/priority/coding/0/code";
    let (two, three) = (json!("1064911000000105"), json!("1064901000000108"));
    world.assess(&begun, vec![acuity(2)]).unwrap();
    world.assess(&begun, vec![acuity(3)]).unwrap();
    assert_eq!(code(&begun, priority), Some(three.clone()), "while they wait, the acuity now");
    world.assess(&begun, vec![started()]).unwrap();
    world.wait(5);
    let answer = world.assess(&begun, vec![acuity(2)]).unwrap();
    assert_eq!(told(&answer, "acuity.level"), "2");
    // Treatment begins with the assessment that finds somebody worse, or with the first of all.
    world.assess(&worse, vec![acuity(3)]).unwrap();
    world.assess(&worse, vec![acuity(2), started()]).unwrap();
    world.assess(&at_once, vec![acuity(2), started()]).unwrap();
    assert_eq!(code(&begun, priority), Some(three.clone()));
    assert_eq!(code(&worse, priority), Some(three));
    assert_eq!(code(&at_once, priority), Some(two));
    let board = world.board(&nurse());
    let shown = |encounter: &String| {
        let of = format!("Encounter/{encounter}");
        let row = board.iter().find(|row| told(row, "encounter") == of).unwrap();
        tell(row, "status acuity initial-acuity")
    };
    assert_eq!(shown(&begun), "in-progress 2 2");
    assert_eq!(shown(&worse), "in-progress 2 3");
    let all = world.of("Observation", &begun);
    assert_eq!(observed(&all, "acuity").len(), 3, "every assessment is kept");
}
