//! Searches that go on: what is told, to whom, and what is recorded of it.

use super::merges::{desk, doctor, feed, observation, own, patient, put};
use super::*;
use crate::{Changes, Live, Since};

fn live(criteria: &[&str], since: Since) -> Interaction {
    let criteria = criteria.iter().map(|&text| text.to_owned()).collect();
    Interaction::Live(Box::new(Live { criteria, since, ..Live::default() }))
}

fn changes(store: &Store, who: Arc<Subject>, criteria: &[&str], since: Since) -> Changes {
    match store.ask(who, live(criteria, since)) {
        Ok(Answer::Changes(changes)) => changes,
        other => panic!("{other:?}"),
    }
}

/// As `Observation/o1 2 true`: what, which version, whether it matches; `-` is a deletion.
fn told(changes: &Changes) -> Vec<String> {
    let one = |change: &crate::Change| {
        let version = &change.version;
        let of = format!("{}/{} {}", version.resource_type, version.id, version.version);
        format!(
            "{of} {}",
            if version.deleted { "-".to_owned() } else { change.matches.to_string() }
        )
    };
    changes.entries.iter().map(one).collect()
}

fn status(name: &str, status: &str) -> String {
    observation(name, "p1").replace("final", status)
}

fn encounter(name: &str) -> String {
    format!(
        r#"{{"resourceType":"Encounter","id":"{name}","status":"in-progress","class":{{"code":"EMER"}},"subject":{{"reference":"Patient/p1"}}}}"#
    )
}

fn filled() -> Store {
    let store = Store::new();
    put(&store, &patient("p1", "")).unwrap();
    put(&store, &patient("p2", "")).unwrap();
    put(&store, &encounter("e1")).unwrap();
    store
}

#[test]
fn what_matches_and_what_ceased_to_is_told_in_order() {
    let store = filled();
    let final_ones = ["Observation?status=final"];
    let start = changes(&store, feed(), &final_ones, Since::Now);
    assert!(start.entries.is_empty() && !start.reset);
    put(&store, &status("o1", "final")).unwrap();
    put(&store, &status("o2", "preliminary")).unwrap();
    put(&store, &status("o1", "amended")).unwrap();
    put(&store, &status("o1", "corrected")).unwrap();
    put(&store, &status("o2", "final")).unwrap();
    let delete = |name| Interaction::Delete {
        resource_type: ResourceType::OBSERVATION,
        id: id(name),
        if_match: None,
    };
    store.ask(feed(), delete("o2")).unwrap();
    store.ask(feed(), delete("o1")).unwrap();
    let all = changes(&store, feed(), &final_ones, Since::Position(start.position.clone()));
    let expect = [
        "Observation/o1 1 true",
        "Observation/o1 2 false",
        "Observation/o2 2 true",
        "Observation/o2 3 -",
    ];
    assert_eq!(told(&all), expect);
    // Looked for at other moments, the same is told.
    let mut one_by_one = Vec::new();
    for row in start.upto.0..all.upto.0 {
        let next = changes(&store, feed(), &final_ones, Since::Row(Row(row)));
        one_by_one.extend(told(&next).into_iter().take(1));
    }
    one_by_one.dedup();
    assert_eq!(one_by_one, expect);
    assert_eq!(told(&changes(&store, feed(), &final_ones, Since::Row(all.upto))), [""; 0]);
}

#[test]
fn several_searches_tell_each_version_once() {
    let store = filled();
    let start = changes(&store, feed(), &["Observation", "Observation?status=final"], Since::Now);
    put(&store, &status("o1", "final")).unwrap();
    put(&store, &encounter("e2")).unwrap();
    let criteria = ["Observation?status=amended", "Encounter?class=EMER", "Observation?_id=o1"];
    let all = changes(&store, feed(), &criteria, Since::Row(start.upto));
    assert_eq!(told(&all), ["Observation/o1 1 true", "Encounter/e2 1 true"]);
    let chained = ["Observation?subject:Patient.birthdate=1980-02-03&_lastUpdated=gt2020"];
    let all = changes(&store, feed(), &chained, Since::Row(start.upto));
    assert_eq!(told(&all), ["Observation/o1 1 true"]);
}

#[test]
fn what_one_may_not_see_is_not_told() {
    let store = filled();
    let criteria = ["Observation", "Encounter", "Patient"];
    let (seen, start) = (own("p1"), changes(&store, own("p1"), &criteria, Since::Now));
    put(&store, &observation("o1", "p1")).unwrap();
    put(&store, &observation("o2", "p2")).unwrap();
    let all = changes(&store, seen, &criteria, Since::Position(start.position.clone()));
    assert_eq!(told(&all), ["Observation/o1 1 true"]);
    // A position is its asker's, and that of what was asked.
    for (who, criteria) in [(own("p2"), &criteria[..]), (own("p1"), &criteria[..2])] {
        let other = changes(&store, who, criteria, Since::Position(start.position.clone()));
        assert!(other.reset && other.entries.is_empty());
    }
    let refused = store.ask(desk(), live(&["Patient", "Observation"], Since::Now)).unwrap_err();
    assert_eq!(refused.category, Category::Forbidden);
}

#[test]
fn a_consent_withdrawn_ends_what_is_told_at_once() {
    let store = filled();
    let criteria = ["Observation"];
    let start = changes(&store, doctor(), &criteria, Since::Now);
    put(&store, &observation("o1", "p1")).unwrap();
    let first = changes(&store, doctor(), &criteria, Since::Row(start.upto));
    assert_eq!(told(&first), ["Observation/o1 1 true"]);
    put(&store, &observation("o2", "p1")).unwrap();
    let deny = r#"{"resourceType":"Consent","id":"c1","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},"category":[{"text":"privacy"}],"patient":{"reference":"Patient/p1"},"policyRule":{"text":"own"},"provision":{"type":"deny"}}"#;
    put(&store, deny).unwrap();
    let next = changes(&store, doctor(), &criteria, Since::Row(first.upto));
    assert_eq!(told(&next), [""; 0], "not even what was written before");
}

#[test]
fn starts_and_batches_are_recorded_and_silence_is_not() {
    let store = filled();
    let criteria = ["Observation?status=final"];
    let before = store.recorded().len();
    let start = changes(&store, doctor(), &criteria, Since::Now);
    changes(&store, doctor(), &criteria, Since::Row(start.upto));
    put(&store, &observation("o1", "p1")).unwrap();
    changes(&store, doctor(), &criteria, Since::Row(start.upto));
    let records = store.recorded().split_off(before);
    let of_live: Vec<_> = records.iter().filter(|r| r.interaction == "$live").collect();
    let [first, batch] = of_live[..] else { panic!("{records:?}") };
    assert!(first.patients.is_empty());
    assert_eq!(batch.patients, [id("p1")]);
    assert_eq!(batch.query, b"Observation?status=final");
    let refused = store.ask(desk(), live(&["Observation"], Since::Row(Row(0))));
    assert!(refused.is_err());
    let last = store.recorded().pop().unwrap();
    assert_eq!((&*last.interaction, last.decision.permit), ("$live", false));
}

#[test]
fn a_position_is_good_for_an_hour_whatever_happened() {
    let parts = Store::parts();
    let clock = Arc::new(ManualClock::new(NOW));
    let store = Store::with(Parts { clock: clock.clone(), ..parts }, AnswerLimits::default());
    put(&store, &patient("p1", "")).unwrap();
    let start = changes(&store, feed(), &["Patient"], Since::Now);
    clock.advance_us(3599 * LogTime::SECOND_US);
    put(&store, &patient("p2", "")).unwrap();
    let since = || Since::Position(start.position.clone());
    assert_eq!(told(&changes(&store, feed(), &["Patient"], since())), ["Patient/p2 1 true"]);
    clock.advance_us(2 * LogTime::SECOND_US);
    let late = changes(&store, feed(), &["Patient"], since());
    assert!(late.reset && late.entries.is_empty());
    assert_eq!(
        told(&changes(&store, feed(), &["Patient"], Since::Position(late.position))),
        [""; 0]
    );
}

#[test]
fn searches_that_cannot_go_on_are_refused() {
    let store = filled();
    let seventeen = ["Patient"; 17];
    let long = format!("Patient?name={}", "a".repeat(2048));
    for criteria in [
        &[][..],
        &seventeen,
        &["Wizard"],
        &["?_id=1"],
        &["AuditEvent"],
        &["Patient?_sort=name"],
        &["Patient?_count=3"],
        &["Patient?_include=Patient:link"],
        &["Patient?_summary=true"],
        &["Patient?_content=ash"],
        &["Patient?nothing=1"],
        &[&long],
    ] {
        let refused = store.ask(feed(), live(criteria, Since::Now)).unwrap_err();
        assert_eq!(refused.category, Category::Invalid, "{criteria:?}");
    }
}

#[test]
fn much_is_told_in_parts_and_nothing_twice() {
    let store = filled();
    let start = changes(&store, feed(), &["Patient", "Encounter"], Since::Now);
    let entry = |at: usize| {
        let text = format!(r#"{{"resourceType":"Patient","id":"q{at}","active":true}}"#);
        format!(r#"{{"resource":{text},"request":{{"method":"PUT","url":"Patient/q{at}"}}}}"#)
    };
    let entries: Vec<String> = (0..600).map(entry).collect();
    let body = format!(
        r#"{{"resourceType":"Bundle","type":"transaction","entry":[{}]}}"#,
        entries.join(",")
    );
    store.ask(feed(), bundle(&body)).unwrap();
    let (mut from, mut all) = (start.upto, Vec::new());
    loop {
        let part = changes(&store, feed(), &["Patient", "Encounter"], Since::Row(from));
        assert!(part.entries.len() <= 256);
        all.extend(told(&part));
        from = part.upto;
        if !part.more {
            break;
        }
    }
    let expect: Vec<String> = (0..600).map(|at| format!("Patient/q{at} 1 true")).collect();
    assert_eq!(all, expect);
}
