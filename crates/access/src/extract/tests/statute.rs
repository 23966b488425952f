//! Who acts for whom, who belongs to what, and whom the law protects, one line each.

use super::*;

const GRANTEE: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Consent.grantee";

fn says(role: Role, json: &str) -> Vec<String> {
    stated(role, json).counting.iter().map(short).collect()
}

fn person(rest: &str) -> String {
    format!(r#"{{"resourceType":"RelatedPerson","patient":{{"reference":"Patient/p1"}}{rest}}}"#)
}

#[test]
fn a_related_person_with_a_period_acts_for_a_patient() {
    let during = r#","period":{"start":"1970-01-03","end":"1970-01-11"}"#;
    let acts = ["RelatedPerson/p1 acts and signs from 2 until 11"];
    for role in [Role::Registration, Role::Integration, Role::System] {
        assert_eq!(says(role, &person(during)), acts);
    }
    let none: [&str; 0] = [];
    assert_eq!(says(Role::Registration, &person("")), none, "somebody to call");
    assert_eq!(says(Role::Registration, &person(r#","active":false,"period":{}"#)), none);
    assert_eq!(says(Role::Registration, &person(r#","period":{"end":"soon"}"#)), none);
    // A clinician can end or shorten, not make.
    let by_clinician = stated(Role::Clinician, &person(during));
    assert_eq!(by_clinician.counting, []);
    assert_eq!(by_clinician.narrowing.len(), 1);
}

fn grant(rest: &str, provision: &str) -> String {
    format!(
        r#"{{"resourceType":"Consent","status":"active",
            "extension":[{{"url":"{GRANTEE}","valueReference":{{"reference":"RelatedPerson/c"}}}}],
            "scope":{{"coding":[{{"code":"patient-privacy"}}]}},
            "category":[{{"coding":[{{"code":"INFA"}}]}}],
            "patient":{{"reference":"Patient/p1"}}{rest},"provision":{{{provision}}}}}"#
    )
}

#[test]
fn a_grant_lets_somebody_act_and_says_nothing_else() {
    for role in [Role::Registration, Role::Integration, Role::System, Role::Patient] {
        assert_eq!(says(role, &grant("", "")), ["RelatedPerson/c acts"]);
    }
    let none: [&str; 0] = [];
    assert_eq!(says(Role::Proxy, &grant("", "")), none, "nobody passes on what they were given");
    let two = r#""class":[{"system":"http://hl7.org/fhir/resource-types","code":"Appointment"},
        {"system":"http://hl7.org/fhir/resource-types","code":"Patient"}],
        "period":{"end":"1970-01-11"}"#;
    assert_eq!(says(Role::Patient, &grant("", two)), ["RelatedPerson/c acts until 11"; 2]);
    let faults = |rest, provision| -> Vec<String> {
        let stated = stated(Role::Registration, &grant(rest, provision));
        assert_eq!(stated.counting, []);
        stated.unenforceable.into_iter().map(|fault| fault.element).collect()
    };
    assert_eq!(faults("", r#""type":"deny""#), ["Consent.provision.type"]);
    assert_eq!(faults("", r#""purpose":[{"code":"TREAT"}]"#), ["Consent.provision.purpose"]);
    assert_eq!(faults("", r#""class":[{"code":"Patient"}]"#), ["Consent.provision.class"]);
    assert_eq!(
        faults("", r#""securityLabel":[{"code":"R"}]"#),
        ["Consent.provision.securityLabel"]
    );
    assert_eq!(faults("", r#""action":[{"coding":[{"code":"x"}]}]"#), ["Consent.provision.action"]);
    assert_eq!(faults("", r#""period":{"end":"soon"}"#), ["Consent.provision.period"]);
    assert_eq!(faults(r#","modifierExtension":[{"url":"x"}]"#, ""), ["Consent.modifierExtension"]);
    let elsewhere = grant("", "").replace("RelatedPerson/c", "Practitioner/c");
    assert_eq!(
        stated(Role::Registration, &elsewhere).unenforceable[0].element,
        "Consent.extension"
    );
    let ended = grant("", "").replace(r#""active""#, r#""inactive""#);
    assert_eq!(stated(Role::Registration, &ended), Stated::default());
}

#[test]
fn who_signs_for_a_patient_is_told() {
    let consent = |performer: &str| {
        format!(
            r#"{{"resourceType":"Consent","status":"active","patient":{{"reference":"Patient/p1"}},
                "scope":{{"coding":[{{"code":"patient-privacy"}}]}},"provision":{{"type":"deny"}},
                "performer":[{{"reference":"{performer}"}}]}}"#
        )
    };
    let signed = |json: &str| stated(Role::Registration, json).signed;
    for other in ["RelatedPerson/c", "Patient/p2"] {
        assert_eq!(signed(&consent(other)), [(other.to_owned(), "p1".to_owned())]);
    }
    for own in ["Patient/p1", "Organization/o", "Practitioner/a"] {
        assert_eq!(signed(&consent(own)), []);
    }
    let performer = |who: &str| grant(&format!(r#","performer":[{{"reference":"{who}"}}]"#), "");
    assert_eq!(signed(&performer("RelatedPerson/c")), [], "who is given leave gives none");
    assert_eq!(signed(&performer("RelatedPerson/d")).len(), 1);
}

#[test]
fn restricted_patients_are_protected() {
    let labelled = |code: &str| {
        let system = crate::label::CONFIDENTIALITY;
        format!(
            r#"{{"resourceType":"Patient",
                "meta":{{"security":[{{"system":"{system}","code":"{code}"}}]}}}}"#
        )
    };
    for (code, expect) in [("N", false), ("M", false), ("R", true), ("V", true)] {
        let found = says(Role::Registration, &labelled(code));
        assert_eq!(found == ["protected"], expect, "{code}");
    }
    assert_eq!(stated(Role::Clinician, &labelled("R")).counting, []);
}

#[test]
fn a_list_clears_patients_until_it_expires() {
    let list = |code: &str, until: &str| {
        format!(
            r#"{{"resourceType":"List","status":"current","mode":"snapshot",
                "meta":{{"profile":["urn:accord:profile:cleared-list"]}},
                "code":{{"coding":[{{"system":"urn:accord:codes","code":"{code}"}}]}}{until},
                "entry":[{{"item":{{"reference":"Patient/p1"}}}},
                    {{"deleted":true,"item":{{"reference":"Patient/p2"}}}}]}}"#
        )
    };
    let until = r#","extension":[{"url":"urn:accord:extension:valid-until",
        "valueDateTime":"1970-01-11"}]"#;
    let national = "national-data-opt-out";
    let honours = "honours NationalDataOptOut";
    let cleared = "cleared of NationalDataOptOut until 11";
    assert_eq!(says(Role::Integration, &list(national, until)), [honours, cleared]);
    assert_eq!(says(Role::Integration, &list(national, "")), [honours], "it clears nobody");
    let unknown = says(Role::Integration, &list("all", until));
    assert_eq!(unknown, [honours, "honours Type1"], "what is not understood clears nobody");
    assert_eq!(stated(Role::Clinician, &list(national, until)).counting, []);
    let retired = list(national, until).replace("current", "retired");
    assert_eq!(says(Role::Integration, &retired).len(), 0);
}

#[test]
fn groups_of_people_have_members() {
    let group = |rest: &str| format!(r#"{{"resourceType":"Group"{rest}}}"#);
    let members = r#","actual":true,"member":[{"entity":{"reference":"Practitioner/a"}},
        {"entity":{"reference":"Practitioner/b"},"period":{"end":"1970-01-11"}},
        {"entity":{"reference":"Practitioner/c"},"inactive":true},
        {"entity":{"display":"D"}}]"#;
    let expect =
        ["Practitioner/a in Group/p1", "Practitioner/b in Group/p1 until 11", "* in Group/p1"];
    assert_eq!(says(Role::Registration, &group(members)), expect);
    assert_eq!(says(Role::Registration, &group(r#","actual":false"#)), ["* in Group/p1"]);
    let none: [&str; 0] = [];
    assert_eq!(says(Role::Registration, &group(r#","active":false,"actual":false"#)), none);
    let role = r#"{"resourceType":"PractitionerRole","practitioner":{"reference":"Practitioner/a"},
        "organization":{"reference":"Organization/north"}}"#;
    let expect =
        ["Practitioner/a acts for north", "Practitioner/a in PractitionerRole/p1 for north"];
    assert_eq!(says(Role::Registration, role), expect);
    let team = care_team(
        r#""status":"active","participant":[{"member":{"reference":"Practitioner/c"},
            "onBehalfOf":{"reference":"Organization/south"}}]"#,
    );
    assert_eq!(says(Role::Registration, &team), ["Practitioner/c in CareTeam/p1 for south"]);
}

#[test]
fn who_is_not_entitled_ends_nothing_that_closes() {
    let (from, until) = (LogTime(0), LogTime::NEVER);
    let patient = accord_base::PatientOrd(1);
    let protected = Fact::Protected { patient, from, until };
    let cleared = Fact::Cleared { patient, regime: crate::Regime::Type1, from, until };
    let standing = || vec![protected.clone(), cleared.clone()];
    let left = |role| staying(role, standing()).collect::<Vec<_>>();
    assert_eq!(left(Role::Clinician), std::slice::from_ref(&protected));
    assert_eq!(left(Role::Registration), []);
}
