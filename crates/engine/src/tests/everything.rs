//! `$everything` and `$lastn`: what they find, page by page, and what is recorded of it.

use super::merges::{put, store};
use super::*;

/// A patient with an encounter, three observations of two kinds and what they refer to; another
/// patient.
fn ward() -> Store {
    let store = store();
    let of = r#""subject":{"reference":"Patient/ann"}"#;
    let observation = |name: &str, code: &str, day: &str| {
        format!(
            r#"{{"resourceType":"Observation","id":"{name}","status":"final",{of},
                "code":{{"coding":[{code}]}},"effectiveDateTime":"{day}",
                "encounter":{{"reference":"Encounter/visit"}},
                "performer":[{{"reference":"Practitioner/doc"}}]}}"#
        )
    };
    let pulse = r#"{"system":"s","code":"pulse"}"#;
    for body in [
        r#"{"resourceType":"Practitioner","id":"doc"}"#,
        r#"{"resourceType":"Practitioner","id":"stranger"}"#,
        r#"{"resourceType":"Patient","id":"ann"}"#,
        r#"{"resourceType":"Patient","id":"bob"}"#,
        &format!(
            r#"{{"resourceType":"Encounter","id":"visit","status":"finished",{of},
                "class":{{"code":"AMB"}},"period":{{"start":"2026-03-01"}}}}"#
        ),
        &observation("one", pulse, "2026-03-01"),
        &observation("two", &format!(r#"{{"code":"hr"}},{pulse}"#), "2026-03-03"),
        &observation("three", r#"{"code":"hr"}"#, "2026-03-02"),
        &observation("weight", r#"{"code":"weight"}"#, "2025-01-01"),
    ] {
        put(&store, body).unwrap();
    }
    store
}

/// The names of the matches, all pages, and of what came with them.
fn all(store: &Store, url: &str) -> (Vec<String>, Vec<String>) {
    let (mut found, mut with, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let asked = Interaction::get(&format!("{url}{cursor}")).unwrap();
        let Ok(Answer::Page(page)) = store.ask(system(), asked) else { panic!("{url}") };
        let name = |version: &crate::Version| version.id.to_string();
        found.extend(page.entries.iter().map(name));
        with.extend(page.included.iter().map(name));
        match page.next {
            Some(next) => cursor = format!("&_cursor={next}"),
            None => break,
        }
    }
    with.sort();
    with.dedup();
    (found, with)
}

fn check(store: &Store, url: &str, found: &[&str], with: &[&str]) {
    let (a, b) = all(store, url);
    assert_eq!((a.as_slice(), b.as_slice()), (&owned(found)[..], &owned(with)[..]), "{url}");
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn everything_about_a_patient_comes_with_what_it_refers_to() {
    let store = ward();
    let own = ["ann", "visit", "one", "two", "three", "weight"];
    for count in ["", "_count=1", "_count=4"] {
        check(&store, &format!("Patient/ann/$everything?{count}"), &own, &["doc"]);
    }
    check(&store, "Patient/bob/$everything?", &["bob"], &[]);
    let (found, _) = all(&store, "Patient/$everything?_count=2");
    assert!(own.iter().chain(&["bob"]).all(|name| found.iter().any(|one| one == name)));
    assert!(!found.iter().any(|name| name == "doc" || name == "stranger"), "{found:?}");
    let march = "Patient/ann/$everything?start=2026-03-02&end=2026-03-02";
    check(&store, march, &["ann", "three"], &["doc"]);
    check(&store, "Patient/ann/$everything?_type=Observation&end=2026", &own[2..], &[]);
    let some = "Patient/ann/$everything?_type=Encounter,Practitioner";
    check(&store, some, &["visit"], &[]);
    check(&store, "Patient/ann/$everything?_since=2999-01-01", &[], &[]);
    let visit = ["visit", "one", "two", "three", "weight"];
    check(&store, "Encounter/visit/$everything?_count=2", &visit, &["ann", "doc"]);
}

#[test]
fn what_is_asked_must_be_readable_and_there() {
    let store = ward();
    for (url, category) in [
        ("Patient/nobody/$everything?", Category::NotFound),
        ("Encounter/nobody/$everything?", Category::NotFound),
        ("Patient/ann/$everything?start=soon", Category::Invalid),
        ("Patient/ann/$everything?_type=Nothing", Category::Invalid),
        ("Patient/ann/$everything?code=1", Category::Invalid),
        ("Patient/ann/$everything?_cursor=AAAA", Category::Invalid),
        ("Encounter/visit/$everything?start=2020", Category::Invalid),
        ("Observation/$lastn?", Category::Invalid),
        ("Observation/$lastn?code=hr", Category::Invalid),
        ("Observation/$lastn?patient=ann&max=0", Category::Invalid),
        ("Observation/$lastn?patient=ann&_count=1", Category::Invalid),
        ("Observation/$lastn?patient=ann&_include=*", Category::Invalid),
    ] {
        let failure = store.ask(system(), Interaction::get(url).unwrap()).unwrap_err();
        assert_eq!(failure.category, category, "{url}: {:?}", failure.issues);
    }
    assert!(Interaction::get("Patient/ann/$trace").is_err());
    assert!(Interaction::get("Observation/ann/$lastn").is_err());
}

#[test]
fn the_last_of_each_kind_are_found() {
    let store = ward();
    check(&store, "Observation/$lastn?patient=ann", &["two", "weight"], &[]);
    check(&store, "Observation/$lastn?subject=Patient/ann&max=2", &["two", "three", "weight"], &[]);
    check(&store, "Observation/$lastn?patient=ann&code=hr&max=3", &["two", "three"], &[]);
    check(&store, "Observation/$lastn?patient=bob", &[], &[]);
}

#[test]
fn one_record_names_the_patient() {
    let store = ward();
    let before = store.recorded().len();
    all(&store, "Patient/ann/$everything?_since=2999-01-01");
    let records = store.recorded();
    let [record] = &records[before..] else { panic!("one record") };
    assert_eq!((&*record.interaction, record.status), ("$everything", 200));
    assert_eq!(record.patients, [id("ann")], "though nothing of theirs was found");
}

#[test]
fn parameters_come_in_a_body_as_well() {
    let store = ward();
    let body = r#"{"resourceType":"Parameters","parameter":[
        {"name":"_type","valueCode":"Observation"},{"name":"end","valueDate":"2025-12-31"}]}"#;
    let mut asked = crate::Operation::search("Patient", Some(id("ann")), "$everything", Vec::new());
    asked.as_mut().unwrap().body = Arc::from(body.as_bytes());
    let asked = Interaction::Operation(Box::new(asked.unwrap()));
    let Ok(Answer::Page(page)) = store.ask(system(), asked) else { panic!("no page") };
    assert_eq!((page.total, &*page.query), (Some(1), "end=2025-12-31&_type=Observation"));
}
