//! Attempts by way of a subscription: what was told once, asked for again.

use std::path::Path;
use std::sync::{Arc, Mutex};

use accord_base::{LogTime, Principal, Role, SeededRng, Subject};
use accord_conformance::id;
use accord_engine::{Answer, Interaction};
use accord_jobs::{Content, Hooks, Kept, Line, Outgoing, Parts, Post, Recall, Standing};
use accord_spec::ResourceType;
use serde_json::{Value, json};

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
    fn stands(&self, _: &Subject) -> Option<bool> {
        Some(true)
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

fn hooks(scene: &Scene, folder: &Path, taken: &Taken) -> Hooks {
    Hooks::open(Parts {
        engine: scene.full.engine.clone(),
        kept: Kept::open(folder).unwrap(),
        post: Box::new(taken.clone()),
        standing: Box::new(taken.clone()),
        clock: scene.full.clock.clone(),
        rng: Arc::new(SeededRng::new(3)),
        base: "https://ehr.example/fhir".to_owned(),
    })
    .unwrap()
}

fn feed(scene: &Scene) -> Arc<Subject> {
    Arc::new(Subject {
        principal: Principal::Device(id("feed")),
        role: Role::Integration,
        ..(*scene.asker).clone()
    })
}

/// Something new of the patient in care.
fn observe(scene: &Scene, name: &str) {
    let body = json!({"resourceType": "Observation", "id": name, "status": "final",
        "code": {"text": "late"}, "subject": {"reference": "Patient/s-ann"}});
    scene.full.put(&feed(scene), ("Observation", name), &body.to_string(), None).unwrap();
    scene.full.clock.advance_us(LogTime::SECOND_US);
}

/// Reads whatever it is told.
struct Reads(Mutex<Vec<String>>);

impl Line for Reads {
    fn has_room(&self) -> bool {
        true
    }

    fn tell(&self, notification: &str) {
        self.0.lock().unwrap().push(notification.to_owned());
    }

    fn end(&self) {}
}

/// T15: at a websocket nothing is told any more, not even of what was written before.
pub fn withdrawal_at_a_socket(_: &Scene) {
    let scene = Scene::new();
    let folder = tempfile::tempdir().unwrap();
    let hooks = hooks(&scene, folder.path(), &Taken::default());
    let mut body: Value = serde_json::from_str(&subscription()).unwrap();
    let members = body.as_object_mut().unwrap();
    members.shift_remove("id");
    members["channel"]["type"] = "websocket".into();
    members["channel"].as_object_mut().unwrap().shift_remove("endpoint");
    let whose = json!([{
        "url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-Subscription.managingEntity",
        "valueReference": {"reference": scene.asker.reference()}}]);
    members.insert("extension".to_owned(), whose);
    let create = Interaction::Create {
        resource_type: ResourceType::from_name("Subscription").unwrap(),
        body: Arc::from(body.to_string().into_bytes()),
        if_none_exist: None,
    };
    let Ok(Answer::Created(created)) = scene.full.ask(&scene.asker, create) else { panic!() };
    turn(&hooks);
    let reads = Arc::new(Reads(Mutex::default()));
    let line: Arc<dyn Line> = reads.clone();
    let name = created.id.as_str();
    assert!(hooks.bind(name, &scene.asker, &line));
    observe(&scene, "s-late");
    turn(&hooks);
    let told = || std::mem::take(&mut *reads.0.lock().unwrap());
    let before = told();
    assert_eq!(before.len(), 2, "a handshake, and what happened");
    assert!(before[1].contains("s-late") && before[1].contains("\"text\":\"late\""));
    observe(&scene, "s-later");
    deny(&scene.full, "s-ann");
    scene.full.clock.advance_us(LogTime::SECOND_US);
    observe(&scene, "s-latest");
    turn(&hooks);
    assert_eq!(told(), [""; 0], "a consent withdrawn ends it");
    assert_eq!(hooks.told(name).unwrap().unwrap().state.number, 1, "nor is it counted");
}

/// T15: what a subscription was told is told again by `$events` to whom it exists for by then.
pub fn withdrawal_between_events(_: &Scene) {
    let scene = Scene::new();
    let (folder, taken) = (tempfile::tempdir().unwrap(), Taken::default());
    let (hooks, feed) = (hooks(&scene, folder.path(), &taken), feed(&scene));
    scene.full.put(&feed, ("Subscription", "s-listens"), &subscription(), None).unwrap();
    turn(&hooks);
    observe(&scene, "s-late");
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
