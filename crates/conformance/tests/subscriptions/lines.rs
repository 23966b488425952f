//! What goes to websockets: to whoever holds a line, once, from where the subscription was told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use accord_base::{Purpose, Subject};
use accord_jobs::{Line, Recall, Status};
use serde_json::Value;
use std::sync::Mutex;

use super::{World, feed, subscription, told};

/// A client at a line.
pub struct Client {
    came: Mutex<Vec<String>>,
    room: AtomicUsize,
    pub ended: AtomicBool,
}

impl Line for Client {
    fn has_room(&self) -> bool {
        self.room.load(Ordering::SeqCst) > self.came.lock().unwrap().len()
    }

    fn tell(&self, notification: &str) {
        let told = told(&serde_json::from_str(notification).unwrap());
        self.came.lock().unwrap().push(told);
    }

    fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
    }
}

impl Client {
    pub fn new() -> Arc<Client> {
        let (came, ended) = (Mutex::default(), AtomicBool::new(false));
        Arc::new(Client { came, room: AtomicUsize::new(10), ended })
    }

    pub fn came(&self) -> Vec<String> {
        std::mem::take(&mut *self.came.lock().unwrap())
    }
}

pub fn at_a_socket() -> Value {
    let mut body = subscription("id-only", "status=final");
    body["channel"]["type"] = "websocket".into();
    let channel = body["channel"].as_object_mut().unwrap();
    channel.remove("endpoint");
    channel.remove("header");
    body
}

fn listening() -> World {
    let world = World::new();
    world.put(&at_a_socket());
    world.turn();
    assert_eq!(world.state(), (Status::Active, String::new()));
    world
}

#[test]
fn lines_are_told_once_and_from_where_it_was_left() {
    let mut world = listening();
    world.observe("o1", "p1");
    world.turn();
    let number = |world: &World| world.hooks().told("s1").unwrap().unwrap().state.number;
    assert_eq!(number(&world), 0, "nothing is numbered while nobody listens");
    let client = Client::new();
    let line: Arc<dyn Line> = client.clone();
    assert!(world.hooks().bind("s1", &feed(), &line));
    world.turn();
    assert_eq!(client.came(), ["handshake 0", "event-notification 1 o1"]);
    client.room.store(0, Ordering::SeqCst);
    world.observe("o2", "p1");
    world.turn();
    assert_eq!((client.came().len(), number(&world)), (0, 1), "who does not read is not told");
    client.room.store(10, Ordering::SeqCst);
    let second = Client::new();
    let other: Arc<dyn Line> = second.clone();
    assert!(world.hooks().bind("s1", &feed(), &other));
    world.turn();
    assert_eq!(client.came(), ["event-notification 2 o2"]);
    assert_eq!(second.came(), ["handshake 1", "event-notification 2 o2"]);
    for line in [&line, &other] {
        world.hooks().unbind("s1", line);
    }
    world.observe("o3", "p1");
    world.restart();
    world.turn();
    assert_eq!(world.came(), [""; 0], "nothing is posted");
    let third = Client::new();
    let line: Arc<dyn Line> = third.clone();
    assert!(world.hooks().bind("s1", &feed(), &line));
    world.turn();
    assert_eq!(third.came(), ["handshake 2", "event-notification 3 o3"]);
    let base = "https://ehr.example/fhir";
    let all = world.hooks().recall("s1", (&feed(), "r"), &Recall::default(), base).unwrap();
    assert_eq!(told(&serde_json::from_str(&all).unwrap()), "query-event 3 o1,o2,o3");
}

#[test]
fn lines_end_with_what_they_were_bound_to() {
    let world = listening();
    let bind = |world: &World| {
        let client = Client::new();
        let line: Arc<dyn Line> = client.clone();
        assert!(world.hooks().bind("s1", &feed(), &line));
        client
    };
    let client = bind(&world);
    let mut newer = at_a_socket();
    newer["reason"] = "another".into();
    world.put(&newer);
    world.turn();
    assert!(client.ended.load(Ordering::SeqCst), "another version may ask for something else");
    let client = bind(&world);
    world.receiver.ended.store(true, Ordering::SeqCst);
    world.observe("o1", "p1");
    world.turn();
    assert!(client.ended.load(Ordering::SeqCst), "whoever wrote it may not ask any more");
    assert_eq!(client.came(), ["handshake 0"]);
    assert_eq!(world.state().0, Status::Off);
}

#[test]
fn only_who_asks_as_the_writer_did_is_bound() {
    let world = listening();
    assert!(world.hooks().may_bind("s1", &feed()));
    for other in [
        Subject { purpose: Purpose::Hoperat, ..(*feed()).clone() },
        Subject { organization: None, ..(*feed()).clone() },
        Subject::system("a look"),
    ] {
        assert!(!world.hooks().may_bind("s1", &other));
        let line: Arc<dyn Line> = Client::new();
        assert!(!world.hooks().bind("s1", &other, &line));
    }
    world.put(&subscription("id-only", "status=final"));
    world.turn();
    assert!(!world.hooks().may_bind("s1", &feed()), "it is no websocket");
}
