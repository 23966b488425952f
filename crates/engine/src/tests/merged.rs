//! What is given and what is closed once two records are of one person: leave to act, opt-outs,
//! consents to writing, signatures.

use super::merges::{desk, doctor, done, feed, found, merge, own, put, store, unmerge};
use super::*;

fn carer() -> Arc<Subject> {
    let carer = subject(Principal::RelatedPerson(id("carer")), Role::Proxy);
    Arc::new(Subject { purpose: Purpose::Patrqt, organization: None, ..(*carer).clone() })
}

/// A desk that plans, not one that registers.
fn planner() -> Arc<Subject> {
    Arc::new(Subject { purpose: Purpose::Hoperat, ..(*desk()).clone() })
}

fn create(store: &Store, who: Arc<Subject>, body: &str) -> Outcome {
    let tape = accord_fhir::json::parse(body.as_bytes(), Default::default()).unwrap();
    let kind = tape.root().get_str("resourceType").unwrap();
    let resource_type = ResourceType::from_name(&kind).unwrap();
    let body = Arc::from(body.as_bytes());
    store.ask(who, Interaction::Create { resource_type, body, if_none_exist: None })
}

/// The carer acts for a patient.
fn leave(store: &Store, of: &str) {
    let body = format!(
        r#"{{"resourceType":"RelatedPerson","id":"carer","period":{{"end":"2999-01-01"}},
            "patient":{{"reference":"Patient/{of}"}}}}"#
    );
    put(store, &body).unwrap();
}

/// A consent of a patient that denies an actor an action.
fn consent(of: &str, by: &str, actor: &str, action: &str) -> String {
    format!(
        r#"{{"resourceType":"Consent","status":"active","scope":{{"coding":[{{"code":"patient-privacy",
            "system":"http://terminology.hl7.org/CodeSystem/consentscope"}}]}},
            "category":[{{"text":"c"}}],"policyRule":{{"text":"p"}},
            "patient":{{"reference":"Patient/{of}"}},"performer":[{{"reference":"{by}"}}],
            "provision":{{"type":"deny","actor":[{{"role":{{"text":"r"}},"reference":{{"reference":"{actor}"}}}}],
            "action":[{{"coding":[{{"code":"{action}",
                "system":"http://terminology.hl7.org/CodeSystem/consentaction"}}]}}]}}}}"#
    )
}

fn observations(store: &Store, who: Arc<Subject>) -> Vec<String> {
    found(store, who, "Observation?_sort=_id")
}

#[test]
fn leave_for_one_record_is_leave_for_the_person() {
    let store = store();
    leave(&store, "b");
    assert_eq!(observations(&store, carer()), ["of-b"]);
    done(store.ask(desk(), merge("a", "b")));
    assert_eq!(observations(&store, carer()), ["of-a", "of-b"]);
    for of in ["a", "b"] {
        let signed = consent(of, "RelatedPerson/carer", "CareTeam/t", "access");
        assert!(matches!(create(&store, carer(), &signed), Ok(Answer::Created(_))), "{of}");
    }
    done(store.ask(desk(), unmerge("a")));
    assert_eq!(observations(&store, carer()), ["of-b"]);
    let signed = consent("a", "RelatedPerson/carer", "CareTeam/t", "access");
    assert!(create(&store, carer(), &signed).is_err());
}

#[test]
fn what_closes_one_record_to_a_carer_closes_both() {
    let named = |store: &Store| {
        let denial = consent("b", "Patient/b", "RelatedPerson/carer", "access");
        create(store, own("b"), &denial).unwrap();
    };
    let hidden = |store: &Store| {
        let label = r#""meta":{"security":[{"code":"R",
            "system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality"}],"#;
        let standing = found(store, feed(), "Patient/b").remove(0);
        assert!(standing.contains(r#""meta":{"#));
        put(store, &standing.replace(r#""meta":{"#, label)).unwrap();
    };
    for close in [&named as &dyn Fn(&Store), &hidden] {
        for merged_first in [false, true] {
            let store = store();
            leave(&store, "a");
            if merged_first {
                done(store.ask(desk(), merge("a", "b")));
                close(&store);
            } else {
                close(&store);
                assert_eq!(observations(&store, carer()), ["of-a"]);
                done(store.ask(desk(), merge("a", "b")));
            }
            assert_eq!(observations(&store, carer()), Vec::<String>::new());
        }
    }
}

#[test]
fn who_is_cleared_under_one_name_alone_may_have_opted_out_under_the_other() {
    let store = store();
    let list = |patients: &[&str]| {
        let entry = |p: &&str| format!(r#"{{"item":{{"reference":"Patient/{p}"}}}}"#);
        let entries: Vec<String> = patients.iter().map(entry).collect();
        let body = format!(
            r#"{{"resourceType":"List","id":"cleared","status":"current","mode":"snapshot",
                "meta":{{"profile":["urn:accord:profile:cleared-list"]}},
                "extension":[{{"url":"urn:accord:extension:valid-until","valueDateTime":"2999-01-01T00:00:00Z"}}],
                "code":{{"coding":[{{"system":"urn:accord:codes","code":"national-data-opt-out"}}]}},
                "entry":[{}]}}"#,
            entries.join(",")
        );
        put(&store, &body).unwrap();
    };
    let seen = || found(&store, planner(), "Patient?_sort=_id");
    list(&["b", "c"]);
    assert_eq!(seen(), ["b", "c"]);
    done(store.ask(desk(), merge("a", "b")));
    assert_eq!(seen(), ["c"]);
    list(&["a", "b", "c"]);
    assert_eq!(seen(), ["a", "b", "c"]);
    list(&["a", "c"]);
    assert_eq!(seen(), ["c"]);
    done(store.ask(desk(), unmerge("a")));
    assert_eq!(seen(), ["a", "c"]);
}

#[test]
fn who_may_not_write_about_one_record_may_not_write_about_the_other() {
    let store = store();
    let note = super::merges::observation("new", "a").replace(r#""id":"new","#, "");
    let denial = consent("b", "Patient/b", "Practitioner/dr", "collect");
    create(&store, own("b"), &denial).unwrap();
    create(&store, doctor(), &note).unwrap();
    done(store.ask(desk(), merge("a", "b")));
    let refused = create(&store, doctor(), &note).unwrap_err();
    let nobody = create(&store, doctor(), &note.replace("Patient/a", "Patient/x")).unwrap_err();
    assert_eq!(format!("{refused:?}"), format!("{nobody:?}"));
    done(store.ask(desk(), unmerge("a")));
    create(&store, doctor(), &note).unwrap();
}

#[test]
fn patients_sign_for_themselves_under_either_name() {
    let store = store();
    let signed = || consent("a", "Patient/b", "CareTeam/t", "access");
    assert!(create(&store, own("b"), &signed()).is_err());
    assert!(create(&store, feed(), &signed()).is_err());
    done(store.ask(desk(), merge("a", "b")));
    assert!(matches!(create(&store, own("b"), &signed()), Ok(Answer::Created(_))));
    assert!(matches!(create(&store, feed(), &signed()), Ok(Answer::Created(_))));
    let other = consent("c", "Patient/b", "CareTeam/t", "access");
    assert!(create(&store, own("b"), &other).is_err());
}
