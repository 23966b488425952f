//! Writes: what is let through lies within what may be read, and refusals say why.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
mod world;

use accord_access::{Fact, PENDING_PATIENT, RowView, WriteDenied};
use accord_base::{LogTime, OrgOrd, PatientOrd, Role};
use accord_spec::ResourceType;
use common::subject;
use proptest::prelude::*;
use world::{OwnedRow, World, any_subject, row, scope, world};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn writes_stay_within_what_may_be_read(
        world in world(), subject in any_subject(), before in row(), after in row(),
    ) {
        let Some(scope) = scope(&subject, &world) else { return Ok(()) };
        let (old, new) = (before.view(), RowView { resource_type: before.resource_type, ..after.view() });
        let system = subject.role == Role::System;
        for (b, a) in [(None, Some(new)), (Some(old), Some(new)), (Some(old), None)] {
            let Ok(()) = scope.admits_write(b, a) else { continue };
            for image in [b, a].into_iter().flatten() {
                prop_assert!(scope.admits(image), "{:?}", image);
                let controller = subject.organization.as_ref().map(|id| id.as_str());
                let own = format!("o{}", image.controller.0);
                prop_assert!(
                    system
                        || matches!(subject.role, Role::Patient | Role::Proxy)
                        || controller == Some(own.as_str()),
                    "{:?}", image
                );
            }
            if let (Some(b), Some(a), false) = (b, a, system) {
                prop_assert_eq!(b.controller, a.controller);
                prop_assert_eq!(b.patients, a.patients);
                prop_assert!(!accord_access::label::lowered(b.labels, a.labels));
            }
        }
    }
}

#[test]
fn refusals_of_writes_say_why() {
    let world = World {
        facts: vec![(
            OrgOrd(1),
            Fact::OrganizationCares {
                patient: PatientOrd(0),
                organization: OrgOrd(1),
                from: LogTime(0),
                until: LogTime::NEVER,
            },
        )],
        now: LogTime(1),
    };
    let row = |controller, patients: &[u32], labels| OwnedRow {
        resource_type: ResourceType::OBSERVATION,
        controller: OrgOrd(controller),
        patients: patients.iter().copied().map(PatientOrd).collect(),
        labels,
        authors: Vec::new(),
    };
    let good = row(1, &[0], 1);
    let clinician = scope(&subject(Role::Clinician, "a0", Some("o1")), &world).unwrap();
    let cases = [
        (None, Some(good.clone()), Ok(())),
        (Some(good.clone()), Some(good.clone()), Ok(())),
        (Some(good.clone()), None, Ok(())),
        (None, Some(row(1, &[1], 0)), Err(WriteDenied::OutOfReach)),
        (None, Some(row(1, &[PENDING_PATIENT.0], 0)), Err(WriteDenied::OutOfReach)),
        (None, Some(row(2, &[0], 0)), Err(WriteDenied::NotOwnController)),
        (Some(row(1, &[1], 0)), None, Err(WriteDenied::Hidden)),
        (Some(row(0, &[0], 0)), None, Err(WriteDenied::NotOwnController)),
        (Some(good.clone()), Some(row(1, &[0, 1], 1)), Err(WriteDenied::PatientsChanged)),
        (Some(good.clone()), Some(row(1, &[0], 0)), Err(WriteDenied::LabelsLowered)),
        (Some(good.clone()), Some(row(1, &[0], 3)), Ok(())),
    ];
    for (before, after, expect) in cases {
        let view = |row: &'_ Option<OwnedRow>| row.clone();
        let (b, a) = (view(&before), view(&after));
        let outcome =
            clinician.admits_write(b.as_ref().map(OwnedRow::view), a.as_ref().map(OwnedRow::view));
        assert_eq!(outcome, expect, "{before:?} to {after:?}");
    }
    // A patient writes consents that name no one else, and nothing else.
    let patient = scope(&subject(Role::Patient, "p0", None), &world).unwrap();
    let consent =
        |patients: &[u32]| OwnedRow { resource_type: ResourceType::CONSENT, ..row(2, patients, 0) };
    let create = |row: OwnedRow| patient.admits_write(None, Some(row.view()));
    assert_eq!(create(consent(&[0])), Ok(()));
    assert_eq!(create(consent(&[0, 1])), Err(WriteDenied::OutOfReach));
    assert_eq!(create(consent(&[1])), Err(WriteDenied::OutOfReach));
    assert_eq!(create(good.clone()), Err(WriteDenied::Forbidden));
    let removed = patient.admits_write(Some(consent(&[0]).view()), None);
    assert_eq!(removed, Err(WriteDenied::Forbidden));
}
