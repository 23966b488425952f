//! Several consents of one patient (D5): a denial decides, and only what says so takes the place of
//! another.

use accord_access::consent::Verdict;
use serde_json::{Value, json};

use crate::compiled::Compiled;
use crate::reference::{Request, Resource, Says, together};

fn consent(id: &str, given: &str, kind: &str) -> Value {
    json!({"resourceType": "Consent", "id": id, "status": "active",
           "scope": {"coding": [{"code": "patient-privacy"}]},
           "category": [{"coding": [{"system": "urn:c", "code": "one"}]}],
           "patient": {"reference": "Patient/p1"}, "_keptBy": "north", "dateTime": given,
           "provision": {"type": kind}})
}

fn check(consents: &[Value], expected: Verdict) {
    let request = Request {
        references: vec!["Organization/north".to_owned()],
        perhaps: Vec::new(),
        treats: true,
        purpose: (
            "http://terminology.hl7.org/CodeSystem/v3-ActReason".to_owned(),
            "TREAT".to_owned(),
        ),
        action: "access".to_owned(),
        now: 1_656_633_600_000_000,
        or_labels: false,
    };
    let resource = Resource {
        reference: "Observation/any".to_owned(),
        controller: Some("Organization/north".to_owned()),
        patients: vec!["Patient/p1".to_owned()],
        labels: Vec::new(),
        day: None,
        authors: Vec::new(),
        codes: Vec::new(),
        related: Vec::new(),
        depends_on: Vec::new(),
    };
    let mut compiled = Compiled::new();
    consents.iter().for_each(|consent| compiled.add(consent));
    assert_eq!(compiled.verdict("Patient/p1", &request, &resource), expected, "{consents:?}");
    let read = match together(consents, &request, &resource) {
        Says::Permit => Verdict::Permit,
        Says::Deny => Verdict::Deny,
        Says::Nothing => Verdict::Silent,
    };
    assert_eq!(read, expected, "the reference, {consents:?}");
}

#[test]
fn one_that_denies_decides_and_the_latest_does_not_win() {
    let (old, new) = (consent("a", "2022-01-01", "deny"), consent("b", "2022-02-01", "permit"));
    check(&[old.clone(), new.clone()], Verdict::Deny);
    check(&[new, old], Verdict::Deny);
}

#[test]
fn a_later_one_takes_the_place_of_one_it_names() {
    let old = consent("a", "2022-01-01", "deny");
    let mut new = consent("b", "2022-02-01", "permit");
    new["sourceReference"] = json!({"reference": "Consent/a"});
    check(&[old.clone(), new.clone()], Verdict::Permit);
    let but = |change: &dyn Fn(&mut Value)| {
        let mut changed = new.clone();
        change(&mut changed);
        check(&[old.clone(), changed], Verdict::Deny);
    };
    but(&|new| new["sourceReference"] = json!({"reference": "Consent/other"}));
    but(&|new| new["dateTime"] = "2022-01-01".into());
    but(&|new| new["_keptBy"] = "south".into());
    but(&|new| new["category"][0]["coding"][0]["code"] = "two".into());
    but(&|new| new["policy"] = json!([{"uri": "urn:other"}]));
    but(&|new| new["policyRule"] = json!({"coding": [{"code": "OPTOUT"}]}));
    but(&|new| new["organization"] = json!([{"reference": "Organization/north"}]));
    // While it holds, and no longer.
    but(&|new| new["provision"]["period"] = json!({"end": "2022-03-01"}));
}
