//! Conditional updates and deletes (FHIR R4 §3.1.0.4.3, §3.1.0.7.1).

use super::*;

fn patient(id: Option<&str>, number: u32) -> Arc<[u8]> {
    let id = id.map(|id| format!(r#""id":"{id}","#)).unwrap_or_default();
    let body = format!(
        r#"{{"resourceType":"Patient",{id}"identifier":[{{"system":"s","value":"{number}"}}]}}"#
    );
    Arc::from(body.into_bytes())
}

fn condition(number: u32) -> Vec<(String, String)> {
    vec![("identifier".to_owned(), format!("s|{number}"))]
}

fn put(by: u32, body: Arc<[u8]>, if_match: Option<u32>) -> Interaction {
    let (resource_type, condition) = (ResourceType::PATIENT, condition(by));
    Interaction::ConditionalUpdate { resource_type, condition, body, if_match }
}

fn delete(by: u32, if_match: Option<u32>) -> Interaction {
    let (resource_type, condition) = (ResourceType::PATIENT, condition(by));
    Interaction::ConditionalDelete { resource_type, condition, if_match }
}

fn refused(outcome: Outcome) -> Category {
    outcome.expect_err("it is refused").category
}

#[test]
fn an_update_goes_to_what_the_condition_finds() {
    let store = Store::new();
    let Ok(Answer::Created(made)) = store.ask(system(), put(1, patient(None, 1), None)) else {
        panic!("not created")
    };
    let Ok(Answer::Updated(next)) = store.ask(system(), put(1, patient(None, 1), None)) else {
        panic!("not updated")
    };
    assert_eq!((&next.id, next.version), (&made.id, 2));
    let named = patient(Some(made.id.as_str()), 1);
    let Ok(Answer::Updated(next)) = store.ask(system(), put(1, named, Some(2))) else {
        panic!("not updated")
    };
    assert_eq!(next.version, 3);
    let record = store.last_write();
    assert_eq!(record.query, b"identifier=s|1");
    assert_eq!(record.patients, [made.id]);
    let other = store.ask(system(), put(1, patient(Some("other"), 1), None));
    assert_eq!(refused(other), Category::Invalid);
    let stale = store.ask(system(), put(1, patient(None, 1), Some(2)));
    assert_eq!(refused(stale), Category::Precondition);
}

#[test]
fn an_update_that_finds_nothing_takes_a_free_id_only() {
    let store = Store::new();
    let Ok(Answer::Created(made)) = store.ask(system(), put(1, patient(Some("p"), 1), None)) else {
        panic!("not created")
    };
    assert_eq!(made.id, id("p"));
    let taken = store.ask(system(), put(2, patient(Some("p"), 2), None));
    assert_eq!(refused(taken), Category::Conflict);
    let gone = store.ask(system(), put(2, patient(None, 2), Some(1)));
    assert_eq!(refused(gone), Category::Precondition);
}

#[test]
fn what_finds_several_is_refused_and_a_delete_of_nothing_is_done() {
    let store = Store::new();
    for name in ["p", "q"] {
        let body = patient(Some(name), 1);
        let (resource_type, id) = (ResourceType::PATIENT, id(name));
        let update = Interaction::Update { resource_type, id, body, if_match: None };
        store.ask(system(), update).unwrap();
    }
    let several = store.ask(system(), put(1, patient(None, 1), None));
    assert_eq!(refused(several), Category::Precondition);
    assert_eq!(refused(store.ask(system(), delete(1, None))), Category::Precondition);
    let nothing = store.ask(system(), delete(2, None)).unwrap();
    assert!(matches!(nothing, Answer::Deleted { version: None }));
    store.ask(system(), put(3, patient(Some("r"), 3), None)).unwrap();
    assert_eq!(refused(store.ask(system(), delete(3, Some(7)))), Category::Precondition);
    let done = store.ask(system(), delete(3, Some(1))).unwrap();
    assert!(matches!(done, Answer::Deleted { version: Some(2) }));
    let mut unconditional = delete(3, None);
    if let Interaction::ConditionalDelete { condition, .. } = &mut unconditional {
        condition.clear();
    }
    assert_eq!(refused(store.ask(system(), unconditional)), Category::Invalid);
}

#[test]
fn bundles_update_and_delete_what_conditions_find() {
    for kind in ["batch", "transaction"] {
        let store = Store::new();
        store.ask(system(), put(1, patient(Some("p"), 1), None)).unwrap();
        store.ask(system(), put(2, patient(Some("q"), 2), None)).unwrap();
        let body = format!(
            r#"{{"resourceType":"Bundle","type":"{kind}","entry":[
            {{"fullUrl":"urn:uuid:05efabf0-4be2-4561-91ce-51548425acb9","request":{{"method":"PUT","url":"Patient?identifier=s|1"}},
              "resource":{{"resourceType":"Patient","active":true,
                "identifier":[{{"system":"s","value":"1"}}]}}}},
            {{"request":{{"method":"DELETE","url":"Patient?identifier=s%7C2"}}}},
            {{"request":{{"method":"DELETE","url":"Patient?identifier=s|3"}}}},
            {{"request":{{"method":"PUT","url":"Patient?identifier=s|4"}},
              "resource":{{"resourceType":"Patient","link":[{{"type":"seealso",
                "other":{{"reference":"{}"}}}}]}}}}]}}"#,
            if kind == "batch" {
                "Patient/p"
            } else {
                "urn:uuid:05efabf0-4be2-4561-91ce-51548425acb9"
            }
        );
        let answer = store.ask(system(), bundle(&body)).unwrap();
        let Answer::Bundle { entries, .. } = answer else { panic!("{kind}: {answer:?}") };
        let [Ok(Answer::Updated(one)), Ok(Answer::Deleted { version: Some(2) }), Ok(none), Ok(new)] =
            &entries[..]
        else {
            panic!("{kind}: {entries:?}")
        };
        assert_eq!((&one.id, one.version), (&id("p"), 2));
        assert!(matches!(none, Answer::Deleted { version: None }));
        let Answer::Created(new) = new else { panic!("{kind}: {new:?}") };
        assert!(new.body.contains(r#""reference":"Patient/p""#), "{}", new.body);
    }
}

#[test]
fn two_entries_of_a_transaction_do_not_share_a_condition() {
    let store = Store::new();
    let entry = r#"{"request":{"method":"PUT","url":"Patient?identifier=s|1"},
        "resource":{"resourceType":"Patient"}}"#;
    let body =
        format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{entry},{entry}]}}"#);
    let failure = store.ask(system(), bundle(&body)).unwrap_err();
    assert_eq!(failure.category, Category::Invalid);
    assert_eq!(failure.issues[0].expression.as_deref(), Some("Bundle.entry[1]"));
}
