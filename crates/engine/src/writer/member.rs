//! One member of a group: its records, and what it does to the state.

use accord_access::PendingFacts;
use accord_base::{LogTime, Row};
use accord_index::RowEffect;
use accord_store::codec::{TxPlace, encode_hole, encode_record};

use super::evaluate::{Accepted, Refusal};
use super::group::{Answerable, Pending};
use super::{Commit, Writer};
use crate::Failure;
use crate::prepare::Act;
use crate::record::Ending;

impl Writer {
    pub(super) fn accept(
        &mut self,
        commit: &Commit,
        accepted: Accepted,
        at: LogTime,
        pending: &mut Pending,
    ) -> Result<Answerable, Failure> {
        self.require_labels(commit, &accepted)?;
        let ending = Ending {
            at,
            policy_as_of: at,
            patients: &accepted.patients,
            permit: true,
            rules: accepted.rules.clone(),
            status: 200,
        };
        let mut sealed = self.sealed_record(commit, ending)?;
        // The last row carries the access record; further parts and rowless writes get holes.
        let carried = if accepted.effects.is_empty() { None } else { sealed.pop() };
        let size = (accepted.effects.len() + sealed.len()) as u32;
        let mut records = Vec::with_capacity(size as usize);
        let mut keys = Vec::new();
        let last = accepted.effects.len().saturating_sub(1);
        for (at_effect, (at_write, effect)) in accepted.effects.iter().enumerate() {
            let body = match commit.prepared.writes.get(*at_write).map(|write| &write.act) {
                Some(Act::Store { content, .. }) => Some(&content.body),
                _ => None,
            };
            keys.extend(body.map(|body| body.key()));
            let access = carried.as_deref().filter(|_| at_effect == last);
            let place = TxPlace { index: at_effect as u32, size };
            records.push(self.encoded(encode_record(effect, body, place, access))?);
        }
        let mut end = Row(self.next.0 + accepted.effects.len() as u32);
        for record in &sealed {
            let place = TxPlace { index: records.len() as u32, size };
            records.push(self.encoded(encode_hole(end, at, place, Some(record)))?);
            end = end.next();
        }
        self.require_params(commit, &accepted)?;
        // From here on nothing fails: what is applied is in the group.
        self.apply(commit, &accepted, &mut pending.facts);
        self.transfer_facts(&accepted, &mut pending.facts);
        if !sealed.is_empty() {
            self.index.skip(Row(end.0 - 1));
        }
        self.next = end;
        pending.bytes += records.iter().map(Vec::len).sum::<usize>();
        pending.group.records.extend(records);
        pending.group.keys.extend(self.engine.keys.pending_for(keys));
        pending.group.marks.extend(commit.prepared.mark);
        Ok(Answerable::Committed(accepted.written))
    }

    fn encoded(
        &self,
        record: Result<Vec<u8>, accord_store::StoreError>,
    ) -> Result<Vec<u8>, Failure> {
        record.map_err(|error| self.engine.fault("encoding a record", &error))
    }

    /// Applies accepted effects to index and policy, unpublished. An effect that does not follow
    /// the state is a fault of the writer itself: it stops before anything of it is logged.
    fn apply(&mut self, commit: &Commit, accepted: &Accepted, facts: &mut PendingFacts) {
        let empty = accord_index::Prepared::default();
        for (at_write, effect) in &accepted.effects {
            let prepared = match commit.prepared.writes.get(*at_write).map(|write| &write.act) {
                Some(Act::Store { content, .. }) => &content.keys,
                _ => &empty,
            };
            if let Err(error) = self.index.apply(effect, prepared) {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "an effect does not apply"
                );
                self.broken = true;
                return;
            }
            self.note(effect);
        }
        // One lock for all of a transaction, and none where there can be no facts.
        let bears = |effect: &RowEffect| effect.prior.is_some() || !effect.facts.is_empty();
        let mut bearing = accepted.effects.iter().map(|(_, e)| e).filter(|e| bears(e)).peekable();
        if bearing.peek().is_none() {
            return;
        }
        let policy = self.engine.policy.read();
        for effect in bearing {
            let rows = (effect.row, effect.prior);
            facts.apply(&policy, rows, effect.policy.controller, &effect.facts);
        }
    }

    /// Puts the access record of a refused write into the group.
    pub(super) fn refusal(
        &mut self,
        commit: &Commit,
        failure: &Failure,
        refusal: &Refusal,
        at: LogTime,
        pending: &mut Pending,
    ) -> Result<(), Failure> {
        let ending = Ending {
            at,
            policy_as_of: at,
            patients: &[],
            permit: false,
            rules: refusal.rules.clone(),
            status: failure.category.status(),
        };
        let sealed = self.sealed_record(commit, ending)?;
        let size = sealed.len() as u32;
        let mut records = Vec::with_capacity(sealed.len());
        for (index, record) in (0..).zip(&sealed) {
            let place = TxPlace { index, size };
            let row = Row(self.next.0 + index);
            records.push(self.encoded(encode_hole(row, at, place, Some(record)))?);
        }
        for bytes in records {
            pending.bytes += bytes.len();
            pending.group.records.push(bytes);
            self.index.skip(self.next);
            self.next = self.next.next();
        }
        Ok(())
    }
}
