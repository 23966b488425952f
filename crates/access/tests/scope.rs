//! Scopes against a direct reading of the rules, on generated facts, rows and subjects.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
mod world;

use std::sync::Arc;

use accord_access::consent::{self, Asker, Asking, ConsentRule, Verdict};
use accord_access::{
    AccessRequest, Action, Admission, CLAIM_LABEL, Class, Cohort, Decision, Fact, Interaction,
    Layer, PolicyIndex, Regime, Rule, Says, Scope, Shared, decide,
};
use accord_base::{ActorOrd, LogTime, OrgOrd, PatientOrd, Purpose, Role, Row, Subject};
use accord_spec::ResourceType;
use common::subject;
use proptest::prelude::*;
use world::{
    ANYONE, MANY, OwnedRow, World, any_subject, consent, directory, proxy, row, scope, world,
};

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

/// The number in an id such as `o3`.
fn number(text: &str) -> u32 {
    text.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(99)
}

/// Whether the role may read the type at all.
fn readable(role: Role, name: &str) -> bool {
    match role {
        Role::System => true,
        Role::Patient | Role::PrivacyOfficer if name == "AuditEvent" => true,
        _ if name == "AuditEvent" => false,
        Role::Integration => true,
        Role::Administrator => name == "Organization",
        Role::Registration => !["Observation", "Claim", "Contract", "Task"].contains(&name),
        Role::Clinician | Role::Pharmacist | Role::Patient | Role::Proxy => name != "Contract",
        Role::Payor => ["Organization", "Claim", "Coverage"].contains(&name),
        Role::Researcher => ["Organization", "Observation"].contains(&name),
        Role::PrivacyOfficer => ["Organization", "Consent", "Contract", "Task"].contains(&name),
    }
}

/// A subject asking for a row in a world.
struct Asked<'a> {
    subject: &'a Subject,
    who: u32,
    own: OrgOrd,
    world: &'a World,
    row: &'a OwnedRow,
}

impl Asked<'_> {
    fn emergency(&self, p: PatientOrd) -> bool {
        self.world.holds(|controller, fact| match fact {
            Fact::Emergency { patient, actor, .. } => {
                *patient == p && actor.0 == self.who && controller == self.own
            }
            _ => false,
        })
    }

    fn cares(&self, p: PatientOrd) -> bool {
        let stated = self.world.holds(|controller, fact| match fact {
            Fact::OrganizationCares { patient, organization, .. } => {
                *patient == p && *organization == self.own
            }
            Fact::ActorCares { patient, actor, .. } => {
                *patient == p && actor.0 == self.who && controller == self.own
            }
            _ => false,
        });
        stated || self.emergency(p)
    }

    fn covers(&self, by: OrgOrd, p: PatientOrd) -> bool {
        self.world.holds(|controller, fact| {
            let covers = |patient, organization| {
                patient == p && organization == self.own && controller == by
            };
            matches!(fact, Fact::Covers { patient, organization, .. } if covers(*patient, *organization))
        })
    }

    fn referred(&self, by: OrgOrd, p: PatientOrd) -> bool {
        self.world.holds(|controller, fact| {
            let referred = |patient, organization| {
                patient == p && organization == self.own && controller == by
            };
            matches!(fact, Fact::Referred { patient, organization, .. } if referred(*patient, *organization))
        })
    }

    /// Whether a seal of the row's controller closes it.
    fn sealed(&self) -> bool {
        let row = self.row;
        let seal = |p: PatientOrd, wanted: bool| {
            self.world.holds(|controller, fact| match fact {
                Fact::Sealed { patient, locked, .. } => {
                    *patient == p && *locked == wanted && controller == row.controller
                }
                _ => false,
            })
        };
        let holds = |p: PatientOrd| {
            self.world.holds(|controller, fact| match fact {
                Fact::Unsealed { patient, actor, .. } => {
                    *patient == p && actor.0 == self.who && controller == row.controller
                }
                _ => false,
            })
        };
        let treats = matches!(self.subject.role, Role::Clinician | Role::Pharmacist);
        let urgent = |p| treats && self.emergency(p);
        let closed = |p: &PatientOrd| {
            (seal(*p, true) || seal(*p, false) && !urgent(*p)) && !(self.here() && holds(*p))
        };
        row.patients.iter().any(closed)
    }

    /// Who the asker is and every group they belong to, and those to which anyone may.
    fn belongs(&self, seeds: &[ActorOrd]) -> Vec<ActorOrd> {
        let mut all = seeds.to_vec();
        loop {
            let before = all.len();
            for group in (0..64).map(ActorOrd) {
                let belongs = self.world.holds(|_, fact| match fact {
                    Fact::Belongs { group: g, member, organization, .. } => {
                        *g == group
                            && all.contains(member)
                            && organization.is_none_or(|to| to == self.own)
                    }
                    _ => false,
                });
                if belongs && !all.contains(&group) {
                    all.push(group);
                }
            }
            if all.len() == before {
                return all;
            }
        }
    }

    /// What one consent says; what it says of a row is tested for itself.
    fn says(&self, rule: &ConsentRule) -> Verdict {
        let organization = (1..=MANY).find(|o| *o == self.own.0).map(|o| ActorOrd(ANYONE + o));
        let me: Vec<ActorOrd> = std::iter::once(ActorOrd(self.who)).chain(organization).collect();
        let asker = Asker {
            organizations: [self.own].into_iter().collect(),
            actors: self.belongs(&me).into(),
            perhaps: self.belongs(&[ActorOrd(ANYONE)]).into(),
            treats: matches!(self.subject.role, Role::Clinician | Role::Pharmacist),
            purpose: self.subject.purpose.into(),
        };
        let action = if self.here() { consent::Action::Read } else { consent::Action::Disclose };
        let asking =
            Asking { asker: &asker, action, now: self.world.now, or_labels: false, person: &[] };
        rule.find(&asking, &self.row.view()).0
    }

    fn denied(&self, p: PatientOrd) -> bool {
        let denies = self.world.holds(|_, fact| match fact {
            Fact::ConsentDenies { patient, organization, .. } => {
                *patient == p && organization.is_none_or(|o| o == self.own)
            }
            Fact::Consent(rule) => rule.patient == p && self.says(rule) == Verdict::Deny,
            _ => false,
        });
        let permits = || {
            self.world.holds(|_, fact| match fact {
                Fact::Consent(rule) => rule.patient == p && self.says(rule) == Verdict::Permit,
                _ => false,
            })
        };
        let part_2 = self.row.labels & 1 << 61 != 0;
        denies || part_2 && !self.here() && !permits()
    }

    fn protected(&self, p: PatientOrd) -> bool {
        self.world.holds(|_, fact| matches!(fact, Fact::Protected { patient, .. } if *patient == p))
    }

    /// Whether the law closes the row.
    fn unlawful(&self) -> bool {
        let row = self.row;
        let beyond = matches!(self.subject.purpose, Purpose::Hoperat | Purpose::Hresch);
        let opted_out = [Regime::NationalDataOptOut, Regime::Type1].into_iter().any(|wanted| {
            let honours = self.world.holds(|controller, fact| {
                matches!(fact, Fact::Honours { regime, .. }
                    if *regime == wanted && controller == row.controller)
            });
            let cleared = |p: PatientOrd| {
                self.world.holds(|controller, fact| {
                    matches!(fact, Fact::Cleared { patient, regime, .. }
                        if *patient == p && *regime == wanted && controller == row.controller)
                })
            };
            honours && row.patients.iter().any(|p| !cleared(*p))
        });
        let abroad = row.controller != self.own && row.patients.iter().any(|p| self.protected(*p));
        abroad || beyond && opted_out
    }

    /// What someone sees who acts for patients.
    fn acts(&self) -> bool {
        let (row, who) = (self.row, proxy(self.who));
        let given = |p: PatientOrd| {
            self.world.holds(|_, fact| match fact {
                Fact::ActsAs { patient, actor, mandate, .. } => {
                    *patient == p && *actor == who && mandate.covers(row.resource_type, row.labels)
                }
                _ => false,
            })
        };
        // Leave that names one record of a person is about the person.
        let sees = |p: PatientOrd| self.world.person(p).into_iter().any(given);
        let me = self.belongs(&[who]);
        let perhaps = self.belongs(&[ActorOrd(ANYONE)]);
        // Conditions but for the actor are tested elsewhere; here a provision is asked as it is.
        let named = |p: PatientOrd| {
            self.world.holds(|_, fact| {
                let Fact::Consent(rule) = fact else { return false };
                let asked = |action| {
                    let asker = Asker {
                        organizations: Default::default(),
                        actors: me.clone().into(),
                        perhaps: perhaps.clone().into(),
                        treats: false,
                        purpose: self.subject.purpose.into(),
                    };
                    let now = self.world.now;
                    let asking =
                        Asking { asker: &asker, action, now, or_labels: false, person: &[] };
                    rule.provisions.iter().any(|one| {
                        let alone =
                            ConsentRule { provisions: vec![one.clone()], ..(**rule).clone() };
                        !one.permits
                            && one.actors.is_some()
                            && alone.find(&asking, &row.view()).0 == Verdict::Deny
                    })
                };
                rule.patient == p
                    && (asked(consent::Action::Read) || asked(consent::Action::Disclose))
            })
        };
        !row.patients.is_empty()
            && row.patients.iter().all(|p| sees(*p) && !self.protected(*p) && !named(*p))
    }

    /// Whether the asker has a relationship with a patient named, where the row lies; `own` and
    /// `sent` are those of their role.
    fn related(
        &self,
        own: &dyn Fn(PatientOrd) -> bool,
        sent: &dyn Fn(OrgOrd, PatientOrd) -> bool,
    ) -> bool {
        let row = self.row;
        if self.here() {
            return row.patients.iter().any(|p| own(*p));
        }
        let Subject { role, purpose, .. } = self.subject;
        self.world.holds(|controller, fact| {
            let Fact::Shares { organization, terms, .. } = fact else { return false };
            let what = match terms.shared {
                Shared::Class(class) => class == Class::of(row.resource_type),
                Shared::Type(one) => one == row.resource_type,
            };
            let treats = matches!(role, Role::Clinician | Role::Pharmacist);
            let whom = |p: &PatientOrd| match terms.limits.cohort {
                Cohort::All => sent(controller, *p) || own(*p),
                Cohort::Referred => sent(controller, *p),
                Cohort::Emergency => treats && self.emergency(*p),
            };
            controller == row.controller
                && *organization == self.own
                && terms.permit(*role, *purpose, Action::Read)
                && what
                && terms.limits.cover(row.labels)
                && row.patients.iter().any(whom)
        })
    }

    fn here(&self) -> bool {
        self.row.controller == self.own || self.row.controller == OrgOrd::COMMONS
    }

    fn treats(&self) -> bool {
        let row = self.row;
        if row.patients.is_empty() || row.labels & CLAIM_LABEL != 0 {
            return self.here() && row.authors.contains(&ActorOrd(self.who));
        }
        self.related(&|p| self.cares(p), &|by, p| self.referred(by, p))
            && row.patients.iter().all(|p| !self.denied(*p) || self.emergency(*p))
            && !self.sealed()
            && !self.unlawful()
    }
}

/// The rules of docs/access.md, one after the other, over the facts themselves.
fn naive(subject: &Subject, world: &World, row: &OwnedRow) -> bool {
    let row = &world.joined(row);
    let who = number(&subject.reference());
    let own = subject.organization.as_ref().map(|id| OrgOrd(number(id.as_str()))).unwrap();
    let asked = Asked { subject, who, own, world, row };
    let name = row.resource_type.name();
    if !readable(subject.role, name) {
        return false;
    }
    if subject.role == Role::System || name == "Organization" && row.patients.is_empty() {
        return true;
    }
    let none_denies = row.patients.iter().all(|p| !asked.denied(*p));
    let withheld = row.labels & (1 << 62 | 1 << 21) != 0;
    match subject.role {
        Role::System => true,
        Role::Patient => row.patients.contains(&PatientOrd(who)) && !withheld,
        Role::Proxy => asked.acts() && !withheld,
        Role::Clinician | Role::Pharmacist => asked.treats(),
        Role::Registration if row.patients.is_empty() => {
            asked.here() && row.authors.contains(&ActorOrd(who))
        }
        Role::Registration => asked.here() && none_denies && !asked.sealed() && !asked.unlawful(),
        Role::Integration => row.controller == own,
        Role::Administrator => false,
        Role::Payor => {
            asked.related(&|p| asked.covers(own, p), &|by, p| asked.covers(by, p))
                && none_denies
                && !asked.sealed()
                && !asked.unlawful()
        }
        Role::Researcher => {
            let cleared = |p: PatientOrd| {
                let regime = Regime::NationalDataOptOut;
                let at_home = |controller| controller == own;
                world.holds(|controller, fact| matches!(fact, Fact::Honours { regime: r, .. } if *r == regime && at_home(controller)))
                    && world.holds(|controller, fact| matches!(fact, Fact::Cleared { patient, regime: r, .. } if *patient == p && *r == regime && at_home(controller)))
            };
            row.controller == own
                && !row.patients.is_empty()
                && row.patients.iter().all(|p| cleared(*p))
                && none_denies
                && !asked.sealed()
                && !asked.unlawful()
        }
        Role::PrivacyOfficer => {
            let governed = ["Consent", "Contract", "AuditEvent"].contains(&name);
            row.controller == own && (governed || row.labels & CLAIM_LABEL != 0)
        }
    }
}

/// Whether a clinician may know of a row: it would exist in a world without seals but locked ones.
fn knows(subject: &Subject, world: &World, row: &OwnedRow) -> bool {
    let open = |fact: &Fact| match fact {
        Fact::Sealed { locked, .. } => !locked,
        Fact::Consent(rule) => rule.seal == Some(consent::Seal::Sealed),
        _ => false,
    };
    let mut opened = world.clone();
    opened.facts.retain(|(_, fact)| !open(fact));
    subject.role == Role::Clinician
        && matches!(row.patients[..], [_])
        && row.labels & CLAIM_LABEL == 0
        && !naive(subject, world, row)
        && naive(subject, &opened, row)
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
            let known = scope.admission(row.view()) == Admission::Known;
            prop_assert_eq!(known, knows(&subject, &world, row), "{:?}", row);
        }
    }

    #[test]
    fn a_denial_or_seal_more_never_shows_more(
        world in world(), subject in any_subject(), rows in prop::collection::vec(row(), 1..12),
        patient in 0..MANY, organization in 0..=MANY, dice in 0u32..4096, seal in any::<bool>(),
    ) {
        let mut stricter = world.clone();
        let (patient, from, until) = (PatientOrd(patient), LogTime(0), LogTime::NEVER);
        let mut denial = consent(patient, organization, (from, until), dice);
        denial.provisions.iter_mut().for_each(|provision| provision.permits = false);
        let fact = match seal {
            true => Fact::Sealed { patient, locked: dice % 2 == 0, from, until },
            false => Fact::Consent(Arc::new(denial)),
        };
        let fact = if dice % 5 == 0 { Fact::Protected { patient, from, until } } else { fact };
        stricter.facts.push((OrgOrd(1), fact));
        let (before, after) = (scope(&subject, &world), scope(&subject, &stricter));
        let (Some(before), Some(after)) = (before, after) else { return Ok(()) };
        for row in &rows {
            let shows = |scope: &Scope| match scope.admission(row.view()) {
                Admission::No | Admission::IfGranted => 0,
                Admission::Known => 1,
                Admission::Yes => 2,
            };
            prop_assert!(shows(&before) >= shows(&after), "{:?}", row);
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

#[test]
fn a_scope_is_another_once_records_are_merged_and_when_they_no_longer_are() {
    let (from, until) = (LogTime(0), LogTime::NEVER);
    let merged = Fact::Merged { patient: PatientOrd(0), into: PatientOrd(1), from, until };
    let request = AccessRequest { interaction: Interaction::SearchSystem, resource_type: None };
    let roles = Role::ALL.map(|(role, _)| role);
    for role in roles.into_iter().filter(|role| *role != Role::System) {
        let mut index = PolicyIndex::new();
        let of = |index: &PolicyIndex| {
            let id = if role == Role::Patient { "p0" } else { "a0" };
            let asker = subject(role, id, Some("o1"));
            match decide(&asker, request, index, &directory(), LogTime(1)) {
                Decision::Permit(scope) => scope,
                Decision::Deny { reasons } => panic!("{reasons:?}"),
            }
        };
        let apart = of(&index);
        index.apply(Row(0), OrgOrd(1), std::slice::from_ref(&merged));
        let joined = of(&index);
        assert!(!joined.is_same(&apart) && joined.is_same(&of(&index)), "{role:?}");
        index.retire(Row(0));
        assert!(of(&index).is_same(&apart) && !of(&index).is_same(&joined), "{role:?}");
        // The same merge once more joins the same records: the same rows exist.
        index.apply(Row(1), OrgOrd(1), std::slice::from_ref(&merged));
        assert!(of(&index).is_same(&joined) && !of(&index).is_same(&apart), "{role:?}");
    }
}

#[test]
fn a_trace_does_not_find_what_is_sealed() {
    let (from, until) = (LogTime(0), LogTime::NEVER);
    let sealed = |locked| Fact::Sealed { patient: PatientOrd(0), locked, from, until };
    let held = Fact::Unsealed { patient: PatientOrd(0), actor: ActorOrd(0), from, until };
    let row = OwnedRow {
        resource_type: ResourceType::PATIENT,
        controller: OrgOrd(2),
        patients: vec![PatientOrd(0)],
        labels: 0,
        authors: Vec::new(),
    };
    let found = |facts: &[(OrgOrd, Fact)], role, organization| {
        let world = World { facts: facts.to_vec(), now: LogTime(1) };
        let asker = subject(role, "a0", Some(organization));
        let resource_type = Some(ResourceType::PATIENT);
        let request = AccessRequest { interaction: Interaction::Trace, resource_type };
        match decide(&asker, request, &world.index(), &directory(), world.now) {
            Decision::Permit(scope) => scope.admits(row.view()),
            Decision::Deny { reasons } => panic!("{reasons:?}"),
        }
    };
    for role in [Role::Clinician, Role::Registration] {
        assert!(found(&[], role, "o1"));
        for locked in [false, true] {
            let seal = (OrgOrd(2), sealed(locked));
            assert!(!found(std::slice::from_ref(&seal), role, "o1"));
            assert!(
                !found(&[seal.clone(), (OrgOrd(2), held.clone())], role, "o1"),
                "held elsewhere"
            );
            assert!(found(&[seal.clone(), (OrgOrd(2), held.clone())], role, "o2"));
            assert!(found(&[(OrgOrd(3), sealed(locked))], role, "o1"), "another's row");
        }
    }
}

proptest! {
    /// What is told of a decision is the decision: the layers account for what the scope answers.
    #[test]
    fn explanations_agree_with_scopes(
        (world, subject, row) in (world(), any_subject(), row())
    ) {
        let Some(scope) = scope(&subject, &world) else { return Ok(()) };
        let told = scope.explain(row.view());
        prop_assert_eq!(told.permit, scope.admits(row.view()));
        prop_assert!(told.is_whole(), "{:?}", told);
        let layers: Vec<Layer> = told.steps.iter().map(|step| step.layer).collect();
        prop_assert_eq!(layers, Layer::ALL.map(|(layer, _)| layer).to_vec());
    }

    /// Where a relationship, an agreement or a seal decides, facts are there that it rests on.
    #[test]
    fn what_speaks_rests_on_facts(
        (world, subject, row) in (world(), any_subject(), row())
    ) {
        let Some(scope) = scope(&subject, &world) else { return Ok(()) };
        let told = scope.explain(row.view());
        for step in &told.steps {
            let rests = world.holds(|by, fact| {
                scope.rests_on(step.layer, &subject, row.view(), (by, fact))
            });
            let by_facts = match step.layer {
                Layer::Controller => step.rule == Some(Rule::Agreement),
                Layer::Relationship => !matches!(step.rule, Some(Rule::Author | Rule::OwnRecord)),
                Layer::Seal => true,
                _ => false,
            };
            if by_facts && step.says == Says::Permit {
                prop_assert!(rests, "{:?} {:?}", step, row);
            }
        }
    }
}
