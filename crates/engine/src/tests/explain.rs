//! `$explain-access`: what is told of a decision is the decision, and nobody is told of others'.

use crate::operation::{OPERATIONS, Operation};

use super::*;

pub(super) fn operation(name: &str, on: Option<&str>, body: &str) -> Interaction {
    let signature = OPERATIONS.iter().find(|o| o.name() == name).unwrap();
    let body = Arc::from(body.as_bytes());
    let id = on.map(super::id);
    Interaction::Operation(Box::new(Operation { signature, id, params: Vec::new(), body }))
}

fn feed() -> Arc<Subject> {
    subject(Principal::Device(id("feed")), Role::Integration)
}

pub(super) fn officer() -> Arc<Subject> {
    let officer = subject(Principal::Practitioner(id("po")), Role::PrivacyOfficer);
    Arc::new(Subject { purpose: Purpose::Hoperat, ..(*officer).clone() })
}

/// Somebody as parameters describe them.
pub(super) fn who(of: &Subject) -> String {
    let organization = of.organization.as_ref().map(|id| {
        format!(
            r#"{{"name":"organization","valueReference":{{"reference":"Organization/{id}"}}}},"#
        )
    });
    format!(
        r#"{}{{"name":"role","valueCode":"{}"}},
           {{"name":"subject","valueReference":{{"reference":"{}"}}}}"#,
        organization.unwrap_or_default(),
        of.role.code(),
        of.reference()
    )
}

fn asking(resource: &str, of: &Subject) -> Interaction {
    let body = format!(
        r#"{{"resourceType":"Parameters","parameter":[
            {{"name":"resource","valueReference":{{"reference":"{resource}"}}}},{}]}}"#,
        who(of)
    );
    operation("$explain-access", None, &body)
}

pub(super) fn explained(store: &Store, resource: &str, of: &Subject) -> serde_json::Value {
    let Ok(Answer::Resource(text)) = store.ask(officer(), asking(resource, of)) else {
        panic!("{resource}: not explained")
    };
    serde_json::from_str(&text).unwrap()
}

/// The verdict, and the layer that denies.
fn verdict(told: &serde_json::Value) -> (String, Vec<String>) {
    let parts = told["parameter"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let verdict = parts.iter().find(|p| p["name"] == "verdict").unwrap();
    let layers = parts.iter().filter(|p| p["name"] == "layer");
    let denying = layers.filter(|p| p["part"][1]["valueCode"] == "deny");
    let denying = denying.map(|p| text(&p["part"][0]["valueCode"])).collect();
    (text(&verdict["valueCode"]), denying)
}

const CONSENT: &str = r#"{"resourceType":"Consent","id":"c","status":"active",
    "scope":{"coding":[{"code":"patient-privacy"}]},"category":[{"text":"privacy"}],
    "patient":{"reference":"Patient/p"},"policyRule":{"text":"own"},"provision":{"type":"deny",
    "securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"HIV"}]}}"#;
const SEAL: &str = r#"{"resourceType":"Consent","id":"s","status":"active",
    "meta":{"profile":["urn:accord:profile:seal"]},"scope":{"coding":[{"code":"patient-privacy"}]},
    "category":[{"text":"locked"}],"patient":{"reference":"Patient/p"},
    "policyRule":{"text":"own"},"provision":{"actor":[{"role":{"text":"team"},
    "reference":{"reference":"Practitioner/holder"}}]}}"#;
const REFERRAL: &str = r#"{"resourceType":"ServiceRequest","id":"sr","status":"active",
    "intent":"order","authoredOn":"2026-11-01","subject":{"reference":"Patient/p"},
    "performer":[{"reference":"Practitioner/visitor"}]}"#;

fn people() -> Vec<Arc<Subject>> {
    let at = |name: &str, role| subject(Principal::Practitioner(id(name)), role);
    let paying = Subject { purpose: Purpose::Hpaymt, ..(*at("pay", Role::Payor)).clone() };
    let admin = Subject { purpose: Purpose::Hoperat, ..(*at("ad", Role::Administrator)).clone() };
    let patient = Subject {
        principal: Principal::Patient(id("p")),
        role: Role::Patient,
        organization: None,
        purpose: Purpose::Patrqt,
        ..(*at("p", Role::Patient)).clone()
    };
    vec![
        at("dr", Role::Clinician),
        at("visitor", Role::Clinician),
        at("holder", Role::Clinician),
        at("ph", Role::Pharmacist),
        at("re", Role::Registration),
        feed(),
        officer(),
        Arc::new(paying),
        Arc::new(admin),
        Arc::new(patient),
    ]
}

#[test]
fn what_is_explained_is_what_is_answered() {
    let store = Store::with_patient();
    let resources = ["Patient/p", "Observation/plain", "Observation/hiv", "Encounter/e"];
    let mut denied = 0;
    let changes: [Option<(&str, &str, &str)>; 4] = [
        None,
        Some(("Consent", "c", CONSENT)),
        Some(("ServiceRequest", "sr", REFERRAL)),
        Some(("Consent", "s", SEAL)),
    ];
    for change in changes {
        if let Some((kind, name, body)) = change {
            store.put(feed(), kind, name, body).unwrap();
        }
        for person in people() {
            for resource in resources {
                let (kind, name) = resource.split_once('/').unwrap();
                let sees = store.sees(person.clone(), kind, name);
                let told = explained(&store, resource, &person);
                let (verdict, denying) = verdict(&told);
                let who = person.reference();
                assert_eq!(verdict == "permit", sees, "{who} {resource}: {told}");
                assert_eq!(denying.is_empty(), sees, "{who} {resource}: {told}");
                denied += u32::from(!sees);
            }
        }
    }
    assert!(denied > 40, "{denied}");
}

#[test]
fn the_facts_that_decide_are_named_with_their_versions() {
    let store = Store::with_patient();
    store.put(feed(), "Consent", "c", CONSENT).unwrap();
    let people = people();
    let told = explained(&store, "Observation/plain", &people[0]).to_string();
    assert!(told.contains("Encounter/e/_history/1"), "{told}");
    let told = explained(&store, "Observation/hiv", &people[0]);
    assert_eq!(verdict(&told), ("deny".to_owned(), vec!["L6".to_owned()]));
    let told = told.to_string();
    assert!(told.contains("Consent/c/_history/1") && told.contains("Consent.provision"), "{told}");
    store.put(feed(), "Consent", "s", SEAL).unwrap();
    let told = explained(&store, "Observation/plain", &people[0]);
    assert_eq!(verdict(&told), ("deny".to_owned(), vec!["L7".to_owned()]));
    assert!(told.to_string().contains("Consent/s/_history/1"), "{told}");
    let record = store.recorded().pop().unwrap();
    assert_eq!(record.interaction, "$explain-access");
    assert_eq!(record.decision.rules, ["directory", "explained"]);
    assert_eq!(record.patients, [id("p")]);
}

#[test]
fn explanations_are_for_those_responsible_and_about_their_own() {
    let store = Store::with_patient();
    let doctor = people()[0].clone();
    for person in people().iter().filter(|person| person.role != Role::PrivacyOfficer) {
        let failure = store.ask(person.clone(), asking("Observation/plain", &doctor));
        assert_eq!(failure.unwrap_err().category, Category::Forbidden, "{}", person.reference());
    }
    // Of another organisation's records it is told as little as of what is not there.
    let elsewhere =
        Arc::new(Subject { organization: Some(id("elsewhere")), ..(*officer()).clone() });
    let theirs = Arc::new(Subject { organization: Some(id("elsewhere")), ..(*doctor).clone() });
    let hidden = store.ask(elsewhere.clone(), asking("Observation/plain", &theirs)).unwrap_err();
    let absent = store.ask(elsewhere, asking("Observation/none", &theirs)).unwrap_err();
    assert_eq!((hidden.category, hidden.issues), (absent.category, absent.issues));
    let foreign = store.ask(officer(), asking("Observation/plain", &theirs)).unwrap_err();
    assert_eq!(foreign.category, Category::Forbidden);
    assert!(store.ask(system(), asking("Observation/plain", &theirs)).is_ok());
}

#[test]
fn parameters_that_say_too_little_are_refused() {
    let store = Store::with_patient();
    let body =
        |parameters: &str| format!(r#"{{"resourceType":"Parameters","parameter":[{parameters}]}}"#);
    let role = r#"{"name":"role","valueCode":"clinician"}"#;
    for parameters in [
        r#"{"name":"surprise","valueCode":"x"}"#.to_owned(),
        r#"{"name":"role","valueCode":"system"}"#.to_owned(),
        r#"{"name":"role","valueCode":"wizard"}"#.to_owned(),
        format!(r#"{role},{{"name":"resource","valueString":"nowhere"}}"#),
    ] {
        let asked = operation("$explain-access", None, &body(&parameters));
        let failure = store.ask(system(), asked).unwrap_err();
        assert_eq!(failure.category, Category::Invalid, "{parameters}");
    }
}

#[test]
fn what_was_decided_is_told_from_the_records() {
    let store = Store::with_patient();
    let doctor = people()[0].clone();
    assert!(store.sees(doctor.clone(), "Observation", "plain"));
    store.put(feed(), "Consent", "c", &CONSENT.replace("\"HIV\"", "\"PSY\"")).unwrap();
    let at = |at: &str, resource: &str| {
        let body = format!(
            r#"{{"resourceType":"Parameters","parameter":[{{"name":"at","valueDateTime":"{at}"}},
                {{"name":"resource","valueReference":{{"reference":"{resource}"}}}},{}]}}"#,
            who(&doctor)
        );
        store.ask(officer(), operation("$explain-access", None, &body))
    };
    let today = NOW.to_string();
    let today = today.split('T').next().unwrap();
    let told = |resource: &str| match at(today, resource) {
        Ok(Answer::Resource(text)) => {
            let told: serde_json::Value = serde_json::from_str(&text).unwrap();
            told["parameter"].as_array().unwrap().clone()
        }
        other => panic!("{other:?}"),
    };
    // The same patient's other resources as well: their data was shown.
    for resource in ["Observation/plain", "Observation/hiv"] {
        let parts = told(resource);
        let decisions: Vec<_> = parts.iter().filter(|part| part["name"] == "decision").collect();
        assert_eq!(decisions.len(), 1, "{parts:?}");
        let decision = decisions[0].to_string();
        assert!(decision.contains("\"read\"") && decision.contains("\"permit\""), "{decision}");
        assert!(decision.contains("\"relationship\""), "{decision}");
        assert!(parts.iter().any(|part| part["name"] == "remark"));
    }
    let Ok(Answer::Resource(text)) = at("2020-01-01", "Observation/plain") else { panic!() };
    assert!(!text.contains("decision\""), "{text}");
    assert_eq!(at("soon", "Observation/plain").unwrap_err().category, Category::Unprocessable);
    assert_eq!(at(today, "Observation/none").unwrap_err().category, Category::NotFound);
}
