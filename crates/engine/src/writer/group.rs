//! The writer's loop: collect, decide, apply, log, publish, answer.

use std::sync::Arc;
use std::sync::mpsc::{RecvError, Sender, TryRecvError};

use accord_access::PendingFacts;
use accord_base::{LogTime, Row};
use accord_fhir::IssueCode;
use accord_index::RowEffect;
use accord_store::codec::{TxPlace, encode_hole, encode_record};
use accord_store::log::Group;

use super::evaluate::{Accepted, Refusal, Verdict};
use super::{Commit, Job, Reply, Writer};
use crate::prepare::Act;
use crate::record::Ending;
use crate::{Category, Engine, Failure};

/// Most bytes of records in one group; what comes later waits for the next.
const MOST_GROUP_BYTES: usize = 16 << 20;

/// A group on its way to the log.
struct Pending {
    group: Group,
    bytes: usize,
    /// Who is told what once the group is durable.
    replies: Vec<(Box<Commit>, Answerable)>,
    at: LogTime,
    /// Facts of the group: its later members are decided on them, nobody else is.
    facts: PendingFacts,
}

/// What a commit will be told.
enum Answerable {
    Committed(Vec<super::Written>),
    Refused(Failure),
    /// To be prepared again, once what it is at odds with is published: sooner, it would be
    /// prepared on the same state as before, and those who come back would keep the group open.
    Stale,
    /// A commit of the same group has the mark already.
    AlreadyImported,
}

/// Runs the writer until it is told to stop or a group cannot be written.
pub(crate) fn run(mut writer: Writer) {
    let _end = End(writer.engine.clone());
    while let Some(stopped) = writer.turn() {
        let Some(stopped) = stopped else { continue };
        // Whoever asked may be gone; then nobody waits.
        let _ = stopped.send(());
        return;
    }
}

/// However the writer ends, a panic included, nothing more is written.
struct End(Arc<Engine>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.stop_writing();
    }
}

impl Writer {
    /// One group. `None` if the writer must stop for good; a sender if it was asked to.
    fn turn(&mut self) -> Option<Option<Sender<()>>> {
        let first = match self.jobs.recv() {
            Ok(job) => job,
            Err(RecvError) => return None,
        };
        self.engine.wait_for_room();
        let mut pending = self.begin();
        let stop = self.collect(first, &mut pending);
        if !self.write(pending) {
            return None;
        }
        Some(stop)
    }

    fn begin(&self) -> Pending {
        let group = Group {
            epoch: self.epoch,
            first: self.next,
            records: Vec::new(),
            keys: Vec::new(),
            marks: Vec::new(),
        };
        Pending {
            group,
            bytes: 0,
            replies: Vec::new(),
            at: self.last,
            facts: PendingFacts::default(),
        }
    }

    /// Takes what is queued into the group.
    fn collect(&mut self, first: Job, pending: &mut Pending) -> Option<Sender<()>> {
        let mut job = first;
        loop {
            match job {
                Job::Stop(stopped) => return Some(stopped),
                Job::Commit(commit) => self.take(commit, pending),
            }
            if pending.bytes >= MOST_GROUP_BYTES || self.broken {
                return None;
            }
            job = match self.jobs.try_recv() {
                Ok(job) => job,
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return None,
            };
        }
    }

    /// Decides one commit and, if accepted, applies it. Instants are strictly increasing even
    /// when the clock is not.
    fn take(&mut self, commit: Box<Commit>, pending: &mut Pending) {
        // The ledger does not know yet what this very group brings; it is as durable as the answer.
        if commit.prepared.mark.is_some_and(|mark| pending.group.marks.contains(&mark)) {
            return pending.replies.push((commit, Answerable::AlreadyImported));
        }
        let at = self.engine.clock.now().max(pending.at.plus_us(1));
        self.engine.advance_policy(at);
        let result = match self.evaluate(&commit, (at, self.next), &mut pending.facts) {
            Verdict::Stale => return pending.replies.push((commit, Answerable::Stale)),
            Verdict::AlreadyImported => return answer(*commit, |_| Reply::AlreadyImported),
            Verdict::Accept(accepted) => self.accept(&commit, accepted, at, pending),
            Verdict::Refuse(failure, refusal) => {
                let record = self.refusal(&commit, &failure, &refusal, at, pending);
                record.map(|()| Answerable::Refused(failure))
            }
        };
        match result {
            Ok(answerable) => {
                pending.at = at;
                pending.replies.push((commit, answerable));
            }
            Err(failure) => answer(*commit, |_| Reply::Failed(failure)),
        }
    }

    fn accept(
        &mut self,
        commit: &Commit,
        accepted: Accepted,
        at: LogTime,
        pending: &mut Pending,
    ) -> Result<Answerable, Failure> {
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
        // From here on nothing fails: what is applied is in the group.
        self.apply(commit, &accepted, &mut pending.facts);
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
    fn refusal(
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

    /// Makes the group durable, publishes it and answers. False if the writer must stop.
    fn write(&mut self, mut pending: Pending) -> bool {
        if self.broken {
            return self.give_up(pending);
        }
        if !pending.group.records.is_empty() {
            pending.group.keys.sort_by_key(|key| key.id);
            pending.group.keys.dedup_by_key(|key| key.id);
            if let Err(error) = self.engine.log.append(&pending.group) {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the log cannot be written; stopping"
                );
                return self.give_up(pending);
            }
            self.engine.keys.confirm(&pending.group.keys);
            self.last = pending.at;
            self.publish(std::mem::take(&mut pending.facts));
            self.engine.logged(&pending.group.records);
        }
        for (commit, answerable) in pending.replies {
            answer(*commit, |prepared| match answerable {
                Answerable::Committed(written) => Reply::Committed { prepared, written },
                Answerable::Refused(failure) => Reply::Refused(failure),
                Answerable::Stale => Reply::Stale,
                Answerable::AlreadyImported => Reply::AlreadyImported,
            });
        }
        self.engine.wake_sealer();
        true
    }

    /// Shows everyone the group: its rows and its facts at once, so that a reader, who takes state
    /// and decision under the same lock, has both or neither.
    fn publish(&mut self, facts: PendingFacts) {
        if facts.is_empty() {
            return self.index.publish(self.next, self.last);
        }
        let engine = self.engine.clone();
        let mut policy = engine.policy.write();
        facts.merge(&mut policy);
        self.index.publish(self.next, self.last);
    }

    /// Leaves a group that could not be written: false, for the writer must stop.
    fn give_up(&self, pending: Pending) -> bool {
        self.engine.stop_writing();
        for (commit, _) in pending.replies {
            answer(*commit, |_| Reply::Failed(uncertain()));
        }
        false
    }
}

/// What is told when the writer ended with a write in its hands.
pub(crate) fn uncertain() -> Failure {
    let text = "the write may or may not have been stored; the store is stopping";
    Failure::new(Category::Fault, IssueCode::Exception, text)
}

/// Answers a commit; whoever asked may have gone away.
fn answer(commit: Commit, reply: impl FnOnce(crate::prepare::Prepared) -> Reply) {
    let Commit { prepared, reply: to, .. } = commit;
    let _ = to.send(reply(prepared));
}
