//! Scopes against a direct reading of the rules, on generated facts, rows and subjects.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use accord_access::{
    AccessRequest, Decision, Fact, Interaction, PENDING_PATIENT, PolicyIndex, RowView, Scope,
    WriteDenied, decide,
};
use accord_base::{ActorOrd, LogTime, NameSpace, OrgOrd, PatientOrd, Role, Row, Subject};
use accord_spec::ResourceType;
use common::{Directory, subject};
use proptest::prelude::*;

/// Organisations besides the commons, patients and practitioners: few, so that they meet.
const MANY: u32 = 3;

fn directory() -> Directory {
    let mut directory = Directory::new();
    for n in 0..MANY {
        directory.ordinal(NameSpace::Organization, &format!("o{}", n + 1));
        directory.ordinal(NameSpace::Patient, &format!("p{n}"));
        directory.ordinal(NameSpace::Actor, &format!("Practitioner/a{n}"));
    }
    directory
}

#[derive(Clone, Debug)]
struct World {
    /// Controller of the stating row and the fact.
    facts: Vec<(OrgOrd, Fact)>,
    now: LogTime,
}

impl World {
    fn index(&self) -> PolicyIndex {
        let mut index = PolicyIndex::new();
        for (row, (controller, fact)) in (0..).zip(&self.facts) {
            index.apply(Row(row), *controller, &[*fact]);
        }
        index.advance(self.now);
        index
    }

    fn holds(&self, test: impl Fn(OrgOrd, &Fact) -> bool) -> bool {
        let now = self.now;
        self.facts.iter().any(|(controller, fact)| {
            fact.from() <= now && now < fact.until() && test(*controller, fact)
        })
    }
}

#[derive(Clone, Debug)]
struct OwnedRow {
    resource_type: ResourceType,
    controller: OrgOrd,
    patients: Vec<PatientOrd>,
    labels: u64,
    authors: Vec<ActorOrd>,
}

impl OwnedRow {
    fn view(&self) -> RowView<'_> {
        RowView {
            resource_type: self.resource_type,
            deleted: false,
            controller: self.controller,
            patients: &self.patients,
            labels: self.labels,
            clinical_day: 0,
            authors: &self.authors,
        }
    }
}

fn world() -> impl Strategy<Value = World> {
    let until = prop_oneof![(5u64..20).prop_map(LogTime), Just(LogTime::NEVER)];
    let fact =
        (0u32..5, 0..MANY, 0..=MANY, 0u64..15, until).prop_map(|(kind, p, o, from, until)| {
            let (patient, from) = (PatientOrd(p), LogTime(from));
            match kind {
                0 | 1 => Fact::OrganizationCares { patient, organization: OrgOrd(o), from, until },
                2 => Fact::ActorCares { patient, actor: ActorOrd(o.min(MANY - 1)), from, until },
                3 => Fact::ConsentDenies { patient, organization: Some(OrgOrd(o)), from, until },
                _ => Fact::ConsentDenies { patient, organization: None, from, until },
            }
        });
    let stated = ((1..=MANY).prop_map(OrgOrd), fact);
    (prop::collection::vec(stated, 0..10), (5u64..12).prop_map(LogTime))
        .prop_map(|(facts, now)| World { facts, now })
}

fn row() -> impl Strategy<Value = OwnedRow> {
    let names = ["Observation", "Patient", "Consent", "Organization", "AuditEvent", "Encounter"];
    let resource_type = prop::sample::select(names.to_vec());
    let some = |n: u32, max| prop::collection::btree_set(0..n, 0..=max);
    (resource_type, 0..=MANY, some(MANY, 2), 0u64..4, some(MANY, 1)).prop_map(
        |(name, controller, patients, labels, authors)| OwnedRow {
            resource_type: ResourceType::from_name(name).unwrap(),
            controller: OrgOrd(controller),
            patients: patients.into_iter().map(PatientOrd).collect(),
            labels,
            authors: authors.into_iter().map(ActorOrd).collect(),
        },
    )
}

fn any_subject() -> impl Strategy<Value = Subject> {
    let roles = Role::ALL.map(|(role, _)| role);
    // Number 3 is an organisation, patient or person the store has not heard of.
    (prop::sample::select(roles.to_vec()), 0..=MANY, 1..=MANY + 1).prop_map(|(role, who, o)| {
        let id = if role == Role::Patient { format!("p{who}") } else { format!("a{who}") };
        subject(role, &id, Some(&format!("o{o}")))
    })
}

fn scope(subject: &Subject, world: &World) -> Scope {
    let request = AccessRequest { interaction: Interaction::SearchSystem, resource_type: None };
    match decide(subject, request, &world.index(), &directory(), world.now) {
        Decision::Permit(scope) => scope,
        denied => panic!("{denied:?}"),
    }
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
            Fact::ConsentDenies { .. } => false,
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
        for row in &rows {
            prop_assert!(before.admits(row.view()) || !after.admits(row.view()), "{:?}", row);
        }
    }

    #[test]
    fn writes_stay_within_what_may_be_read(
        world in world(), subject in any_subject(), before in row(), after in row(),
    ) {
        let scope = scope(&subject, &world);
        let (old, new) = (before.view(), RowView { resource_type: before.resource_type, ..after.view() });
        let system = subject.role == Role::System;
        for (b, a) in [(None, Some(new)), (Some(old), Some(new)), (Some(old), None)] {
            let Ok(()) = scope.admits_write(b, a) else { continue };
            for image in [b, a].into_iter().flatten() {
                prop_assert!(scope.admits(image), "{:?}", image);
                let controller = subject.organization.as_ref().map(|id| id.as_str());
                let own = format!("o{}", image.controller.0);
                prop_assert!(
                    system || subject.role == Role::Patient || controller == Some(own.as_str()),
                    "{:?}", image
                );
            }
            if let (Some(b), Some(a), false) = (b, a, system) {
                prop_assert_eq!(b.controller, a.controller);
                prop_assert_eq!(b.patients, a.patients);
                prop_assert_eq!(b.labels & !a.labels, 0);
            }
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
    let clinician = scope(&subject(Role::Clinician, "a0", Some("o1")), &world);
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
        (Some(good.clone()), Some(row(1, &[0], 2)), Err(WriteDenied::LabelsLowered)),
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
    let patient = scope(&subject(Role::Patient, "p0", None), &world);
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
