//! Scopes against a direct reading of the rules, on generated facts, rows and subjects.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
mod world;

use accord_access::{AccessRequest, Decision, Fact, Interaction, PolicyIndex, Scope, decide};
use accord_base::{ActorOrd, LogTime, OrgOrd, PatientOrd, Role, Row, Subject};
use common::subject;
use proptest::prelude::*;
use world::{MANY, OwnedRow, World, any_subject, directory, row, scope, world};

/// Whether the directory says that the subject does not act for their organisation.
fn has_left(subject: &Subject, world: &World) -> bool {
    let says = |wanted: bool| {
        world.holds(|_, fact| match fact {
            Fact::ActsFor { organization, actor, held, .. } => {
                subject.reference() == format!("Practitioner/a{}", actor.0)
                    && subject.organization.as_ref().unwrap().as_str()
                        == format!("o{}", organization.0)
                    && *held == wanted
            }
            _ => false,
        })
    };
    says(false) && !says(true)
}

/// The rules of docs/access.md, one after the other, over the facts themselves.
fn naive(subject: &Subject, world: &World, row: &OwnedRow) -> bool {
    let number = |text: &str| text.trim_start_matches(|c: char| !c.is_ascii_digit()).parse::<u32>();
    let who = number(&subject.reference()).unwrap_or(99);
    let own = subject.organization.as_ref().map(|id| OrgOrd(number(id.as_str()).unwrap())).unwrap();
    let name = row.resource_type.name();
    let clinical = name == "Observation";
    match subject.role {
        Role::System => return true,
        _ if name == "AuditEvent" => return false,
        Role::Administrator if name != "Organization" => return false,
        Role::Registration if clinical => return false,
        _ => {}
    }
    if name == "Organization" && row.patients.is_empty() {
        return true;
    }
    let here = row.controller == own || row.controller == OrgOrd::COMMONS;
    let author = row.patients.is_empty() && row.authors.contains(&ActorOrd(who));
    let denied = row.patients.iter().any(|p| {
        world.holds(|_, fact| match fact {
            Fact::ConsentDenies { patient, organization, .. } => {
                patient == p && organization.is_none_or(|o| o == own)
            }
            _ => false,
        })
    });
    let cared_for = row.patients.iter().any(|p| {
        world.holds(|controller, fact| match fact {
            Fact::OrganizationCares { patient, organization, .. } => {
                patient == p && *organization == own
            }
            Fact::ActorCares { patient, actor, .. } => {
                patient == p && actor.0 == who && controller == own
            }
            Fact::ConsentDenies { .. } | Fact::ActsFor { .. } => false,
        })
    });
    match subject.role {
        Role::System => true,
        Role::Patient => row.patients.contains(&PatientOrd(who)),
        Role::Clinician | Role::Pharmacist => here && (author || cared_for && !denied),
        Role::Registration => here && (author || !row.patients.is_empty() && !denied),
        Role::Integration => row.controller == own,
        Role::Administrator => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn scopes_say_what_the_rules_say(
        world in world(), subject in any_subject(), rows in prop::collection::vec(row(), 1..12),
    ) {
        let scope = scope(&subject, &world);
        prop_assert_eq!(scope.is_none(), has_left(&subject, &world));
        let Some(scope) = scope else { return Ok(()) };
        for row in &rows {
            prop_assert_eq!(scope.admits(row.view()), naive(&subject, &world, row), "{:?}", row);
        }
    }

    #[test]
    fn a_denial_more_never_shows_more(
        world in world(), subject in any_subject(), rows in prop::collection::vec(row(), 1..12),
        patient in 0..MANY, organization in prop::option::of(0..=MANY),
    ) {
        let mut stricter = world.clone();
        stricter.facts.push((OrgOrd(1), Fact::ConsentDenies {
            patient: PatientOrd(patient),
            organization: organization.map(OrgOrd),
            from: LogTime(0),
            until: LogTime::NEVER,
        }));
        let (before, after) = (scope(&subject, &world), scope(&subject, &stricter));
        let (Some(before), Some(after)) = (before, after) else { return Ok(()) };
        for row in &rows {
            prop_assert!(before.admits(row.view()) || !after.admits(row.view()), "{:?}", row);
        }
    }
}

#[test]
fn facts_that_fell_due_and_were_not_applied_deny() {
    let mut index = PolicyIndex::new();
    let (patient, organization) = (PatientOrd(0), OrgOrd(1));
    let (from, until) = (LogTime(0), LogTime(10));
    index.apply(
        Row(0),
        organization,
        &[Fact::OrganizationCares { patient, organization, from, until }],
    );
    let request = AccessRequest { interaction: Interaction::SearchSystem, resource_type: None };
    let clinician = subject(Role::Clinician, "a0", Some("o1"));
    let at = |index: &PolicyIndex, now| decide(&clinician, request, index, &directory(), now);
    assert!(matches!(at(&index, LogTime(9)), Decision::Permit(_)));
    assert!(at(&index, LogTime(10)).is_fault());
    index.advance(LogTime(10));
    assert!(matches!(at(&index, LogTime(10)), Decision::Permit(_)));
}

#[test]
fn a_scope_is_the_same_until_a_fact_it_rests_on_changes() {
    let mut index = PolicyIndex::new();
    let cares = |patient, organization| Fact::OrganizationCares {
        patient: PatientOrd(patient),
        organization: OrgOrd(organization),
        from: LogTime(0),
        until: LogTime::NEVER,
    };
    let request = AccessRequest { interaction: Interaction::SearchSystem, resource_type: None };
    let of = |index: &PolicyIndex| {
        let clinician = subject(Role::Clinician, "a0", Some("o1"));
        match decide(&clinician, request, index, &directory(), LogTime(1)) {
            Decision::Permit(scope) => scope,
            Decision::Deny { reasons } => panic!("{reasons:?}"),
        }
    };
    index.apply(Row(0), OrgOrd(1), &[cares(0, 1)]);
    let before = of(&index);
    assert!(before.is_same(&of(&index)));
    index.apply(Row(1), OrgOrd(2), &[cares(1, 2)]);
    assert!(before.is_same(&of(&index)), "another organisation's patients");
    index.apply(Row(2), OrgOrd(1), &[cares(0, 1)]);
    assert!(before.is_same(&of(&index)), "a patient stated twice");
    index.apply(Row(3), OrgOrd(1), &[cares(2, 1)]);
    assert!(!before.is_same(&of(&index)));
    assert!(!Scope::system("test").is_same(&of(&index)));
}
