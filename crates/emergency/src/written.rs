//! An assessment as one transaction: what is written, and how the Encounter changes.

use accord_base::LogTime;
use accord_care::{Acuity, Due, What};
use accord_engine::{Category, Failure};
use accord_fhir::IssueCode;
use serde_json::{Value, json};

use crate::acuity::{coded, stated};
use crate::assess::Draft;
use crate::attended::Attended;
use crate::calls::is_escalation;
use crate::codes::FLAG;
use crate::entries::{Of, post, put, set};
use crate::input::{Input, codings, instant, items, text_at};
use crate::store::Found;
use crate::{Context, arrive, unfit};

/// Writes the assessment as one transaction; the Encounter's new version.
pub(crate) fn write(
    context: &Context<'_>,
    input: &Input,
    attended: &Attended<'_>,
    draft: &Draft<'_>,
) -> Result<u32, Failure> {
    let author = context.store.author();
    let encounter = attended.encounter.reference();
    let patient = text_at(&attended.encounter.body, "/subject/reference").unwrap_or_default();
    let of = Of { patient, encounter: &encounter, author: &author, now: context.now() };
    // What was seen is dated when it was seen, what is done about it when it is written.
    let then = Of { now: draft.moment.at, ..of };
    let expected = expected(input, attended)?;
    let mut entries = Vec::new();
    let own = changed(context, input, attended, draft)?;
    put(&mut entries, attended.encounter, own, expected);
    let vitals = then.vitals(&draft.readings, context.library());
    let names: Vec<String> = vitals.into_iter().map(|made| post(&mut entries, made)).collect();
    let score = draft.score.as_ref().map(|own| {
        let how = (draft.scale.used, draft.scale.is_assumed(), draft.concerns.as_slice());
        let age = Some((own.months, draft.age.note())).filter(|_| draft.age.range.is_some());
        post(&mut entries, then.score(own.scheme, &own.score, how, age, &names))
    });
    if let Some(why) = draft.scale.reason.as_deref() {
        let target = score.as_deref().unwrap_or(&encounter);
        let made = of.provenance(&[target], "spo2-scale", why);
        post(&mut entries, made);
    }
    let mut seen: Vec<String> = names.iter().cloned().chain(score.clone()).collect();
    if let Some(acuity) = draft.decided.acuity.filter(|_| draft.looked) {
        let before = attended.attendance(context.library());
        let initial = before.is_none_or(|own| {
            own.acuity().is_none() && !attended.hides_acuity(&own, context.library())
        });
        let notes: Vec<String> =
            draft.decided.overridden.iter().cloned().chain(input.text("note")?).collect();
        let other = draft.decided.computed.as_ref().filter(|own| own.acuity != acuity);
        let computed = other.map(|own| coded(own.acuity, context.library()));
        let coded = coded(acuity, context.library());
        let acuity = then.acuity((coded, initial, computed), &notes, score.as_deref());
        let acuity = post(&mut entries, acuity);
        seen.push(acuity.clone());
        if let Some(why) = &draft.decided.overridden {
            post(&mut entries, of.provenance(&[&acuity], "acuity", why));
        }
    }
    if let Some(why) = &draft.moment.reason {
        seen.push(encounter.clone());
        let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
        post(&mut entries, of.provenance(&seen, "entered-later", why));
    }
    for flag in
        attended.flags.iter().filter(|flag| draft.ends.iter().any(|code| is_flag(flag, code)))
    {
        let mut ended = flag.body.clone();
        set(&mut ended, "status", "inactive".into());
        end(&mut ended, draft.moment.at);
        put(&mut entries, flag, ended, flag.version);
    }
    let flagged = attended.active_flags();
    let new = draft.flags.iter().filter(|kind| !flagged.contains(&kind.id.as_str()));
    for kind in new {
        post(&mut entries, then.flag(kind));
    }
    if input.flag("bed-request")? && attended.bed_requests().next().is_none() {
        post(&mut entries, of.bed());
    }
    if input.flag("reviewed")? {
        reviewed(context, input, attended, (&of, &draft.due), &mut entries)?;
    }
    if draft.looked || input.flag("started")? {
        tasks(context, attended, (&of, &draft.due), &mut entries);
    }
    let written = context.store.write(entries)?;
    Ok(written.first().map_or(0, |encounter| encounter.version))
}

/// Whether this is an active flag of the code.
fn is_flag(flag: &Found, code: &str) -> bool {
    let codes = flag.body.get("code").map(codings).unwrap_or_default();
    text_at(&flag.body, "/status") == Some("active") && codes.contains(&(FLAG, code))
}

/// What was due and is met is done, and what is due next is asked for. What this look leaves as it
/// was stays with everyone who was called: a pulse alone ends no observations. A review that is
/// asked for no more was not made: it is cancelled.
fn tasks(
    context: &Context<'_>,
    attended: &Attended<'_>,
    (of, due): (&Of<'_>, &[Due]),
    entries: &mut Vec<Value>,
) {
    let (scheme, targets) = (context.rules.triage(), context.rules.targets());
    let before = attended.attendance(context.library());
    let before = before.map(|own| own.pending(scheme, targets, context.now())).unwrap_or_default();
    let unmet = |due: &&Due| before.iter().any(|one| (one.what, one.at) == (due.what, due.at));
    let (unmet, next): (Vec<&Due>, Vec<&Due>) = due.iter().partition(unmet);
    for task in attended.open_tasks() {
        if unmet.iter().any(|due| is_of(task, due.what)) {
            continue;
        }
        let how = if is_of(task, What::Review) { "cancelled" } else { "completed" };
        let mut done = task.body.clone();
        set(&mut done, "status", how.into());
        set(&mut done, "lastModified", context.now().to_string().into());
        put(entries, task, done, task.version);
    }
    for due in next {
        post(entries, of.task(due));
    }
}

/// A review was made: its Task is completed, and the calls that it is overdue are taken back.
fn reviewed(
    context: &Context<'_>,
    input: &Input,
    attended: &Attended<'_>,
    (of, due): (&Of<'_>, &[Due]),
    entries: &mut Vec<Value>,
) -> Result<(), Failure> {
    let due = due.iter().find(|due| due.what == What::Review);
    let due = due.ok_or_else(|| unfit("no review is asked for"))?;
    let now = context.now().to_string();
    let completed = |mut done: Value| -> Result<Value, Failure> {
        set(&mut done, "status", "completed".into());
        set(&mut done, "lastModified", now.clone().into());
        set(&mut done, "executionPeriod", json!({"end": now}));
        set(&mut done, "owner", of.author.clone());
        if let Some(note) = input.text("note")? {
            set(&mut done, "note", json!([{"text": note}]));
        }
        Ok(done)
    };
    let mut own = false;
    for task in attended.open_tasks().filter(|task| is_of(task, What::Review)) {
        if is_escalation(task) || own {
            let mut over = task.body.clone();
            set(&mut over, "status", "cancelled".into());
            set(&mut over, "lastModified", now.clone().into());
            put(entries, task, over, task.version);
        } else {
            own = true;
            put(entries, task, completed(task.body.clone())?, task.version);
        }
    }
    if !own {
        post(entries, completed(of.task(due))?);
    }
    Ok(())
}

/// Whether a Task is of something due, called about or not.
pub(crate) fn is_of(task: &Found, what: What) -> bool {
    text_at(&task.body, "/code/coding/0/code") == Some(what.code())
}

/// The version of the Encounter that the write rests on: what the asker looked at.
pub(crate) fn expected(input: &Input, attended: &Attended<'_>) -> Result<u32, Failure> {
    let current = attended.encounter.version;
    let Some(version) = input.count("version")?.filter(|version| *version != current) else {
        return Ok(current);
    };
    let text = format!("the encounter is not at version {version} any more: read it again");
    Err(Failure::new(Category::Precondition, IssueCode::Conflict, text))
}

/// The Encounter after it.
fn changed(
    context: &Context<'_>,
    input: &Input,
    attended: &Attended<'_>,
    draft: &Draft<'_>,
) -> Result<Value, Failure> {
    // What is entered of the past changes nothing of how it is now.
    let is_past = draft.moment.is_past;
    let acuity = draft.decided.acuity.filter(|_| !is_past);
    let at = if is_past { context.now() } else { draft.moment.at };
    let mut encounter = attended.encounter.body.clone();
    let status = match attended.status() {
        _ if input.flag("started")? => "in-progress",
        "arrived" if acuity.is_some() => "triaged",
        other => other,
    };
    move_to(&mut encounter, status, at);
    if let Some(acuity) = waited_with(context, attended, acuity, status) {
        set(&mut encounter, "priority", coded(acuity, context.library()));
    }
    if let Some(area) = arrive::area(context, input)? {
        place(&mut encounter, &area, at);
    }
    Ok(encounter)
}

/// What `priority` becomes: the acuity that somebody waits with, until treatment begins. After that
/// it stays, or waits would be told under an acuity that nobody waited with; `None` leaves it.
fn waited_with(
    context: &Context<'_>,
    attended: &Attended<'_>,
    acuity: Option<Acuity>,
    status: &str,
) -> Option<Acuity> {
    let body = &attended.encounter.body;
    let mut states =
        items(body, "statusHistory").chain([body]).filter_map(|one| text_at(one, "/status"));
    if states.any(|state| state == "in-progress") {
        return None;
    }
    if status != "in-progress" {
        return acuity;
    }
    let before = attended.attendance(context.library());
    let before = before.and_then(|own| own.acuity()).map(|(acuity, _)| acuity);
    before.or(acuity).filter(|_| stated(body, context.library()).is_none())
}

/// Gives an Encounter another state; the one before goes into its history.
pub(crate) fn move_to(encounter: &mut Value, status: &str, now: LogTime) {
    let before = text_at(encounter, "/status").unwrap_or_default().to_owned();
    if before == status {
        return;
    }
    let mut history: Vec<Value> = items(encounter, "statusHistory").cloned().collect();
    let since = history.last().and_then(|last| text_at(last, "/period/end"));
    let since = since.or_else(|| text_at(encounter, "/period/start")).map(str::to_owned);
    // Where another clock is ahead, the state has no time between before and now.
    let since = since.filter(|since| instant(since).is_none_or(|since| since <= now));
    let mut period = json!({"end": now.to_string()});
    // Who was expected and did not come has no time since when they were here.
    if let Some(since) = since.filter(|_| before != "planned") {
        set(&mut period, "start", since.into());
    }
    history.push(json!({"status": before, "period": period}));
    set(encounter, "statusHistory", Value::Array(history));
    set(encounter, "status", status.into());
}

/// Moves somebody to an area; where they were before stays told.
fn place(encounter: &mut Value, area: &Value, now: LogTime) {
    let mut places: Vec<Value> = items(encounter, "location").cloned().collect();
    let is_active = |place: &Value| text_at(place, "/status") == Some("active");
    let here = |place: &Value| text_at(place, "/location/reference") == text_at(area, "/reference");
    if places.iter().any(|place| is_active(place) && here(place)) {
        return;
    }
    for left in places.iter_mut().filter(|place| is_active(place)) {
        set(left, "status", "completed".into());
        end(left, now);
    }
    let period = json!({"start": now.to_string()});
    places.push(json!({"location": area, "status": "active", "period": period}));
    set(encounter, "location", Value::Array(places));
}

/// Ends the period of something, which is never before it began: what is entered of the past may
/// end what began since.
pub(crate) fn end(of: &mut Value, at: LogTime) {
    let mut period = of.get("period").cloned().unwrap_or_else(|| json!({}));
    let began = text_at(&period, "/start").and_then(instant);
    set(&mut period, "end", began.map_or(at, |began| began.max(at)).to_string().into());
    set(of, "period", period);
}
