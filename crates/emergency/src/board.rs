//! `$board`: who is there, in the order in which they are looked at.

use accord_care::{Attendance, Place, What};
use accord_engine::Failure;

use crate::attended::{Attended, gather};
use crate::child::name;
use crate::codes::{MODE, TASK};
use crate::confirm::is_unconfirmed;
use crate::flags::OfRecord;
use crate::input::{Input, codings, items, text_at};
use crate::report::Report;
use crate::store::{AT_ONCE, Found};
use crate::{Context, scored, tables};

/// One part for each attendance that the asker may see.
pub(crate) fn board(context: &Context<'_>, input: &Input) -> Result<String, Failure> {
    input.only(&["organization", "area"])?;
    let mut found = here(context, input)?;
    let planned = in_state(context, input, "planned")?;
    let record = OfRecord::of(context, &[&found, &planned])?;
    if context.is_clinical() {
        found.extend(belonging(context, &found)?);
    }
    let targets = context.rules.targets();
    let mut attended = gather(&found);
    if let Some(area) = input.reference("area", "Location")? {
        let area = format!("Location/{area}");
        attended.retain(|one| place(one).is_some_and(|(reference, _)| reference == area));
    }
    let mut rows: Vec<_> = attended
        .iter()
        .map(|one| {
            let attendance = one.attendance(context.library());
            let acuity = attendance.as_ref().and_then(|own| own.acuity()).map(|(acuity, _)| acuity);
            let arrived = one.arrived().unwrap_or(context.now());
            let place = Place::of(acuity, arrived, targets);
            (place, one.encounter.id.as_str(), one, attendance)
        })
        .collect();
    rows.sort_by_key(|(place, id, ..)| (*place, *id));
    let mut report = Report::default();
    report.instant("at", context.now());
    tables::tell(context, &mut report);
    for (_, _, one, attendance) in rows {
        report.parts("encounter", row(context, one, &record, attendance.as_ref()));
    }
    expected(context, input, (&planned, &record), &mut report)?;
    Ok(report.resource())
}

/// Who was announced and has not come. No clock of theirs runs and nothing is due: they stand
/// beside those who are here, with the time when they are expected, the next first.
fn expected(
    context: &Context<'_>,
    input: &Input,
    (found, record): (&[Found], &OfRecord),
    report: &mut Report,
) -> Result<(), Failure> {
    let mut planned = gather(found);
    if let Some(area) = input.reference("area", "Location")? {
        let area = format!("Location/{area}");
        planned.retain(|one| place(one).is_some_and(|(reference, _)| reference == area));
    }
    let eta = |one: &Attended<'_>| {
        text_at(&one.encounter.body, "/period/start").and_then(crate::input::instant)
    };
    planned.sort_by_key(|one| (eta(one), &one.encounter.id));
    for one in &planned {
        let mut row = row(context, one, record, None);
        if let Some(eta) = eta(one) {
            row.instant("eta", eta);
        }
        report.parts("expected", row);
    }
    Ok(())
}

/// The organisation that is asked about: the asker's own where none is named.
pub(crate) fn organization(
    context: &Context<'_>,
    input: &Input,
) -> Result<Option<String>, Failure> {
    let named = input.reference("organization", "Organization")?;
    let organization = named.or_else(|| context.asked.subject.organization.clone());
    Ok(organization.map(|id| format!("Organization/{id}")))
}

/// The attendances that go on, with their patients.
pub(crate) fn here(context: &Context<'_>, input: &Input) -> Result<Vec<Found>, Failure> {
    in_state(context, input, "arrived,triaged,in-progress,onleave")
}

/// Attendances in one of the states, with their patients.
fn in_state(context: &Context<'_>, input: &Input, status: &str) -> Result<Vec<Found>, Failure> {
    let organization = organization(context, input)?;
    let mut params = vec![("class", "EMER"), ("status", status), ("_include", "Encounter:patient")];
    if let Some(organization) = &organization {
        params.push(("service-provider", organization));
    }
    context.store.search("Encounter", &params)
}

/// What belongs to them.
fn belonging(context: &Context<'_>, here: &[Found]) -> Result<Vec<Found>, Failure> {
    let encounters = here.iter().filter(|one| one.resource_type == "Encounter");
    let encounters: Vec<String> = encounters.map(Found::reference).collect();
    let mut all = context.store.counted(&encounters)?;
    for some in encounters.chunks(AT_ONCE) {
        let some = some.join(",");
        all.extend(context.store.search("Flag", &[("encounter", &some)])?);
        let open = [("encounter", some.as_str()), ("status", "active")];
        all.extend(context.store.search("ServiceRequest", &open)?);
        let reviews = format!("{TASK}|{}", What::Review.code());
        let done = [("encounter", some.as_str()), ("status", "completed"), ("code", &reviews)];
        all.extend(context.store.search("Task", &done)?);
    }
    Ok(all)
}

/// Where somebody is: reference and name.
fn place<'a>(attended: &Attended<'a>) -> Option<(&'a str, Option<&'a str>)> {
    let mut places = items(&attended.encounter.body, "location");
    let place =
        places.find(|place| matches!(text_at(place, "/status"), Some("active" | "planned")))?;
    Some((text_at(place, "/location/reference")?, text_at(place, "/location/display")))
}

fn row(
    context: &Context<'_>,
    attended: &Attended<'_>,
    record: &OfRecord,
    attendance: Option<&Attendance>,
) -> Report {
    let mut row = Report::default();
    let encounter = attended.encounter;
    row.reference("encounter", &encounter.reference());
    row.text("version", &encounter.version.to_string());
    if let Some(patient) = text_at(&encounter.body, "/subject/reference") {
        row.reference("patient", patient);
    }
    if let Some(patient) = attended.patient {
        if let Some(name) = name(&patient.body) {
            row.text("name", &name);
        }
        if let Some(born) = text_at(&patient.body, "/birthDate") {
            row.put("birthDate", "valueDate", born);
        }
        if let Some(gender) = text_at(&patient.body, "/gender") {
            row.code("gender", gender);
        }
    }
    if let Some((reference, display)) = place(attended) {
        let mut area = serde_json::json!({"reference": reference});
        if let Some(display) = display {
            crate::entries::set(&mut area, "display", display.into());
        }
        row.put("area", "valueReference", area);
    }
    if let Some(complaint) = complaint(attended) {
        row.text("complaint", complaint);
    }
    if let Some(mode) = mode(attended) {
        row.code("mode", mode);
    }
    if let Some(ticket) = attended.ticket() {
        row.text("ticket", ticket);
    }
    if is_unconfirmed(&encounter.body) {
        row.flag("identity-unconfirmed", true);
    }
    row.code("status", attended.status());
    match attendance {
        Some(own) if attended.hides_acuity(own, context.library()) => {
            unknown(attended, own, &mut row)
        }
        Some(own) => timed(context, attended, own, &mut row),
        None => {}
    }
    scored::tell(context, attended, &mut row);
    let is_older = attended.is_older_than_arrival(context.library());
    let older = is_older.then_some("an acuity is dated before the arrival");
    let against: Vec<&str> =
        older.into_iter().chain(attended.first_contradicts(context.library())).collect();
    if !against.is_empty() {
        row.text("record-contradicts", &against.join("; "));
    }
    if attended.ahead > 0 {
        row.count("dated-ahead", u32::try_from(attended.ahead).unwrap_or(u32::MAX));
    }
    for flag in attended.active_flags() {
        row.code("flag", flag);
    }
    record.tell(attended, context.library().flags(), &mut row);
    row.flag("bed-requested", attended.bed_requests().next().is_some());
    row
}

/// What they say brings them.
pub(crate) fn complaint<'a>(attended: &Attended<'a>) -> Option<&'a str> {
    let reason = items(&attended.encounter.body, "reasonCode").next()?;
    text_at(reason, "/text").or_else(|| text_at(reason, "/coding/0/display"))
}

fn mode<'a>(attended: &Attended<'a>) -> Option<&'a str> {
    let source = attended.encounter.body.pointer("/hospitalization/admitSource")?;
    codings(source).into_iter().find(|(system, _)| *system == MODE).map(|(_, code)| code)
}

/// Arrival alone, for who does not see how urgent it is: what is due follows from that, and nothing
/// is overdue because they do not see it.
fn unknown(attended: &Attended<'_>, attendance: &Attendance, row: &mut Report) {
    row.instant("arrived", attendance.arrived_at());
    let treated = attended.status() == "in-progress";
    row.code("phase", if treated { "in-treatment" } else { "waiting" });
    row.flag("acuity-unknown", true);
}

/// Arrival, acuity, what is due, and the clocks.
fn timed(
    context: &Context<'_>,
    attended: &Attended<'_>,
    attendance: &Attendance,
    row: &mut Report,
) {
    let (scheme, targets) = (context.rules.triage(), context.rules.targets());
    let now = context.now();
    row.instant("arrived", attendance.arrived_at());
    row.code("phase", attendance.phase(scheme, targets, now).code());
    if let Some((acuity, since)) = attendance.acuity() {
        row.count("acuity", acuity.level().into());
        row.instant("acuity-since", since);
    }
    if let Some((_, initial)) = attended.first_acuity(context.library()) {
        row.count("initial-acuity", initial.level().into());
    }
    for due in attendance.pending(scheme, targets, now) {
        row.due("due", &due);
    }
    for clock in attendance.clocks(targets, now) {
        let mut parts = Report::default();
        parts.code("id", &clock.id);
        parts.instant("at", clock.at);
        parts.flag("breached", clock.breached);
        row.parts("target", parts);
    }
}
