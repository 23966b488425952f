//! Consents about codes and about what refers to what: right whichever is written first, after
//! changes and deletions, and for older versions.

use super::consents::{clinician, consent, feed};
use super::*;

const STAY: &str = r#"{"meaning":"related","reference":{"reference":"Encounter/stay"}}"#;
const TEST: &str = r#"{"meaning":"dependents","reference":{"reference":"Observation/test"}}"#;
const CODE: &str = r#"{"coding":[{"system":"http://snomed.info/sct","code":"38341003"}]}"#;

fn deny(element: &str, what: &str) -> String {
    consent(&format!(r#"{{"type":"deny","{element}":[{what}]}}"#))
}

/// A resource of the patient; `more` are further members.
fn resource(kind: &str, name: &str, more: &str) -> String {
    let must = match kind {
        "Encounter" => r#","status":"planned","class":{"code":"IMP"}"#,
        "Observation" => r#","status":"final","code":{"text":"x"}"#,
        "DiagnosticReport" => r#","status":"final","code":{"text":"x"}"#,
        "Composition" => {
            r#","status":"final","type":{"text":"x"},"date":"2026","title":"x","author":[{"display":"x"}]"#
        }
        "Basic" => r#","code":{"text":"x"}"#,
        other => panic!("{other}"),
    };
    format!(
        r#"{{"resourceType":"{kind}","id":"{name}"{must},"subject":{{"reference":"Patient/p"}}{more}}}"#
    )
}

/// One that refers to others where no search parameter looks.
fn referring(name: &str, to: &[&str]) -> String {
    let one = |to: &&str| format!(r#"{{"url":"urn:x","valueReference":{{"reference":"{to}"}}}}"#);
    let all: Vec<String> = to.iter().map(one).collect();
    let nothing = r#"{"url":"urn:x","valueString":"x"}"#.to_owned();
    let all = if all.is_empty() { nothing } else { all.join(",") };
    resource("Basic", name, &format!(r#","extension":[{all}]"#))
}

fn coded(name: &str, code: &str) -> String {
    // Where no search parameter looks.
    let coding = format!(
        r#","extension":[{{"url":"urn:x","valueCoding":{{"system":"http://snomed.info/sct","code":"{code}"}}}}]"#
    );
    resource("Basic", name, &coding)
}

impl Store {
    fn keep(&self, body: &str) {
        let resource: serde_json::Value = serde_json::from_str(body).unwrap();
        let text = |name: &str| resource[name].as_str().unwrap().to_owned();
        self.put(feed(), &text("resourceType"), &text("id"), body).unwrap();
    }

    fn delete(&self, kind: &str, name: &str) {
        let resource_type = ResourceType::from_name(kind).unwrap();
        self.ask(feed(), Interaction::Delete { resource_type, id: id(name), if_match: None })
            .unwrap();
    }

    /// Which of these the clinician sees.
    fn seen<'a>(&self, names: &[&'a str]) -> Vec<&'a str> {
        let sees = |name: &&&str| {
            let (kind, name) = name.split_once('/').unwrap();
            self.sees(clinician(), kind, name)
        };
        names.iter().filter(sees).copied().collect()
    }

    fn version_is_seen(&self, kind: &str, name: &str, version: u32) -> bool {
        let resource_type = ResourceType::from_name(kind).unwrap();
        self.ask(clinician(), Interaction::Vread { resource_type, id: id(name), version }).is_ok()
    }
}

#[test]
fn a_code_counts_wherever_it_stands_and_whenever_it_is_written() {
    let store = Store::with_patient();
    let in_search = resource("Observation", "found", &format!(r#","category":[{CODE}]"#));
    store.keep(&coded("before", "38341003"));
    store.keep(&coded("narrower", "383410031"));
    store.keep(&in_search);
    let all = ["Basic/before", "Basic/after", "Basic/narrower", "Observation/found"];
    assert_eq!(store.seen(&all), [all[0], all[2], all[3]]);
    store.keep(&deny("code", CODE));
    assert_eq!(store.seen(&all), [all[2]]);
    store.keep(&coded("after", "38341003"));
    assert_eq!(store.seen(&all), [all[2]]);
    // A new version without it: the old one is as closed as it was.
    store.keep(&coded("before", "1"));
    assert_eq!(store.seen(&all), [all[0], all[2]]);
    assert!(!store.version_is_seen("Basic", "before", 1));
    assert!(store.version_is_seen("Basic", "before", 2));
    // And one with it closes those before.
    store.keep(&coded("narrower", "38341003"));
    assert!(!store.version_is_seen("Basic", "narrower", 1));
    store.delete("Basic", "after");
    assert!(store.sees(feed(), "Basic", "before"));
    store.keep(&consent(&format!(r#"{{"type":"permit","code":[{CODE}]}}"#)));
    assert_eq!(store.seen(&all), ["Basic/narrower", "Observation/found"]);
}

#[test]
fn what_is_related_to_an_encounter_is_one_step_away_either_way() {
    let store = Store::with_patient();
    store.keep(&deny("data", STAY));
    let all = ["Basic/to", "Basic/from", "Basic/two", "Encounter/stay", "Observation/plain"];
    store.keep(&referring("to", &["Encounter/stay"]));
    store.keep(&referring("two", &["Basic/to"]));
    store.keep(&referring("from", &[]));
    assert_eq!(store.seen(&all), ["Basic/from", "Basic/two", "Observation/plain"]);
    // The encounter refers to another: either is written first.
    let about = |to| format!(r#"{{"url":"urn:x","valueReference":{{"reference":"{to}"}}}}"#);
    let both = [about("Basic/from"), about("Observation/plain")].join(",");
    let refers = format!(r#","extension":[{both}]"#);
    store.keep(&resource("Encounter", "stay", &refers));
    assert_eq!(store.seen(&all), ["Basic/two"]);
    store.keep(&resource("Encounter", "stay", ""));
    assert_eq!(store.seen(&all), ["Basic/from", "Basic/two", "Observation/plain"]);
    store.keep(&resource("Encounter", "stay", &refers));
    // A deleted encounter is still what it was about.
    store.delete("Encounter", "stay");
    assert_eq!(store.seen(&all), ["Basic/two"]);
    store.keep(&referring("to", &[]));
    assert_eq!(store.seen(&all), ["Basic/to", "Basic/two"]);
    assert!(!store.version_is_seen("Basic", "to", 1));
}

#[test]
fn what_depends_is_found_through_others_of_the_patient() {
    let parts = Store::parts();
    let store = Store::with(parts.clone(), AnswerLimits::default()).filled();
    store.keep(&referring("last", &["Basic/middle"]));
    store.keep(&deny("data", TEST));
    let all = ["Basic/last", "Basic/middle", "Observation/test", "Basic/other"];
    store.keep(&referring("other", &["Patient/p"]));
    assert_eq!(store.seen(&all), ["Basic/last", "Basic/other"]);
    store.keep(&referring("middle", &["Observation/test"]));
    assert_eq!(store.seen(&all), ["Basic/other"]);
    // What the test refers to does not depend on it.
    let refers = r#","hasMember":[{"reference":"Observation/plain"}]"#;
    store.keep(&resource("Observation", "test", refers));
    assert!(store.sees(clinician(), "Observation", "plain"));
    store.keep(&referring("middle", &[]));
    assert_eq!(store.seen(&all), ["Basic/last", "Basic/middle", "Basic/other"]);
    assert!(!store.version_is_seen("Basic", "middle", 1));
    // In a ring, and deleted.
    store.keep(&referring("middle", &["Basic/last", "Observation/test"]));
    store.delete("Basic", "middle");
    assert_eq!(store.seen(&all), ["Basic/other"]);
    store.engine.close();
    let store = Store::with(parts, AnswerLimits::default());
    assert_eq!(store.seen(&all), ["Basic/other"]);
    // One that does not name the patient is no step on the way.
    let stranger = r#"{"resourceType":"Basic","id":"middle","code":{"text":"x"},"extension":[
        {"url":"urn:x","valueReference":{"reference":"Observation/test"}}]}"#;
    let failure = store.put(feed(), "Basic", "middle", stranger);
    assert!(failure.is_err(), "a feed does not take patients away");
    store.put(system(), "Basic", "middle", stranger).unwrap();
    assert_eq!(store.seen(&all), ["Basic/last", "Basic/other"]);
}

#[test]
fn writes_are_decided_on_what_they_refer_to_and_hold() {
    let store = Store::with_patient();
    store.keep(&resource("Encounter", "stay", ""));
    store.keep(&resource("Observation", "test", ""));
    store.keep(&referring("middle", &["Observation/test"]));
    store.keep(&coded("free", "1"));
    let create = |body: &str| {
        let interaction = Interaction::Create {
            resource_type: ResourceType::from_name("Basic").unwrap(),
            body: Arc::from(body.as_bytes()),
            if_none_exist: None,
        };
        store.ask(clinician(), interaction).is_ok()
    };
    let plain = referring("new", &[]);
    for (provision, closed) in [
        (deny("data", STAY), referring("new", &["Encounter/stay"])),
        (deny("data", TEST), referring("new", &["Basic/middle"])),
        (deny("code", CODE), coded("new", "38341003")),
    ] {
        store.keep(&provision);
        assert!(!create(&closed), "{provision}");
        assert!(create(&plain), "{provision}");
        let update = |body: &str| store.put(clinician(), "Basic", "free", body).is_ok();
        assert!(!update(&closed.replace("\"new\"", "\"free\"")));
        assert!(update(&plain.replace("\"new\"", "\"free\"")));
        // The other way round: a permit of nothing else.
        store.keep(&provision.replace(r#""type":"deny""#, r#""type":"permit""#));
        assert!(create(&closed) && !create(&plain), "{provision}");
        store.keep(&consent(r#"{"type":"permit"}"#));
    }
}

#[test]
fn explanations_and_previews_tell_of_them() {
    let store = Store::with_patient();
    store.keep(&referring("to", &["Encounter/stay"]));
    store.keep(&coded("coded", "38341003"));
    for (draft, hidden) in [(deny("data", STAY), "Basic/to"), (deny("code", CODE), "Basic/coded")] {
        let seen = ["Basic/to", "Basic/coded"].into_iter().find(|name| *name != hidden).unwrap();
        let told = super::preview::counted(&store, &draft);
        assert_eq!(told.iter().find(|(kind, ..)| kind == "Basic").unwrap().2, 1);
        store.keep(&draft);
        for (name, verdict) in [(hidden, "deny"), (seen, "permit")] {
            let told = super::explain::explained(&store, name, &clinician());
            assert_eq!(told["parameter"][0]["valueCode"], verdict, "{name}");
            let text = told.to_string();
            assert!(!text.contains("remark"), "{text}");
            assert_eq!(text.contains("\"Consent.provision\""), verdict == "deny", "{text}");
        }
    }
}
