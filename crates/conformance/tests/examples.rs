//! The example resources of R4 come back as they were sent, token for token.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

use std::sync::Arc;

use accord_base::{LogTime, Subject};
use accord_conformance::{Store, archive, id};
use accord_engine::{Answer, BundleOptions, Category, Interaction, Version};
use accord_spec::ResourceType;
use serde_json::Value;

/// Examples that break the specification; `docs/conformance-notes.md` gives the reasons.
const REFUSED: [&str; 7] = [
    "Bundle-b0a5e4277-83c4-4adb-87e2-e3efe3369b6f.json",
    "DeviceMetric-example.json",
    "DeviceUseStatement-example.json",
    "ImplementationGuide-fhir.json",
    "MedicationRequest-medrx0301.json",
    "Observation-clinical-gender.json",
    "Questionnaire-qs1.json",
];

/// Active consents that cannot be enforced as they stand: refused unless the operator imports them,
/// which puts their patient on hold.
const UNENFORCEABLE: [&str; 7] = [
    "Consent-consent-example-Emergency.json",
    "Consent-consent-example-Out.json",
    "Consent-consent-example-grantor.json",
    "Consent-consent-example-notAuthor.json",
    "Consent-consent-example-notThis.json",
    "Consent-consent-example-pkb.json",
    "Consent-consent-example-signature.json",
];

/// The tokens of a JSON text: numbers and everything else as written, without what the server
/// owns. `serde_json` keeps the order of members and the text of numbers here.
fn tokens(text: &[u8]) -> Value {
    let mut value: Value = serde_json::from_slice(text).unwrap();
    let object = value.as_object_mut().unwrap();
    object.shift_remove("id");
    if let Some(meta) = object.get_mut("meta").and_then(Value::as_object_mut) {
        meta.shift_remove("versionId");
        meta.shift_remove("lastUpdated");
        if meta.is_empty() {
            object.shift_remove("meta");
        }
    }
    value
}

/// The members in order, which `==` of objects does not compare.
fn text(value: &Value) -> String {
    let mut members = value.clone();
    // Where the server adds `meta` it stands where it chooses: its place is compared only by what
    // is in it.
    let meta = members.as_object_mut().unwrap().shift_remove("meta");
    format!("{members}{}", meta.unwrap_or_default())
}

fn create(kind: ResourceType, body: &[u8]) -> Interaction {
    Interaction::Create { resource_type: kind, body: Arc::from(body), if_none_exist: None }
}

fn update(kind: ResourceType, resource: &str, body: &[u8]) -> Interaction {
    Interaction::Update {
        resource_type: kind,
        id: id(resource),
        body: Arc::from(body),
        if_match: None,
    }
}

/// Stores an example as an import does.
fn import(store: &Store, who: &Arc<Subject>, kind: ResourceType, body: &[u8]) -> Version {
    let resource = std::str::from_utf8(body).unwrap();
    let text = format!(
        r#"{{"resourceType":"Bundle","type":"transaction","entry":[
            {{"resource":{resource},"request":{{"method":"POST","url":"{}"}}}}]}}"#,
        kind.name()
    );
    let options = BundleOptions { skip_unchanged: true, ..BundleOptions::default() };
    let body = Arc::from(text.as_bytes());
    let Ok(Answer::Bundle { entries, .. }) = store.ask(who, Interaction::Bundle { body, options })
    else {
        panic!("not imported");
    };
    match entries.into_iter().next() {
        Some(Ok(Answer::Created(version))) => version,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_examples_come_back_token_for_token() {
    let Some(examples) = archive::read("fhir/r4-examples.tar.zst", usize::MAX) else { return };
    assert_eq!(examples.len(), 864);
    let store = Store::new(1, LogTime(1_780_000_000_000_000), 64);
    let system = Arc::new(Subject::system("examples"));
    let (mut refused, mut unenforceable) = (Vec::new(), Vec::new());
    for (at, (name, body)) in examples.iter().enumerate() {
        let sent: Value = serde_json::from_slice(body).unwrap();
        let kind = ResourceType::from_name(sent["resourceType"].as_str().unwrap()).unwrap();
        let own = sent["id"].as_str().filter(|_| at % 2 == 0);
        let interaction = match own {
            Some(own) => update(kind, own, body),
            None => create(kind, body),
        };
        let stored = match store.ask(&system, interaction) {
            Ok(Answer::Created(version) | Answer::Updated(version)) => version,
            Err(failure) if failure.issues[0].diagnostics.contains("cannot be enforced") => {
                unenforceable.push(name.as_str());
                import(&store, &system, kind, body)
            }
            Err(failure) if failure.category == Category::Unprocessable => {
                refused.push(name.as_str());
                continue;
            }
            other => panic!("{name}: {other:?}"),
        };
        let url = format!("{}/{}", kind.name(), stored.id);
        let Ok(Answer::Read(read)) = store.ask(&system, Interaction::get(&url).unwrap()) else {
            panic!("{name}: not read back");
        };
        assert_eq!(read.body, stored.body, "{name}");
        let served: Value = serde_json::from_slice(read.body.as_bytes()).unwrap();
        assert_eq!(served["id"].as_str(), Some(stored.id.as_str()), "{name}");
        assert_eq!(served["meta"]["versionId"].as_str(), Some("1"), "{name}");
        let (sent, served) = (text(&tokens(body)), text(&tokens(read.body.as_bytes())));
        assert_eq!(sent, served, "{name}");
    }
    refused.sort_unstable();
    unenforceable.sort_unstable();
    assert_eq!(unenforceable, UNENFORCEABLE);
    assert_eq!(refused, REFUSED);
    println!("{} examples came back, {} refused", examples.len() - REFUSED.len(), REFUSED.len());
}
