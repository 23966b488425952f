//! What goes with a claim of access, however it is written.

use super::explain::{officer, operation};
use super::*;

fn doctor() -> Arc<Subject> {
    subject(Principal::Practitioner(id("stranger")), Role::Clinician)
}

fn patient() -> Arc<Subject> {
    let patient = subject(Principal::Patient(id("p")), Role::Patient);
    let purpose = Purpose::Patrqt;
    Arc::new(Subject { purpose, organization: None, ..(*patient).clone() })
}

fn search(store: &Store, who: Arc<Subject>, kind: &str, raw: &str) -> Vec<String> {
    let params = crate::url::pairs(raw);
    let resource_type = ResourceType::from_name(kind);
    let search = Interaction::Search { resource_type, params, raw: raw.to_owned(), lenient: false };
    match store.ask(who, search) {
        Ok(Answer::Page(page)) => page.entries.iter().map(|v| v.body.to_string()).collect(),
        Err(failure) if failure.category == Category::Forbidden => Vec::new(),
        other => panic!("{other:?}"),
    }
}

fn claim(reason: &str) -> Interaction {
    let body = format!(r#"{{"resourceType":"Parameters","parameter":[{reason}]}}"#);
    operation("$claim", Some("p"), &body)
}

const REASON: &str = r#"{"name":"reason","valueString":"called in by the ward"}"#;

fn plain() -> Interaction {
    let body = r#"{"resourceType":"Task","status":"requested","intent":"order",
        "meta":{"profile":["urn:accord:profile:access-claim"]},"for":{"reference":"Patient/p"},
        "code":{"coding":[{"system":"urn:accord:codes","code":"self-claim"}]},
        "reasonCode":{"text":"called in by the ward"},
        "requester":{"reference":"Practitioner/stranger"}}"#;
    let resource_type = ResourceType::from_name("Task").unwrap();
    Interaction::Create { resource_type, body: Arc::from(body.as_bytes()), if_none_exist: None }
}

fn in_a_bundle() -> Interaction {
    let Interaction::Create { body, .. } = plain() else { panic!() };
    let task = std::str::from_utf8(&body).unwrap();
    bundle(&format!(
        r#"{{"resourceType":"Bundle","type":"transaction","entry":[
            {{"request":{{"method":"GET","url":"Organization"}}}},
            {{"request":{{"method":"POST","url":"Task"}},"resource":{task}}}]}}"#
    ))
}

#[test]
fn every_claim_is_told_to_patient_and_officers() {
    for asked in [claim(REASON), plain(), in_a_bundle()] {
        let store = Store::with_patient();
        let before = store.engine.watermark();
        store.ask(doctor(), asked).unwrap();
        assert_eq!(store.engine.watermark(), Row(before.0 + 4));
        let profile = |name: &str| format!("_profile=urn:accord:profile:access-{name}");
        let [alert] = &search(&store, officer(), "Task", &profile("alert"))[..] else { panic!() };
        for named in ["Patient", "Practitioner", "stranger", "ward"] {
            assert!(!alert.contains(named), "{alert}");
        }
        let [review] = &search(&store, officer(), "Task", &profile("review"))[..] else { panic!() };
        assert!(review.contains("Patient/p") && review.contains("\"focus\""), "{review}");
        let [notice] = &search(&store, patient(), "Communication", "")[..] else { panic!() };
        assert!(notice.contains("took access") && !notice.contains("stranger"), "{notice}");
        // Those who treat the patient are not told, nor who claimed of more than their claim.
        let other = subject(Principal::Practitioner(id("dr")), Role::Clinician);
        for who in [other, doctor()] {
            assert_eq!(search(&store, who.clone(), "Communication", ""), Vec::<String>::new());
            assert!(search(&store, who, "Task", &profile("alert")).is_empty());
        }
        assert_eq!(search(&store, doctor(), "Task", "").len(), 1);
        let record = store.last_write();
        assert_eq!((record.who.unwrap(), record.patients), (doctor(), vec![id("p")]));
        let claims = store.engine.stats().into_iter().find(|(name, _)| *name == "access_claims");
        assert_eq!(claims.unwrap().1, 1);
    }
}

#[test]
fn a_claim_is_answered_with_its_end() {
    let store = Store::with_patient();
    let reasons = r#"{"name":"reason","valueString":"unconscious"},
        {"name":"reasonCode","valueCoding":{"code":"ETREAT"}}"#;
    let body = format!(r#"{{"resourceType":"Parameters","parameter":[{reasons}]}}"#);
    let glass = operation("$break-glass", Some("p"), &body);
    let Ok(Answer::Resource(text)) = store.ask(doctor(), glass) else { panic!("not claimed") };
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    let part = |at: usize, value: &str| told["parameter"][at][value].clone();
    let ticket = part(1, "valueString").as_str().unwrap().to_owned();
    let claim = part(0, "valueReference")["reference"].as_str().unwrap().to_owned();
    assert_eq!(claim, format!("Task/{ticket}/_history/1"));
    let born = store.engine.index.snapshot().t();
    let until = born.plus_us(4 * 3600 * LogTime::SECOND_US).to_string();
    assert_eq!(part(2, "valueInstant").as_str(), Some(until.as_str()));
    assert!(store.sees(doctor(), "Observation", "plain"));
    assert_eq!(store.last_write().interaction, "$break-glass");
}

#[test]
fn a_claim_without_a_reason_is_none() {
    let store = Store::with_patient();
    let before = store.engine.watermark();
    let until = r#"{"name":"until","valueDateTime":"2027-01-01T00:00:00Z"}"#;
    for reason in [until, r#"{"name":"reason","valueString":" "}"#] {
        let failure = store.ask(doctor(), claim(reason)).unwrap_err();
        assert_eq!(failure.category, Category::Invalid);
    }
    assert_eq!(store.engine.watermark(), before);
    let registrar = subject(Principal::Practitioner(id("re")), Role::Registration);
    let failure = store.ask(registrar, claim(REASON)).unwrap_err();
    assert_eq!(failure.category, Category::Forbidden);
}

#[test]
fn claims_are_limited_for_each_person_however_they_are_written() {
    let store = Store::with_patient();
    let refused = (0..36).filter(|n| {
        let asked = if n % 2 == 0 { plain() } else { claim(REASON) };
        match store.ask(doctor(), asked) {
            Ok(_) => false,
            Err(failure) => failure.category == Category::Busy,
        }
    });
    assert_eq!(refused.count(), 6);
    let other = subject(Principal::Practitioner(id("another")), Role::Clinician);
    assert!(store.ask(other, claim(REASON)).is_ok());
}
