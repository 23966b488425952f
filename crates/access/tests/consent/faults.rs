//! What cannot be enforced is found, with its element.

use accord_access::consent::{Abilities, Who};
use serde_json::{Value, json};

use crate::compiled::{ABLE, reading};

fn consent(provision: Value) -> Value {
    json!({"resourceType": "Consent", "id": "c", "status": "active",
           "scope": {"coding": [{"code": "patient-privacy"}]},
           "patient": {"reference": "Patient/p1"}, "provision": provision})
}

fn check_with(consent: &Value, abilities: Abilities, expected: &[&str]) {
    let reading = reading(consent, abilities).expect("it is active");
    let elements: Vec<&str> = reading.faults.iter().map(|fault| fault.element.as_str()).collect();
    assert_eq!(elements, expected, "{consent}");
    if let Some(rules) = reading.rules {
        assert_eq!(rules.held, !expected.is_empty());
        let hold = rules.provisions.len() == 1
            && rules.provisions[0].who == Who::NotTreatingThere
            && !rules.provisions[0].permits;
        assert_eq!(hold, rules.held, "{consent}");
    }
}

fn check(provision: Value, expected: &[&str]) {
    check_with(&consent(provision), ABLE, expected);
}

#[test]
fn what_is_not_understood_is_named() {
    check(json!({"type": "deny"}), &[]);
    check(json!({"type": "deny", "code": [{"text": "x"}]}), &["Consent.provision.code[0]"]);
    let act = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
    let purposes = json!([{"system": act, "code": "TREAT"}, {"system": act, "code": "FooBar"}, {"code": "TREAT"}]);
    check(
        json!({"type": "permit", "purpose": purposes}),
        &["Consent.provision.purpose[1]", "Consent.provision.purpose[2]"],
    );
    check(
        json!({"type": "permit", "securityLabel": [{"code": "R"}]}),
        &["Consent.provision.securityLabel[0]"],
    );
    check(
        json!({"type": "permit", "class": [{"system": "urn:ietf:rfc:3986", "code": "Observation"}]}),
        &["Consent.provision.class[0]"],
    );
    check(
        json!({"type": "permit", "action": [{"text": "look"}]}),
        &["Consent.provision.action[0]"],
    );
    check(json!({"type": "deny", "period": {"end": "soon"}}), &["Consent.provision.period"]);
    check(
        json!({"type": "deny", "provision": [{"dataPeriod": {"start": "x"}, "type": "permit"}]}),
        &["Consent.provision.provision[0].dataPeriod"],
    );
}

#[test]
fn codes_are_of_systems_that_are_known() {
    let codes = |codings: Value| json!({"type": "deny", "code": [{"coding": codings}]});
    let loinc = json!({"system": "http://loinc.org", "code": "1"});
    let check_coding = |coding: Value, known: bool| {
        let at = ["Consent.provision.code[0].coding[1]"];
        check(codes(json!([loinc, coding])), if known { &[] } else { &at });
    };
    for known in [
        "http://snomed.info/sct",
        "http://terminology.hl7.org/CodeSystem/v3-ActCode",
        "http://hl7.org/fhir/sid/icd-10-cm",
    ] {
        check_coding(json!({"system": known, "code": "1"}), true);
    }
    for unknown in [
        "urn:local",
        "http://loinc.org/",
        "http://terminology.hl7.org/CodeSystem/v3-ActCodes",
        // Statuses and the like are no content.
        "http://hl7.org/fhir/observation-status",
        "http://unitsofmeasure.org",
        "",
    ] {
        check_coding(json!({"system": unknown, "code": "1"}), false);
    }
    check_coding(json!({"code": "1"}), false);
    check_coding(json!({"system": "http://loinc.org"}), false);
    check(codes(json!([])), &["Consent.provision.code[0]"]);
    let many: Vec<Value> =
        (0..65).map(|n| json!({"system": "http://loinc.org", "code": format!("c{n}")})).collect();
    check(codes(many.into()), &["Consent.provision.code"]);
    let nested = json!({"type": "deny", "provision": [codes(json!([{"code": "1"}]))]});
    check(nested, &["Consent.provision.provision[0].code[0].coding[0]"]);
}

#[test]
fn shapes_that_have_no_meaning_are_named() {
    check(json!({}), &["Consent.provision.type"]);
    check(
        json!({"type": "deny", "provision": [{"type": "permit"}, {}]}),
        &["Consent.provision.provision[1].type"],
    );
    let nested = |inner: Value| json!({"type": "deny", "provision": [inner]});
    check(nested(nested(json!({"type": "permit"}))), &[]);
    check(
        nested(nested(nested(json!({"type": "permit"})))),
        &["Consent.provision.provision[0].provision[0].provision[0]"],
    );
    let many: Vec<Value> = (0..70).map(|_| json!({"type": "permit"})).collect();
    check(json!({"type": "deny", "provision": many}), &["Consent.provision"]);
    check(
        json!({"type": "deny", "modifierExtension": [{"url": "urn:x"}]}),
        &["Consent.provision.modifierExtension"],
    );
}

#[test]
fn who_and_what_is_meant_must_be_known() {
    let actor = |reference: &str| json!({"role": {"coding": [{"code": "IRCP"}]}, "reference": {"reference": reference}});
    let named = |reference: &str| json!({"type": "deny", "actor": [actor(reference)]});
    let here = "Consent.provision.actor[0].reference";
    check(named("urn:uuid:1"), &[here]);
    check(named("Location/x"), &[here]);
    let poor = Abilities { membership: false, links: false };
    for group in ["Group/g", "CareTeam/t", "PractitionerRole/r"] {
        check(named(group), &[]);
        check_with(&consent(named(group)), poor, &[here]);
    }
    let mut author = actor("Practitioner/a");
    author["role"]["coding"][0]["code"] = "AUT".into();
    check(json!({"type": "deny", "actor": [author]}), &["Consent.provision.actor[0].role"]);
    let data = |meaning: &str, reference: &str| json!({"type": "deny", "data": [{"meaning": meaning, "reference": {"reference": reference}}]});
    let entry = "Consent.provision.data[0]";
    check(data("related", "Encounter/e"), &[]);
    check(data("related", "Observation/o"), &[entry]);
    check(data("authoredby", "Group/g"), &[entry]);
    check(data("dependents", "Observation/o"), &[]);
    for someone in ["Patient/p1", "Group/g", "Person/p", "RelatedPerson/r"] {
        check(data("dependents", someone), &[entry]);
    }
    check(
        data("instance", "http://elsewhere/Observation/o"),
        &["Consent.provision.data[0].reference"],
    );
    for meaning in ["related", "dependents"] {
        check_with(&consent(data(meaning, "Encounter/e")), poor, &[entry]);
    }
    check_with(&consent(data("instance", "Observation/o")), poor, &[]);
    let mut elsewhere = consent(json!({"type": "deny"}));
    elsewhere["organization"] = json!([{"display": "the clinic"}]);
    check_with(&elsewhere, ABLE, &["Consent.organization[0]"]);
    let mut nobody = consent(json!({"type": "deny"}));
    nobody["patient"] = json!({"display": "me"});
    check_with(&nobody, ABLE, &["Consent.patient"]);
}

#[test]
fn others_are_no_rules() {
    for (status, scope) in
        [("draft", "patient-privacy"), ("inactive", "patient-privacy"), ("active", "research")]
    {
        let mut other = consent(json!({"type": "deny", "code": [{"text": "x"}]}));
        other["status"] = status.into();
        other["scope"]["coding"][0]["code"] = scope.into();
        assert_eq!(reading(&other, ABLE), None);
    }
}
