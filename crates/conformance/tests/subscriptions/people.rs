//! Subscriptions of people: told as they see it, and only while it was they who wrote it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use accord_base::{Principal, Role, Subject};
use accord_conformance::id;
use accord_engine::{Answer, Category, Interaction, Outcome};
use accord_jobs::{Line, Status};
use accord_spec::ResourceType;
use serde_json::{Value, json};

use super::lines::{Client, at_a_socket};
use super::{World, feed, subject, subscription};

fn clinician(name: &str) -> Arc<Subject> {
    subject(Principal::Practitioner(id(name)), Role::Clinician)
}

/// A Subscription that says that it is of these.
fn of(whose: &[&str], mut body: Value) -> Value {
    let url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Subscription.managingEntity";
    let one = |who: &&str| json!({"url": url, "valueReference": {"reference": who}});
    body["extension"] = whose.iter().map(one).collect();
    body
}

impl World {
    /// With a patient in the care of the hospital.
    fn with_care() -> World {
        let world = World::new();
        world.put(&json!({"resourceType": "Encounter", "id": "e1", "status": "in-progress",
            "class": {"code": "IMP"}, "subject": {"reference": "Patient/p1"},
            "serviceProvider": {"reference": format!("Organization/{}", super::HOSPITAL)}}));
        world
    }

    fn create(&self, who: &Arc<Subject>, mut body: Value) -> Outcome {
        body.as_object_mut().unwrap().shift_remove("id");
        self.store.ask(
            who,
            Interaction::Create {
                resource_type: ResourceType::from_name("Subscription").unwrap(),
                body: Arc::from(body.to_string().into_bytes()),
                if_none_exist: None,
            },
        )
    }

    /// The id of one that a clinician wrote for themselves.
    fn own(&self, body: Value) -> String {
        let body = of(&["Practitioner/dr1"], body);
        let Ok(Answer::Created(created)) = self.create(&clinician("dr1"), body) else { panic!() };
        self.turn();
        created.id.to_string()
    }

    fn stands(&self, name: &str) -> (Status, String) {
        let state = self.hooks().told(name).unwrap().unwrap().state;
        (state.status, state.error)
    }

    fn replace(&self, who: &Arc<Subject>, name: &str, mut body: Value) -> Outcome {
        body["id"] = name.into();
        let result = self.store.put(who, ("Subscription", name), &body.to_string(), None);
        self.turn();
        result
    }
}

#[test]
fn a_clinician_is_told_what_they_may_see() {
    let world = World::with_care();
    let name = world.own(at_a_socket());
    assert_eq!(world.stands(&name), (Status::Active, String::new()));
    let (client, dr1) = (Client::new(), clinician("dr1"));
    let line: Arc<dyn Line> = client.clone();
    assert!(!world.hooks().bind(&name, &clinician("dr2"), &line));
    assert!(!world.hooks().bind(&name, &feed(), &line));
    assert!(world.hooks().bind(&name, &dr1, &line));
    world.observe("of-p2", "p2");
    world.observe("of-p1", "p1");
    world.turn();
    assert_eq!(client.came(), ["handshake 0", "event-notification 1 of-p1"], "p2 is in no care");
    // Others who treat at the same hospital do not see that it is there.
    let address = format!("Subscription/{name}");
    let read = |who: &Arc<Subject>| world.store.ask(who, Interaction::get(&address).unwrap());
    assert!(read(&dr1).is_ok() && read(&feed()).is_ok());
    assert_eq!(read(&clinician("dr2")).unwrap_err().category, Category::NotFound);
}

#[test]
fn it_ends_with_what_its_writer_stood_on_though_nobody_listens() {
    let world = World::with_care();
    let name = world.own(at_a_socket());
    assert!(world.hooks().over().is_empty());
    world.receiver.ended.store(true, Ordering::SeqCst);
    world.turn();
    assert_eq!(world.stands(&name).0, Status::Active, "it is not looked at yet");
    for due in world.hooks().over() {
        world.hooks().step(&due.id).unwrap();
    }
    assert_eq!(world.stands(&name), (Status::Off, "whoever wrote it may not ask any more".into()));
    assert!(world.hooks().over().is_empty());
}

#[test]
fn whoever_touches_anothers_lends_it_nothing() {
    let world = World::with_care();
    let name = world.own(at_a_socket());
    let client = Client::new();
    let line: Arc<dyn Line> = client.clone();
    assert!(world.hooks().bind(&name, &clinician("dr1"), &line));
    world.turn();
    assert_eq!(client.came(), ["handshake 0"]);
    let own = of(&["Practitioner/dr1"], at_a_socket());
    // The feed sees all of the hospital, and may write all of it.
    world.replace(&feed(), &name, own.clone()).unwrap();
    let not_theirs = (Status::Error, "it is not of whoever wrote it last".to_owned());
    assert_eq!(world.stands(&name), not_theirs);
    assert!(client.ended.load(Ordering::SeqCst));
    for who in [clinician("dr1"), feed()] {
        assert!(!world.hooks().bind(&name, &who, &line));
    }
    // It is theirs again when they write it again.
    world.replace(&clinician("dr1"), &name, own).unwrap();
    assert_eq!(world.stands(&name).0, Status::Active);
    // Nor is one told that two have, or that names another than who wrote it.
    let both = of(&["Practitioner/dr1", "Practitioner/dr2"], at_a_socket());
    world.replace(&clinician("dr2"), &name, both.clone()).unwrap_err();
    world.replace(&clinician("dr1"), &name, both.clone()).unwrap();
    assert_eq!(world.stands(&name), not_theirs);
    world.replace(&clinician("dr2"), &name, both).unwrap();
    assert_eq!(world.stands(&name), not_theirs);
    world.put(&of(&["Practitioner/dr1"], subscription("id-only", "status=final")));
    world.turn();
    assert_eq!(world.state(), not_theirs);
}

#[test]
fn what_names_nobody_or_leads_out_is_no_persons() {
    let world = World::with_care();
    let dr1 = clinician("dr1");
    for body in [at_a_socket(), of(&["Practitioner/dr2"], at_a_socket())] {
        assert!(world.create(&dr1, body).is_err());
    }
    let patient = subject(Principal::Patient(id("p1")), Role::Patient);
    assert!(world.create(&patient, of(&["Patient/p1"], at_a_socket())).is_err());
    let name = world.own(subscription("id-only", "status=final"));
    let refused = (Status::Error, "a person's subscription is told at websockets alone".into());
    assert_eq!(world.stands(&name), refused);
    world.observe("o1", "p1");
    world.turn();
    assert_eq!(world.came(), [""; 0]);
}
