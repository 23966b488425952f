//! The Tasks of what is due: one for whoever does it, and one for each role that is called when it
//! is overdue, again and again until it is done.

use accord_base::LogTime;
use accord_care::Due;
use serde_json::{Value, json};

use crate::attended::Attended;
use crate::codes::{AWAITED, TIMER};
use crate::entries::{Of, concept, put, set};
use crate::input::{items, text_at};
use crate::store::Found;
use crate::written::is_of;

/// What a Task is in beside its state, once others were told.
const ESCALATED: &str = "urn:accord:emergency-business-status";

/// After how many minutes the last role is called again about what is still not done, and a Task
/// that somebody completed without it is made again. A default of ours.
const AGAIN_MINUTES: u64 = 15;
const AGAIN_US: u64 = AGAIN_MINUTES * 60 * LogTime::SECOND_US;

/// Entries for the Tasks that are not there: what is due from now on, and who was to be told by
/// now that it is overdue.
pub(crate) fn calls(attended: &Attended<'_>, schedule: &[Vec<Due>], now: LogTime) -> Vec<Value> {
    let encounter = attended.encounter.reference();
    let patient = text_at(&attended.encounter.body, "/subject/reference").unwrap_or_default();
    let author = json!({"display": "timers"});
    let of = Of { patient, encounter: &encounter, author: &author, now };
    let mut entries = Vec::new();
    for steps in schedule {
        let Some((due, escalations)) = steps.split_first() else { continue };
        let about = About { attended, due, now };
        let last = escalations.len();
        let again = again(escalations.last(), now);
        let own = about.own();
        let mut made = Vec::new();
        if own.is_none() {
            made.extend(about.missing(0, 0).map(|name| created(of.task(due), &name)));
        }
        let past = escalations.iter().zip(1..).filter(|(step, _)| step.at < now);
        let repeated = again.iter().map(|(step, times)| (step, last + times));
        for (step, stage) in past.chain(repeated) {
            let Some(name) = about.missing(stage, last) else { continue };
            let mut task = of.task(step);
            set(&mut task, "priority", "urgent".into());
            set(&mut task, "businessStatus", concept(ESCALATED, "escalated", "Escalated"));
            if let Some(own) = own {
                set(&mut task, "partOf", json!([{"reference": own.reference()}]));
            }
            made.push(created(task, &name));
            if stage > last {
                about.supersede(last, &mut made);
            }
        }
        // Whoever assesses at this moment closes the Task of what is due: one of both is refused.
        if let Some(own) = own.filter(|_| !made.is_empty()) {
            let mut told = own.body.clone();
            set(&mut told, "businessStatus", concept(ESCALATED, "overdue", "Overdue"));
            put(&mut made, own, told, own.version);
        }
        entries.append(&mut made);
    }
    entries
}

/// The last call once more, and how many times it was made by now. Only the newest is made: one who
/// was not told while the server stood still is not told ten times when it runs.
fn again(last: Option<&Due>, now: LogTime) -> Option<(Due, usize)> {
    let last = last?;
    let times = now.0.checked_sub(last.at.0)? / AGAIN_US;
    let at = last.at.plus_us(times * AGAIN_US);
    let times = usize::try_from(times).ok().filter(|times| *times > 0)?;
    Some((Due { at, ..last.clone() }, times))
}

/// Something due at an attendance.
struct About<'a> {
    attended: &'a Attended<'a>,
    due: &'a Due,
    now: LogTime,
}

impl<'a> About<'a> {
    /// The open Task of whoever does it.
    fn own(&self) -> Option<&'a Found> {
        let mut open = self.attended.open_tasks();
        open.find(|task| !is_escalation(task) && is_of(task, self.due.what))
    }

    /// What Tasks of this due time are called, up to their stage.
    fn prefix(&self) -> String {
        format!("{}.{}.{}.", self.attended.encounter.id, self.due.what.code(), self.due.at.0)
    }

    /// Tasks of this due time with their stages and generations.
    fn named(&self) -> impl Iterator<Item = (usize, usize, &'a Found)> {
        let prefix = self.prefix();
        self.attended.tasks.iter().filter_map(move |task| {
            let names = items(&task.body, "identifier");
            let mut names = names.filter(|name| text_at(name, "/system") == Some(TIMER));
            let rest = names.find_map(|name| text_at(name, "/value")?.strip_prefix(&prefix))?;
            let (stage, generation) = rest.split_once('.').unwrap_or((rest, "0"));
            Some((stage.parse().ok()?, generation.parse().ok()?, *task))
        })
    }

    /// The name of the Task of a stage, if it has to be made; after the `last` stage come calls
    /// that are made again. One that was cancelled is not there; one that somebody completed is,
    /// for a while.
    fn missing(&self, stage: usize, last: usize) -> Option<String> {
        let same = |own: usize| own == stage || last > 0 && stage > last && own >= last;
        let is_there =
            |(own, _, task): &(usize, usize, &Found)| match text_at(&task.body, "/status") {
                Some("completed") => same(*own) && task.last_updated.plus_us(AGAIN_US) > self.now,
                Some(state) => *own == stage && AWAITED.contains(&state),
                None => false,
            };
        if self.named().any(|task| is_there(&task)) {
            return None;
        }
        let name = format!("{}{stage}", self.prefix());
        let own = self.named().filter(|(own, ..)| *own == stage);
        match own.map(|(_, generation, _)| generation).max() {
            None => Some(name),
            Some(last) => Some(format!("{name}.{}", last + 1)),
        }
    }

    /// Takes back calls that were made again before: a newer one stands in their place.
    fn supersede(&self, last: usize, made: &mut Vec<Value>) {
        let state = |task: &Found| text_at(&task.body, "/status").unwrap_or_default().to_owned();
        for (_, _, task) in self.named().filter(|(stage, ..)| *stage > last) {
            if AWAITED.contains(&state(task).as_str()) {
                let mut done = task.body.clone();
                set(&mut done, "status", "cancelled".into());
                set(&mut done, "lastModified", self.now.to_string().into());
                put(made, task, done, task.version);
            }
        }
    }
}

fn created(mut task: Value, name: &str) -> Value {
    set(&mut task, "identifier", json!([{"system": TIMER, "value": name}]));
    let condition = format!("identifier={TIMER}|{name}");
    let request = json!({"method": "POST", "url": "Task", "ifNoneExist": condition});
    json!({"resource": task, "request": request})
}

/// Whether a Task tells someone that another is overdue.
pub(crate) fn is_escalation(task: &Found) -> bool {
    text_at(&task.body, "/businessStatus/coding/0/code") == Some("escalated")
}
