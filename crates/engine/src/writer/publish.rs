//! The end of a group: durable, published, answered; or given up.

use accord_access::PendingFacts;
use accord_fhir::IssueCode;

use super::group::{Answerable, Pending};
use super::{Commit, Reply, Writer};
use crate::{Category, Failure};

impl Writer {
    /// Makes the group durable, publishes it and answers. False if the writer must stop.
    pub(super) fn write(&mut self, mut pending: Pending) -> bool {
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
            self.engine.commits.send_replace(self.next);
        }
        for (reply, rows) in pending.relabelled {
            // The job may have ended.
            let _ = reply.send(rows);
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
pub(super) fn answer(commit: Commit, reply: impl FnOnce(crate::prepare::Prepared) -> Reply) {
    let Commit { prepared, reply: to, .. } = commit;
    let _ = to.send(reply(prepared));
}
