//! `$validate`: what is told, of what, to whom; nothing is stored.

use serde_json::Value;

use crate::operation::{OPERATIONS, Operation};

use super::consents::feed;
use super::*;

const HIDDEN: &str = r#"{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},
    "subject":{"reference":"Patient/p"}}"#;

fn ask(path: &str, query: &str, body: &str) -> Interaction {
    let parts: Vec<&str> = path.split('/').collect();
    let (on, name) = match parts.as_slice() {
        [on] => (*on, None),
        [on, name] => (*on, Some(id(name))),
        _ => panic!("{path}"),
    };
    let fits = |o: &&crate::Signature| {
        o.on == on && o.name() == "$validate" && o.instance == name.is_some()
    };
    let signature = OPERATIONS.iter().find(fits).unwrap();
    let (params, body) = (crate::url::pairs(query), Arc::from(body.as_bytes()));
    Interaction::Operation(Box::new(Operation { signature, id: name, params, body }))
}

impl Store {
    /// Severities and paths of what is told.
    fn validated(&self, path: &str, query: &str, body: &str) -> Vec<(String, String)> {
        let outcome = self.ask(feed(), ask(path, query, body));
        let Ok(Answer::Resource(text)) = outcome else { panic!("{outcome:?}") };
        let told: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(told["resourceType"], "OperationOutcome");
        let issues = told["issue"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        issues.map(|i| (text(&i["severity"]), text(&i["expression"][0]))).collect()
    }
}

fn told(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(severity, path)| ((*severity).to_owned(), (*path).to_owned())).collect()
}

#[test]
fn all_is_told_at_once() {
    let store = Store::with_patient();
    let sound = r#"{"resourceType":"Basic","code":{"text":"x"},
        "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}}"#;
    assert_eq!(store.validated("Basic", "", sound), told(&[("information", "")]));
    let wrong = r#"{"resourceType":"Patient","gender":"SECRET","contact":[{"gender":"male"}],
        "meta":{"profile":["http://x.org/p","http://hl7.org/fhir/StructureDefinition/Patient"]}}"#;
    let expect = told(&[
        ("error", "Patient.gender"),
        ("error", "Patient.contact[0]"),
        ("warning", "Patient"),
        ("information", "Patient.meta.profile[0]"),
    ]);
    assert_eq!(store.validated("Patient", "", wrong), expect);
    let wrapped = format!(
        r#"{{"resourceType":"Parameters","parameter":[{{"name":"resource","resource":{wrong}}}]}}"#
    );
    assert_eq!(store.validated("Patient", "", &wrapped), expect);
    let other = store.validated("Observation", "", sound);
    assert_eq!(other.last(), Some(&("error".to_owned(), "Basic".to_owned())));
    // Of the resource nothing is kept.
    let record = store.recorded().pop().unwrap();
    assert_eq!((&*record.interaction, record.query.len()), ("$validate", 0));
}

#[test]
fn modes() {
    let store = Store::with_patient();
    let with = |id: &str| {
        format!(
            r#"{{"resourceType":"Patient"{id},"text":{{"status":"empty",
        "div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}}}}"#
        )
    };
    let one = |path, query, body: &str| store.validated(path, query, body).remove(0);
    let pair = |severity: &str, path: &str| (severity.to_owned(), path.to_owned());
    let (bare, named) = (with(""), with(r#","id":"q""#));
    assert_eq!(one("Patient", "mode=create", &named), pair("information", "Patient.id"));
    assert_eq!(one("Patient", "mode=update", &bare), pair("error", "Patient.id"));
    assert_eq!(one("Patient/p", "mode=update", &named), pair("error", "Patient.id"));
    assert_eq!(one("Patient/q", "mode=update", &named), pair("information", ""));
    assert_eq!(one("Patient/p", "mode=delete", ""), pair("information", ""));
    let refused = |path, query, body: &str| store.ask(feed(), ask(path, query, body)).unwrap_err();
    assert_eq!(refused("Patient/q", "mode=delete", "").category, Category::NotFound);
    assert_eq!(refused("Patient", "mode=best", &bare).category, Category::Invalid);
    assert_eq!(refused("Patient", "depth=1", &bare).category, Category::Invalid);
    assert_eq!(refused("Patient", "", "").category, Category::Invalid);
}

#[test]
fn profiles() {
    let store = Store::with_patient();
    let body = r#"{"resourceType":"Patient"}"#;
    let definition = |name: &str| format!("profile=http://hl7.org/fhir/StructureDefinition/{name}");
    for name in ["Patient", "Patient|4.0.1", "Patient|4.0", "DomainResource", "Resource"] {
        assert_eq!(store.validated("Patient", &definition(name), body).len(), 1, "{name}");
    }
    for name in ["Observation", "bmi", "Patient|5.0.0", "Patient.contact"] {
        let failure = store.ask(feed(), ask("Patient", &definition(name), body)).unwrap_err();
        assert_eq!(failure.category, Category::Unsupported, "{name}");
    }
}

#[test]
fn what_is_hidden_is_not_there() {
    let store = Store::with_patient();
    store.put(feed(), "Observation", "o", HIDDEN).unwrap();
    assert_eq!(store.validated("Observation/o", "", "").len(), 1);
    let stranger = || subject(Principal::Patient(id("other")), Role::Patient);
    let stranger = || {
        Arc::new(Subject { purpose: Purpose::Patrqt, organization: None, ..(*stranger()).clone() })
    };
    for query in ["", "mode=delete"] {
        let hidden = store.ask(stranger(), ask("Observation/o", query, "")).unwrap_err();
        let absent = store.ask(stranger(), ask("Observation/none", query, "")).unwrap_err();
        assert_eq!((hidden.category, hidden.issues), (absent.category, absent.issues));
    }
    // With a resource of one's own, whether there is one in the store makes no difference.
    let own = |path| {
        let outcome = store.ask(stranger(), ask(path, "mode=update", HIDDEN));
        let Ok(Answer::Resource(text)) = outcome else { panic!("{outcome:?}") };
        text.contains("\"severity\":\"error\"")
    };
    assert!(!own("Observation/o") && own("Observation/none"));
    // Who may read no observation may not have one validated.
    let officer = subject(Principal::Practitioner(id("dpo")), Role::PrivacyOfficer);
    let officer = Arc::new(Subject { purpose: Purpose::Hoperat, ..(*officer).clone() });
    let failure = store.ask(officer, ask("Observation", "", HIDDEN)).unwrap_err();
    assert_eq!(failure.category, Category::Forbidden);
}
