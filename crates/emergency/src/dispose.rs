//! `$dispose`: an attendance ends.

use accord_base::LogTime;
use accord_care::Disposition;
use accord_engine::{Answer, Category, Outcome};
use serde_json::{Value, json};

use crate::attended::{Attended, gather, of_one};
use crate::codes::{DISPOSITION, OPEN};
use crate::confirm::forget;
use crate::entries::{Of, concept, post, put, set};
use crate::input::{Input, codings, text_at};
use crate::written::{expected, move_to};
use crate::{Context, conflict, flags, invalid, unfit};

/// What is no end of an attendance because there was none, and the state it leaves.
const NONE: [(&str, &str); 2] =
    [("did-not-come", "cancelled"), ("registered-in-error", "entered-in-error")];

/// How it is answered that somebody may not write something.
const MAY_NOT: [Category; 2] = [Category::Forbidden, Category::Conflict];

/// Ends the attendance: its Encounter, what was due, and what was asked for.
pub(crate) fn dispose(context: &Context<'_>, input: &Input) -> Outcome {
    input.only(&["disposition", "note", "version"])?;
    let code = input.text("disposition")?.unwrap_or_default();
    let disposition = Disposition::from_code(&code);
    let none = NONE.iter().find(|(own, _)| *own == code).map(|(_, state)| *state);
    let ended = none.or_else(|| disposition.map(|_| "finished")).ok_or_else(|| {
        let all = Disposition::ALL.iter().map(|(_, code)| *code);
        let all: Vec<&str> = all.chain(NONE.map(|(code, _)| code)).collect();
        invalid(format!("`disposition` is one of {}", all.join(", ")))
    })?;
    let found = of_one(context)?;
    let all = gather(&found);
    let attended = all.first().ok_or_else(|| invalid("an encounter is needed"))?;
    match (attended.status(), code.as_str()) {
        ("planned", "did-not-come" | "registered-in-error") => {}
        (here, "did-not-come") if OPEN.contains(&here) => {
            return Err(unfit("who is here did come"));
        }
        _ => attended.check_open()?,
    }
    let now = context.now();
    let mut encounter = attended.encounter.body.clone();
    move_to(&mut encounter, ended, now);
    if attended.status() != "planned" {
        let mut period = encounter.get("period").cloned().unwrap_or_else(|| json!({}));
        set(&mut period, "end", now.to_string().into());
        set(&mut encounter, "period", period);
    }
    let mut stay = encounter.get("hospitalization").cloned().unwrap_or_else(|| json!({}));
    set(&mut stay, "dischargeDisposition", concept(DISPOSITION, &code, &code));
    set(&mut encounter, "hospitalization", stay);
    let mut entries = Vec::new();
    put(&mut entries, attended.encounter, encounter, expected(input, attended)?);
    close(attended, disposition == Some(Disposition::Admitted), now, &mut entries);
    if context.is_clinical() {
        let author = context.store.author();
        let own = attended.encounter.reference();
        let patient = text_at(&attended.encounter.body, "/subject/reference").unwrap_or_default();
        let of = Of { patient, encounter: &own, author: &author, now };
        let why = input.text("note")?.unwrap_or_else(|| code.clone());
        post(&mut entries, of.provenance(&[&own], "disposition", &why));
    }
    let (mut all, in_error) = (entries.clone(), ended == "entered-in-error");
    flags::close(attended, context.library().flags(), (in_error, now), &mut all);
    let flagged = all.len() > entries.len();
    let written = match context.store.write(all) {
        // A flag that they may see and not change keeps nobody here: the timers end it.
        Err(refused) if flagged && MAY_NOT.contains(&refused.category) => {
            context.store.write(entries)?
        }
        other => other?,
    };
    let mut written = written.into_iter();
    forget(context, attended);
    written.next().map(Answer::Read).ok_or_else(|| conflict("nothing was written"))
}

/// Ends what was due and what was asked for at an attendance that is over. The bed is met where
/// they were admitted.
pub(crate) fn close(
    attended: &Attended<'_>,
    admitted: bool,
    now: LogTime,
    entries: &mut Vec<Value>,
) {
    for task in attended.open_tasks() {
        let mut done = task.body.clone();
        set(&mut done, "status", "cancelled".into());
        set(&mut done, "lastModified", now.to_string().into());
        put(entries, task, done, task.version);
    }
    for bed in attended.bed_requests() {
        let mut done = bed.body.clone();
        set(&mut done, "status", if admitted { "completed" } else { "revoked" }.into());
        put(entries, bed, done, bed.version);
    }
}

/// Whether an Encounter that ended says that they went to a ward.
pub(crate) fn is_admitted(encounter: &Value) -> bool {
    let how = encounter.pointer("/hospitalization/dischargeDisposition").map(codings);
    how.unwrap_or_default().contains(&(DISPOSITION, Disposition::Admitted.code()))
}
