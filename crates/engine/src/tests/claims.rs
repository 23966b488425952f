//! Access that someone takes: begins when it is written, ends when it must, stays as it was made.

use super::*;

fn doctor() -> Arc<Subject> {
    subject(Principal::Practitioner(id("dr")), Role::Clinician)
}

fn officer() -> Arc<Subject> {
    let officer = subject(Principal::Practitioner(id("po")), Role::PrivacyOfficer);
    Arc::new(Subject { purpose: Purpose::Hoperat, ..(*officer).clone() })
}

fn patient() -> Arc<Subject> {
    let patient = subject(Principal::Patient(id("p")), Role::Patient);
    let purpose = Purpose::Patrqt;
    Arc::new(Subject { purpose, organization: None, ..(*patient).clone() })
}

fn task(status: &str, id: &str) -> Arc<[u8]> {
    let body = format!(
        r#"{{"resourceType":"Task",{id}"meta":{{"profile":["urn:accord:profile:access-claim"]}},
            "status":"{status}","intent":"order","for":{{"reference":"Patient/p"}},
            "code":{{"coding":[{{"system":"urn:accord:codes","code":"break-glass"}}]}},
            "reasonCode":{{"text":"unconscious","coding":[{{"code":"ETREAT"}}]}},
            "requester":{{"reference":"Practitioner/dr"}}}}"#
    );
    Arc::from(body.into_bytes())
}

fn task_type() -> ResourceType {
    ResourceType::from_name("Task").unwrap()
}

fn create() -> Interaction {
    let body = task("requested", "");
    Interaction::Create { resource_type: task_type(), body, if_none_exist: None }
}

fn update(claim: &ResourceId, status: &str) -> Interaction {
    let body = task(status, &format!(r#""id":"{claim}","#));
    Interaction::Update { resource_type: task_type(), id: claim.clone(), body, if_match: None }
}

fn read(resource_type: ResourceType, id: &ResourceId) -> Interaction {
    let (if_none_match, if_modified_since) = (None, None);
    Interaction::Read { resource_type, id: id.clone(), if_none_match, if_modified_since }
}

/// A store with a patient whom the doctor does not treat, and the claim that they made.
fn claimed() -> (Store, ResourceId) {
    let store = Store::new();
    let body = Arc::from(br#"{"resourceType":"Patient","id":"p"}"#.as_slice());
    let resource_type = ResourceType::PATIENT;
    let put = Interaction::Update { resource_type, id: id("p"), body, if_match: None };
    let feed = subject(Principal::Device(id("feed")), Role::Integration);
    store.ask(feed, put).unwrap();
    assert!(!sees(&store));
    let Ok(Answer::Created(claim)) = store.ask(doctor(), create()) else { panic!("not created") };
    (store, claim.id)
}

fn sees(store: &Store) -> bool {
    store.ask(doctor(), read(ResourceType::PATIENT, &id("p"))).is_ok()
}

fn stat(store: &Store, name: &str) -> u64 {
    store.engine.stats().into_iter().find(|(n, _)| *n == name).unwrap().1
}

#[test]
fn a_claim_opens_the_record_and_says_so() {
    let (store, claim) = claimed();
    assert!(sees(&store));
    let rules = store.recorded().pop().unwrap().decision.rules;
    assert!(rules.iter().any(|rule| rule == "emergency"), "{rules:?}");
    assert_eq!(stat(&store, "access_claims"), 1);
    for who in [doctor(), patient(), officer()] {
        assert!(store.ask(who.clone(), read(task_type(), &claim)).is_ok(), "{}", who.reference());
    }
    let other = subject(Principal::Practitioner(id("other")), Role::Clinician);
    assert!(store.ask(other.clone(), read(task_type(), &claim)).is_err());
    assert!(store.ask(other, read(ResourceType::PATIENT, &id("p"))).is_err());
}

#[test]
fn a_claim_is_kept_as_it_was_made() {
    let (store, claim) = claimed();
    let delete =
        Interaction::Delete { resource_type: task_type(), id: claim.clone(), if_match: None };
    let feed = subject(Principal::Device(id("feed")), Role::Integration);
    for who in [doctor(), feed] {
        for write in [update(&claim, "completed"), delete.clone()] {
            let failure = store.ask(who.clone(), write).unwrap_err();
            assert_eq!(failure.category, Category::Conflict, "{}", who.reference());
        }
    }
    assert!(sees(&store));
}

#[test]
fn a_review_ends_a_claim() {
    let (store, claim) = claimed();
    store.ask(officer(), update(&claim, "in-progress")).unwrap();
    assert!(!sees(&store));
    assert_eq!(stat(&store, "access_claims"), 1);
}

#[test]
fn nobody_claims_in_another_name() {
    let (store, _) = claimed();
    let other = subject(Principal::Practitioner(id("other")), Role::Clinician);
    assert!(store.ask(other, create()).is_err());
}
