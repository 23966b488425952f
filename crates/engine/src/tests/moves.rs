//! A resource filed under the wrong patient.

use super::merges::*;
use super::*;

fn moving(resource: &str, from: &str, to: &str) -> Interaction {
    let (from, to) = (format!("Patient/{from}"), format!("Patient/{to}"));
    let parts = [
        reference("resource", resource),
        reference("from-patient", &from),
        reference("to-patient", &to),
        r#"{"name":"reason","valueString":"labels exchanged"}"#.to_owned(),
    ];
    operation("$move-resource", &parts.join(","))
}

fn told() -> String {
    let observation = observation("of-a", "a");
    observation.replace(r#""reference":"Patient/a""#, r#""reference":"Patient/a","display":"Ann""#)
}

#[test]
fn it_is_gone_for_the_one_and_begins_for_the_other() {
    let store = store();
    put(&store, &told()).unwrap();
    let absent = found(&store, own("a"), "Observation/never");
    assert_eq!(found(&store, own("a"), "Observation/of-a/_history").len(), 2);
    let answer = done(store.ask(feed(), moving("Observation/of-a", "a", "b")));
    assert!(answer.contains(r#""subject":{"reference":"Patient/b"}"#), "{answer}");
    for url in ["Observation/of-a", "Observation/of-a/_history", "Observation/of-a/_history/2"] {
        assert_eq!(found(&store, own("a"), url), absent, "{url}");
    }
    assert_eq!(found(&store, own("a"), "Observation"), Vec::<String>::new());
    assert_eq!(found(&store, own("b"), "Observation?_sort=_id"), ["of-a", "of-b"]);
    assert_eq!(found(&store, own("b"), "Observation/of-a/_history").len(), 1);
    assert_eq!(found(&store, own("b"), "Observation/of-a/_history/2"), absent);
    // The record's own feed has the original.
    assert!(found(&store, feed(), "Observation/of-a/_history/2")[0].contains("Ann"));
    assert_eq!(store.last_write().patients, [id("a"), id("b")]);
    assert_eq!(&*store.last_write().interaction, "$move-resource");
}

#[test]
fn a_relationship_goes_with_it() {
    let store = store();
    assert_eq!(found(&store, doctor(), "Observation"), ["of-a"]);
    done(store.ask(feed(), moving("Encounter/visit-a", "a", "b")));
    assert_eq!(found(&store, doctor(), "Observation"), ["of-b"]);
}

#[test]
fn whoever_moves_must_see_both_and_nothing_is_moved_by_accident() {
    let store = store();
    // The doctor treats the one, not the other.
    let outcome = store.ask(doctor(), moving("Observation/of-a", "a", "b"));
    let unknown = store.ask(doctor(), moving("Observation/of-a", "a", "nobody"));
    assert_eq!(format!("{:?}", outcome.unwrap_err()), format!("{:?}", unknown.unwrap_err()));
    let hidden = store.ask(doctor(), moving("Observation/of-b", "b", "a"));
    let absent = store.ask(doctor(), moving("Observation/none", "b", "a"));
    assert_eq!(format!("{:?}", hidden.unwrap_err()), format!("{:?}", absent.unwrap_err()));
    put(&store, &visit("visit-b", "b")).unwrap();
    done(store.ask(doctor(), moving("Observation/of-a", "a", "b")));
    for (resource, from, to) in [
        ("Observation/of-a", "a", "b"),
        ("Observation/of-b", "b", "b"),
        ("Patient/a", "a", "b"),
        ("Consent/no", "b", "a"),
    ] {
        put(&store, &denial("no", "b", "inactive")).unwrap();
        let outcome = store.ask(feed(), moving(resource, from, to));
        assert_eq!(refused(outcome), Category::Unprocessable, "{resource}");
    }
    let asked = moving("Observation/of-b", "b", "c");
    assert_eq!(refused(store.ask(desk(), asked)), Category::Forbidden);
    let silent = operation(
        "$move-resource",
        &[
            reference("resource", "Observation/of-b"),
            reference("from-patient", "Patient/b"),
            reference("to-patient", "Patient/c"),
        ]
        .join(","),
    );
    assert_eq!(refused(store.ask(feed(), silent)), Category::Unprocessable);
}
