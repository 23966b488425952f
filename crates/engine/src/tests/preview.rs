//! `Consent/$preview`: what a draft would do is what it does, and nothing is stored.

use super::explain::{operation, who};
use super::*;

fn feed() -> Arc<Subject> {
    subject(Principal::Device(id("feed")), Role::Integration)
}

fn doctor() -> Arc<Subject> {
    subject(Principal::Practitioner(id("dr")), Role::Clinician)
}

fn patient() -> Arc<Subject> {
    let patient = subject(Principal::Patient(id("p")), Role::Patient);
    let purpose = Purpose::Patrqt;
    Arc::new(Subject { purpose, organization: None, ..(*patient).clone() })
}

fn consent(provision: &str) -> String {
    format!(
        r#"{{"resourceType":"Consent","id":"c","status":"active",
            "scope":{{"coding":[{{"code":"patient-privacy"}}]}},
            "category":[{{"text":"privacy"}}],"patient":{{"reference":"Patient/p"}},
            "policyRule":{{"text":"own"}},"provision":{provision}}}"#
    )
}

const DRAFTS: [&str; 5] = [
    r#"{"type":"deny"}"#,
    r#"{"type":"deny","class":[{"system":"http://hl7.org/fhir/resource-types","code":"Encounter"}]}"#,
    r#"{"type":"deny","securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"HIV"}]}"#,
    r#"{"type":"permit","actor":[{"role":{"coding":[{"code":"IRCP"}]},"reference":{"reference":"Practitioner/other"}}]}"#,
    r#"{"type":"deny","actor":[{"role":{"coding":[{"code":"IRCP"}]},"reference":{"reference":"Organization/new-hospital"}}]}"#,
];

fn preview(draft: &str, of: &Subject) -> Interaction {
    let body = format!(
        r#"{{"resourceType":"Parameters","parameter":[
            {{"name":"consent","resource":{draft}}},{}]}}"#,
        who(of)
    );
    operation("$preview", None, &body)
}

/// Of every type: seen now, and under the draft.
fn counts(store: &Store, asker: Arc<Subject>, draft: &str) -> Vec<(String, u64, u64)> {
    let outcome = store.ask(asker, preview(draft, &doctor()));
    let Ok(Answer::Resource(text)) = outcome else { panic!("{outcome:?}") };
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    let parts = told["parameter"].as_array().unwrap().iter();
    let number = |part: &serde_json::Value, at: usize| {
        part["part"][at]["valueUnsignedInt"].as_u64().unwrap()
    };
    let counts = parts.filter(|part| part["name"] == "count");
    let name = |part: &serde_json::Value| part["part"][0]["valueCode"].as_str().unwrap().to_owned();
    counts.map(|part| (name(part), number(part, 1), number(part, 3))).collect()
}

/// The same of what the patient is told.
pub(super) fn counted(store: &Store, draft: &str) -> Vec<(String, u64, u64)> {
    counts(store, patient(), draft)
}

/// What the doctor is answered.
fn seen(store: &Store) -> Vec<(String, u64)> {
    let all =
        [("Encounter", "e"), ("Observation", "hiv"), ("Observation", "plain"), ("Patient", "p")];
    let mut seen: Vec<(String, u64)> = Vec::new();
    for (kind, name) in all {
        let sees = u64::from(store.sees(doctor(), kind, name));
        match seen.last_mut().filter(|(last, _)| last == kind) {
            Some((_, count)) => *count += sees,
            None => seen.push((kind.to_owned(), sees)),
        }
    }
    seen
}

#[test]
fn a_draft_is_told_to_do_what_it_does() {
    for provision in DRAFTS {
        let store = Store::with_patient();
        let before = store.engine.watermark();
        let told = counts(&store, patient(), &consent(provision));
        assert_eq!(store.engine.watermark(), before, "nothing is stored");
        let now: Vec<_> = told.iter().map(|(kind, now, _)| (kind.clone(), *now)).collect();
        assert_eq!(now, seen(&store), "{provision}");
        store.put(feed(), "Consent", "c", &consent(provision)).unwrap();
        let then: Vec<_> = told.iter().map(|(kind, _, then)| (kind.clone(), *then)).collect();
        assert_eq!(then, seen(&store), "{provision}");
        // To lift what is filed, a draft has its id.
        let told =
            counts(&store, patient(), &consent(r#"{"type":"deny","period":{"end":"2020"}}"#));
        let kept = told.iter().filter(|(kind, ..)| kind != "Consent");
        let lifted: Vec<_> = kept.map(|(kind, _, then)| (kind.clone(), *then)).collect();
        assert_eq!(lifted, now, "{provision}");
    }
}

#[test]
fn the_provision_that_would_decide_is_named() {
    let store = Store::with_patient();
    let nested = r#"{"type":"deny","provision":[{"type":"permit","class":[
        {"system":"http://hl7.org/fhir/resource-types","code":"Encounter"}]}]}"#;
    let Ok(Answer::Resource(text)) = store.ask(patient(), preview(&consent(nested), &doctor()))
    else {
        panic!("not previewed")
    };
    assert!(text.contains("\"Consent.provision.provision[0]\""), "{text}");
    assert!(text.contains(r#""draft","valueString":"Consent.provision""#), "{text}");
    assert_eq!(store.recorded().pop().unwrap().interaction, "$preview");
}

#[test]
fn drafts_are_held_to_what_writes_are_held_to() {
    let store = Store::with_patient();
    let impossible = consent(r#"{"type":"deny","code":[{"text":"x"}]}"#);
    let invalid = consent(r#"{"type":"maybe"}"#);
    for draft in [impossible, invalid] {
        let previewed = store.ask(patient(), preview(&draft, &doctor())).unwrap_err();
        let written = store.put(feed(), "Consent", "c", &draft).unwrap_err();
        assert_eq!(previewed.category, written.category);
        let bare = |issues: &[accord_fhir::Issue]| -> Vec<String> {
            let text = |issue: &accord_fhir::Issue| issue.expression.clone().unwrap_or_default();
            issues.iter().map(text).collect()
        };
        // A fault of form is told below the Parameters that the draft came in.
        let ends = |(told, own): (String, String)| {
            told == own || told.ends_with(own.trim_start_matches("Consent"))
        };
        assert!(bare(&previewed.issues).into_iter().zip(bare(&written.issues)).all(ends));
    }
}

#[test]
fn who_acts_for_a_patient_previews_what_they_see_themselves() {
    let store = Store::with_patient();
    let carer = subject(Principal::RelatedPerson(id("carer")), Role::Proxy);
    let carer =
        Arc::new(Subject { purpose: Purpose::Patrqt, organization: None, ..(*carer).clone() });
    let draft = consent(DRAFTS[0]);
    let before = store.ask(carer.clone(), preview(&draft, &doctor())).unwrap_err();
    assert_eq!(before.category, Category::NotFound);
    let leave = r#"{"resourceType":"RelatedPerson","id":"carer","active":true,
        "patient":{"reference":"Patient/p"},"period":{"start":"2026-01-01"}}"#;
    store.put(feed(), "RelatedPerson", "carer", leave).unwrap();
    let told = counts(&store, carer, &draft);
    // What is labelled is not theirs, and not counted.
    let observations = told.iter().find(|(kind, ..)| kind == "Observation").unwrap();
    assert_eq!((observations.1, observations.2), (1, 0), "{told:?}");
}

#[test]
fn previews_are_about_ones_own() {
    let store = Store::with_patient();
    let draft = consent(DRAFTS[0]);
    for who in [doctor(), feed()] {
        let failure = store.ask(who, preview(&draft, &doctor())).unwrap_err();
        assert_eq!(failure.category, Category::Forbidden);
    }
    let other =
        Arc::new(Subject { principal: Principal::Patient(id("q")), ..(*patient()).clone() });
    let hidden = store.ask(other.clone(), preview(&draft, &doctor())).unwrap_err();
    let absent = draft.replace("Patient/p", "Patient/none");
    let absent = store.ask(other, preview(&absent, &doctor())).unwrap_err();
    assert_eq!((hidden.category, hidden.issues), (absent.category, absent.issues));
    // A registrar counts what a registrar sees: no clinical data.
    let registrar = subject(Principal::Practitioner(id("re")), Role::Registration);
    let kinds: Vec<String> =
        counts(&store, registrar, &draft).into_iter().map(|(kind, ..)| kind).collect();
    assert_eq!(kinds, ["Encounter", "Patient"]);
    let counted = counts(&store, super::explain::officer(), &draft);
    assert_eq!(counted.len(), 3, "{counted:?}");
}
