//! `$arrive`: somebody comes.

use accord_base::LogTime;
use accord_care::Attendance;
use accord_engine::{Answer, Failure, Outcome};
use serde_json::{Value, json};

use crate::codes::{ACT_CODE, ARRIVAL_REASON, AWAITED, MODE, MODES, TASK};
use crate::entries::{Of, concept, name, put, set};
use crate::input::{Input, instant, items, text_at};
use crate::store::Found;
use crate::written::move_to;
use crate::{Context, conflict, invalid, unfit};

/// How far an arrival may lie back without a reason, in microseconds.
const BACK_US: u64 = 10 * 60 * LogTime::SECOND_US;

/// How far an arrival may lie back at all, in microseconds.
const FURTHEST_US: u64 = 24 * 60 * 60 * LogTime::SECOND_US;

const PARAMETERS: &[&str] =
    &["patient", "organization", "area", "mode", "complaint", "arrived", "reason", "expected"];

/// How far ahead somebody may be expected, in microseconds.
const AHEAD_US: u64 = 24 * 60 * 60 * LogTime::SECOND_US;

/// States of who is here, or (last) on the way.
const HERE_OR_PLANNED: &str = "arrived,triaged,in-progress,onleave,planned";

/// Makes the Encounter, and a task for the first assessment where the asker may write tasks. The
/// assessment is due either way: that follows from the arrival.
pub(crate) fn arrive(context: &Context<'_>, input: &Input) -> Outcome {
    input.only(PARAMETERS)?;
    let patient = input.reference("patient", "Patient")?;
    let patient = patient.ok_or_else(|| invalid("`patient` is missing"))?;
    let organization = match input.reference("organization", "Organization")? {
        Some(organization) => organization,
        None => {
            let own = context.asked.subject.organization.clone();
            own.ok_or_else(|| invalid("`organization` is missing"))?
        }
    };
    let arrived = arrival(context.now(), input)?;
    let patient = context.store.read("Patient", &patient)?.reference();
    let organization = format!("Organization/{organization}");
    refuse_twice(context, &patient, &organization)?;
    let planned = planned(context, &patient, &organization)?;
    if let Some(eta) = expected_at(context.now(), input)? {
        return expect(context, input, (&patient, &organization), (eta, planned.is_some()));
    }
    let encounter = encounter(context, input, (&patient, &organization), arrived)?;
    // Two desks at once both find nobody: the writer lets one of them through.
    let request = unless_there(&patient, &organization);
    let entry = json!({"fullUrl": name(0), "resource": encounter, "request": request});
    let mut entries = vec![entry];
    let mut own = name(0);
    if let Some(planned) = &planned {
        // Who was expected comes: it is the same attendance from now on.
        let came = came(planned, &encounter, arrived);
        entries.clear();
        put(&mut entries, planned, came, planned.version);
        own = planned.reference();
    }
    if context.is_clinical() {
        let (scheme, targets) = (context.rules.triage(), context.rules.targets());
        let due = Attendance::arrived(arrived).due(scheme, targets, context.now());
        let author = context.store.author();
        let encounter = own;
        let now = context.now();
        let of = Of { patient: &patient, encounter: &encounter, author: &author, now };
        // Of two desks at once the second finds the Task of the first as it finds the Encounter;
        // one of an earlier attendance that was left open is none of this one.
        let awaited = AWAITED.join(",");
        let beside = format!(
            "encounter.class=EMER&encounter.status={HERE_OR_PLANNED}&encounter.service-provider={organization}"
        );
        let open = format!("patient={patient}&code={TASK}|assessment&status={awaited}&{beside}");
        entries.extend(due.map(|due| of.task(&due)).map(|task| {
            let request = json!({"method": "POST", "url": "Task", "ifNoneExist": open});
            json!({"fullUrl": name(1), "resource": task, "request": request})
        }));
    }
    // The Encounter decides: a Task that was there already takes nothing from an arrival.
    let written = context.store.write_each(entries)?.into_iter().next();
    written.unwrap_or_else(|| Err(conflict("nothing was written"))).map(Answer::Read)
}

/// When somebody on the way is expected.
fn expected_at(now: LogTime, input: &Input) -> Result<Option<LogTime>, Failure> {
    let Some(eta) = input.instant("expected")? else { return Ok(None) };
    if input.all("arrived").next().is_some() {
        return Err(invalid("who is `expected` has not `arrived`"));
    }
    if eta < now || eta > now.plus_us(AHEAD_US) {
        return Err(unfit("`expected` lies ahead, by at most 24 hours"));
    }
    Ok(Some(eta))
}

/// Who was announced and has not come. An announcement of more than a day ago is of another
/// occasion: it is cancelled, and who comes now is somebody new.
fn planned(
    context: &Context<'_>,
    patient: &str,
    organization: &str,
) -> Result<Option<Found>, Failure> {
    let found = announced(context, patient, organization)?;
    let lapsed = |one: &Found| {
        let eta = text_at(&one.body, "/period/start").and_then(instant);
        eta.is_none_or(|eta| eta.plus_us(AHEAD_US) < context.now())
    };
    let (lapsed, mut current): (Vec<Found>, Vec<Found>) = found.into_iter().partition(lapsed);
    if !lapsed.is_empty() {
        let mut entries = Vec::new();
        lapsed.iter().for_each(|one| cancel(one, context.now(), &mut entries));
        context.store.write(entries)?;
    }
    Ok(current.drain(..).next())
}

/// Everybody announced as this patient.
pub(crate) fn announced(
    context: &Context<'_>,
    patient: &str,
    organization: &str,
) -> Result<Vec<Found>, Failure> {
    let of = [
        ("patient", patient),
        ("class", "EMER"),
        ("status", "planned"),
        ("service-provider", organization),
    ];
    context.store.search("Encounter", &of)
}

/// Nobody is expected any more.
pub(crate) fn cancel(planned: &Found, now: LogTime, entries: &mut Vec<Value>) {
    let mut cancelled = planned.body.clone();
    move_to(&mut cancelled, "cancelled", now);
    put(entries, planned, cancelled, planned.version);
}

/// Writes that somebody is on the way. No clock runs and nothing is due before they come.
fn expect(
    context: &Context<'_>,
    input: &Input,
    (patient, organization): (&str, &str),
    (eta, is_planned): (LogTime, bool),
) -> Outcome {
    if is_planned {
        return Err(conflict("the patient is expected already"));
    }
    let mut encounter = encounter(context, input, (patient, organization), eta)?;
    set(&mut encounter, "status", "planned".into());
    for place in encounter.get_mut("location").and_then(Value::as_array_mut).into_iter().flatten() {
        set(place, "status", "planned".into());
    }
    let request = unless_there(patient, organization);
    let entry = json!({"fullUrl": name(0), "resource": encounter, "request": request});
    let mut written = context.store.write(vec![entry])?.into_iter();
    written.next().map(Answer::Read).ok_or_else(|| conflict("nothing was written"))
}

/// The Encounter of who was expected once they are here: as planned, but for what is said now.
fn came(planned: &Found, now: &Value, arrived: LogTime) -> Value {
    let mut encounter = planned.body.clone();
    let since = planned.last_updated.min(arrived);
    let period = json!({"start": since.to_string(), "end": arrived.to_string()});
    let mut history: Vec<Value> = items(&encounter, "statusHistory").cloned().collect();
    history.push(json!({"status": "planned", "period": period}));
    set(&mut encounter, "statusHistory", Value::Array(history));
    set(&mut encounter, "status", "arrived".into());
    for place in encounter.get_mut("location").and_then(Value::as_array_mut).into_iter().flatten() {
        set(place, "status", "active".into());
        set(place, "period", json!({"start": arrived.to_string()}));
    }
    for name in ["period", "location", "reasonCode"] {
        if let Some(value) = now.get(name) {
            set(&mut encounter, name, value.clone());
        }
    }
    if let Some(source) = now.pointer("/hospitalization/admitSource") {
        let mut stay = encounter.get("hospitalization").cloned().unwrap_or_else(|| json!({}));
        set(&mut stay, "admitSource", source.clone());
        set(&mut encounter, "hospitalization", stay);
    }
    let said: Vec<Value> = items(now, "extension").cloned().collect();
    if !said.is_empty() {
        let mut all: Vec<Value> = items(&encounter, "extension").cloned().collect();
        all.retain(|old| !said.iter().any(|new| text_at(new, "/url") == text_at(old, "/url")));
        all.extend(said);
        set(&mut encounter, "extension", Value::Array(all));
    }
    encounter
}

/// When they arrived.
fn arrival(now: LogTime, input: &Input) -> Result<LogTime, Failure> {
    let Some(arrived) = input.instant("arrived")? else { return Ok(now) };
    if arrived > now.plus_us(60 * LogTime::SECOND_US) {
        return Err(unfit("an arrival does not lie ahead"));
    }
    if arrived < now.minus_us(FURTHEST_US) {
        return Err(unfit("an arrival lies at most 24 hours back"));
    }
    if arrived < now.minus_us(BACK_US) && input.text("reason")?.is_none() {
        return Err(unfit("an arrival more than 10 minutes ago needs a `reason`"));
    }
    Ok(arrived.min(now))
}

/// Makes an Encounter unless there is one of who is here or expected.
fn unless_there(patient: &str, organization: &str) -> Value {
    let open = format!(
        "patient={patient}&class=EMER&status={HERE_OR_PLANNED}&service-provider={organization}"
    );
    json!({"method": "POST", "url": "Encounter", "ifNoneExist": open})
}

/// What finds somebody who is here.
pub(crate) fn here<'a>(patient: &'a str, organization: &'a str) -> [(&'static str, &'a str); 4] {
    [
        ("patient", patient),
        ("class", "EMER"),
        ("status", "arrived,triaged,in-progress,onleave"),
        ("service-provider", organization),
    ]
}

/// Nobody arrives twice: a second click, or a second desk.
fn refuse_twice(context: &Context<'_>, patient: &str, organization: &str) -> Result<(), Failure> {
    match context.store.search("Encounter", &here(patient, organization))?.is_empty() {
        true => Ok(()),
        false => Err(conflict("the patient is here already")),
    }
}

fn encounter(
    context: &Context<'_>,
    input: &Input,
    (patient, organization): (&str, &str),
    arrived: LogTime,
) -> Result<Value, Failure> {
    let mut encounter = received(context, input, (patient, organization), arrived)?;
    if let Some(why) = input.text("reason")? {
        let kept = json!([{"url": ARRIVAL_REASON, "valueString": why}]);
        set(&mut encounter, "extension", kept);
    }
    if let Some(mode) = input.text("mode")? {
        let coded = context.library().attendance_codes().arrivals();
        let modes: Vec<&str> =
            MODES.into_iter().chain(coded.iter().map(|own| own.mode.as_str())).collect();
        if !modes.contains(&mode.as_str()) {
            return Err(invalid(format!("`mode` is one of {}", modes.join(", "))));
        }
        let source = json!({"admitSource": concept(MODE, &mode, &mode)});
        set(&mut encounter, "hospitalization", source);
    }
    Ok(encounter)
}

/// The Encounter of somebody who is received: with what they come, and where they wait.
pub(crate) fn received(
    context: &Context<'_>,
    input: &Input,
    (patient, organization): (&str, &str),
    arrived: LogTime,
) -> Result<Value, Failure> {
    let mut encounter = json!({
        "resourceType": "Encounter", "status": "arrived",
        "class": {"system": ACT_CODE, "code": "EMER", "display": "emergency"},
        "subject": {"reference": patient}, "serviceProvider": {"reference": organization},
        "period": {"start": arrived.to_string()},
    });
    if let Some(complaint) = input.concept("complaint")? {
        set(&mut encounter, "reasonCode", json!([complaint]));
    }
    if let Some(area) = area(context, input)? {
        let place = json!({"location": area, "status": "active",
            "period": {"start": arrived.to_string()}});
        set(&mut encounter, "location", json!([place]));
    }
    Ok(encounter)
}

/// The area that is asked for, as a reference with its name.
pub(crate) fn area(context: &Context<'_>, input: &Input) -> Result<Option<Value>, Failure> {
    let Some(id) = input.reference("area", "Location")? else { return Ok(None) };
    let area = context.store.read("Location", &id)?;
    let mut reference = json!({"reference": area.reference()});
    if let Some(name) = crate::input::text_at(&area.body, "/name") {
        set(&mut reference, "display", name.into());
    }
    Ok(Some(reference))
}
