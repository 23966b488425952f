//! What the token's scopes alone decide (SMART App Launch 2.2).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use accord_access::{AccessRequest, Decision, Interaction, PolicyIndex, decide, grantable};
use accord_base::{Grant, LogTime, ResourceId, Role, Scopes, Subject};
use accord_spec::ResourceType;
use common::{Directory, subject};

/// Which of the interactions a clinician's, patient's or feed's token allows on a type, as letters
/// of `cruds`, and capital letters for the whole store.
fn allowed(role: Role, scopes: &str, patient: Option<&str>, on: &str) -> String {
    let organization = (role != Role::Patient).then_some("o1");
    let grant = Grant {
        id: "g".to_owned(),
        client: "app".to_owned(),
        scopes: Scopes::parse(scopes).unwrap(),
        patient: patient.map(|id| ResourceId::new(id).unwrap()),
    };
    let plain = subject(role, "someone", organization);
    let subject = Subject { grant: Some(Arc::new(grant)), ..plain };
    let asks = |interaction, resource_type| {
        let request = AccessRequest { interaction, resource_type };
        let (index, directory) = (PolicyIndex::new(), Directory::new());
        let decision = decide(&subject, request, &index, &directory, LogTime(0));
        matches!(decision, Decision::Permit(_))
    };
    let on = Some(ResourceType::from_name(on).unwrap());
    let mut out = String::new();
    for (letter, interactions) in [
        ("c", &[Interaction::Create][..]),
        ("r", &[Interaction::Read, Interaction::Vread, Interaction::HistoryInstance]),
        ("u", &[Interaction::Update]),
        ("d", &[Interaction::Delete]),
        ("s", &[Interaction::SearchType, Interaction::HistoryType]),
    ] {
        let count = interactions.iter().filter(|i| asks(**i, on)).count();
        assert!(count == 0 || count == interactions.len(), "{letter} is one right");
        out.push_str(if count > 0 { letter } else { "" });
    }
    let whole = [Interaction::SearchSystem, Interaction::HistorySystem].map(|i| asks(i, None));
    assert_eq!(whole[0], whole[1]);
    out + if whole[0] { "S" } else { "" }
}

fn check(role: Role, scopes: &str, patient: Option<&str>, on: &str, expect: &str) {
    assert_eq!(allowed(role, scopes, patient, on), expect, "{role:?} {scopes} {on}");
}

#[test]
fn each_interaction_needs_its_letter() {
    let clinician = Role::Clinician;
    for letter in ["c", "r", "u", "d", "s"] {
        let whole = if letter == "s" { "sS" } else { letter };
        check(clinician, &format!("user/Observation.{letter}"), None, "Observation", whole);
        check(clinician, &format!("user/*.{letter}"), None, "Observation", whole);
    }
    check(clinician, "user/Observation.read", None, "Observation", "rsS");
    check(clinician, "user/Observation.write", None, "Observation", "cud");
    check(clinician, "user/Patient.cruds", None, "Observation", "S");
    check(clinician, "user/Observation.r user/Observation.c", None, "Observation", "cr");
    check(clinician, "openid fhirUser launch/patient", None, "Observation", "");
}

#[test]
fn no_scope_gives_what_the_role_lacks() {
    check(Role::Registration, "user/*.cruds", None, "Observation", "S");
    check(Role::Pharmacist, "user/*.cruds", None, "MedicationRequest", "crusS");
}

#[test]
fn a_context_needs_what_it_speaks_of() {
    check(Role::Clinician, "patient/*.rs", None, "Observation", "");
    check(Role::Clinician, "patient/*.rs", Some("p1"), "Observation", "rsS");
    check(Role::Clinician, "system/*.rs", None, "Observation", "");
    check(Role::Integration, "system/*.rs", None, "Observation", "rsS");
    check(Role::Integration, "user/*.rs", None, "Observation", "");
    check(Role::Patient, "patient/*.rs", Some("p1"), "Observation", "rsS");
}

#[test]
fn conditions_limit_reading_and_give_no_writing() {
    let scope = "user/Observation.cruds?category=laboratory";
    check(Role::Clinician, scope, None, "Observation", "rsS");
    check(Role::Clinician, "user/Observation.rs?no-such=x", None, "Observation", "");
    check(Role::Clinician, "user/Observation.rs?_id=x", None, "Observation", "");
    check(Role::Clinician, "user/Observation.rs?_sort=date", None, "Observation", "");
    check(Role::Clinician, "user/Nothing.rs", None, "Observation", "");
}

#[test]
fn what_is_granted_is_what_the_role_can_use() {
    let granted = |role, text: &str| {
        let scopes = Scopes::parse(text).unwrap();
        grantable(role, &scopes.resources[0]).map(|scope| scope.to_string())
    };
    let check = |role, text: &str, expect: Option<&str>| {
        assert_eq!(granted(role, text).as_deref(), expect, "{role:?} {text}");
    };
    check(Role::Clinician, "user/Observation.cruds", Some("user/Observation.cruds"));
    check(Role::Pharmacist, "user/Observation.cruds", Some("user/Observation.crus"));
    check(Role::Registration, "user/Observation.rs", None);
    check(Role::Patient, "patient/*.cruds", Some("patient/*.crus"));
    check(Role::Patient, "patient/*.read", Some("patient/*.read"));
    check(Role::Clinician, "user/Observation.cruds?code=x", Some("user/Observation.rs?code=x"));
    check(Role::Clinician, "user/Observation.rs?bogus=x", None);
    check(Role::Clinician, "user/Bogus.rs", None);
}
