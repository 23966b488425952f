//! Receivers that take their time: nobody else waits for them, and nothing is locked meanwhile.

use std::sync::Arc;

use accord_conformance::id;
use accord_engine::Interaction;
use accord_jobs::{Bounds, Status, run_within};
use accord_spec::ResourceType;
use serde_json::{Value, json};

use super::{World, feed, subscription, told};

fn of(name: &str, host: &str) -> Value {
    let mut body = subscription("id-only", "status=final");
    body["id"] = name.into();
    body["channel"]["endpoint"] = format!("https://{host}/in").into();
    body
}

impl World {
    /// Waits until a host was told this.
    fn await_told(&self, host: &str, expect: &str) {
        let gate = &self.receiver.gate;
        let has_come = || {
            let came = self.receiver.came.lock().unwrap();
            came.iter().any(|outgoing| {
                outgoing.endpoint.contains(host)
                    && told(&serde_json::from_str(&outgoing.body).unwrap()) == expect
            })
        };
        drop(gate.changed.wait_while(gate.at.lock().unwrap(), |_| !has_come()).unwrap());
    }
}

#[test]
fn slow_receivers_keep_nobody_waiting() {
    let world = World::new();
    let bounds = Bounds { all: 8, slow: 6, each_host: 3, slow_each_host: 2 };
    world.put(&of("quick", "quick.example"));
    let running = run_within(Arc::clone(world.hooks()), bounds).unwrap();
    world.await_told("quick", "handshake 0");
    world.receiver.gate.set(true);
    for number in 0..40 {
        world.put(&of(&format!("a{number}"), &format!("slow-{}.example", number / 4)));
    }
    world.receiver.gate.await_waiting(6);
    for number in 1..=3 {
        world.observe(&format!("o{number}"), "p1");
        world.await_told("quick", &format!("event-notification {number} o{number}"));
    }
    assert_eq!(world.receiver.gate.at.lock().unwrap().1, 6, "no more than have room");
    world.receiver.gate.set(false);
    for host in 0..10 {
        world.await_told(&format!("slow-{host}."), "event-notification 3 o1,o2,o3");
    }
    running.stop();
}

#[test]
fn a_new_version_does_not_wait_for_what_is_being_sent() {
    let world = World::new();
    world.put(&of("s1", "slow.example"));
    world.turn();
    world.receiver.gate.set(true);
    world.observe("o1", "p1");
    assert_eq!(world.hooks().due().len(), 1);
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| world.hooks().step("s1").unwrap());
        world.receiver.gate.await_waiting(1);
        let mut newer = of("s1", "slow.example");
        newer["reason"] = json!("another");
        world.put(&newer);
        world.hooks().follow().unwrap();
        assert_eq!(world.state().0, Status::Requested);
        world.receiver.gate.set(false);
        sending.join().unwrap();
    });
    assert_eq!(world.state().0, Status::Requested, "what was sent for the version before");
    assert_eq!(world.came(), ["handshake 0", "event-notification 1 o1"]);
    world.turn();
    assert_eq!(world.came(), ["handshake 0", "event-notification 1 again o1"]);
}

#[test]
fn what_is_deleted_while_it_is_told_stays_deleted() {
    let mut world = World::new();
    world.put(&of("s1", "slow.example"));
    world.turn();
    world.receiver.gate.set(true);
    world.observe("o1", "p1");
    assert_eq!(world.hooks().due().len(), 1);
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| world.hooks().step("s1").unwrap());
        world.receiver.gate.await_waiting(1);
        let delete = Interaction::Delete {
            resource_type: ResourceType::from_name("Subscription").unwrap(),
            id: id("s1"),
            if_match: None,
        };
        world.store.ask(&feed(), delete).unwrap();
        world.hooks().follow().unwrap();
        assert!(!world.hooks().replay("s1", None).unwrap());
        world.receiver.gate.set(false);
        sending.join().unwrap();
    });
    world.came();
    assert!(world.hooks().told("s1").unwrap().is_none());
    world.restart();
    world.observe("o2", "p1");
    world.turn();
    assert!(world.hooks().told("s1").unwrap().is_none());
    assert_eq!(world.came(), [""; 0]);
}

#[test]
fn a_replay_does_not_wait_for_what_is_being_sent() {
    let world = World::new();
    world.put(&of("s1", "slow.example"));
    world.turn();
    world.observe("o1", "p1");
    world.turn();
    world.came();
    world.receiver.gate.set(true);
    world.observe("o2", "p1");
    assert_eq!(world.hooks().due().len(), 1);
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| world.hooks().step("s1").unwrap());
        world.receiver.gate.await_waiting(1);
        assert!(world.hooks().replay("s1", Some(1)).unwrap());
        world.receiver.gate.set(false);
        sending.join().unwrap();
    });
    world.turn();
    assert_eq!(world.came(), ["event-notification 2 o2", "event-notification 2 again o1,o2"]);
}
