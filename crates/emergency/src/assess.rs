//! `$assess`: somebody is looked at, for the first time or again.

use accord_base::LogTime;
use accord_care::{Acuity, Asked, Assessment, Attendance, Due, Event, Reading, Score, ScoreScheme};
use accord_engine::{Category, Failure};
use accord_fhir::IssueCode;
use serde_json::{Value, json};

use crate::acuity::{Decided, coded, decide};
use crate::attended::{Attended, gather, of_one, rules};
use crate::child::age_months;
use crate::codes::FLAGS;
use crate::entries::{Of, post, put, set};
use crate::input::{Input, codings, items, part, text_at};
use crate::observed::{ADULT_MONTHS, given};
use crate::report::Report;
use crate::{Context, arrive, invalid, unfit};

const PARAMETERS: &[&str] = &[
    "preview",
    "version",
    "vital",
    "scheme",
    "triage-scheme",
    "acuity",
    "life-threat",
    "high-risk",
    "resources",
    "override-reason",
    "spo2-scale",
    "spo2-scale-reason",
    "concern",
    "flag",
    "area",
    "note",
    "bed-request",
    "started",
];

/// An assessment before it is written.
struct Draft<'a> {
    readings: Vec<Reading>,
    /// `None` if nothing was taken that it asks for, and no concern stated.
    score: Option<(&'a ScoreScheme, Score)>,
    scale: u32,
    /// Why the scale was changed.
    scale_reason: Option<String>,
    concerns: Vec<String>,
    decided: Decided,
    flags: Vec<String>,
    /// What is due after it.
    due: Option<Due>,
}

/// Computes everything; unless it is a preview, writes it. The answer as a resource.
pub(crate) fn assess(context: &Context<'_>, input: &Input) -> Result<String, Failure> {
    input.only(PARAMETERS)?;
    let found = of_one(context)?;
    let all = gather(&found);
    let attended = all.first().ok_or_else(|| invalid("an encounter is needed"))?;
    attended.check_open()?;
    let preview = input.flag("preview")?;
    let draft = draft(context, input, attended)?;
    let mut report = Report::default();
    report.flag("preview", preview);
    if let Some((scheme, score)) = &draft.score {
        report.score(scheme, score, context.library);
    }
    report.acuity(&draft.decided, context.library);
    if let Some((scheme, score)) = &draft.score {
        report.response(scheme, score);
    }
    if let Some(due) = &draft.due {
        report.due("next-due", due);
    }
    if !preview {
        let version = write(context, input, attended, &draft)?;
        let reference = format!("{}/_history/{version}", attended.encounter.reference());
        report.reference("encounter", &reference);
    }
    Ok(report.resource())
}

fn draft<'l>(
    context: &Context<'l>,
    input: &Input,
    attended: &Attended<'_>,
) -> Result<Draft<'l>, Failure> {
    let (readings, library) = (readings(context, input)?, context.library);
    let known = attended.patient.and_then(|patient| age_months(&patient.body, context.now()));
    let scheme = scheme(context, input, known)?;
    let age = known.unwrap_or(ADULT_MONTHS);
    let (scale, scale_reason) = scale(input, attended)?;
    let concerns = input.texts("concern")?;
    let asked = Asked { age_months: age, scale, readings: &readings, concerns: &concerns };
    let score = scheme.score(&asked, library.vitals()).map_err(|error| unfit(error.to_string()))?;
    let preview = input.flag("preview")?;
    if let Some(open) = score.to_confirm.first().filter(|_| !preview) {
        let vital = library.vitals().of(open);
        let usual = vital.and_then(accord_care::Vital::usual).unwrap_or_default();
        let title = vital.map_or("", |vital| &vital.title);
        return Err(unfit(format!("{title} is outside {usual}: measure again, or confirm")));
    }
    let attendance = attended.attendance(library);
    let before = attendance.as_ref().and_then(|own| own.acuity()).map(|(acuity, _)| acuity);
    let decided = decide(input, library, (age, &readings), before)?;
    if decided.acuity.is_none() && !preview {
        return Err(unfit("the first assessment gives an `acuity`"));
    }
    let flags = input.texts("flag")?;
    if let Some(flag) = flags.iter().find(|flag| !FLAGS.iter().any(|(own, _)| own == flag)) {
        return Err(invalid(format!("the flag `{flag}` is not known")));
    }
    // Values that no score asks for, such as pain, make none.
    let nothing = score.triggers.is_empty() && score.parts.iter().all(|part| part.score.is_none());
    let score = Some((scheme, score)).filter(|_| !nothing || preview);
    let mut draft =
        Draft { readings, score, scale, scale_reason, concerns, decided, flags, due: None };
    draft.due = due(context, input, attendance, &draft)?;
    Ok(draft)
}

/// The vital signs that were taken.
fn readings(context: &Context<'_>, input: &Input) -> Result<Vec<Reading>, Failure> {
    let mut readings: Vec<Reading> = Vec::new();
    for vital in input.all("vital") {
        let code = part(vital, "code").ok_or_else(|| invalid("a vital sign has a `code`"))?;
        let codes = codings(code);
        let known = |(system, code): &(&str, &str)| context.library.vitals().coded(system, code);
        let found = codes.iter().find_map(known).ok_or_else(|| {
            let code = codes.first().map_or("", |(_, code)| code);
            unfit(accord_care::VitalError::Unknown(code.to_owned()).to_string())
        })?;
        let value = part(vital, "value").ok_or_else(|| invalid("a vital sign has a `value`"))?;
        let taken = given(value).ok_or_else(|| invalid("a `value` is a Quantity or is coded"))?;
        let confirmed = part(vital, "confirmed").and_then(Value::as_bool).unwrap_or(false);
        let reading = found.read(&taken, confirmed).map_err(|error| unfit(error.to_string()))?;
        if readings.iter().any(|other| other.vital == reading.vital) {
            return Err(invalid(format!("{} stands more than once", found.title)));
        }
        readings.push(reading);
    }
    Ok(readings)
}

/// The score that is named, or the one for the age.
fn scheme<'l>(
    context: &Context<'l>,
    input: &Input,
    age_months: Option<u32>,
) -> Result<&'l ScoreScheme, Failure> {
    let Some(id) = input.text("scheme")? else {
        let age = age_months.ok_or_else(|| {
            unfit("the patient has no birth date: name the `scheme` of the score")
        })?;
        let scheme = context.library.score_for(age);
        return scheme.ok_or_else(|| unfit("there is no score for this age"));
    };
    let scheme = context.library.score(&id);
    let scheme = scheme.ok_or_else(|| unfit(format!("the scheme `{id}` is not known here")))?;
    match age_months.is_none() && !scheme.is_for(ADULT_MONTHS) {
        true => Err(unfit(format!("`{id}` needs a birth date"))),
        false => Ok(scheme),
    }
}

/// The scale of oxygen saturation: as before unless it is switched, with a reason.
fn scale(input: &Input, attended: &Attended<'_>) -> Result<(u32, Option<String>), Failure> {
    let before = attended.scale();
    let Some(scale) = input.count("spo2-scale")?.filter(|scale| *scale != before) else {
        return Ok((before, None));
    };
    let reason = input.text("spo2-scale-reason")?;
    if reason.is_none() && !input.flag("preview")? {
        return Err(unfit("to switch the scale of oxygen saturation needs a `spo2-scale-reason`"));
    }
    Ok((scale, reason))
}

/// What is due once this is written.
fn due(
    context: &Context<'_>,
    input: &Input,
    attendance: Option<Attendance>,
    draft: &Draft<'_>,
) -> Result<Option<Due>, Failure> {
    let (Some(attendance), Some(acuity)) = (attendance, draft.decided.acuity) else {
        return Ok(None);
    };
    let named = input.text("triage-scheme")?;
    let (scheme, targets) = rules(context.library, named.as_deref())?;
    let level = draft.score.as_ref().and_then(|(scheme, score)| scheme.levels.get(score.level?));
    let observe_minutes = level.and_then(|level| level.observe_minutes);
    let now = context.now();
    let event = Event::Assessed(Assessment { at: now, acuity, observe_minutes });
    let then = attendance.then(event).map_err(|error| unfit(error.to_string()))?;
    let then = match input.flag("started")? {
        true => then.clone().then(Event::Started(now)).unwrap_or(then),
        false => then,
    };
    Ok(then.due(scheme, targets, now))
}

/// Writes the assessment as one transaction; the Encounter's new version.
fn write(
    context: &Context<'_>,
    input: &Input,
    attended: &Attended<'_>,
    draft: &Draft<'_>,
) -> Result<u32, Failure> {
    let author = context.store.author();
    let encounter = attended.encounter.reference();
    let patient = text_at(&attended.encounter.body, "/subject/reference").unwrap_or_default();
    let of = Of { patient, encounter: &encounter, author: &author, now: context.now() };
    let expected = expected(input, attended)?;
    let mut entries = Vec::new();
    let own = changed(context, input, attended, draft.decided.acuity)?;
    put(&mut entries, attended.encounter, own, expected);
    let vitals = of.vitals(&draft.readings, context.library);
    let names: Vec<String> = vitals.into_iter().map(|made| post(&mut entries, made)).collect();
    let score = draft.score.as_ref().map(|(scheme, score)| {
        let how = (draft.scale, draft.concerns.as_slice());
        post(&mut entries, of.score(scheme, score, how, &names))
    });
    if let Some(why) = draft.scale_reason.as_deref() {
        let target = score.as_deref().unwrap_or(&encounter);
        let made = of.provenance(&[target], "spo2-scale", why);
        post(&mut entries, made);
    }
    if let Some(acuity) = draft.decided.acuity {
        let initial = attended.attendance(context.library).is_none_or(|a| a.acuity().is_none());
        let notes: Vec<String> =
            draft.decided.overridden.iter().cloned().chain(input.text("note")?).collect();
        let coded = coded(acuity, context.library);
        let acuity = of.acuity((coded, initial), &notes, score.as_deref());
        let acuity = post(&mut entries, acuity);
        if let Some(why) = &draft.decided.overridden {
            post(&mut entries, of.provenance(&[&acuity], "acuity", why));
        }
    }
    let flagged = attended.active_flags();
    for flag in draft.flags.iter().filter(|flag| !flagged.contains(&flag.as_str())) {
        post(&mut entries, of.flag(flag));
    }
    if input.flag("bed-request")? && attended.bed_requests().next().is_none() {
        post(&mut entries, of.bed());
    }
    for task in attended.open_tasks() {
        let mut done = task.body.clone();
        set(&mut done, "status", "completed".into());
        set(&mut done, "lastModified", context.now().to_string().into());
        put(&mut entries, task, done, task.version);
    }
    if let Some(due) = &draft.due {
        post(&mut entries, of.task(due));
    }
    let written = context.store.write(entries)?;
    Ok(written.first().map_or(0, |encounter| encounter.version))
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
    acuity: Option<Acuity>,
) -> Result<Value, Failure> {
    let mut encounter = attended.encounter.body.clone();
    let status = match attended.status() {
        _ if input.flag("started")? => "in-progress",
        "arrived" => "triaged",
        other => other,
    };
    move_to(&mut encounter, status, context.now());
    if let Some(acuity) = acuity {
        set(&mut encounter, "priority", coded(acuity, context.library));
    }
    if let Some(area) = arrive::area(context, input)? {
        place(&mut encounter, &area, context.now());
    }
    Ok(encounter)
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
    let mut period = json!({"end": now.to_string()});
    if let Some(since) = since {
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
        let mut period = left.get("period").cloned().unwrap_or_else(|| json!({}));
        set(&mut period, "end", now.to_string().into());
        set(left, "period", period);
    }
    let period = json!({"start": now.to_string()});
    places.push(json!({"location": area, "status": "active", "period": period}));
    set(encounter, "location", Value::Array(places));
}
