//! The thirty adversarial groups T1–T30: each is an attempt to learn of hidden data, and the
//! attacker's answer must be that of a store in which it is gone.
//!
//! A group that concerns something not built yet stays in the list with its reason: whoever
//! builds it takes the reason away and adds the attempts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

#[path = "../leak/answers.rs"]
mod answers;
mod asked;
mod glass;
mod groups;
mod labels;
#[path = "../leak/masks.rs"]
mod masks;
mod patches;
#[path = "../leak/reduced.rs"]
mod reduced;
mod scene;
mod subscribed;
mod writes;

use groups::GROUPS;
use scene::Scene;

#[test]
fn every_group_is_in_the_list_once() {
    let numbers: Vec<u8> = GROUPS.iter().map(|group| group.number).collect();
    assert_eq!(numbers, (1..=30).collect::<Vec<_>>());
    for group in GROUPS {
        let says_something = group.has_attempts() || group.pending.is_some();
        assert!(says_something, "T{} neither tries nor says why not", group.number);
    }
}

#[test]
fn no_attempt_tells_of_what_is_hidden() {
    let scene = Scene::new();
    let mut attempts = 0;
    for group in GROUPS {
        let before = attempts;
        for url in group.requests {
            scene.compare(group.number, url);
            attempts += 1;
        }
        for attempt in group.more {
            attempt(&scene);
            attempts += 1;
        }
        let pending = group.pending.map(|why| format!("; pending: {why}")).unwrap_or_default();
        println!("T{:<2} {}: {} attempts{pending}", group.number, group.name, attempts - before);
    }
    assert!(attempts > 90, "{attempts}");
}

/// The comparison must be able to fail: asked about what is not hidden, it does.
#[test]
fn the_scene_has_something_to_hide() {
    let scene = Scene::new();
    for url in ["Observation?_summary=count", "Patient?family=Bob", "_history?_count=1000"] {
        assert_ne!(scene.seen_by_all(url), scene.seen_by_asker(url), "{url}");
    }
}
