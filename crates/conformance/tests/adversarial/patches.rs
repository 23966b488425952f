//! T10: patches as oracles. What a patch finds, tests and echoes is what a read tells.

use std::sync::Arc;

use accord_conformance::id;
use accord_engine::{Answer, Category, Interaction, Outcome, Patch, PatchFormat, PatchOf};
use accord_spec::ResourceType;
use serde_json::{Value, json};

use crate::answers::told;
use crate::scene::{Scene, TELLING, get};

fn patch(scene: &Scene, kind: &str, of: PatchOf, body: &Value, if_match: Option<u32>) -> Outcome {
    let format = if body.is_array() { PatchFormat::Json } else { PatchFormat::Fhirpath };
    let (resource_type, body) =
        (ResourceType::from_name(kind).unwrap(), Arc::from(body.to_string().into_bytes()));
    let patch = Patch { resource_type, of, format, body, if_match };
    scene.full.ask(&scene.asker, Interaction::Patch(Box::new(patch)))
}

fn fhirpath(kind: &str) -> Value {
    json!({"resourceType": "Parameters", "parameter": [{"name": "operation", "part": [
        {"name": "type", "valueCode": "replace"},
        {"name": "path", "valueString": format!("{kind}.status")},
        {"name": "value", "valueCode": "amended"}]}]})
}

/// Of what is hidden nothing is found, whatever is tested, and whichever version is guessed.
pub fn onto_hidden(scene: &Scene) {
    let test = json!([{"op": "test", "path": "/status", "value": "final"}]);
    let broken = json!([{"op": "remove", "path": "/nothing"}]);
    for if_match in [None, Some(1), Some(2), Some(3)] {
        for kind in ["Patient", "Observation", "Condition"] {
            for body in [&test, &broken, &fhirpath(kind)] {
                scene.same_as_never(|name| {
                    let outcome = patch(scene, kind, PatchOf::Id(id(name)), body, if_match);
                    assert!(matches!(&outcome, Err(f) if f.category == Category::NotFound));
                    outcome
                });
                scene.same_as_never(|name| {
                    let condition = vec![("_id".to_owned(), name.to_owned())];
                    patch(scene, kind, PatchOf::Where(condition), body, if_match)
                });
            }
        }
    }
}

/// What is left out of what is told is neither tested, nor echoed, nor lost.
pub fn of_parts(scene: &Scene) {
    let display =
        |value: &str| json!([{"op": "test", "path": "/derivedFrom/0/display", "value": value}]);
    let bodies = [
        display("at the addiction clinic"),
        display("elsewhere"),
        json!([{"op": "copy", "from": "/derivedFrom/0/display", "path": "/status"}]),
        json!([{"op": "replace", "path": "/status", "value": "amended"}]),
        fhirpath("Observation"),
    ];
    let answers = |(name, target): (&str, &str)| -> Vec<String> {
        let one = |body: &Value| {
            let outcome = patch(scene, "Observation", PatchOf::Id(id(name)), body, None);
            told(&outcome).replace(name, "it").replace(target, "that")
        };
        bodies.iter().map(one).collect()
    };
    let [hidden, deleted, never] = TELLING.map(answers);
    assert_eq!(hidden, never);
    assert_eq!(deleted, never);
    assert!(hidden.iter().all(|answer| *answer == hidden[0] && answer.contains("left out")));
}

/// A test says of what is seen what a read says; a label stays where it is; and nobody is moved.
pub fn tests(_: &Scene) {
    let scene = &Scene::new();
    let of = |name: &str| PatchOf::Id(id(name));
    let value =
        |value: f64| json!([{"op": "test", "path": "/valueQuantity/value", "value": value}]);
    let refused = |outcome: Outcome| outcome.expect_err("refused").category;
    let observation = |body: &Value| patch(scene, "Observation", of("s-potassium-1"), body, None);
    assert_eq!(refused(observation(&value(5.9))), Category::Unprocessable);
    observation(&value(4.1)).unwrap();
    let Ok(Answer::Read(read)) = get(&scene.full, &scene.asker, "Observation/s-potassium-1") else {
        panic!("it is seen")
    };
    let Ok(Answer::Updated(echo)) = observation(&json!([])) else { panic!("it is patched") };
    let plain = |text: &str, version: u32| text.replace(&format!("\"{version}\""), "\"n\"");
    let cut = |text: &str| text.split("lastUpdated").next().unwrap().to_owned();
    assert_eq!(cut(&plain(&echo.body, echo.version)), cut(&plain(&read.body, read.version)));
    let label = json!([{"op": "remove", "path": "/meta/security"}]);
    let lowered = patch(scene, "Condition", of("s-note"), &label, None);
    assert_eq!(refused(lowered), Category::Conflict);
    let moved = |to: &str| {
        let to = format!("Patient/{to}");
        let body = json!([{"op": "replace", "path": "/subject/reference", "value": to}]);
        told(&patch(scene, "Condition", of("s-note"), &body, None))
    };
    assert_eq!(moved("h-bob"), moved("h-never"));
    assert_eq!(moved("h-cat"), moved("h-never"));
}
