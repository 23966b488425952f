//! `$ecds`: the attendances of a day as rows for the Emergency Care Data Set.

use accord_base::LogTime;
use accord_care::{Come, Disposition};
use accord_engine::Failure;
use accord_fhir::DateRange;
use serde_json::Value;

use crate::attended::{Attended, gather};
use crate::board::complaint;
use crate::codes::{DISPOSITION, MODE, NHS_NUMBER};
use crate::input::{Input, codings, instant, items, text_at};
use crate::report::Report;
use crate::store::AT_ONCE;
use crate::{Context, csv, invalid};

/// Columns of a row.
const COLUMNS: [&str; 15] = [
    "encounter",
    "arrival",
    "mode",
    "assessment",
    "initial-acuity",
    "conclusion",
    "disposition",
    "complaint",
    "provider",
    "nhs-number",
    "birth-date",
    "gender",
    "arrival-mode",
    "discharge-status",
    "discharge-destination",
];
/// Attendances that were none, or are none yet, are not submitted.
const HAPPENED: &str = "arrived,triaged,in-progress,onleave,finished";

/// Rows, each a parameter with a part for each column, and all of them as CSV. Only the first
/// acuity is submitted.
pub(crate) fn rows(context: &Context<'_>, input: &Input) -> Result<String, Failure> {
    let rows = of_day(context, input)?;
    let mut report = Report::default();
    for values in &rows {
        let mut parts = Report::default();
        for (column, value) in COLUMNS.iter().zip(values).filter(|(_, value)| !value.is_empty()) {
            parts.text(column, value);
        }
        report.parts("row", parts);
    }
    report.text("csv", &file(&rows));
    Ok(report.resource())
}

/// The rows as CSV alone, the names of the columns first.
pub(crate) fn csv(context: &Context<'_>, input: &Input) -> Result<String, Failure> {
    Ok(file(&of_day(context, input)?))
}

fn file(rows: &[[String; 15]]) -> String {
    rows.iter().fold(csv::record(COLUMNS), |all, row| all + &csv::record(row))
}

/// The attendances that began on the day that is asked for, in order.
fn of_day(context: &Context<'_>, input: &Input) -> Result<Vec<[String; 15]>, Failure> {
    input.only(&["date", "organization"])?;
    let day = input.text("date")?.filter(|day| day.len() == 10);
    let day = day.ok_or_else(|| invalid("`date` is a day"))?;
    let organization = crate::board::organization(context, input)?;
    let range = DateRange::parse_in(&day, context.zone(organization.as_deref()));
    let (low, high) = range.and_then(instants).ok_or_else(|| invalid("`date` is a day"))?;
    let (from, until) = (format!("ge{low}"), format!("lt{high}"));
    let mut params = vec![
        ("class", "EMER"),
        ("status", HAPPENED),
        ("date", from.as_str()),
        ("date", until.as_str()),
        ("_include", "Encounter:patient"),
    ];
    if let Some(organization) = &organization {
        params.push(("service-provider", organization));
    }
    let mut found = context.store.search("Encounter", &params)?;
    let encounters = found.iter().filter(|one| one.resource_type == "Encounter");
    let names: Vec<String> = encounters.map(|encounter| encounter.reference()).collect();
    for some in names.chunks(AT_ONCE) {
        found.extend(context.store.acuities(&some.join(","))?);
    }
    let mut attended = gather(&found);
    attended.retain(|one| {
        let start = text_at(&one.encounter.body, "/period/start").and_then(instant);
        start.is_some_and(|start| (low..high).contains(&start))
    });
    attended.sort_by_key(|one| (one.arrived(), one.encounter.id.as_str()));
    Ok(attended.iter().map(|one| row(context, one)).collect())
}

/// The first instant of a range, and the first after it.
fn instants(range: DateRange) -> Option<(LogTime, LogTime)> {
    let at = |us| u64::try_from(us).ok().map(LogTime);
    Some((at(range.low)?, at(range.high)?))
}

fn row(context: &Context<'_>, attended: &Attended<'_>) -> [String; 15] {
    let body = &attended.encounter.body;
    let coded = |pointer: &str, system: &str| {
        let codes = body.pointer(pointer).map(codings).unwrap_or_default();
        let own = codes.into_iter().find(|(of, _)| *of == system);
        own.map_or_else(String::new, |(_, code)| code.to_owned())
    };
    let at = |at: Option<LogTime>| at.map_or_else(String::new, |at| at.to_string());
    let first = attended.first_acuity(context.library());
    let assessed = first.map(|(at, _)| attended.arrived().map_or(at, |arrived| at.max(arrived)));
    let initial = first.map(|(_, acuity)| acuity);
    let (_, acuities) = context.library().acuity_codes();
    let initial = acuities.iter().find(|code| Some(code.acuity) == initial);
    let mode = coded("/hospitalization/admitSource", MODE);
    let end_code = coded("/hospitalization/dischargeDisposition", DISPOSITION);
    let gone = Disposition::from_code(&end_code);
    let codes = context.library().attendance_codes();
    let come = match attended.was_treated() {
        true => Come::Treated,
        false if attended.was_assessed(context.library()) => Come::Assessed,
        false => Come::Waited,
    };
    let own = |code: Option<&str>| code.unwrap_or_default().to_owned();
    let end = text_at(body, "/period/end").and_then(instant);
    let patient = attended.patient.map(|patient| &patient.body);
    let of_patient = |pointer: &str| {
        patient.and_then(|body| text_at(body, pointer)).unwrap_or_default().to_owned()
    };
    let mut numbers = patient.into_iter().flat_map(|body| items(body, "identifier"));
    let holds =
        |one: &Value| text_at(one, "/use") != Some("old") && one.pointer("/period/end").is_none();
    let nhs_number = numbers.find(|one| text_at(one, "/system") == Some(NHS_NUMBER) && holds(one));
    let nhs_number = nhs_number.and_then(|one| text_at(one, "/value"));
    [
        attended.encounter.id.to_string(),
        at(attended.arrived()),
        mode.clone(),
        at(assessed),
        initial.map_or_else(String::new, |code| code.code.clone()),
        at(end),
        end_code,
        complaint(attended).unwrap_or_default().to_owned(),
        text_at(body, "/serviceProvider/reference").unwrap_or_default().to_owned(),
        nhs_number.unwrap_or_default().to_owned(),
        of_patient("/birthDate"),
        of_patient("/gender"),
        own(codes.arrival(&mode)),
        own(gone.and_then(|gone| codes.status(gone, come))),
        own(gone.and_then(|gone| codes.destination(gone))),
    ]
}
