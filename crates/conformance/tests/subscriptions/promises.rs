//! What docs/live.md promises of subscriptions when things go wrong: lost answers, clocks that are
//! set, restarts, full disks, receivers and clients that are slow.

use std::sync::{Arc, Mutex};

use accord_jobs::{Kept, Status};
use serde_json::json;

use super::{NOW, World, subscription};

#[test]
fn replay_of_many_says_so_of_all() {
    let world = World::new();
    world.put(&subscription("empty", "status=final"));
    world.turn();
    for number in 0..300 {
        world.observe(&format!("o{number}"), "p1");
    }
    world.turn();
    world.turn();
    assert_eq!(world.hooks().told("s1").unwrap().unwrap().state.number, 300);
    world.came();
    assert!(world.hooks().replay("s1", Some(1)).unwrap());
    world.turn();
    world.turn();
    let came = world.came();
    assert!(came.iter().all(|told| told.contains("again")), "{came:?}");
}

#[test]
fn what_may_have_arrived_says_so_though_cut_elsewhere() {
    let world = World::new();
    world.put(&subscription("id-only", "status=final"));
    world.turn();
    world.came();
    let note = "x".repeat(200_000);
    for number in 0..8 {
        world.put(&json!({"resourceType": "Observation", "id": format!("o{number}"),
            "status": "final", "code": {"text": "pulse"}, "note": [{"text": note}],
            "subject": {"reference": "Patient/p1"}}));
    }
    world.answer(Err("the answer was lost on its way"));
    world.turn();
    assert_eq!(world.came(), ["event-notification 8 o0,o1,o2,o3,o4,o5,o6,o7"]);
    world.put(&subscription("full-resource", "status=final"));
    world.answer(Ok(200));
    world.later(10);
    world.turn();
    let came = world.came();
    let events: Vec<&String> = came.iter().filter(|it| it.starts_with("event")).collect();
    assert!(events.iter().all(|told| told.contains("again")), "{came:?}");
}

#[test]
fn a_clock_set_back_stops_nobody() {
    let world = World::new();
    world.later(3600);
    world.put(&subscription("id-only", "status=final"));
    world.turn();
    world.came();
    world.store.clock.set(NOW);
    world.observe("o1", "p1");
    world.turn();
    assert_eq!(world.came(), ["event-notification 1 o1"]);
    // Nor does a clock that was set ahead give anything up.
    world.answer(Err("nobody answers"));
    world.observe("o2", "p1");
    world.turn();
    world.later(4 * 86_400);
    world.turn();
    assert_eq!(world.state().0, Status::Active);
    world.came();
    world.answer(Ok(200));
    world.later(3600);
    world.turn();
    assert_eq!(world.came(), ["event-notification 2 again o2"]);
}

#[test]
fn nothing_is_told_by_replay_before_a_handshake() {
    let world = World::new();
    world.answer(Ok(500));
    world.put(&subscription("full-resource", "status=final"));
    world.turn();
    world.observe("o1", "p1");
    assert_eq!(world.came(), ["handshake 0"]);
    assert_eq!(world.state().0, Status::Requested);
    assert!(world.hooks().replay("s1", None).unwrap());
    world.turn();
    let came = world.came();
    assert!(came.iter().all(|told| told.starts_with("handshake")), "{came:?}");
}

fn patient_is(world: &World, active: bool) {
    world.put(&json!({"resourceType": "Patient", "id": "p1", "active": active}));
}

#[test]
fn a_restart_tells_nothing_that_was_passed_by() {
    let mut world = World::new();
    world.put(&subscription("id-only", "subject:Patient.active=false"));
    world.turn();
    world.came();
    world.observe("o1", "p1");
    world.turn();
    patient_is(&world, false);
    world.turn();
    assert_eq!(world.came(), [""; 0], "what is referred to changed: not told");
    world.restart();
    world.turn();
    assert_eq!(world.came(), [""; 0], "nor is it after a restart");
}

#[test]
fn a_log_older_than_what_was_told_is_told_from_where_it_ends() {
    let mut world = World::new();
    world.put(&subscription("id-only", "status=final"));
    world.turn();
    world.came();
    let kept = Kept::open(world.folder.path()).unwrap();
    let mut state = kept.one("s1").unwrap().unwrap();
    state.since = accord_base::Row(10_000);
    kept.put("s1", &state, &[]).unwrap();
    kept.put_followed(accord_base::Row(10_000)).unwrap();
    drop(kept);
    world.restart();
    world.turn();
    world.came();
    world.observe("o1", "p1");
    let mut other = subscription("id-only", "status=final");
    other["id"] = "s2".into();
    world.put(&other);
    world.turn();
    assert_eq!(world.came(), ["event-notification 1 o1", "handshake 0"]);
}

#[test]
fn where_nobody_knows_who_may_ask_nothing_is_told_and_nothing_lost() {
    let world = World::new();
    world.put(&subscription("id-only", "status=final"));
    world.turn();
    world.came();
    world.receiver.unknown.store(true, std::sync::atomic::Ordering::SeqCst);
    world.observe("o1", "p1");
    world.turn();
    world.later(3600);
    world.turn();
    assert_eq!(world.came(), [""; 0]);
    assert_eq!(world.state().0, Status::Active);
    world.receiver.unknown.store(false, std::sync::atomic::Ordering::SeqCst);
    world.later(2);
    world.turn();
    assert_eq!(world.came(), ["event-notification 1 o1", "heartbeat 1"][..1]);
}

#[test]
fn what_a_filter_cannot_ask_is_told_before_anything_happens() {
    let world = World::new();
    world.put(&subscription("id-only", "Observation?nonsense=1"));
    world.turn();
    assert_eq!(world.state().0, Status::Error, "{:?}", world.came());
}

#[test]
fn handshakes_become_rare() {
    let world = World::new();
    world.answer(Ok(500));
    world.put(&subscription("id-only", "status=final"));
    let mut came = 0;
    for _ in 0..6 * 360 {
        world.turn();
        came += world.came().len();
        world.later(10);
    }
    assert!(came < 40, "{came} handshakes in six hours");
}

#[test]
fn a_second_replay_finds_what_the_first_left() {
    let world = World::new();
    world.put(&subscription("id-only", "status=final"));
    world.turn();
    for name in ["o1", "o2", "o3"] {
        world.observe(name, "p1");
        world.turn();
    }
    world.answer(Ok(500));
    assert!(world.hooks().replay("s1", Some(1)).unwrap());
    world.turn();
    assert!(world.hooks().replay("s1", Some(2)).unwrap(), "event 2 was told, and is still known");
}

#[test]
fn a_quiet_subscription_is_told_at_once_after_a_restart() {
    let mut world = World::new();
    world.put(&subscription("id-only", "status=preliminary"));
    world.turn();
    world.came();
    for number in 0..3000 {
        world.observe(&format!("o{number}"), "p1");
    }
    for _ in 0..5 {
        world.turn();
    }
    let late = |world: &World, name: &str| {
        world.put(&json!({"resourceType": "Observation", "id": name, "status": "preliminary",
            "code": {"text": "pulse"}, "subject": {"reference": "Patient/p1"}}));
        let mut looks = 0;
        world.hooks().follow().unwrap();
        while world.receiver.came.lock().unwrap().is_empty() {
            looks += 1;
            for due in world.hooks().due() {
                world.hooks().step(&due.id).unwrap();
            }
        }
        (looks, world.came())
    };
    // Nothing matched so far: where it was looked up to is in memory alone.
    let before = late(&world, "before").0;
    for number in 0..3000 {
        world.observe(&format!("p{number}"), "p1");
    }
    for _ in 0..5 {
        world.turn();
    }
    world.restart();
    let (looks, came) = late(&world, "after");
    assert_eq!(came, ["event-notification 2 after"]);
    assert!(looks <= before + 1, "{looks} looks of 100 ms each, {before} without a restart");
}

#[test]
fn a_disk_that_was_full_for_a_moment_gives_nothing_up() {
    let seed = 5;
    let disk = accord_store::disk::SimDisk::new(seed);
    let log = Arc::new(accord_store::MemoryLog::new());
    let (parts, clock) = accord_conformance::new_parts(log, disk.clone(), seed, NOW);
    let mut world = World::new();
    world.store = accord_conformance::Store::open(parts, clock, 64).unwrap();
    world.restart();
    world.put(&json!({"resourceType": "Patient", "id": "p1", "active": true}));
    world.put(&subscription("id-only", "status=final"));
    world.turn();
    assert_eq!(world.came(), ["handshake 0"]);
    world.observe("o1", "p1");
    disk.fail_at(0);
    world.turn();
    assert_eq!((world.state().0, world.came()), (Status::Active, Vec::new()));
    // The operator makes room, and starts the server again.
    let World { store, receiver, folder, hooks } = world;
    drop(hooks);
    let world = World { store: store.reopened(64, false), receiver, folder, hooks: None };
    let mut world = world;
    world.restart();
    world.turn();
    world.later(3600);
    world.turn();
    assert_eq!(world.came(), ["event-notification 1 o1"], "{:?}", world.state());
}

#[test]
fn errors_that_are_kept_name_nobody() {
    for filter in [
        "subject:Patient.birthdate=Ada-Lovelace",
        "Ada-Lovelace=1",
        "code:in=Ada-Lovelace",
        "subject:Ada-Lovelace.name=x",
        "status:Ada-Lovelace=1",
        "date=Ada-Lovelace",
        "value-quantity=Ada-Lovelace",
    ] {
        let world = World::new();
        world.put(&subscription("id-only", filter));
        world.turn();
        world.observe("o1", "p1");
        world.turn();
        let kept = Kept::open(world.folder.path()).unwrap().one("s1").unwrap().unwrap();
        assert!(!kept.error.contains("Ada-Lovelace"), "{}", kept.error);
    }
}

/// A line like that of `http::socket::client`: two wait, and there are places for greetings.
struct Queue(Mutex<Vec<String>>, bool);

impl accord_jobs::Line for Queue {
    fn has_room(&self) -> bool {
        self.1 && self.0.lock().unwrap().len() <= 2
    }
    fn tell(&self, notification: &str) {
        self.0.lock().unwrap().push(notification.to_owned());
    }
    fn end(&self) {}
}

#[test]
fn two_notifications_wait_at_most() {
    let world = World::new();
    let queue = Arc::new(Queue(Mutex::default(), true));
    let line: Arc<dyn accord_jobs::Line> = queue.clone();
    for number in 0..16 {
        let mut body = super::lines::at_a_socket();
        body["id"] = format!("s{number}").into();
        world.put(&body);
    }
    world.turn();
    for number in 0..16 {
        assert!(world.hooks().bind(&format!("s{number}"), &super::feed(), &line));
    }
    queue.0.lock().unwrap().clear();
    world.observe("o1", "p1");
    world.turn();
    let waiting = queue.0.lock().unwrap().len();
    assert!(waiting <= 3, "{waiting} wait");
}

#[test]
fn a_client_that_does_not_read_keeps_no_other_waiting() {
    let world = World::new();
    world.put(&super::lines::at_a_socket());
    world.turn();
    let [slow, quick] = [false, true].map(|room| Arc::new(Queue(Mutex::default(), room)));
    for queue in [&slow, &quick] {
        let line: Arc<dyn accord_jobs::Line> = queue.clone();
        assert!(world.hooks().bind("s1", &super::feed(), &line));
    }
    world.observe("o1", "p1");
    world.turn();
    assert_eq!(quick.0.lock().unwrap().len(), 1, "the other is waited for a moment");
    world.later(2);
    world.turn();
    assert_eq!(quick.0.lock().unwrap().len(), 2, "a greeting and the event");
    world.observe("o2", "p1");
    world.turn();
    assert_eq!(quick.0.lock().unwrap().len(), 3, "and not again");
    assert_eq!(slow.0.lock().unwrap().len(), 1, "its greeting");
}

#[test]
fn who_never_answered_has_no_last_answer() {
    let world = World::new();
    world.answer(Ok(500));
    world.put(&subscription("id-only", "status=final"));
    world.turn();
    let state = world.hooks().told("s1").unwrap().unwrap().state;
    let notice = accord_jobs::Notice {
        kind: accord_jobs::Kind::Query,
        base: "https://ehr.example/fhir",
        subscription: "Subscription/s1",
        topic: None,
        status: state.status.code(),
        error: None,
        before: 0,
        changes: &[],
        content: accord_jobs::Content::Empty,
        again: false,
        at: NOW,
        state: Some(&state),
        recalled: None,
    };
    assert!(!accord_jobs::statuses(&[notice]).contains("last-answer"));
}

#[test]
fn what_cannot_be_kept_is_not_sent_without_end() {
    let world = World::new();
    world.put(&subscription("id-only", "status=final"));
    world.hooks().follow().unwrap();
    let file = world.folder.path().join(accord_jobs::FILE);
    // The file of jobs cannot be written.
    rusqlite::Connection::open(&file).unwrap().execute_batch("DROP TABLE event").unwrap();
    for _ in 0..10 {
        for due in world.hooks().due() {
            world.hooks().step(&due.id).unwrap_err();
        }
    }
    let came = world.came();
    assert!(came.len() <= 1, "{} handshakes without a moment between them", came.len());
}

#[test]
fn a_receiver_sets_how_much_it_takes_at_once() {
    let world = World::new();
    let mut body = subscription("id-only", "status=final");
    let extension =
        "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-max-count";
    let extensions = body["channel"]["extension"].as_array_mut().unwrap();
    extensions.push(json!({"url": extension, "valuePositiveInt": 2}));
    world.put(&body);
    world.turn();
    world.came();
    for number in 0..5 {
        world.observe(&format!("o{number}"), "p1");
    }
    world.turn();
    let expect =
        ["event-notification 2 o0,o1", "event-notification 4 o2,o3", "event-notification 5 o4"];
    assert_eq!(world.came(), expect);
}

#[test]
fn a_file_of_the_format_before_goes_on_where_it_was() {
    let mut world = World::new();
    world.put(&subscription("id-only", "status=final"));
    world.turn();
    world.came();
    world.observe("o1", "p1");
    world.answer(Err("the answer was lost on its way"));
    world.turn();
    assert_eq!(world.came(), ["event-notification 1 o1"]);
    world.hooks = None;
    let file = rusqlite::Connection::open(world.folder.path().join(accord_jobs::FILE)).unwrap();
    file.execute_batch(
        "ALTER TABLE subscription DROP COLUMN again; ALTER TABLE subscription DROP COLUMN answered_us;
         ALTER TABLE subscription DROP COLUMN greeted; PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(file);
    world.restart();
    world.answer(Ok(200));
    world.observe("o2", "p1");
    world.later(10);
    world.turn();
    assert_eq!(world.came(), ["event-notification 1 again o1", "event-notification 2 o2"]);
}
