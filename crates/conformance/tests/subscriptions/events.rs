//! What was told is told again to whoever asks, as they may see it now.

use std::sync::Arc;

use accord_base::{Principal, Role, Row, Subject};
use accord_conformance::id;
use accord_jobs::{Content, Kept, Recall, RecallFault, State};
use serde_json::Value;

use super::{World, feed, subject, subscription, told};

impl World {
    fn recall(&self, asker: &Arc<Subject>, recall: &Recall) -> Result<Value, RecallFault> {
        let base = "https://ehr.example/fhir";
        let text = self.hooks().recall("s1", (asker, "r1"), recall, base)?;
        Ok(serde_json::from_str(&text).unwrap())
    }
}

fn numbers(bundle: &Value) -> Vec<&str> {
    let parameters = bundle["entry"][0]["resource"]["parameter"].as_array().unwrap();
    let events = parameters.iter().filter(|p| p["name"] == "notification-event");
    events.map(|event| event["part"][0]["valueString"].as_str().unwrap()).collect()
}

fn told_world() -> World {
    let world = World::new();
    world.put(&subscription("id-only", "status=final"));
    world.turn();
    for (name, patient) in [("o1", "p1"), ("o2", "p2"), ("o3", "p1")] {
        world.observe(name, patient);
        world.turn();
    }
    world.came();
    world
}

#[test]
fn events_are_told_again_under_their_numbers() {
    let world = told_world();
    let recall = |since, until| {
        let recall = Recall { since, until, content: None };
        let bundle = world.recall(&feed(), &recall).unwrap();
        format!("{} {}", told(&bundle), numbers(&bundle).join(","))
    };
    assert_eq!(recall(None, None), "query-event 3 o1,o2,o3 1,2,3");
    assert_eq!(recall(Some(2), None), "query-event 3 o2,o3 2,3");
    assert_eq!(recall(None, Some(2)), "query-event 3 o1,o2 1,2");
    assert_eq!(recall(Some(2), Some(2)), "query-event 3 o2 2");
    assert_eq!(recall(Some(4), None), "query-event 3 ");
    assert_eq!(recall(Some(3), Some(1)), "query-event 3 ");
    for (content, has_id, has_text) in [
        (Content::Empty, false, false),
        (Content::IdOnly, true, false),
        (Content::Full, true, true),
    ] {
        let recall = Recall { content: Some(content), ..Recall::default() };
        let text = world.recall(&feed(), &recall).unwrap().to_string();
        assert_eq!((text.contains("/o1"), text.contains("pulse")), (has_id, has_text));
    }
    assert!(world.hooks().is_of("s1", &feed()));
    assert_eq!(world.came(), [""; 0], "nobody else is told");
}

#[test]
fn whoever_asks_is_told_what_exists_for_them() {
    let world = told_world();
    let stranger =
        Arc::new(Subject { organization: Some(id("riverside-hospital")), ..(*feed()).clone() });
    let clinician = subject(Principal::Practitioner(id("dr1")), Role::Clinician);
    for asker in [stranger, clinician] {
        assert!(!world.hooks().is_of("s1", &asker));
        let bundle = world.recall(&asker, &Recall::default()).unwrap();
        assert_eq!((numbers(&bundle).len(), bundle["entry"].as_array().unwrap().len()), (0, 1));
    }
    // Without a right to the type nothing is looked for at all.
    let payor = subject(Principal::Practitioner(id("x")), Role::Administrator);
    assert!(matches!(world.recall(&payor, &Recall::default()), Err(RecallFault::Engine(_))));
}

#[test]
fn what_is_told_again_by_replay_has_its_numbers_anew() {
    let world = told_world();
    let kept = Kept::open(world.folder.path()).unwrap();
    kept.ask_replay("s1", Some(2)).unwrap();
    kept.ask_replay("nobody", None).unwrap();
    world.hooks().replay_asked().unwrap();
    assert!(kept.asked().unwrap().is_empty());
    let bundle = world.recall(&feed(), &Recall::default()).unwrap();
    assert_eq!(numbers(&bundle), ["1", "2", "3"], "as they were told until they are anew");
    world.turn();
    assert_eq!(world.came(), ["event-notification 3 again o2,o3"]);
    let bundle = world.recall(&feed(), &Recall::default()).unwrap();
    assert_eq!(numbers(&bundle), ["1", "2", "3"]);
}

#[test]
fn what_is_asked_for_meanwhile_is_told_as_well() {
    let world = told_world();
    let kept = Kept::open(world.folder.path()).unwrap();
    kept.ask_replay("s1", None).unwrap();
    let asked = kept.asked().unwrap();
    // Between the look and its end the operator asks for more.
    kept.ask_replay("s1", Some(1)).unwrap();
    for (id, event) in &asked {
        kept.answered(id, *event).unwrap();
    }
    assert_eq!(kept.asked().unwrap(), [("s1".to_owned(), Some(1))]);
    world.hooks().replay_asked().unwrap();
    assert!(kept.asked().unwrap().is_empty());
    world.turn();
    assert_eq!(world.came(), ["event-notification 3 again o1,o2,o3"]);
}

#[test]
fn old_events_are_lost_and_many_come_in_pieces() {
    let world = told_world();
    let kept = Kept::open(world.folder.path()).unwrap();
    let state = kept.one("s1").unwrap().unwrap();
    let rows: Vec<Row> = (1000..101_001).map(Row).collect();
    let (oldest, many) =
        (rows.len() as u64 + 3 - 100_000 + 1, State { number: rows.len() as u64 + 3, ..state });
    kept.put("s1", &many, &rows).unwrap();
    let ask = |since| world.recall(&feed(), &Recall { since: Some(since), ..Recall::default() });
    let lost = ask(1).unwrap_err();
    assert!(matches!(lost, RecallFault::Lost(at) if at == oldest), "{lost}");
    assert!(lost.to_string().contains(&oldest.to_string()));
    let bundle = ask(oldest).unwrap();
    assert_eq!(bundle["link"][0]["relation"], "next");
    let next = format!("$events?eventsSinceNumber={}", oldest + 256);
    assert!(bundle["link"][0]["url"].as_str().unwrap().ends_with(&next), "{bundle}");
    assert!(ask(many.number).unwrap().get("link").is_none());
}

#[test]
fn who_looks_after_them_sees_what_needs_it_first() {
    let world = told_world();
    world.answer(Ok(503));
    let mut other = subscription("id-only", "status=final");
    (other["id"], other["criteria"]) = ("a1".into(), "nothing".into());
    world.put(&other);
    world.observe("o4", "p1");
    world.turn();
    let counts = world.hooks().counts().unwrap();
    assert_eq!((counts.active, counts.failing, counts.error, counts.requested), (1, 1, 1, 0));
    let all = world.hooks().all_told().unwrap();
    let names: Vec<&str> = all.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(names, ["a1", "s1"]);
    assert_eq!(all[1].1.topic.as_deref(), Some("urn:accord:topic:Observation"));
}
