//! Attempts by way of a subscription: what was told once, asked for again.

use std::sync::{Arc, Mutex};

use accord_base::{LogTime, Principal, Role, SeededRng, Subject};
use accord_conformance::id;
use accord_jobs::{Content, Hooks, Kept, Outgoing, Parts, Post, Recall, Standing};
use serde_json::json;

use crate::scene::Scene;
use crate::writes::deny;

/// Takes everything.
#[derive(Clone, Default)]
struct Taken(Arc<Mutex<String>>);

impl Post for Taken {
    fn post(&self, outgoing: &Outgoing) -> Result<u16, String> {
        self.0.lock().unwrap().push_str(&outgoing.body);
        Ok(200)
    }

    fn check(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
}

impl Standing for Taken {
    fn stands(&self, _: &Subject) -> bool {
        true
    }
}

fn subscription() -> String {
    let extension = |name: &str| {
        format!("http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-{name}")
    };
    json!({"resourceType": "Subscription", "id": "s-listens", "status": "requested",
        "reason": "to know", "criteria": "urn:accord:topic:Observation",
        "channel": {"type": "rest-hook", "endpoint": "https://lab.example/in",
            "_payload": {"extension":
                [{"url": extension("payload-content"), "valueCode": "full-resource"}]}}})
    .to_string()
}

/// Everything that is due.
fn turn(hooks: &Hooks) {
    hooks.follow().unwrap();
    for _ in 0..3 {
        for due in hooks.due() {
            hooks.step(&due.id).unwrap();
        }
    }
}

/// T15: what a subscription was told is told again by `$events` to whom it exists for by then.
pub fn withdrawal_between_events(_: &Scene) {
    let scene = Scene::new();
    let (folder, taken) = (tempfile::tempdir().unwrap(), Taken::default());
    let hooks = Hooks::open(Parts {
        engine: scene.full.engine.clone(),
        kept: Kept::open(folder.path()).unwrap(),
        post: Box::new(taken.clone()),
        standing: Box::new(taken.clone()),
        clock: scene.full.clock.clone(),
        rng: Arc::new(SeededRng::new(3)),
        base: "https://ehr.example/fhir".to_owned(),
    })
    .unwrap();
    let feed = Arc::new(Subject {
        principal: Principal::Device(id("feed")),
        role: Role::Integration,
        ..(*scene.asker).clone()
    });
    let put = |subject, name, body: &str| {
        scene.full.put(subject, name, body, None).unwrap();
        scene.full.clock.advance_us(LogTime::SECOND_US);
    };
    put(&feed, ("Subscription", "s-listens"), &subscription());
    turn(&hooks);
    let late = json!({"resourceType": "Observation", "id": "s-late", "status": "final",
        "code": {"text": "late"}, "subject": {"reference": "Patient/s-ann"}});
    put(&feed, ("Observation", "s-late"), &late.to_string());
    turn(&hooks);
    assert!(taken.0.lock().unwrap().contains("s-late"));
    let recalled = |asker: &Arc<Subject>| {
        let told = [Content::Empty, Content::IdOnly, Content::Full].map(|content| {
            let recall = Recall { content: Some(content), ..Recall::default() };
            hooks.recall("s-listens", (asker, "r"), &recall, "https://ehr.example/fhir").unwrap()
        });
        // Without content a number is all there is.
        assert_eq!(told[0].contains("notification-event"), told[1].contains("s-late"));
        assert_eq!(told[1].contains("s-late"), told[2].contains("s-late"));
        told[2].contains("s-late")
    };
    assert!(recalled(&scene.asker) && recalled(&feed));
    deny(&scene.full, "s-ann");
    scene.full.clock.advance_us(LogTime::SECOND_US);
    assert!(!recalled(&scene.asker), "a consent withdrawn ends it");
    assert!(recalled(&feed), "the record's own feed is held to none");
}
