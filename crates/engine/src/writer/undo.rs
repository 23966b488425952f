//! Taking back what a group that was not stored did to the policy.

use accord_access::{Fact, PolicyIndex};
use accord_base::{OrgOrd, Row};

/// What the policy held before each row of a group was applied, as far as facts are concerned.
///
/// Rows that are never published stay unseen by themselves; facts decide at once, and a store that
/// can write no more goes on answering reads.
#[derive(Default)]
pub(super) struct Undo(Vec<Stood>);

struct Stood {
    /// The row applied.
    row: Row,
    /// The row it replaced, who answered for it, and what it stated.
    prior: Option<(Row, OrgOrd, Vec<Fact>)>,
}

impl Undo {
    /// Notes what stands before `row` is applied in the place of `prior`.
    pub fn note(&mut self, policy: &PolicyIndex, row: Row, prior: Option<Row>, by: OrgOrd) {
        let prior = prior.map(|prior| (prior, by, policy.stated(prior).collect()));
        self.0.push(Stood { row, prior });
    }

    /// Takes everything noted back.
    pub fn take_back(self, policy: &mut PolicyIndex) {
        for Stood { row, prior } in self.0.into_iter().rev() {
            policy.retire(row);
            if let Some((prior, controller, facts)) = prior {
                policy.apply(prior, controller, &facts);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use accord_base::{LogTime, PatientOrd};

    use super::*;

    #[test]
    fn what_was_not_stored_decides_nothing() {
        let (hospital, patient) = (OrgOrd(1), PatientOrd(1));
        let (from, until) = (LogTime(0), LogTime::NEVER);
        let cares =
            |patient| Fact::OrganizationCares { patient, organization: hospital, from, until };
        let mut policy = PolicyIndex::new();
        policy.apply(Row(0), hospital, &[cares(patient)]);
        let mut undo = Undo::default();
        // The group ends one relationship and makes, then changes, another.
        for (row, prior, facts) in [
            (Row(1), Some(Row(0)), vec![]),
            (Row(2), None, vec![cares(PatientOrd(2))]),
            (Row(3), Some(Row(2)), vec![cares(PatientOrd(3))]),
        ] {
            undo.note(&policy, row, prior, hospital);
            prior.into_iter().for_each(|prior| policy.retire(prior));
            policy.apply(row, hospital, &facts);
        }
        let cared = |policy: &PolicyIndex| -> Vec<_> {
            policy.organization_cares(hospital).iter().collect()
        };
        assert_eq!(cared(&policy), vec![PatientOrd(3)]);
        undo.take_back(&mut policy);
        assert_eq!(cared(&policy), vec![patient]);
    }
}
