//! The writer's loop: what is queued becomes a group, member by member.

use std::sync::Arc;
use std::sync::mpsc::{RecvError, Sender, TryRecvError};

use accord_access::PendingFacts;
use accord_base::LogTime;
use accord_store::log::Group;

use super::evaluate::{Trial, Verdict};
use super::publish::answer;
use super::{Commit, Job, Reply, Writer};
use crate::{Engine, Failure};

/// Most bytes of records in one group; what comes later waits for the next.
const MOST_GROUP_BYTES: usize = 16 << 20;

/// A group on its way to the log.
pub(super) struct Pending {
    pub group: Group,
    pub bytes: usize,
    /// Who is told what once the group is durable.
    pub replies: Vec<(Box<Commit>, Answerable)>,
    /// Who of the label job is told how many rows were raised.
    pub relabelled: Vec<(Sender<usize>, usize)>,
    pub at: LogTime,
    /// Facts of the group: its later members are decided on them, nobody else is.
    pub facts: PendingFacts,
}

/// What a commit will be told.
pub(super) enum Answerable {
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
            relabelled: Vec::new(),
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
                Job::Relabel(relabel) => self.relabel(*relabel, pending),
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
        self.engine.clock.pass(at);
        self.engine.advance_policy(at);
        let trial = Trial { commit: &commit, at, facts: &mut pending.facts };
        let result = match self.evaluate(trial, self.next) {
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
}
