//! What is due after a score: observations and reviews of every level of every table that comes
//! along, and that a worse level never waits longer.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests stop at what they did not expect"
)]

use accord_base::LogTime;
use accord_care::{Acuity, Assessment, Attendance, Due, Event, Level, Library, What};
use proptest::prelude::*;

/// 2026-01-01T00:00:00Z.
const START_US: u64 = 1_767_225_600_000_000;

fn at(minutes: u64) -> LogTime {
    LogTime(START_US + minutes * 60_000_000)
}

fn library() -> &'static Library {
    Library::built_in().unwrap()
}

fn levels(scheme: &str) -> &'static [Level] {
    &library().score(scheme).unwrap().levels
}

fn level(scheme: &str, id: &str) -> &'static Level {
    levels(scheme).iter().find(|level| level.id == id).unwrap()
}

/// Assessed with a score of these levels at these minutes, while being treated.
fn treated(looks: &[(u64, &Level, bool)]) -> Attendance {
    let acuity = Acuity::new(3).unwrap();
    let mut own = Attendance::arrived(at(0));
    for (nth, (minutes, level, complete)) in looks.iter().enumerate() {
        let look = Assessment::of(at(*minutes), acuity, Some(level), *complete);
        own = own.then(Event::Assessed(look)).unwrap();
        if nth == 0 {
            own = own.then(Event::Started(at(*minutes))).unwrap();
        }
    }
    own
}

fn told(own: &Attendance, now: u64) -> Vec<String> {
    let (scheme, targets) = (library().triage("ats").unwrap(), library().targets());
    let minutes = |due: &Due| (due.at.0 - START_US) / 60_000_000;
    let pending = own.pending(scheme, targets, at(now)).into_iter();
    pending.map(|due| format!("{} {} {}", due.what.code(), minutes(&due), due.who)).collect()
}

#[test]
fn who_is_watched_without_pause_is_looked_at_again_and_reviewed() {
    let high = level("news2", "high");
    let own = treated(&[(10, high, true)]);
    let registrar = "registrar or above, with critical-care competences";
    let expected =
        [format!("review 40 {registrar}"), "observations 40 registered-nurse".to_owned()];
    assert_eq!(told(&own, 10), expected);
    let late = ["review 40 nurse-in-charge", "observations 40 nurse-in-charge"];
    assert_eq!(told(&own, 41), late, "both are called about");
    assert_eq!(told(&own.clone().reviewed(at(20)), 20), expected[1..], "a clinician was there");
    // A score that stays high does not put the review off; one that is low ends it.
    let again = treated(&[(10, high, true), (35, high, true)]);
    assert_eq!(told(&again, 35)[0], format!("review 40 {registrar}"));
    assert_eq!(told(&again.reviewed(at(36)), 36), ["observations 65 registered-nurse"]);
    let better = treated(&[(10, high, true), (35, level("news2", "low"), true)]);
    assert_eq!(told(&better, 35), ["observations 395 registered-nurse"]);
    let partial = treated(&[(10, high, true), (35, level("news2", "low"), false)]);
    assert_eq!(told(&partial, 35), expected, "what is incomplete ends nothing");
    let child = treated(&[(10, level("pews", "emergency"), true)]);
    let now = ["review 10 emergency team (2222)", "observations 25 registered-nurse"];
    assert_eq!(told(&child, 10), now, "at once");
}

#[test]
fn observations_and_reviews_are_asked_for_as_published() {
    // NEWS2: observations at least every 12, 4 to 6 and 1 hours, or without pause. National PEWS:
    // reassess within 60 and 30 minutes, observations every 30 and every 15; reviews within 30 and
    // 15 minutes, and at once. `ours` stands where a source gives no number.
    let ours = |minutes: u32| Some(minutes);
    let published = [
        ("news2", "none", Some(720), None, None, "registered nurse"),
        ("news2", "low", Some(360), None, None, "registered nurse"),
        ("news2", "low-medium", Some(60), None, None, "registered nurse and medical team"),
        ("news2", "medium", Some(60), None, Some(60), "clinician competent in acute illness"),
        (
            "news2",
            "high",
            Some(0),
            ours(30),
            Some(30),
            "registrar or above, with critical-care competences",
        ),
        ("pews", "none", ours(240), None, None, "registered nurse"),
        ("pews", "low", Some(60), None, None, "nurse in charge"),
        ("pews", "medium", Some(30), None, Some(30), "medical team"),
        ("pews", "high", Some(30), None, Some(15), "rapid review team"),
        ("pews", "emergency", Some(15), None, Some(0), "emergency team (2222)"),
    ];
    for (scheme, id, observe, recheck, review, who) in published {
        let own = level(scheme, id);
        let found = (own.observe_minutes, own.recheck_minutes, own.review_minutes, &*own.who);
        assert_eq!(found, (observe, recheck, review, who), "{scheme} {id}");
    }
    assert_eq!(levels("news2").len() + levels("pews").len(), published.len(), "every level");
    for scheme in ["news2", "pews"] {
        let source = &library().score(scheme).unwrap().header.source;
        assert!(source.contains("our own default"), "{source}");
    }
}

#[test]
fn waits_and_intervals_of_triage_are_those_of_the_documentation() {
    let library = library().clone().for_demonstration();
    for (id, waits) in [
        ("ats", [Some(0), Some(10), Some(30), Some(60), Some(120)]),
        ("five-level", [Some(0), Some(10), None, None, None]),
    ] {
        let all = &library.triage(id).unwrap().intervals;
        let found: Vec<_> =
            all.iter().map(|one| (one.wait_minutes, one.retriage_minutes)).collect();
        let expected: Vec<_> = waits.into_iter().zip([10, 15, 60, 120, 120]).collect();
        assert_eq!(found, expected, "{id}");
    }
    let shares: Vec<_> = library
        .triage("ats")
        .unwrap()
        .intervals
        .iter()
        .map(|one| one.performance_percent)
        .collect();
    assert_eq!(shares, [Some(100), Some(80), Some(75), Some(70), Some(70)]);
}

#[test]
fn who_is_watched_without_pause_needs_a_time_to_be_scored_again() {
    let text = include_str!("../data/news2.json").replace("\"recheck-minutes\": 30, ", "");
    let text = text.replace("\"id\": \"news2\"", "\"id\": \"own\"");
    let refused = library().clone().with_own("own.json", &text).unwrap_err();
    assert!(refused.reason.contains("recheck-minutes"), "{refused}");
}

/// When something is due; for ever where it is not.
fn when(own: &Attendance, what: impl Fn(What) -> bool) -> u64 {
    let (scheme, targets) = (library().triage("ats").unwrap(), library().targets());
    let pending = own.pending(scheme, targets, at(0));
    pending.iter().filter(|due| what(due.what)).map(|due| due.at.0).min().unwrap_or(u64::MAX)
}

proptest! {
    /// Of two who differ in the level or the acuity alone, nothing of the worse is due later, and
    /// something is due of both.
    #[test]
    fn the_worse_never_wait_longer(
        child in any::<bool>(), a in 0usize..5, b in 0usize..5, one in 1u32..6, other in 1u32..6,
        begun in any::<bool>(),
    ) {
        let all = levels(if child { "pews" } else { "news2" });
        let own = |level: usize, acuity: u32| {
            let acuity = Acuity::new(acuity).unwrap();
            let look = Assessment::of(at(5), acuity, all.get(level), true);
            let own = Attendance::arrived(at(0)).then(Event::Assessed(look)).unwrap();
            if begun { own.then(Event::Started(at(5))).unwrap() } else { own }
        };
        let (worse, better) = (own(a.max(b), one.min(other)), own(a.min(b), one.max(other)));
        let look = |what| what != What::Review;
        prop_assert!(when(&worse, look) <= when(&better, look));
        prop_assert!(when(&better, look) < u64::MAX, "nobody is forgotten");
        let review = |what| what == What::Review;
        prop_assert!(when(&worse, review) <= when(&better, review));
    }
}
