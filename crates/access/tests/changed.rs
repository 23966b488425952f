//! What came or went between two scopes of one asker: rows that name nobody concerned are the same.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
mod world;

use accord_access::{AccessRequest, Decision, Interaction, PolicyIndex, Scope, decide};
use accord_base::{Role, Row, Subject};
use proptest::prelude::*;
use world::{any_subject, directory, row, world};

fn scope(subject: &Subject, interaction: Interaction, index: &PolicyIndex) -> Option<Scope> {
    let resource_type = None;
    let request = AccessRequest { interaction, resource_type };
    match decide(subject, request, index, &directory(), index.now()) {
        Decision::Permit(scope) => Some(scope),
        Decision::Deny { .. } => None,
    }
}

/// What is asked for: a type's rows, or a trace.
fn interaction(subject: &Subject, trace: bool) -> Interaction {
    let may_trace = matches!(subject.role, Role::Clinician | Role::Registration);
    if trace && may_trace { Interaction::Trace } else { Interaction::SearchSystem }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    /// Facts come, end and fall due; whoever's rows changed are told, and few others are.
    #[test]
    fn rows_of_nobody_concerned_are_the_same(
        (before, after, subject) in (world(), world(), any_subject()),
        rows in prop::collection::vec(row(), 1..60),
        (kept, later, trace) in (any::<u32>(), 0u64..4, any::<bool>()),
    ) {
        let mut index = PolicyIndex::new();
        index.advance(before.now);
        for (at, (controller, fact)) in (0u32..).zip(&before.facts) {
            index.apply(Row(at), *controller, std::slice::from_ref(fact));
        }
        let interaction = interaction(&subject, trace);
        let Some(then) = scope(&subject, interaction, &index) else { return Ok(()) };
        for (at, (controller, fact)) in (0u32..).zip(&after.facts) {
            match kept >> (at % 32) & 3 {
                // Others' rows stay, so that most is in common.
                0 => index.apply(Row(at), *controller, std::slice::from_ref(fact)),
                1 => index.retire(Row(at)),
                2 if at % 4 == 0 => index.apply(Row(1000 + at), *controller, std::slice::from_ref(fact)),
                _ => {}
            }
        }
        index.advance(index.now().plus_us(later));
        let Some(now) = scope(&subject, interaction, &index) else { return Ok(()) };
        prop_assert!(then.is_same(&then.clone()));
        let whom = now.changed_since(&then);
        prop_assert_eq!(&whom, &then.changed_since(&now), "either way");
        let Some(whom) = whom else { return Ok(()) };
        for row in rows {
            let concerned = row.patients.iter().any(|patient| whom.contains(*patient));
            let (was, is) = (then.admission(row.view()), now.admission(row.view()));
            prop_assert!(concerned || was == is, "{row:?} {whom:?}");
        }
    }

    /// What is kept of a decision is what it would be if nothing were kept, whatever facts came,
    /// ended or fell due in between.
    #[test]
    fn kept_decisions_are_fresh(
        subjects in prop::collection::vec(any_subject(), 2..4),
        worlds in prop::collection::vec((world(), any::<u32>(), 0u64..3), 1..5),
        rows in prop::collection::vec(row(), 1..40),
    ) {
        let mut index = PolicyIndex::new();
        for (world, dice, later) in worlds {
            for (at, (controller, fact)) in (0u32..).zip(&world.facts) {
                let row = Row(at + dice % 3);
                match dice >> (at % 30) & 3 {
                    0 => index.retire(row),
                    _ => index.apply(row, *controller, std::slice::from_ref(fact)),
                }
                if dice >> (at % 29) & 1 == 0 {
                    continue;
                }
                for subject in &subjects {
                    // A copy keeps nothing.
                    let fresh = scope(subject, Interaction::SearchSystem, &index.clone());
                    let kept = scope(subject, Interaction::SearchSystem, &index);
                    prop_assert_eq!(fresh.is_some(), kept.is_some());
                    let (Some(fresh), Some(kept)) = (fresh, kept) else { continue };
                    for row in &rows {
                        let (kept, fresh) = (kept.admission(row.view()), fresh.admission(row.view()));
                        prop_assert_eq!(kept, fresh, "{:?} after {:?}", row, fact);
                    }
                }
            }
            index.advance(index.now().plus_us(later));
        }
    }

    /// One fact about one patient concerns nobody else.
    #[test]
    fn a_fact_concerns_its_patient(
        (world, subject, more) in (world(), any_subject(), world()),
    ) {
        let mut index = PolicyIndex::new();
        index.advance(world.now);
        for (at, (controller, fact)) in (0u32..).zip(&world.facts) {
            index.apply(Row(at), *controller, std::slice::from_ref(fact));
        }
        let Some(then) = scope(&subject, Interaction::SearchSystem, &index) else { return Ok(()) };
        // Mandates are compared as wholes: who acts for one acts for few.
        prop_assume!(subject.role != Role::Proxy);
        let about = more.facts.iter().find_map(|stated| Some((stated, stated.1.patient()?)));
        let Some(((controller, fact), patient)) = about else { return Ok(()) };
        index.apply(Row(1000), *controller, std::slice::from_ref(fact));
        let Some(now) = scope(&subject, Interaction::SearchSystem, &index) else { return Ok(()) };
        let Some(whom) = now.changed_since(&then) else {
            return Err(TestCaseError::fail(format!("{fact:?} concerns everybody")));
        };
        // Whoever is one person with them, before or by now, is concerned as well.
        let person = [then.merged_with(patient), now.merged_with(patient), &[patient]].concat();
        let alone = whom.iter().all(|one| person.contains(&one));
        prop_assert!(alone, "{fact:?}: {whom:?}");
    }
}
