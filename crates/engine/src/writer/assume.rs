//! What preparation took for granted, and the decision, on the state with the group in it.

use accord_access::{AccessRequest, Decision, InForce, Interaction, Scope};
use accord_base::Row;
use accord_index::View;
use accord_query::Query;

use super::Writer;
use super::evaluate::{Rules, Trial};
use crate::Failure;
use crate::conditional::only_match;
use crate::prepare::{Act, Assumption, Condition, Write};

/// Rows that a condition may have to be looked for among while everyone waits; where there are
/// more, whoever asked looks again.
const MOST_ROWS: u64 = 1024;

/// What is done about a condition whose outcome was assumed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Check {
    /// Nothing can have changed it.
    Holds,
    /// It is evaluated again.
    Evaluate,
    /// The asker does so: it would take the writer too long.
    Stale,
}

/// `cost` is that of evaluating the condition again, if it is known to be bounded.
fn check(may_differ: bool, cost: impl FnOnce() -> Option<u64>) -> Check {
    if !may_differ {
        return Check::Holds;
    }
    match cost() {
        Some(rows) if rows <= MOST_ROWS => Check::Evaluate,
        _ => Check::Stale,
    }
}

impl Writer {
    /// Whether the state is still what preparation took it for.
    pub(super) fn assumptions_hold(&self, trial: &mut Trial<'_>, write: &Write) -> bool {
        let in_force = self.engine.labels.rules().version();
        let indexed_by = self.engine.index.own().version();
        if let Act::Store { content, .. } = &write.act
            && (content.labelled_by, content.indexed_by) != (in_force, indexed_by)
        {
            return false;
        }
        if !self.is_kept_as_assumed(write) {
            return false;
        }
        write.assumes.iter().all(|assumption| match assumption {
            Assumption::Current(version) => self
                .index
                .head(write.resource_type, write.id.as_str())
                .is_some_and(|head| !head.deleted && head.version == *version),
            Assumption::Matches(condition) => self.still_finds(trial, condition),
            Assumption::There(targets) => targets.iter().all(|(of, id)| {
                self.index.head(*of, id.as_str()).is_some_and(|head| !head.deleted)
            }),
            Assumption::Unreferred(seen) => !self.referred_since(write, *seen),
        })
    }

    /// Whether anything refers to a resource that was written after this state. Whether it exists
    /// for the asker, they find out when they look again.
    fn referred_since(&self, write: &Write, seen: Row) -> bool {
        if self.wrote.iter().all(|end| *end <= seen) {
            return false;
        }
        let upkeep = self.index.upkeep();
        let current = |row: &Row| {
            upkeep.row(*row).is_some_and(|known| known.newest == *row && !known.deleted)
        };
        match upkeep.referrers_since(write.resource_type, write.id.as_str(), seen) {
            Ok(rows) => rows.iter().any(current),
            Err(error) => {
                self.engine.fault("what refers to a resource", &error);
                true
            }
        }
    }

    /// Whether a condition finds what it did. Who may see what can have changed as well as what
    /// there is.
    fn still_finds(&self, trial: &mut Trial<'_>, condition: &Condition) -> bool {
        let Condition { query, found, scope: before, seen } = condition;
        let (interaction, resource_type) = (Interaction::SearchType, query.resource_type);
        let request = AccessRequest { interaction, resource_type };
        let Ok((scope, _)) = self.decide(trial, request) else { return false };
        let may_differ = !scope.is_same(before) || self.wrote_since(query, *seen);
        let view = self.index.view(scope);
        match check(may_differ, || cost(&view, query)) {
            Check::Holds => true,
            Check::Evaluate => only_match(&view, query).is_ok_and(|now| now == *found),
            Check::Stale => false,
        }
    }

    /// Decides on the facts published and those of the group.
    pub(super) fn decide(
        &self,
        trial: &mut Trial<'_>,
        request: AccessRequest,
    ) -> Result<(Scope, Rules), (Failure, Rules)> {
        let Some(subject) = &trial.commit.draft.who else {
            return Err((crate::unauthenticated(), Vec::new()));
        };
        let decision = {
            let policy = self.engine.policy.read();
            // A reader may have advanced the policy further; never decide on less.
            let now = trial.at.max(policy.now());
            trial.facts.advance(now);
            let behind = self.engine.clock.behind();
            let facts = InForce::with(&policy, trial.facts).behind(behind);
            accord_access::decide(subject, request, facts, &*self.engine, now)
        };
        let rules = crate::rule_codes(&decision);
        match decision {
            Decision::Permit(scope) => Ok((scope, rules)),
            Decision::Deny { reasons } => Err((crate::denied(&reasons), rules)),
        }
    }
}

fn cost(view: &View, query: &Query) -> Option<u64> {
    view.cost(query).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_evaluated_again_only_if_they_must_and_can_be() {
        let never = || -> Option<u64> { panic!("the cost does not matter") };
        assert_eq!(check(false, never), Check::Holds);
        assert_eq!(check(true, || Some(0)), Check::Evaluate);
        assert_eq!(check(true, || Some(MOST_ROWS)), Check::Evaluate);
        assert_eq!(check(true, || Some(MOST_ROWS + 1)), Check::Stale);
        assert_eq!(check(true, || None), Check::Stale);
    }
}
