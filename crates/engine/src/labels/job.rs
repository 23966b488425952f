//! The job: passes over all rows, in which each is labelled as the rules in force and what it
//! refers to say, until a pass raises nothing.
//!
//! Documents are read here, beside the requests; labels are compared and changes logged by the
//! writer, a batch at a time. Whatever is done twice changes nothing the second time, so a crash
//! costs a pass at most.

use std::sync::{Arc, Weak, mpsc};
use std::time::Duration;

use accord_access::label::FAILED;
use accord_base::{NameSpace, OrgOrd, Row};
use accord_index::{Upkeep, extract};
use accord_store::decode_record;

use super::{DUE, Target};
use crate::open::spawn;
use crate::replay::served;
use crate::writer::Job;
use crate::{Engine, EngineError};

/// Rows looked at between two looks at whether the store is closing.
const BATCH: usize = if cfg!(test) { 8 } else { 512 };
/// Batches after which the place is kept.
const BATCHES_PER_NOTE: u32 = 32;
/// How long an idle job, or one that met an error, waits.
const IDLE: Duration = Duration::from_millis(200);

/// Rows looked at, for the writer to raise.
pub(crate) struct Relabel {
    /// The rows.
    pub rows: Vec<Found>,
    /// Told how many were raised, once that is durable.
    pub reply: mpsc::Sender<usize>,
}

/// What was found of a row.
pub(crate) struct Found {
    /// The row.
    pub row: Row,
    /// What it says of itself, and what the rules say of it.
    pub labels: u64,
    /// What it refers to.
    pub targets: Vec<Target>,
}

/// Starts the thread. It holds the engine weakly: an engine that nobody uses ends it.
pub(crate) fn start(engine: &Arc<Engine>) -> Result<(), EngineError> {
    let weak = Arc::downgrade(engine);
    let thread = spawn("accord-labels", move || run(&weak))?;
    engine.state.threads.lock().push(thread);
    Ok(())
}

fn run(engine: &Weak<Engine>) {
    while let Some(engine) = engine.upgrade().filter(|engine| !engine.is_read_only()) {
        match engine.relabel_some() {
            Ok(true) => {}
            Ok(false) => engine.labels.idle(|| engine.is_read_only()),
            Err(error) => {
                // Rows stay counted as labelled, and it is tried again.
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "rows cannot be labelled"
                );
                engine.labels.idle(|| engine.is_read_only());
            }
        }
    }
}

impl super::Labels {
    /// Rests, unless the store is closing by now: `closing` is looked at under the lock under
    /// which `wake` tells of it.
    fn idle(&self, closing: impl Fn() -> bool) {
        let mut due = self.due.lock();
        if !closing() {
            self.changed.wait_for(&mut due, IDLE);
        }
    }

    /// Ends a rest.
    pub(crate) fn wake(&self) {
        let _due = self.due.lock();
        self.changed.notify_all();
    }
}

impl Engine {
    /// Waits until every row is labelled as the rules in force say, or nothing is written any
    /// more; whether they are.
    pub fn wait_until_labelled(&self) -> bool {
        self.labels.wait(|| self.is_read_only())
    }

    /// Lets the job rest, as if the process ended before it did anything.
    #[cfg(test)]
    pub(crate) fn stop_job(&self) {
        self.labels.stopped.store(true, std::sync::atomic::Ordering::SeqCst);
    }

    /// Some batches of the job. False if there is nothing to do for now.
    fn relabel_some(&self) -> Result<bool, EngineError> {
        let labels = &self.labels;
        let mut due = *labels.due.lock();
        #[cfg(test)]
        let stopped = labels.stopped.load(std::sync::atomic::Ordering::SeqCst);
        #[cfg(not(test))]
        let stopped = false;
        if !due.is_due() || stopped {
            return Ok(false);
        }
        if due.end == Row(0) {
            due.end = self.watermark();
            if due.end < due.until {
                return Ok(false);
            }
        }
        let mut batches = 0;
        while due.next < due.end && batches < BATCHES_PER_NOTE {
            let Some(raised) = self.batch_of_rows(&mut due.next, due.end)? else {
                return Ok(false);
            };
            due.raised |= raised > 0;
            batches += 1;
        }
        let mut kept = labels.due.lock();
        if kept.generation != due.generation {
            // More is due than when this began: from the beginning.
            return Ok(true);
        }
        if due.next >= due.end {
            if due.raised {
                due.again();
            } else {
                (due.labels, due.until) = (0, Row(0));
            }
        }
        self.log.put_meta(DUE, &due.encode())?;
        self.index.set_unsettled(due.labels);
        *kept = due;
        if !due.is_due() {
            tracing::info!(rows = due.end.0, "every row is labelled as the rules say");
        }
        labels.changed.notify_all();
        Ok(true)
    }

    /// Looks at the next rows and has them raised; how many were. `None` if the writer has gone.
    fn batch_of_rows(&self, next: &mut Row, end: Row) -> Result<Option<usize>, EngineError> {
        let (upkeep, rules) = (self.index.upkeep(), self.labels.rules());
        let mut rows = Vec::new();
        let mut after = end;
        for (row, bytes) in self.log.scan(*next, BATCH)? {
            if row >= end {
                break;
            }
            after = row.next();
            let Ok(record) = decode_record(&bytes) else { continue };
            if !record.header().has_version() {
                continue;
            }
            let mut found = Found { row, labels: FAILED, targets: Vec::new() };
            match served(&record, &self.keys) {
                Ok(Some(tape)) => {
                    let controller = self.controller_name(&upkeep, row);
                    let assessed = rules.assess(tape.root(), &controller, &|_| None);
                    found.labels = assessed.labels();
                    found.targets = extract::links(tape.root(), &|_| None);
                }
                // A deletion has the labels of what was deleted.
                Ok(None) => found.labels = 0,
                // What cannot be read cannot be shown to be harmless.
                Err(_) => {}
            }
            rows.push(found);
        }
        let (reply, raised) = mpsc::channel();
        let sent = match self.jobs.lock().as_ref() {
            Some(jobs) => jobs.send(Job::Relabel(Box::new(Relabel { rows, reply }))).is_ok(),
            None => false,
        };
        *next = after;
        Ok(if sent { raised.recv().ok() } else { None })
    }

    /// Id of the organisation that answers for a row; empty for what all share.
    fn controller_name(&self, upkeep: &Upkeep, row: Row) -> String {
        match upkeep.row(row).map(|row| row.controller) {
            None | Some(OrgOrd::COMMONS) => String::new(),
            Some(OrgOrd(ordinal)) => {
                self.index.name(NameSpace::Organization, ordinal).unwrap_or_default()
            }
        }
    }

    /// The labels that the document of a row states itself; `None` if it cannot be read.
    pub(crate) fn stated_labels(&self, row: Row) -> Option<u64> {
        let bytes = self.log.read(row).ok()??;
        let tape = served(&decode_record(&bytes).ok()?, &self.keys).ok()??;
        let stated = accord_access::label::rules::RuleSet::default();
        let stated = stated.assess(tape.root(), "", &|_| None).stated;
        Some(accord_access::label::raised(extract::labels(tape.root()), stated))
    }
}
