//! What is kept of a scope's rows: whatever came in between, a count is that of a look at each row.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use accord_access::consent::{Actors, ConsentRule, LabelTest, Provision};
use accord_access::{
    AccessRequest, Decision, Fact, Interaction, Names, PolicyIndex, RowView, Scope, decide,
};
use accord_base::{
    ActorOrd, LogTime, OrgOrd, PatientOrd, Principal, Purpose, ResourceId, Role, Row, Subject,
};
use accord_index::{Change, Index, Prepared, RowChange, Snapshot, View, Writer};
use accord_spec::ResourceType;
use proptest::prelude::*;

use common::{code, observation, query, rows, token};

/// The organisation whose clinician asks, and another.
const OURS: OrgOrd = OrgOrd(1);
const THEIRS: OrgOrd = OrgOrd(2);
const PATIENTS: u32 = 5;
/// The one who asks, a group, and a label.
const WHO: ActorOrd = ActorOrd(99);
const GROUP: ActorOrd = ActorOrd(7);
const LABEL: u64 = 1 << 15;
/// Kinds of facts.
const KINDS: u32 = 10;

fn fact(kind: u32, patient: PatientOrd, (from, until): (LogTime, LogTime), dice: u32) -> Fact {
    let organization = Some(OURS).filter(|_| dice.is_multiple_of(2));
    match kind {
        0 | 1 => Fact::ActorCares { patient, actor: WHO, from, until },
        2 => Fact::ConsentDenies { patient, organization, from, until },
        3 => Fact::Emergency { patient, actor: WHO, from, until },
        4 => Fact::Sealed { patient, locked: dice.is_multiple_of(2), from, until },
        5 => Fact::Unsealed { patient, actor: WHO, from, until },
        6 => Fact::Belongs { group: GROUP, member: WHO, organization: None, from, until },
        _ => {
            let on = |bit: u32| dice >> bit & 1 == 1;
            let named = |actor| Actors { organizations: Vec::new(), actors: vec![actor] };
            let whole = (LogTime(0), LogTime::NEVER);
            // Provisions turn while the consent holds, or with it.
            let (from, until, of) =
                if on(0) { (from, until, whole) } else { (whole.0, whole.1, (from, until)) };
            let mut root = Provision { from: of.0, until: of.1, ..Provision::bare(on(1)) };
            root.actors = on(2).then(|| named(if on(3) { GROUP } else { WHO }));
            let labels = LabelTest { ceiling: None, floor: None, named: LABEL };
            let nested = Provision {
                permits: !root.permits,
                path: [0].into_iter().collect(),
                labels: on(4).then_some(labels),
                from,
                until,
                ..root.clone()
            };
            Fact::Consent(Arc::new(ConsentRule {
                patient,
                id: kind.to_string(),
                held: false,
                seal: None,
                custodians: Vec::new(),
                key: String::new(),
                supersedes: None,
                given: LogTime(0),
                provisions: vec![root, nested],
            }))
        }
    }
}

/// One thing that happens to a store.
#[derive(Clone, Debug)]
enum Step {
    /// An observation of a patient, red or not, perhaps instead of an earlier one.
    Write { patient: u32, red: bool, instead: Option<prop::sample::Index> },
    /// An earlier row turns out to be of another patient, or another organisation's.
    Change { row: prop::sample::Index, patient: Option<u32> },
    /// The organisation begins or ceases to care for a patient.
    Care { patient: u32 },
    /// Two patients' records turn out to be of one person, or of two all the same.
    Merge { one: u32, other: u32 },
    /// A fact of some kind is stated about a patient, or no longer.
    State { kind: u32, patient: u32, from: u64, dice: u32 },
    /// Time passes.
    Pass { by: u64 },
    /// A state is kept to be asked again.
    Keep,
    /// How many are red?
    Ask,
}

fn step() -> impl Strategy<Value = Step> {
    let patient = 0..PATIENTS;
    let instead = prop::option::weighted(0.3, any::<prop::sample::Index>());
    prop_oneof![
        12 => (patient.clone(), prop::bool::weighted(0.7), instead)
            .prop_map(|(patient, red, instead)| Step::Write { patient, red, instead }),
        2 => (any::<prop::sample::Index>(), prop::option::of(patient.clone()))
            .prop_map(|(row, patient)| Step::Change { row, patient }),
        2 => patient.clone().prop_map(|patient| Step::Care { patient }),
        3 => (0..KINDS, patient.clone(), 0u64..8, any::<u32>())
            .prop_map(|(kind, patient, from, dice)| Step::State { kind, patient, from, dice }),
        1 => (0u64..4).prop_map(|by| Step::Pass { by }),
        1 => (patient.clone(), patient).prop_map(|(one, other)| Step::Merge { one, other }),
        1 => Just(Step::Keep),
        6 => Just(Step::Ask),
    ]
}

/// A row as a list knows it.
struct Known {
    red: bool,
    labels: u64,
    /// Patient and controller, from which row on.
    carries: Vec<(u32, PatientOrd, OrgOrd)>,
    successor: Option<u32>,
    version: u32,
    id: String,
}

struct World {
    index: Index,
    writer: Writer,
    rows: Vec<Known>,
    policy: PolicyIndex,
    cared: BTreeSet<u32>,
    merges: BTreeSet<(u32, u32)>,
    stated: BTreeSet<(u32, u32)>,
    kept: Vec<Snapshot>,
}

struct Ordinals;

impl Names for Ordinals {
    fn organization(&self, _: &str) -> Option<OrgOrd> {
        Some(OURS)
    }

    fn patient(&self, _: &str) -> Option<PatientOrd> {
        None
    }

    fn actor(&self, _: &str) -> Option<ActorOrd> {
        Some(WHO)
    }
}

impl World {
    fn new() -> World {
        let (index, writer) = Index::open(Vec::new(), 64).unwrap();
        World {
            index,
            writer,
            rows: Vec::new(),
            policy: PolicyIndex::new(),
            cared: BTreeSet::new(),
            merges: BTreeSet::new(),
            stated: BTreeSet::new(),
            kept: Vec::new(),
        }
    }

    fn write(
        &mut self,
        patient: u32,
        red: bool,
        instead: Option<usize>,
        change: Option<RowChange>,
    ) {
        let row = self.rows.len() as u32;
        let prior = instead.filter(|at| self.rows[*at].successor.is_none());
        let id = prior.map_or_else(|| format!("o{row}"), |at| self.rows[at].id.clone());
        let values = vec![token("code", None, if red { "red" } else { "blue" })];
        let mut effect = observation(row, &id, values);
        effect.policy.patients = [PatientOrd(patient)].into_iter().collect();
        effect.policy.controller = OURS;
        effect.policy.labels = if row.is_multiple_of(3) { LABEL } else { 0 };
        let labels = effect.policy.labels;
        effect.prior = prior.map(|at| Row(at as u32));
        effect.version = prior.map_or(1, |at| self.rows[at].version + 1);
        effect.changes.extend(change);
        self.writer.apply(&effect, &Prepared::new(effect.resource_type, &effect.values)).unwrap();
        self.writer.publish(Row(row + 1), effect.born);
        if let Some(at) = prior {
            self.rows[at].successor = Some(row);
        }
        let carries = vec![(0, PatientOrd(patient), OURS)];
        let version = effect.version;
        self.rows.push(Known { red, labels, carries, successor: None, version, id });
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Write { patient, red, instead } => {
                let instead = instead.filter(|_| !self.rows.is_empty());
                let instead = instead.map(|at| at.index(self.rows.len()));
                self.write(*patient, *red, instead, None);
            }
            Step::Change { row, patient } if !self.rows.is_empty() => {
                let (at, by) = (row.index(self.rows.len()), self.rows.len() as u32);
                let (_, was, keeper) = *self.rows[at].carries.last().unwrap();
                let (change, now) = match patient {
                    Some(patient) => {
                        let patient = PatientOrd(*patient);
                        (Change::Patients(vec![patient]), (by, patient, keeper))
                    }
                    None => (Change::Controller(THEIRS), (by, was, THEIRS)),
                };
                self.write(0, false, None, Some(RowChange { row: Row(at as u32), change }));
                self.rows[at].carries.push(now);
            }
            Step::Care { patient } => {
                let (from, until) = (LogTime(0), LogTime::NEVER);
                let fact = Fact::OrganizationCares {
                    patient: PatientOrd(*patient),
                    organization: OURS,
                    from,
                    until,
                };
                let stating = Row(1_000_000 + patient);
                if self.cared.remove(patient) {
                    self.policy.retire(stating);
                } else {
                    self.cared.insert(*patient);
                    self.policy.apply(stating, OURS, &[fact]);
                }
            }
            Step::Merge { one, other } => {
                let (from, until) = (LogTime(0), LogTime::NEVER);
                let (patient, into) = (PatientOrd(*one), PatientOrd(*other));
                let stating = Row(2_000_000 + one * PATIENTS + other);
                if self.merges.remove(&(*one, *other)) {
                    self.policy.retire(stating);
                } else if one != other {
                    self.merges.insert((*one, *other));
                    let merged = Fact::Merged { patient, into, from, until };
                    self.policy.apply(stating, OURS, &[merged]);
                }
            }
            Step::State { kind, patient, from, dice } => {
                let stating = Row(3_000_000 + kind * PATIENTS + patient);
                if self.stated.remove(&(*kind, *patient)) {
                    self.policy.retire(stating);
                } else {
                    self.stated.insert((*kind, *patient));
                    let from = self.policy.now().plus_us(*from);
                    let fact = fact(*kind, PatientOrd(*patient), (from, from.plus_us(5)), *dice);
                    self.policy.apply(stating, OURS, &[fact]);
                }
            }
            Step::Pass { by } => self.policy.advance(self.policy.now().plus_us(*by)),
            Step::Keep => self.kept.push(self.index.snapshot()),
            Step::Change { .. } | Step::Ask => {}
        }
    }

    fn scope(&self) -> Scope {
        let subject = Subject {
            principal: Principal::Practitioner(ResourceId::new("p").unwrap()),
            role: Role::Clinician,
            organization: Some(ResourceId::new("o").unwrap()),
            purpose: Purpose::Treat,
            ..Subject::system("test")
        };
        let resource_type = Some(ResourceType::OBSERVATION);
        let request = AccessRequest { interaction: Interaction::SearchType, resource_type };
        match decide(&subject, request, &self.policy, &Ordinals, self.policy.now()) {
            Decision::Permit(scope) => scope,
            Decision::Deny { reasons } => panic!("{reasons:?}"),
        }
    }

    /// The red rows that a look at each finds in a state.
    fn red(&self, watermark: u32, scope: &Scope) -> Vec<u32> {
        let is_red = |(row, known): &(u32, &Known)| {
            let carried = known.carries.iter().rfind(|(from, ..)| *from < watermark.max(1));
            let (_, patient, keeper) = carried.unwrap();
            *row < watermark
                && known.red
                && known.successor.is_none_or(|by| by >= watermark)
                && scope.admits(RowView {
                    resource_type: ResourceType::OBSERVATION,
                    deleted: false,
                    controller: *keeper,
                    patients: &[*patient],
                    labels: known.labels,
                    clinical_day: 20_000,
                    authors: &[ActorOrd(0)],
                    links: None,
                })
        };
        (0u32..).zip(&self.rows).filter(is_red).map(|(row, _)| row).collect()
    }

    fn check(&self) {
        let newest = self.index.snapshot();
        for snapshot in self.kept.iter().rev().take(2).chain([&newest]) {
            let expect = self.red(snapshot.watermark().0, &self.scope());
            // Asked often enough for what was found out to be kept, and used.
            for _ in 0..3 {
                let view = View::new(snapshot.clone(), self.scope());
                let (found, total) = rows(&view, &query("code", code("red"))).unwrap();
                assert_eq!(found, expect);
                assert_eq!(total, expect.len() as u64);
            }
            let view = View::new(snapshot.clone(), self.scope());
            let paging = accord_index::Paging { after: None, count: 0, total: true };
            let counted = view.search(&query("code", code("red")), &paging).unwrap().total;
            assert_eq!(counted, Some(expect.len() as u64));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn counts_are_those_of_a_look_at_each_row(steps in prop::collection::vec(step(), 100..400)) {
        let mut world = World::new();
        for step in steps {
            world.take(&step);
            if matches!(step, Step::Ask) {
                world.check();
            }
        }
    }
}
