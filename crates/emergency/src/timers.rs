//! What time alone asks for: a Task for what is due, where nobody could write one, and when it is
//! overdue one for each role that the rules name next.
//!
//! Nothing is kept for this but the record: what is due follows from arrival and assessments, and
//! each Task says of which moment it is. So timers go on after a restart where they were, and make
//! no Task twice.

use std::collections::HashMap;
use std::sync::Arc;

use accord_base::{LogTime, ResourceId, Subject};
use accord_engine::{Failure, Outcome, Request};
use serde_json::json;

use crate::attended::{Attended, gather};
use crate::calls::calls;
use crate::codes::{AWAITED, OPEN, OVER, REQUEST, TASK};
use crate::dispose::{close, is_admitted};
use crate::flags;
use crate::input::text_at;
use crate::rules::Rules;
use crate::store::{Found, Store};

/// What belongs to an Encounter and tells what is due, besides the observations that count.
const WITH: [(&str, &str); 4] = [
    ("_revinclude", "Flag:encounter"),
    ("_revinclude", "Task:encounter"),
    ("_revinclude", "ServiceRequest:encounter"),
    ("_include", "Encounter:patient"),
];

/// The timers of all attendances.
pub struct Timers {
    rules: Arc<Rules>,
    subject: Arc<Subject>,
    /// Encounters that changed up to here were looked at.
    seen: Option<LogTime>,
    /// When to look at an attendance next, by the id of its Encounter.
    waiting: HashMap<ResourceId, LogTime>,
    failed: u64,
}

/// After how long an attendance that failed is looked at again, in microseconds.
const AGAIN_US: u64 = 60 * LogTime::SECOND_US;
/// Longest that somebody who is there is not looked at.
const LOOK_US: u64 = 300 * LogTime::SECOND_US;

impl Timers {
    /// Timers by these rules that have not looked yet.
    pub fn new(rules: Arc<Rules>) -> Timers {
        let subject = Arc::new(Subject::system("timers of the emergency department"));
        Timers { rules, subject, seen: None, waiting: HashMap::new(), failed: 0 }
    }

    /// When to look again even if nothing changes before; `None` if nobody waits.
    pub fn next(&self) -> Option<LogTime> {
        self.waiting.values().min().copied()
    }

    /// Number of looks at an attendance that failed since the timers began; each is tried again in a minute.
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// Looks at what changed and at what is due by `now`; the number of Tasks made. `send` answers
    /// one interaction of the engine.
    ///
    /// # Errors
    /// If it cannot be told what changed; the next call looks again.
    pub fn run(
        &mut self,
        now: LogTime,
        send: &dyn Fn(Request) -> Outcome,
    ) -> Result<usize, Failure> {
        self.note_changes(now, send)?;
        let mut made = 0;
        let due: Vec<ResourceId> =
            self.waiting.iter().filter(|(_, at)| **at <= now).map(|(id, _)| id.clone()).collect();
        for id in due {
            // One attendance that cannot be read must not keep others from being called about.
            let (tasks, next) = match self.look(&id, now, send) {
                Ok(looked) => looked,
                Err(_) => {
                    self.failed += 1;
                    (0, Some(now.plus_us(AGAIN_US)))
                }
            };
            made += tasks;
            match next {
                Some(at) => self.waiting.insert(id, at),
                None => self.waiting.remove(&id),
            };
        }
        Ok(made)
    }

    fn store<'a>(
        &self,
        controller: Option<ResourceId>,
        send: &'a dyn Fn(Request) -> Outcome,
    ) -> Store<'a> {
        Store::system(&self.subject, "timers", controller, send)
    }

    /// Attendances that began, went on or ended since the last look.
    fn note_changes(
        &mut self,
        now: LogTime,
        send: &dyn Fn(Request) -> Outcome,
    ) -> Result<(), Failure> {
        let since = match self.seen {
            Some(seen) => ("_lastUpdated", format!("gt{seen}")),
            None => ("status", OPEN.join(",")),
        };
        let params = [("class", "EMER"), (since.0, since.1.as_str())];
        let mut seen = self.seen;
        let mut changed = Vec::new();
        self.store(None, send).pages("Encounter", &params, |page| {
            for one in page {
                seen = seen.max(Some(one.last_updated));
                changed.push(one.id);
            }
            true
        })?;
        if self.seen.is_none() {
            changed.extend(self.left_open(send)?);
        }
        self.waiting.extend(changed.into_iter().map(|id| (id, now)));
        // Only once every page was read, or those that were not would never be looked at. A store
        // without any looks for all again, which costs it nothing.
        self.seen = seen;
        Ok(())
    }

    /// Attendances of which something is still due or asked for: one of them may have ended while
    /// nobody looked.
    fn left_open(&self, send: &dyn Fn(Request) -> Outcome) -> Result<Vec<ResourceId>, Failure> {
        let mut found = Vec::new();
        let (awaited, what) = (AWAITED.join(","), format!("{TASK}|"));
        let tasks = [("status", awaited.as_str()), ("code", what.as_str())];
        let bed = format!("{REQUEST}|");
        let beds = [("status", "active"), ("code", bed.as_str())];
        for (of, params) in [("Task", tasks), ("ServiceRequest", beds)] {
            self.store(None, send).pages(of, &params, |page| {
                let of = page.iter().filter_map(|one| text_at(&one.body, "/encounter/reference"));
                let ids = of.filter_map(|of| ResourceId::new(of.strip_prefix("Encounter/")?).ok());
                found.extend(ids);
                true
            })?;
        }
        Ok(found)
    }

    /// Ends what was due at an attendance that somebody ended who may not: reception, or a feed.
    fn close(
        &self,
        attended: &Attended<'_>,
        now: LogTime,
        send: &dyn Fn(Request) -> Outcome,
    ) -> Result<(), Failure> {
        let mut entries = Vec::new();
        let encounter = attended.encounter;
        // One that became another kind of stay is none of the department's any more.
        if !is_emergency(encounter) || OVER.contains(&attended.status()) {
            close(attended, is_admitted(&encounter.body), now, &mut entries);
        }
        if OVER.contains(&attended.status()) {
            let in_error = attended.status() == "entered-in-error";
            let kinds = self.rules.library().flags();
            flags::close(attended, kinds, (in_error, now), &mut entries);
        }
        if !entries.is_empty() {
            self.store(controller(encounter), send).write(entries)?;
        }
        Ok(())
    }

    /// Makes what is due at one attendance; how many Tasks, and when to look again.
    fn look(
        &self,
        id: &ResourceId,
        now: LogTime,
        send: &dyn Fn(Request) -> Outcome,
    ) -> Result<(usize, Option<LogTime>), Failure> {
        let mut params = vec![("_id", id.as_str())];
        params.extend(WITH);
        let store = self.store(None, send);
        let mut found = store.search("Encounter", &params)?;
        found.extend(store.counted(&[format!("Encounter/{id}")])?);
        let all = gather(&found);
        let Some(attended) = all.first() else { return Ok((0, None)) };
        if attended.check_open().is_err() {
            self.close(attended, now, send)?;
            return Ok((0, None));
        }
        let named = text_at(&attended.encounter.body, "/subject/reference").is_some();
        let (scheme, targets) = (self.rules.triage(), self.rules.targets());
        let attendance = attended.attendance(self.rules.library()).filter(|_| named);
        let Some(attendance) = attendance else { return Ok((0, None)) };
        let schedule = attendance.schedule(scheme, targets);
        let made = calls(attended, &schedule, now);
        let tasks =
            made.iter().filter(|entry| entry.pointer("/request/method") == Some(&json!("POST")));
        let tasks = tasks.count();
        if tasks > 0 {
            self.store(controller(attended.encounter), send).write(made)?;
        }
        // Values change without the encounter, too: nobody who is there is left alone for longer.
        let at_least = now.plus_us(LOOK_US);
        let next = schedule.iter().flatten().map(|due| due.at).filter(|at| *at > now).min();
        Ok((tasks, Some(next.map_or(at_least, |next| next.min(at_least)))))
    }
}

fn is_emergency(encounter: &Found) -> bool {
    text_at(&encounter.body, "/class/code") == Some("EMER")
}

/// The organisation that answers for an Encounter.
fn controller(encounter: &Found) -> Option<ResourceId> {
    let provider = text_at(&encounter.body, "/serviceProvider/reference")?;
    ResourceId::new(provider.strip_prefix("Organization/")?).ok()
}
