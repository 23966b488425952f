//! `Patient/$trace`: one person, by what only somebody with them knows.

use crate::operation::{OPERATIONS, Operation};

use super::*;

const ADA: &str = r#"{"resourceType":"Patient","id":"ada","identifier":[{"system":"https://ids","value":"9 | 4"}],
    "name":[{"family":"Byron","given":["Ada","Augusta"]}],"birthDate":"1815-12-10","gender":"female",
    "address":[{"postalCode":"sw1y 4jh","line":["12 St James's Square"]}]}"#;

fn registrar() -> Arc<Subject> {
    subject(Principal::Practitioner(id("desk")), Role::Registration)
}

fn store() -> Store {
    let store = Store::new();
    put(&store, ResourceType::PATIENT, "ada", ADA);
    store
}

fn put(store: &Store, resource_type: ResourceType, name: &str, body: &str) {
    let (id, body) = (id(name), Arc::from(body.as_bytes()));
    let interaction = Interaction::Update { resource_type, id, body, if_match: None };
    store.ask(system(), interaction).unwrap();
}

fn trace(parameters: &[(&str, &str)]) -> Interaction {
    let parameter = |(name, value): &(&str, &str)| format!(r#"{{"name":"{name}",{value}}}"#);
    let parameters: Vec<String> = parameters.iter().map(parameter).collect();
    let body = format!(r#"{{"resourceType":"Parameters","parameter":[{}]}}"#, parameters.join(","));
    let signature = OPERATIONS.iter().find(|o| o.name() == "$trace").unwrap();
    let body = Arc::from(body.as_bytes());
    Interaction::Operation(Box::new(Operation { signature, id: None, params: Vec::new(), body }))
}

const BORN: (&str, &str) = ("birthDate", r#""valueDate":"1815-12-10""#);
const NUMBER: (&str, &str) =
    ("identifier", r#""valueIdentifier":{"system":"https://ids","value":"9 | 4"}"#);

fn found(store: &Store, who: Arc<Subject>, parameters: &[(&str, &str)]) -> bool {
    match store.ask(who, trace(parameters)) {
        Ok(Answer::Resource(text)) if text.contains("Patient/ada") => {
            assert!(!text.contains("postalCode") && !text.contains("9 | 4"), "{text}");
            true
        }
        Ok(Answer::Resource(text)) => {
            assert_eq!(text, r#"{"resourceType":"Parameters"}"#);
            false
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_finds_by_number_or_by_name_and_address_and_only_exactly() {
    let store = store();
    let named = |family: &str, given: &str, code: &str| {
        let text = |value: &str| format!(r#""valueString":"{value}""#);
        let (family, given, code) = (text(family), text(given), text(code));
        let parameters = [BORN, ("family", &*family), ("given", &*given), ("postalCode", &*code)];
        found(&store, registrar(), &parameters)
    };
    assert!(found(&store, registrar(), &[BORN, NUMBER]));
    assert!(named("byron", "ADA", "SW1Y4JH") && named("Byron", "Augusta", "sw1y 4jh"));
    assert!(!named("Byr", "Ada", "SW1Y 4JH") && !named("Byron", "A", "SW1Y 4JH"));
    assert!(!named("Byron", "Ada", "SW1Y"));
    let other = ("birthDate", r#""valueDate":"1815-12-11""#);
    assert!(!found(&store, registrar(), &[other, NUMBER]));
}

#[test]
fn too_little_is_refused_and_so_is_what_is_no_parameter() {
    let store = store();
    let year = ("birthDate", r#""valueDate":"1815""#);
    let family = ("family", r#""valueString":"Byron""#);
    let other = ("gender", r#""valueCode":"female""#);
    for parameters in
        [&[BORN] as &[_], &[NUMBER], &[year, NUMBER], &[BORN, family], &[BORN, NUMBER, other]]
    {
        let failure = store.ask(registrar(), trace(parameters)).unwrap_err();
        assert_eq!(failure.category, Category::Invalid, "{parameters:?}");
    }
}

#[test]
fn two_matches_are_none() {
    let store = store();
    put(&store, ResourceType::PATIENT, "twin", &ADA.replace("\"ada\"", "\"twin\""));
    assert!(!found(&store, registrar(), &[BORN, NUMBER]));
}

#[test]
fn whoever_denies_the_asker_is_not_found() {
    let store = store();
    let consent = r#"{"resourceType":"Consent","id":"c","status":"active",
        "scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope",
            "code":"patient-privacy"}]},
        "category":[{"text":"privacy"}],"patient":{"reference":"Patient/ada"},
        "policyRule":{"text":"opt-out"},
        "provision":{"type":"deny","actor":[{"role":{"text":"whoever"},
            "reference":{"reference":"Organization/new-hospital"}}]}}"#;
    put(&store, ResourceType::CONSENT, "c", consent);
    assert!(!found(&store, registrar(), &[BORN, NUMBER]));
}

#[test]
fn only_those_who_meet_people_may_and_each_only_so_often() {
    let store = store();
    let patient = Arc::new(Subject {
        organization: None,
        purpose: Purpose::Patrqt,
        ..(*subject(Principal::Patient(id("eve")), Role::Patient)).clone()
    });
    let refused = store.ask(patient, trace(&[BORN, NUMBER])).unwrap_err();
    assert_eq!(refused.category, Category::Forbidden);
    let clinician = || subject(Principal::Practitioner(id("dr")), Role::Clinician);
    for _ in 0..30 {
        assert!(found(&store, clinician(), &[BORN, NUMBER]));
    }
    let refused = store.ask(clinician(), trace(&[BORN, NUMBER])).unwrap_err();
    assert_eq!(refused.category, Category::Busy);
    assert!(found(&store, registrar(), &[BORN, NUMBER]), "others go on");
}

#[test]
fn a_trace_gives_no_access_and_is_recorded_with_what_was_asked() {
    let store = store();
    let clinician = || subject(Principal::Practitioner(id("dr")), Role::Clinician);
    assert!(found(&store, clinician(), &[BORN, NUMBER]));
    let read = Interaction::Read {
        resource_type: ResourceType::PATIENT,
        id: id("ada"),
        if_none_match: None,
        if_modified_since: None,
    };
    assert_eq!(store.ask(clinician(), read).unwrap_err().category, Category::NotFound);
    let record = &store.recorded()[0];
    assert_eq!(record.interaction, "$trace");
    assert_eq!(record.patients, [id("ada")]);
    assert!(String::from_utf8_lossy(&record.query).contains("1815-12-10"));
}
