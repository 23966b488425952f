//! The sets against the same made afresh from what live rows state.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::consent::Provision;
use crate::fact::{Cohort, Limits, Owed, Shared};
use crate::label::Level;
use crate::statute::Regime;
use crate::types::Class;

#[derive(Clone, Debug)]
enum Step {
    Apply(u32, u32, Vec<Fact>),
    Retire(u32),
    Advance(u64),
}

fn consent(patient: PatientOrd, id: u32, (from, until): (LogTime, LogTime)) -> Fact {
    let root = Provision { from, until, ..Provision::bare(false) };
    let exception = Provision { until: from.plus_us(3), ..Provision::bare(true) };
    Fact::Consent(Arc::new(ConsentRule {
        patient,
        id: id.to_string(),
        held: false,
        seal: None,
        custodians: Vec::new(),
        key: String::new(),
        supersedes: None,
        given: LogTime(0),
        provisions: vec![root, exception],
    }))
}

/// The consents by the definition.
fn naive_rolls(rows: &Rows, now: LogTime) -> Rolls {
    let mut rolls = Rolls::default();
    for (row, (controller, facts)) in rows {
        for fact in facts.iter().filter(|fact| fact.from() <= now && now < fact.until()) {
            if let Fact::Consent(rule) = fact {
                rolls.insert(Row(*row), OrgOrd(*controller), rule.clone());
            }
        }
    }
    rolls
}

fn fact() -> impl Strategy<Value = Fact> {
    let until = prop_oneof![3 => (0u64..60).prop_map(LogTime), 2 => Just(LogTime::NEVER)];
    (0u32..17, 0u32..3, 0u32..3, 0u64..60, until).prop_map(|(kind, p, other, from, until)| {
        let (patient, from) = (PatientOrd(p * 9000), LogTime(from));
        let organization = OrgOrd(other);
        match kind {
            0 => Fact::OrganizationCares { patient, organization, from, until },
            1 => Fact::ActorCares { patient, actor: ActorOrd(other), from, until },
            2 => Fact::ConsentDenies { patient, organization: Some(organization), from, until },
            3 => Fact::ConsentDenies { patient, organization: None, from, until },
            10 => consent(patient, other, (from, until)),
            4 => {
                let (actor, held) = (ActorOrd(other), p > 0);
                Fact::ActsFor { organization, actor, held, from, until }
            }
            5 => Fact::Referred { patient, organization, from, until },
            6 => Fact::Covers { patient, organization, from, until },
            7 => Fact::Emergency { patient, actor: ActorOrd(other), from, until },
            8 => Fact::Sealed { patient, locked: other == 0, from, until },
            9 => Fact::Unsealed { patient, actor: ActorOrd(other), from, until },
            12 => {
                let mandate = Mandate::plain(other == 0);
                Fact::ActsAs { patient, actor: ActorOrd(other), mandate, from, until }
            }
            13 => Fact::Protected { patient, from, until },
            14 => Fact::Cleared { patient, regime: Regime::Type1, from, until },
            15 => {
                let (group, member) = (ActorOrd(p), ActorOrd(other));
                Fact::Belongs { group, member, organization: None, from, until }
            }
            16 => Fact::Merged { patient, into: PatientOrd(other * 9000), from, until },
            _ => Fact::Shares { organization, terms: terms(p), from, until },
        }
    })
}

/// What is listed in no order.
fn sorted<T: std::fmt::Debug>(list: Vec<T>) -> Vec<String> {
    let mut list: Vec<String> = list.iter().map(|item| format!("{item:?}")).collect();
    list.sort();
    list
}

/// Who is one person with each patient of these worlds.
fn people(merged: &Merged) -> Vec<Vec<PatientOrd>> {
    (0..3).map(|p| merged.with(PatientOrd(p * 9000)).to_vec()).collect()
}

fn terms(n: u32) -> Terms {
    let (cohort, level) = (Cohort::All, Level::Normal);
    let limits = Limits { cohort, level, sensitivities: u64::from(n), owed: Owed::default() };
    Terms::new(Shared::Class(Class::Clinical), limits)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u32..12, 0u32..3, prop::collection::vec(fact(), 0..4))
            .prop_map(|(row, controller, facts)| Step::Apply(row, controller, facts)),
        2 => (0u32..12).prop_map(Step::Retire),
        3 => (0u64..6).prop_map(Step::Advance),
    ]
}

type Rows = BTreeMap<u32, (u32, Vec<Fact>)>;

/// Members of a set by the definition: what some live row states and holds now.
fn naive(rows: &Rows, now: LogTime, audience: Audience) -> PatientSet {
    let all =
        rows.values().flat_map(|(c, facts)| facts.iter().map(move |f| (OrgOrd(*c), f.clone())));
    all.filter(|(_, fact)| fact.from() <= now && now < fact.until())
        .filter(|(controller, fact)| match (fact.clone(), audience) {
            (Fact::OrganizationCares { organization, .. }, Audience::Organization(o)) => {
                organization == o
            }
            (Fact::ActorCares { actor, .. }, Audience::Actor(o, a)) => {
                *controller == o && actor == a
            }
            (Fact::ConsentDenies { organization, .. }, Audience::Denied(o)) => {
                organization == Some(o)
            }
            (Fact::Protected { .. }, Audience::Protected) => true,
            (Fact::Cleared { regime, .. }, Audience::Cleared(r, o)) => {
                *controller == o && regime == r
            }
            (Fact::ConsentDenies { organization, .. }, Audience::DeniedToEveryone) => {
                organization.is_none()
            }
            (Fact::ActsFor { organization, actor, held: true, .. }, Audience::ActsFor(o, a))
            | (
                Fact::ActsFor { organization, actor, held: false, .. },
                Audience::ActsNotFor(o, a),
            ) => organization == o && actor == a,
            (Fact::Referred { organization, .. }, Audience::Referred(by, o))
            | (Fact::Covers { organization, .. }, Audience::Covered(by, o)) => {
                *controller == by && organization == o
            }
            (Fact::Sealed { locked: false, .. }, Audience::Sealed(o))
            | (Fact::Sealed { locked: true, .. }, Audience::Locked(o)) => *controller == o,
            (Fact::Emergency { actor, .. }, Audience::Emergency(o, a))
            | (Fact::Unsealed { actor, .. }, Audience::Unsealed(o, a)) => {
                *controller == o && actor == a
            }
            _ => false,
        })
        .map(|(_, fact)| fact.patient().unwrap_or(PatientOrd(0)))
        .collect()
}

/// The agreements in force, by the definition.
fn naive_shares(rows: &Rows, now: LogTime, to: OrgOrd) -> Vec<(Row, OrgOrd, Terms)> {
    let mut shares = Vec::new();
    for (row, (controller, facts)) in rows {
        for fact in facts.iter().filter(|fact| fact.from() <= now && now < fact.until()) {
            match fact {
                Fact::Shares { organization, terms, .. } if *organization == to => {
                    shares.push((Row(*row), OrgOrd(*controller), *terms));
                }
                _ => {}
            }
        }
    }
    shares
}

fn audiences() -> Vec<Audience> {
    let mut all = vec![Audience::DeniedToEveryone, Audience::Protected];
    for o in (0..3).map(OrgOrd) {
        all.extend([Audience::Organization(o), Audience::Denied(o)]);
        all.extend([Audience::Sealed(o), Audience::Locked(o)]);
        all.push(Audience::Cleared(Regime::Type1, o));
        for a in (0..3).map(ActorOrd) {
            all.extend([
                Audience::Actor(o, a),
                Audience::ActsFor(o, a),
                Audience::ActsNotFor(o, a),
                Audience::Emergency(o, a),
                Audience::Unsealed(o, a),
            ]);
        }
        for other in (0..3).map(OrgOrd) {
            all.extend([Audience::Referred(o, other), Audience::Covered(o, other)]);
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn sets_equal_those_made_afresh(steps in prop::collection::vec(step(), 1..60)) {
        let (mut index, mut rows, mut now) = (PolicyIndex::new(), Rows::new(), LogTime(0));
        for step in steps {
            match step {
                Step::Apply(row, controller, facts) => {
                    index.apply(Row(row), OrgOrd(controller), &facts);
                    rows.insert(row, (controller, facts));
                }
                Step::Retire(row) => {
                    index.retire(Row(row));
                    rows.remove(&row);
                }
                Step::Advance(by) => {
                    now = now.plus_us(by);
                    index.advance(now);
                }
            }
            for audience in audiences() {
                prop_assert_eq!(index.set(audience), naive(&rows, now, audience));
            }
            for to in (0..3).map(OrgOrd) {
                let shares: Vec<_> = index.shares.of(&to).map(|(r, (by, t))| (r, by, t)).collect();
                prop_assert_eq!(shares, naive_shares(&rows, now, to));
            }
            prop_assert_eq!(index.consents(), &naive_rolls(&rows, now));
            // Until the next due instant nothing changes, and at it something may.
            let later = index.next_due().unwrap_or(LogTime::NEVER);
            prop_assert!(later > now);
            let just_before = later.minus_us(1);
            for audience in audiences() {
                prop_assert_eq!(index.set(audience), naive(&rows, just_before, audience));
            }
            prop_assert_eq!(index.consents(), &naive_rolls(&rows, just_before));
        }
        for row in rows.keys() {
            index.retire(Row(*row));
        }
        prop_assert!(index.sets.is_empty() && index.rows.is_empty() && index.due.is_empty());
        prop_assert!(index.shares.is_empty());
        prop_assert!(index.merged().is_same(&Merged::default()));
        prop_assert!(index.rolls.is_empty() && index.edges.is_empty());
    }
}

#[test]
fn a_relationship_stated_twice_ends_with_the_second_end() {
    let (patient, organization) = (PatientOrd(5), OrgOrd(1));
    let open =
        Fact::OrganizationCares { patient, organization, from: LogTime(0), until: LogTime::NEVER };
    let mut index = PolicyIndex::new();
    index.apply(Row(1), organization, std::slice::from_ref(&open));
    index.apply(Row(2), organization, &[open]);
    let before = index.organization_cares(organization);
    index.retire(Row(1));
    assert_eq!(index.standing(organization, patient), (true, false));
    index.retire(Row(2));
    assert_eq!(index.standing(organization, patient), (false, false));
    assert!(before.contains(patient), "a set held is a snapshot");
    assert_eq!(index.next_due(), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    /// Whoever sees pending facts sees what everyone sees once they are merged; nobody else sees
    /// any of them before.
    #[test]
    fn pending_facts_are_seen_as_if_merged(
        before in prop::collection::vec(step(), 0..30),
        pending in prop::collection::vec(
            (
                (0u32..3, prop::option::of(0u32..12), any::<bool>()),
                prop::collection::vec(fact(), 0..3),
                0u64..4,
            ),
            1..20,
        ),
    ) {
        let (mut base, mut now) = (PolicyIndex::new(), LogTime(0));
        for step in before {
            match step {
                Step::Apply(row, c, facts) => base.apply(Row(row), OrgOrd(c), &facts),
                Step::Retire(row) => base.retire(Row(row)),
                Step::Advance(by) => {
                    now = now.plus_us(by);
                    base.advance(now);
                }
            }
        }
        let (mut merged, mut facts) = (base.clone(), PendingFacts::default());
        let mut replaceable: Vec<Row> = (0..12).map(Row).collect();
        for (row, ((controller, prior, itself), stated, by)) in (12..).map(Row).zip(pending) {
            now = now.plus_us(by);
            base.advance(now);
            let prior = prior.filter(|_| !replaceable.is_empty());
            let prior = prior.map(|at| replaceable.remove(at as usize % replaceable.len()));
            // A row may state something else from now on.
            let row = prior.filter(|_| itself).unwrap_or(row);
            facts.apply(&base, (row, prior), OrgOrd(controller), &stated);
            replaceable.push(row);
            merged.advance(now);
            prior.into_iter().for_each(|prior| merged.retire(prior));
            merged.apply(row, OrgOrd(controller), &stated);
            facts.advance(now);
            let seen = InForce::with(&base, &facts);
            for audience in audiences() {
                prop_assert_eq!(seen.set(audience), merged.set(audience));
            }
            for to in (0..3).map(OrgOrd) {
                let all = InForce::from(&merged);
                prop_assert_eq!(sorted(seen.shares(to)), sorted(all.shares(to)));
                let who = ActorOrd(to.0);
                prop_assert_eq!(sorted(seen.mandates(who)), sorted(all.mandates(who)));
                for by_organization in [None, Some(ActorOrd(1))] {
                    let member = Member { actor: who, by_organization, acting_for: Some(to) };
                    let followed = merged.groups.clone().closure(member);
                    prop_assert_eq!(&seen.belonging(member), &followed);
                    prop_assert_eq!(&all.belonging(member), &followed, "what is kept");
                }
            }
            prop_assert_eq!(&seen.consents(), merged.consents());
            prop_assert_eq!(people(&seen.merged()), people(&merged.merged()));
            for row in (0..40).map(Row) {
                let all: Vec<Fact> = merged.stated(row).collect();
                prop_assert_eq!(facts.stated(&base, row), all);
            }
        }
        facts.merge(&mut base);
        prop_assert_eq!(base.consents(), merged.consents());
        prop_assert_eq!(people(&base.merged()), people(&merged.merged()));
        for audience in audiences() {
            prop_assert_eq!(base.set(audience), merged.set(audience));
        }
    }
}
