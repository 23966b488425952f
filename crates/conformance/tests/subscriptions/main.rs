//! Subscriptions from the store to the receiver, under a clock that is moved: what is sent, what is
//! sent again, and what ends it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod events;
mod lines;
mod people;
mod promises;
mod senders;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use accord_base::{LogTime, Principal, Purpose, Role, SeededRng, Subject};
use accord_conformance::{Store, id};
use accord_engine::Interaction;
use accord_jobs::{Hooks, Kept, Outgoing, Parts, Post, Standing, Status};
use accord_spec::ResourceType;
use serde_json::{Value, json};

const NOW: LogTime = LogTime(1_795_300_398_000_000);
const HOSPITAL: &str = "northgate-hospital";

/// A receiver: keeps what came, and answers as it is told.
#[derive(Default)]
struct Receiver {
    came: Mutex<Vec<Outgoing>>,
    answers: Mutex<Option<Result<u16, String>>>,
    ended: AtomicBool,
    /// Whether it cannot be known who may ask.
    unknown: AtomicBool,
    gate: Gate,
}

/// Holds back whoever answers slowly.
#[derive(Default)]
struct Gate {
    /// Whether it is closed, how many wait at it, and how many ever came.
    at: Mutex<(bool, usize)>,
    changed: Condvar,
}

impl Gate {
    fn pass(&self, slow: bool) {
        let mut at = self.at.lock().unwrap();
        at.1 += usize::from(slow && at.0);
        self.changed.notify_all();
        drop(self.changed.wait_while(at, |at| slow && at.0).unwrap());
    }

    fn set(&self, closed: bool) {
        *self.at.lock().unwrap() = (closed, 0);
        self.changed.notify_all();
    }

    /// Waits until so many wait at it.
    fn await_waiting(&self, count: usize) {
        drop(self.changed.wait_while(self.at.lock().unwrap(), |at| at.1 < count).unwrap());
    }
}

struct Shared(Arc<Receiver>);

impl Post for Shared {
    fn post(&self, outgoing: &Outgoing) -> Result<u16, String> {
        self.0.came.lock().unwrap().push(outgoing.clone());
        self.0.gate.pass(outgoing.endpoint.contains("slow"));
        self.0.answers.lock().unwrap().clone().unwrap_or(Ok(200))
    }

    fn check(&self, endpoint: &str) -> Result<(), String> {
        if endpoint.starts_with("https:") { Ok(()) } else { Err("not sent to".to_owned()) }
    }
}

impl Standing for Shared {
    fn stands(&self, _: &Subject) -> Option<bool> {
        let known = !self.0.unknown.load(Ordering::SeqCst);
        known.then(|| !self.0.ended.load(Ordering::SeqCst))
    }
}

struct World {
    store: Store,
    receiver: Arc<Receiver>,
    folder: tempfile::TempDir,
    hooks: Option<Arc<Hooks>>,
}

fn subject(principal: Principal, role: Role) -> Arc<Subject> {
    Arc::new(Subject {
        principal,
        role,
        organization: Some(id(HOSPITAL)),
        purpose: Purpose::Treat,
        token_id: "t".to_owned(),
        test: true,
        grant: None,
    })
}

fn feed() -> Arc<Subject> {
    subject(Principal::Device(id("feed")), Role::Integration)
}

fn open(store: &Store, receiver: &Arc<Receiver>, folder: &Path) -> Arc<Hooks> {
    let hooks = Hooks::open(Parts {
        engine: store.engine.clone(),
        kept: Kept::open(folder).unwrap(),
        post: Box::new(Shared(receiver.clone())),
        standing: Box::new(Shared(receiver.clone())),
        clock: store.clock.clone(),
        rng: Arc::new(SeededRng::new(7)),
        base: "https://ehr.example/fhir".to_owned(),
    });
    Arc::new(hooks.unwrap())
}

fn subscription(content: &str, filter: &str) -> Value {
    let extension = |name: &str| {
        format!("http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-{name}")
    };
    json!({"resourceType": "Subscription", "id": "s1", "status": "requested", "reason": "to know",
        "criteria": "urn:accord:topic:Observation",
        "_criteria": {"extension": [{"url": extension("filter-criteria"), "valueString": filter}]},
        "channel": {"type": "rest-hook", "endpoint": "https://lab.example/in",
            "header": ["X-Key: abc"],
            "payload": "application/fhir+json",
            "_payload": {"extension":
                [{"url": extension("payload-content"), "valueCode": content}]},
            "extension": [{"url": extension("heartbeat-period"), "valueUnsignedInt": 60}]}})
}

impl World {
    fn new() -> World {
        let store = Store::new(5, NOW, 64);
        let (receiver, folder) = (Arc::default(), tempfile::tempdir().unwrap());
        let hooks = Some(open(&store, &receiver, folder.path()));
        let world = World { store, receiver, folder, hooks };
        for name in ["p1", "p2"] {
            world.put(&json!({"resourceType": "Patient", "id": name, "active": true}));
        }
        world
    }

    fn put(&self, body: &Value) {
        let of = |name: &str| body[name].as_str().unwrap();
        let names = (of("resourceType"), of("id"));
        self.store.put(&feed(), names, &body.to_string(), None).unwrap();
    }

    fn observe(&self, name: &str, patient: &str) {
        self.put(&json!({"resourceType": "Observation", "id": name, "status": "final",
            "code": {"text": "pulse"}, "subject": {"reference": format!("Patient/{patient}")}}));
    }

    fn hooks(&self) -> &Arc<Hooks> {
        self.hooks.as_ref().unwrap()
    }

    /// Everything that is due at this moment.
    fn turn(&self) {
        self.hooks().follow().unwrap();
        for _ in 0..4 {
            for due in self.hooks().due() {
                self.hooks().step(&due.id).unwrap();
            }
        }
    }

    /// The server stops and begins anew.
    fn restart(&mut self) {
        self.hooks = None;
        self.hooks = Some(open(&self.store, &self.receiver, self.folder.path()));
    }

    fn answer(&self, answer: Result<u16, &str>) {
        *self.receiver.answers.lock().unwrap() = Some(answer.map_err(str::to_owned));
    }

    fn later(&self, seconds: u64) {
        self.store.clock.advance_us(seconds * LogTime::SECOND_US);
    }

    /// What came since the last look, as `type number..last redelivery: addresses`.
    fn came(&self) -> Vec<String> {
        let came = std::mem::take(&mut *self.receiver.came.lock().unwrap());
        came.iter().map(|outgoing| told(&serde_json::from_str(&outgoing.body).unwrap())).collect()
    }

    fn state(&self) -> (Status, String) {
        let state = self.hooks().told("s1").unwrap().unwrap().state;
        (state.status, state.error)
    }
}

fn told(bundle: &Value) -> String {
    let parameters = bundle["entry"][0]["resource"]["parameter"].as_array().unwrap();
    let named = |name: &str| parameters.iter().find(|p| p["name"] == name).unwrap();
    let again = if bundle["meta"]["tag"][0]["code"] == "redelivery" { " again" } else { "" };
    let entries = bundle["entry"].as_array().unwrap()[1..].iter();
    let ids: Vec<&str> =
        entries.map(|e| e["fullUrl"].as_str().unwrap().rsplit('/').next().unwrap()).collect();
    let kind = named("type")["valueCode"].as_str().unwrap().to_owned();
    let last = named("events-since-subscription-start")["valueString"].as_str().unwrap();
    format!("{kind} {last}{again} {}", ids.join(",")).trim_end().to_owned()
}

#[test]
fn a_receiver_is_greeted_and_told() {
    let world = World::new();
    world.put(&subscription("id-only", "Observation?subject=Patient/p1"));
    world.observe("before-greeting", "p1");
    world.turn();
    assert_eq!(world.came()[..], ["handshake 0", "event-notification 1 before-greeting"]);
    world.observe("other", "p2");
    world.observe("o1", "p1");
    world.observe("o2", "p1");
    world.turn();
    let sent = world.receiver.came.lock().unwrap()[0].clone();
    assert_eq!(sent.endpoint, "https://lab.example/in");
    assert_eq!(sent.headers, [("X-Key".to_owned(), "abc".to_owned())]);
    assert!(!sent.body.contains("pulse"), "ids alone");
    assert!(sent.body.contains("https://ehr.example/fhir/Subscription/s1"));
    assert_eq!(world.came(), ["event-notification 3 o1,o2"]);
    world.turn();
    assert_eq!(world.came(), [""; 0]);
    world.later(61);
    world.turn();
    assert_eq!(world.came(), ["heartbeat 3"]);
}

#[test]
fn as_much_is_told_as_is_wanted() {
    for (content, has_id, has_text) in
        [("empty", false, false), ("id-only", true, false), ("full-resource", true, true)]
    {
        let world = World::new();
        world.put(&subscription(content, "status=final"));
        world.turn();
        world.came();
        world.observe("o1", "p1");
        world.turn();
        let body = world.receiver.came.lock().unwrap()[0].body.clone();
        assert_eq!((body.contains("o1"), body.contains("pulse")), (has_id, has_text), "{content}");
    }
}

#[test]
fn what_was_not_acknowledged_is_sent_again_and_says_so() {
    let mut world = World::new();
    world.put(&subscription("id-only", "status=final"));
    world.turn();
    world.came();
    world.answer(Err("cut off"));
    world.observe("o1", "p1");
    world.turn();
    assert_eq!(world.came(), ["event-notification 1 o1"]);
    world.observe("o2", "p1");
    world.restart();
    world.later(10);
    world.answer(Ok(204));
    world.turn();
    // The same window under the same numbers; what came later follows by itself.
    assert_eq!(world.came(), ["event-notification 1 again o1", "event-notification 2 o2"]);
    world.restart();
    world.later(10);
    world.turn();
    assert_eq!(world.came(), [""; 0]);
}

#[test]
fn attempts_become_rare_end_and_are_replayed() {
    let world = World::new();
    world.put(&subscription("id-only", "status=final"));
    world.turn();
    world.observe("o1", "p1");
    world.turn();
    world.came();
    world.answer(Ok(503));
    world.observe("o2", "p1");
    let mut attempts = Vec::new();
    let mut seconds = 0_u64;
    while world.state().0 == Status::Active && seconds < 5 * 86_400 {
        world.turn();
        let came = world.came().len();
        assert!(came <= 1);
        attempts.extend((0..came).map(|_| seconds));
        let step = if seconds < 600 { 1 } else { 60 };
        (seconds, ()) = (seconds + step, world.later(step));
    }
    assert!((3 * 86_400..3 * 86_400 + 7_200).contains(&seconds), "{seconds}");
    assert!((60..200).contains(&attempts.len()), "{}", attempts.len());
    let waits: Vec<u64> = attempts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits[0] <= 6 && waits.iter().all(|wait| *wait <= 3_661), "{waits:?}");
    assert_eq!(world.state(), (Status::Error, "the receiver answers with status 503".to_owned()));
    world.observe("o3", "p1");
    world.answer(Ok(200));
    world.turn();
    assert_eq!(world.came(), [""; 0], "it was given up");
    assert!(world.hooks().replay("s1", None).unwrap());
    world.turn();
    assert_eq!(world.came(), ["event-notification 3 again o2,o3"]);
    assert!(world.hooks().replay("s1", Some(1)).unwrap());
    world.turn();
    assert_eq!(world.came(), ["event-notification 3 again o1,o2,o3"]);
    assert!(!world.hooks().replay("s1", Some(9)).unwrap());
    assert!(!world.hooks().replay("s2", None).unwrap());
}

#[test]
fn what_may_no_longer_be_told_is_not_sent_again() {
    let world = World::new();
    world.put(&subscription("id-only", "status=final"));
    world.turn();
    world.came();
    world.answer(Ok(500));
    world.observe("o1", "p1");
    world.turn();
    assert_eq!(world.came(), ["event-notification 1 o1"]);
    let delete = Interaction::Delete {
        resource_type: ResourceType::OBSERVATION,
        id: id("o1"),
        if_match: None,
    };
    world.store.ask(&feed(), delete).unwrap();
    // Whoever wrote the Subscription loses what they stood on.
    world.receiver.ended.store(true, Ordering::SeqCst);
    world.answer(Ok(200));
    world.later(3600);
    world.turn();
    assert_eq!(world.came(), [""; 0]);
    assert_eq!(world.state().0, Status::Off);
}

#[test]
fn subscriptions_end_and_change_with_their_resource() {
    let mut world = World::new();
    world.put(&subscription("id-only", "status=final"));
    world.turn();
    world.came();
    let mut off = subscription("id-only", "status=final");
    off["status"] = "off".into();
    world.put(&off);
    world.observe("o1", "p1");
    world.turn();
    world.restart();
    world.turn();
    assert_eq!(world.came(), [""; 0]);
    world.put(&subscription("id-only", "status=preliminary"));
    world.observe("o2", "p1");
    world.turn();
    assert_eq!(world.came(), ["handshake 0"]);
    let mut ends = subscription("id-only", "status=final");
    ends["end"] = "2026-11-22T00:00:00Z".into();
    world.put(&ends);
    world.later(86_400);
    world.turn();
    assert_eq!(world.state(), (Status::Off, "it has come to its end".to_owned()));
    let delete = Interaction::Delete {
        resource_type: ResourceType::from_name("Subscription").unwrap(),
        id: id("s1"),
        if_match: None,
    };
    world.store.ask(&feed(), delete).unwrap();
    world.turn();
    assert!(world.hooks().told("s1").unwrap().is_none());
    assert_eq!(world.came(), [""; 0]);
}

#[test]
fn what_cannot_be_served_says_why() {
    let plain = |change: fn(&mut Value)| {
        let mut body = subscription("id-only", "status=final");
        change(&mut body);
        let world = World::new();
        world.put(&body);
        world.turn();
        assert_eq!(world.came(), [""; 0]);
        assert_eq!(world.state().0, Status::Error);
        world.state().1
    };
    assert_eq!(
        plain(|s| s["criteria"] = "Observation?code=1".into()),
        "its criteria are no topic of this server"
    );
    assert_eq!(plain(|s| s["channel"]["endpoint"] = "http://inside/".into()), "not sent to");
    assert!(plain(|s| s["channel"]["type"] = "email".into()).contains("rest-hook"));
    assert!(plain(|s| s["channel"]["header"] = json!(["Host: other"])).contains("`host`"));
    assert!(plain(|s| s["channel"]["_payload"] = json!({"id": "x"})).contains("id-only"));
    let filter =
        |s: &mut Value| s["_criteria"]["extension"][0]["valueString"] = "Patient?x=1".into();
    assert!(plain(filter).contains("another type"));
}
