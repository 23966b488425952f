//! Small worlds of facts and rows, generated.
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::Arc;

use accord_access::consent::{
    self, Actions, Actors, Consent, ConsentRule, LabelTest, Provision, PurposeTest, Who,
};
use accord_access::{
    AccessRequest, Action, CLAIM_LABEL, Class, Cohort, Decision, Fact, Interaction, Limits,
    Mandate, Owed, PolicyIndex, Regime, RowView, Scope, Shared, Terms, decide, label,
};
use accord_base::{ActorOrd, LogTime, NameSpace, OrgOrd, PatientOrd, Purpose, Role, Row, Subject};
use accord_spec::ResourceType;
use proptest::prelude::*;
use smallvec::smallvec;

use crate::common::{Directory, subject};

/// Organisations besides the commons, patients and practitioners: few, so that they meet.
pub const MANY: u32 = 3;

pub fn directory() -> Directory {
    let mut directory = Directory::new();
    for n in 0..MANY {
        directory.ordinal(NameSpace::Organization, &format!("o{}", n + 1));
        directory.ordinal(NameSpace::Patient, &format!("p{n}"));
        directory.ordinal(NameSpace::Actor, &format!("Practitioner/a{n}"));
    }
    for n in 0..MANY {
        directory.ordinal(NameSpace::Actor, &format!("RelatedPerson/a{n}"));
    }
    directory.ordinal(NameSpace::Actor, "*");
    for n in 0..MANY {
        directory.ordinal(NameSpace::Actor, &format!("Organization/o{}", n + 1));
    }
    directory
}

#[derive(Clone, Debug)]
pub struct World {
    /// Controller of the stating row and the fact.
    pub facts: Vec<(OrgOrd, Fact)>,
    pub now: LogTime,
}

impl World {
    pub fn index(&self) -> PolicyIndex {
        let mut index = PolicyIndex::new();
        for (row, (controller, fact)) in (0..).zip(&self.facts) {
            index.apply(Row(row), *controller, std::slice::from_ref(fact));
        }
        index.advance(self.now);
        index
    }

    /// A row as naming everyone who is one person with a patient named: by all merges that hold,
    /// again and again until none adds anybody.
    pub fn joined(&self, row: &OwnedRow) -> OwnedRow {
        let mut joined = row.clone();
        loop {
            let known: Vec<PatientOrd> = joined.patients.to_vec();
            for (_, fact) in &self.facts {
                let Fact::Merged { patient, into, from, until } = fact else { continue };
                let holds = *from <= self.now && self.now < *until;
                if holds && (known.contains(patient) || known.contains(into)) {
                    joined.patients.extend([*patient, *into]);
                }
            }
            joined.patients.sort_unstable();
            joined.patients.dedup();
            if joined.patients.len() == known.len() {
                return joined;
            }
        }
    }

    /// Everyone who is one person with a patient, themselves included.
    pub fn person(&self, patient: PatientOrd) -> Vec<PatientOrd> {
        let (resource_type, controller) = (ResourceType::PATIENT, OrgOrd(1));
        let (patients, authors) = (vec![patient], Vec::new());
        self.joined(&OwnedRow { resource_type, controller, patients, labels: 0, authors }).patients
    }

    pub fn holds(&self, test: impl Fn(OrgOrd, &Fact) -> bool) -> bool {
        let now = self.now;
        self.facts.iter().any(|(controller, fact)| {
            fact.from() <= now && now < fact.until() && test(*controller, fact)
        })
    }
}

#[derive(Clone, Debug)]
pub struct OwnedRow {
    pub resource_type: ResourceType,
    pub controller: OrgOrd,
    pub patients: Vec<PatientOrd>,
    pub labels: u64,
    pub authors: Vec<ActorOrd>,
}

impl OwnedRow {
    pub fn view(&self) -> RowView<'_> {
        RowView {
            resource_type: self.resource_type,
            deleted: false,
            controller: self.controller,
            patients: &self.patients,
            labels: self.labels,
            clinical_day: 0,
            authors: &self.authors,
            links: None,
        }
    }
}

/// A root provision and one nested in it, with conditions of which `dice` says which they have.
pub fn consent(
    patient: PatientOrd,
    organization: u32,
    (from, until): (LogTime, LogTime),
    dice: u32,
) -> ConsentRule {
    let on = |bit: u32| dice >> bit & 1 == 1;
    let named = |organizations: &[u32], actor: u32| Actors {
        organizations: organizations.iter().copied().map(OrgOrd).collect(),
        actors: vec![ActorOrd(actor)],
    };
    let types = |name: &str| [ResourceType::from_name(name).unwrap()].into_iter().collect();
    let mut root = Provision { from, until, ..Provision::bare(on(0)) };
    root.actors = on(1).then(|| named(&[organization], 1));
    root.types = on(2).then(|| types("Observation"));
    root.actions = if on(3) { Actions(consent::Action::Read as u8) } else { Actions::ALL };
    let mut nested = Provision { permits: on(4), path: smallvec![0], ..root.clone() };
    nested.labels = on(5).then_some(LabelTest { ceiling: None, floor: None, named: 1 << 15 });
    nested.actors = on(6).then(|| named(&[1, 2], 0));
    nested.who = if on(7) { Who::Treating } else { Who::Anyone };
    nested.types = on(8).then(|| types("Encounter"));
    let purposes = PurposeTest { standard: if on(10) { u64::MAX } else { 0 }, other: Vec::new() };
    nested.purposes = on(9).then_some(purposes);
    let custodians = if on(11) { vec![OrgOrd(1)] } else { Vec::new() };
    Consent {
        patient,
        id: dice.to_string(),
        held: false,
        seal: None,
        custodians,
        key: String::new(),
        supersedes: None,
        given: LogTime(0),
        provisions: vec![root, nested],
    }
}

pub fn world() -> impl Strategy<Value = World> {
    let until = prop_oneof![(5u64..20).prop_map(LogTime), Just(LogTime::NEVER)];
    let fact = (0u32..28, 0..MANY, 0..=MANY, 0u64..15, until, (terms(), 0u32..4096)).prop_map(
        |(kind, p, o, from, until, (terms, n))| {
            let (patient, from) = (PatientOrd(p), LogTime(from));
            match kind {
                0 | 1 => Fact::OrganizationCares { patient, organization: OrgOrd(o), from, until },
                2 => Fact::ActorCares { patient, actor: ActorOrd(o.min(MANY - 1)), from, until },
                3 => Fact::ConsentDenies { patient, organization: Some(OrgOrd(o)), from, until },
                4 => Fact::ConsentDenies { patient, organization: None, from, until },
                13 | 14 => Fact::Consent(Arc::new(consent(patient, o, (from, until), n))),
                5 => {
                    let (organization, actor) = (OrgOrd(1 + o % 2), ActorOrd(p));
                    Fact::ActsFor { organization, actor, held: o % 3 == 0, from, until }
                }
                6 | 7 => Fact::Referred { patient, organization: OrgOrd(o), from, until },
                8 => Fact::Covers { patient, organization: OrgOrd(o), from, until },
                9 => Fact::Emergency { patient, actor: ActorOrd(o.min(MANY - 1)), from, until },
                10 => Fact::Sealed { patient, locked: o % 2 == 0, from, until },
                11 => Fact::Unsealed { patient, actor: ActorOrd(o.min(MANY - 1)), from, until },
                18 | 19 => {
                    let on = |bit: u32| n >> bit & 1 == 1;
                    let observation = Shared::Type(ResourceType::OBSERVATION);
                    let mandate = Mandate {
                        shared: on(0).then_some(observation),
                        signs: on(1),
                        level: if on(2) { label::Level::Normal } else { label::Level::Restricted },
                        sensitivities: if on(3) { label::sensitivity("PSY").unwrap() } else { 0 },
                    };
                    let actor = proxy(o.min(MANY - 1));
                    Fact::ActsAs { patient, actor, mandate, from, until }
                }
                20 => Fact::Protected { patient, from, until },
                21 => Fact::Honours { regime: regime(n), from, until },
                22 => Fact::Cleared { patient, regime: regime(n), from, until },
                23..26 => {
                    let members = [p, MANY + p, ANYONE, ANYONE + 1 + p];
                    let member = ActorOrd(members.get(n as usize % 4).copied().unwrap());
                    let organization = (n % 3 == 0).then_some(OrgOrd(o));
                    // Groups may be among those that consents name, or not.
                    let group = ActorOrd(n / 8 % (ANYONE + 4));
                    Fact::Belongs { group, member, organization, from, until }
                }
                26 | 27 => Fact::Merged { patient, into: PatientOrd(o.min(MANY - 1)), from, until },
                _ => Fact::Shares { organization: OrgOrd(o), terms, from, until },
            }
        },
    );
    let stated = ((0..=MANY).prop_map(OrgOrd), fact);
    (prop::collection::vec(stated, 0..14), (5u64..12).prop_map(LogTime))
        .prop_map(|(facts, now)| World { facts, now })
}

/// The actor who acts for patients.
pub fn proxy(who: u32) -> ActorOrd {
    ActorOrd(MANY + who)
}

/// Whoever may be a member.
pub const ANYONE: u32 = 2 * MANY;

fn regime(n: u32) -> Regime {
    if n.is_multiple_of(2) { Regime::NationalDataOptOut } else { Regime::Type1 }
}

fn terms() -> impl Strategy<Value = Terms> {
    let named = |name| Shared::Type(ResourceType::from_name(name).unwrap());
    let shared = prop::sample::select(vec![
        Shared::Class(Class::Clinical),
        Shared::Class(Class::Administrative),
        Shared::Class(Class::Claims),
        named("Coverage"),
        named("Task"),
        named("Consent"),
    ]);
    let cohort = prop::sample::select(vec![Cohort::All, Cohort::Referred, Cohort::Emergency]);
    let level = prop::sample::select(label::Level::ALL.map(|(level, _)| level).to_vec());
    let more = |one: u8, bits: u8| bits >> one & 1 == 1;
    let owed = move |bits| Owed { no_redisclosure: more(6, bits), notice: more(7, bits) };
    (shared, cohort, level, any::<u8>(), any::<bool>()).prop_map(
        move |(shared, cohort, level, bits, sensitive)| {
            let sensitivities = if sensitive { label::sensitivity("PSY").unwrap() } else { 0 };
            let terms =
                Terms::new(shared, Limits { cohort, level, sensitivities, owed: owed(bits) });
            let purposes = [Purpose::Treat, Purpose::Hpaymt, Purpose::Hoperat];
            let roles = [Role::Clinician, Role::Pharmacist, Role::Payor];
            let purposes = (0..).zip(purposes).filter(|(at, _)| more(*at % 2, bits));
            let terms = purposes.fold(terms, |terms, (_, one)| terms.with_purpose(one));
            let roles = (2..).zip(roles).filter(|(at, _)| more(*at, bits));
            let terms = roles.fold(terms, |terms, (_, one)| terms.with_role(one));
            if more(5, bits) || more(6, bits) { terms.with_action(Action::Read) } else { terms }
        },
    )
}

/// Labels: none, restricted, very restricted, a sensitivity, a claim of access, what is withheld
/// from patients, records under 42 CFR Part 2.
const LABELS: [u64; 9] = [0, 0, 1, 3, 1 << 15, 1 << 9 | 1 << 3, CLAIM_LABEL, 1 << 62, 1 << 61];

pub fn row() -> impl Strategy<Value = OwnedRow> {
    let names = [
        "Observation",
        "Patient",
        "Consent",
        "Organization",
        "AuditEvent",
        "Encounter",
        "Claim",
        "Coverage",
        "Contract",
        "Task",
    ];
    let resource_type = prop::sample::select(names.to_vec());
    let some = |n: u32, max| prop::collection::btree_set(0..n, 0..=max);
    (resource_type, 0..=MANY, some(MANY, 2), prop::sample::select(LABELS.to_vec()), some(MANY, 1))
        .prop_map(|(name, controller, patients, labels, authors)| OwnedRow {
            resource_type: ResourceType::from_name(name).unwrap(),
            controller: OrgOrd(controller),
            patients: patients.into_iter().map(PatientOrd).collect(),
            labels,
            authors: authors.into_iter().map(ActorOrd).collect(),
        })
}

pub fn any_subject() -> impl Strategy<Value = Subject> {
    let roles = Role::ALL.map(|(role, _)| role);
    // The last number of each is one the store has not heard of.
    let roles = prop::sample::select(roles.to_vec());
    (roles, 0..=MANY, 1..=MANY + 1, any::<bool>()).prop_map(|(role, who, o, beyond)| {
        let id = if role == Role::Patient { format!("p{who}") } else { format!("a{who}") };
        let mut subject = subject(role, &id, Some(&format!("o{o}")));
        if beyond && matches!(role, Role::Registration | Role::Payor) {
            subject.purpose = Purpose::Hoperat;
        }
        subject
    })
}

/// `None` if the subject is refused.
pub fn scope(subject: &Subject, world: &World) -> Option<Scope> {
    let request = AccessRequest { interaction: Interaction::SearchSystem, resource_type: None };
    match decide(subject, request, &world.index(), &directory(), world.now) {
        Decision::Permit(scope) => Some(scope),
        Decision::Deny { .. } => None,
    }
}
