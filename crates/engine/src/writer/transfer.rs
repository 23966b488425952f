//! A record goes to another organisation: checked on the state, logged as changes of its rows.

use accord_access::{InForce, PendingFacts};
use accord_base::{NameSpace, OrgOrd, Row};
use accord_fhir::IssueCode;
use accord_index::{Change, RowChange};

use super::Writer;
use super::evaluate::{Accepted, Trial};
use super::names::Naming;
use crate::operation::Transfer;
use crate::prepare::{Act, Write};
use crate::{Category, Failure};

impl Writer {
    /// Adds to an accepted transaction the rows that it moves. False if something was written
    /// about the person since they were looked for.
    pub(super) fn transfer(
        &self,
        trial: &Trial<'_>,
        names: &Naming<'_>,
        accepted: &mut Accepted,
    ) -> Result<bool, Failure> {
        let Some(transfer) = &trial.commit.prepared.transfer else { return Ok(true) };
        let upkeep = self.index.upkeep();
        let concerns = |row: u32| {
            upkeep.patients(Row(row)).iter().any(|patient| transfer.person.contains(patient))
        };
        if (transfer.seen.0..self.next.0).any(concerns) {
            return Ok(false);
        }
        let receiver = names.find(NameSpace::Organization, transfer.receiver.as_str());
        let receiver = OrgOrd(receiver.ok_or_else(crate::interaction::not_found)?);
        self.keeps_closed(trial, transfer, receiver)?;
        let Some((_, last)) = accepted.effects.last_mut() else { return Ok(false) };
        let moved = |row: &Row| RowChange { row: *row, change: Change::Controller(receiver) };
        last.changes.extend(transfer.rows.iter().map(moved));
        // What the receiver's rules say of the record is found out as after a new rule.
        accepted.unsettled |= self.engine.labels.rules().labels_of(transfer.receiver.as_str());
        accepted.moved = Some((receiver, transfer.rows.clone()));
        Ok(true)
    }

    /// Refuses what would open something that is closed where the record is.
    fn keeps_closed(
        &self,
        trial: &Trial<'_>,
        transfer: &Transfer,
        receiver: OrgOrd,
    ) -> Result<(), Failure> {
        let policy = self.engine.policy.read();
        let facts = InForce::with(&policy, trial.facts);
        if facts.binds_organizations(&transfer.person) {
            let text = "a consent is about the data of single organisations; it must be given anew";
            return Err(conflict(text));
        }
        if facts.honours_more(transfer.giver, receiver) {
            return Err(conflict("the receiver honours no such opt-outs as the record is under"));
        }
        Ok(())
    }

    /// Lets what moved rows state hold where they are now.
    pub(super) fn transfer_facts(&self, accepted: &Accepted, facts: &mut PendingFacts) {
        let Some((receiver, rows)) = &accepted.moved else { return };
        let policy = self.engine.policy.read();
        for row in rows {
            let stated = facts.stated(&policy, *row);
            if stated.is_empty() {
                continue;
            }
            let stated: Vec<_> =
                stated.iter().filter_map(|fact| fact.transferred(*receiver)).collect();
            facts.apply(&policy, (*row, Some(*row)), *receiver, &stated);
        }
    }

    /// Whether who answers for a resource is who preparation took it to be: what counts as a fact
    /// rests on it.
    pub(super) fn is_kept_as_assumed(&self, write: &Write) -> bool {
        let Act::Store { content, .. } = &write.act else { return true };
        let Some(head) = self.index.head(write.resource_type, write.id.as_str()) else {
            return true;
        };
        match content.policy.controller.id() {
            "" => head.policy.controller == OrgOrd::COMMONS,
            id => self.index.ordinal(NameSpace::Organization, id) == Some(head.policy.controller.0),
        }
    }
}

fn conflict(text: &str) -> Failure {
    Failure::new(Category::Conflict, IssueCode::Conflict, text)
}
