//! The one writer: takes prepared writes in groups, checks them against the state, stamps, logs
//! and publishes them.
//!
//! **Invariant:** nothing is published, and nobody is told of success, before the group is on
//! disk. If a group cannot be written the writer stops for good: what it applied cannot be taken
//! back, so the process must start again from the log.

mod assume;
mod effect;
mod evaluate;
mod group;
mod labels;
mod member;
mod merge;
mod names;
mod params;
mod publish;
mod transfer;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use accord_base::{LogTime, Row};
use accord_index::RowEffect;
use accord_query::Query;
use tokio::sync::oneshot;

use crate::labels::Relabel;
use crate::record::Draft;
use crate::{Engine, Failure, prepare::Prepared};

pub(crate) use group::run;
pub(crate) use publish::uncertain;

/// Work for the writer.
pub(crate) enum Job {
    /// Writes to commit.
    Commit(Box<Commit>),
    /// Rows that the label job has looked at.
    Relabel(Box<Relabel>),
    /// Finish what is queued and stop.
    Stop(Sender<()>),
}

/// Prepared writes with their access record and the place to answer to.
pub(crate) struct Commit {
    /// The writes.
    pub prepared: Prepared,
    /// Their access record, without its outcome.
    pub draft: Draft,
    /// Where the reply goes.
    pub reply: oneshot::Sender<Reply>,
}

/// What became of prepared writes.
pub(crate) enum Reply {
    /// They are durable.
    Committed {
        /// The writes, given back.
        prepared: Prepared,
        /// What became of each.
        written: Vec<Written>,
    },
    /// Something assumed is no longer so: prepare again.
    Stale,
    /// The import ledger has the mark already.
    AlreadyImported,
    /// Refused; the refusal is recorded.
    Refused(Failure),
    /// Given up for a fault of the server's own; nothing is recorded.
    Failed(Failure),
}

/// What became of one write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Written {
    /// Created, updated, …
    pub how: How,
    /// Version now current.
    pub version: u32,
    /// When it was born.
    pub born: LogTime,
    /// Its row.
    pub row: Row,
    /// Whether an update made the resource with that version.
    pub put: bool,
}

/// How a write ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum How {
    /// The resource is new, or was deleted before.
    Created,
    /// It has a new version.
    Updated,
    /// It is deleted now.
    Deleted,
    /// It was not there, or was deleted already.
    WasAbsent,
    /// Nothing changed.
    Kept,
}

/// The writer's own state.
pub(crate) struct Writer {
    engine: Arc<Engine>,
    index: accord_index::Writer,
    jobs: Receiver<Job>,
    /// The next row to give.
    next: Row,
    /// The last instant stamped.
    last: LogTime,
    epoch: accord_store::log::Epoch,
    /// For each type the row after the last one of it born in this term; from the beginning, 0.
    wrote: Vec<Row>,
    /// An effect did not apply: the state in memory is not that of the log.
    broken: bool,
}

impl Writer {
    /// The writer of an engine, beginning at `next` after the instant `last`.
    pub fn new(
        engine: Arc<Engine>,
        index: accord_index::Writer,
        jobs: Receiver<Job>,
        (next, last): (Row, LogTime),
        epoch: accord_store::log::Epoch,
    ) -> Writer {
        let wrote = vec![Row(0); 1 + usize::from(u8::MAX)];
        Writer { engine, index, jobs, next, last, epoch, wrote, broken: false }
    }

    /// Whether a row that a query may be about was born at `seen` or later.
    fn wrote_since(&self, query: &Query, seen: Row) -> bool {
        if query.follows_references() {
            return self.wrote.iter().any(|end| *end > seen);
        }
        let of_type = query.resource_type.and_then(|t| self.wrote.get(usize::from(t.0)));
        of_type.is_none_or(|end| *end > seen)
    }

    /// Notes a row that is applied. One that changes earlier rows may concern any type.
    fn note(&mut self, effect: &RowEffect) {
        let end = effect.row.next();
        if !effect.changes.is_empty() {
            self.wrote.fill(end);
        } else if let Some(of_type) = self.wrote.get_mut(usize::from(effect.resource_type)) {
            *of_type = end;
        }
    }
}

impl Commit {
    /// The entry of the Bundle that a write came from.
    fn entry_of(&self, write: usize) -> Option<usize> {
        self.prepared.entries.as_ref()?.get(write).copied()
    }
}
