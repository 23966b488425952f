//! Labels that rules give and that resources inherit from what they refer to: the rules in force,
//! and the job that labels what was written before a rule.
//!
//! **Invariant:** from the moment a rule counts until the job has looked at every row, each row
//! about a patient counts as having the rule's labels; what the job finds is logged before that
//! ends. Labels are only raised here.

mod due;
mod job;
mod open;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use accord_access::label::rules::{LabelRule, RuleSet};
use accord_base::{ResourceId, Row};
use accord_index::Index;
use accord_spec::ResourceType;
use accord_store::{Log, StoreError};
use parking_lot::{Condvar, Mutex, RwLock};

use due::Due;

pub(crate) use job::{Found, Relabel, start};

/// A resource that another refers to and inherits labels from.
pub(crate) type Target = (ResourceType, ResourceId);

/// Name of the value that tells of an unfinished job.
const DUE: &str = "labels/due";

/// The rules in force and the job.
pub(crate) struct Labels {
    log: Arc<dyn Log>,
    index: Index,
    rules: RwLock<Arc<RuleSet>>,
    due: Mutex<Due>,
    /// Woken when a job is due and when it has ended.
    changed: Condvar,
    /// Rows that were raised since the store was opened.
    raised: AtomicU64,
    /// A test lets the job rest.
    #[cfg(test)]
    stopped: std::sync::atomic::AtomicBool,
}

impl Labels {
    /// The rules in force.
    pub fn rules(&self) -> Arc<RuleSet> {
        self.rules.read().clone()
    }

    /// Lets the rules of one resource count in place of those it stated before.
    pub fn set_rules(&self, id: &str, controller: &str, rules: Vec<LabelRule>) {
        let mut all = self.rules.write();
        *all = Arc::new(all.with(id, controller, rules));
    }

    /// Lets rows count as labelled so until all before `until` have been looked at. Durable when
    /// it returns.
    pub fn require(&self, labels: u64, until: Row) -> Result<(), StoreError> {
        let mut due = self.due.lock();
        due.require(labels, until);
        self.log.put_meta(DUE, &due.encode())?;
        self.index.set_unsettled(due.labels);
        self.changed.notify_all();
        tracing::info!("label rules changed: what was written before them is looked at");
        Ok(())
    }

    /// Notes that rows were raised.
    pub fn note_raised(&self, rows: usize) {
        self.raised.fetch_add(rows as u64, Ordering::Relaxed);
    }

    /// Rows raised since the store was opened; rows that the job has still to look at in this
    /// pass, and whether there is a job at all.
    pub fn figures(&self, end: Row) -> [(&'static str, u64); 3] {
        let due = self.due.lock();
        let left = if due.is_due() { end.0.saturating_sub(due.next.0) } else { 0 };
        [
            ("labels_raised_rows", self.raised.load(Ordering::Relaxed)),
            ("labels_job_rows_left", u64::from(left)),
            ("labels_job_due", u64::from(due.is_due())),
        ]
    }

    /// Waits until no job is due, or `give_up` says so; whether none is.
    pub fn wait(&self, give_up: impl Fn() -> bool) -> bool {
        let mut due = self.due.lock();
        while due.is_due() && !give_up() {
            self.changed.wait_for(&mut due, std::time::Duration::from_millis(50));
        }
        !due.is_due()
    }
}
