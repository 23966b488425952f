//! `$forecast`: how long people who come now wait, from the attendances that the asker may see.
//!
//! Each asker's forecast is made of their own view alone, anew at each request: what is hidden from
//! somebody is in no number that they are told.

use accord_base::LogTime;
use accord_care::{Acuity, Disposition, Library, Past, forecast as expected};
use accord_engine::Failure;
use serde_json::Value;

use crate::acuity::stated;
use crate::attended::gather;
use crate::board::here;
use crate::codes::DISPOSITION;
use crate::input::{Input, codings, instant, items, text_at};
use crate::report::Report;
use crate::store::Found;
use crate::{Context, invalid};

/// Most attendances that a forecast is made of, the newest.
const MOST: usize = 3_000;
/// How far back they began, in days.
const DAYS: u64 = 60;

/// One part for each acuity of which something can be told, or why nothing can.
pub(crate) fn forecast(context: &Context<'_>, input: &Input) -> Result<String, Failure> {
    input.only(&["organization"])?;
    let waiting = waiting(&here(context, input)?, context.library());
    let past = past(context, input)?;
    let mut report = Report::default();
    report.instant("at", context.now());
    match expected(&past, &waiting) {
        Err(why) => report.text("forecast-absent", &why.to_string()),
        Ok(all) => {
            for one in all {
                let mut parts = Report::default();
                parts.count("acuity", one.acuity.level().into());
                parts.count("from-minutes", one.from);
                parts.count("to-minutes", one.to);
                parts.count("typical-error-minutes", one.typical_error);
                parts.count("coverage-percent", one.coverage_percent);
                parts.count("left-unseen-percent", one.left_percent);
                parts.count("attendances", one.attendances);
                parts.instant("until", one.until);
                report.parts("forecast", parts);
            }
        }
    }
    Ok(report.resource())
}

/// The attendances whose wait is over and that tell how it ended, the newest of the last weeks.
fn past(context: &Context<'_>, input: &Input) -> Result<Vec<Past>, Failure> {
    let organization = crate::board::organization(context, input)?;
    // How long people wait at two places tells nothing of either.
    let organization = organization.ok_or_else(|| invalid("`organization` is needed"))?;
    let from = context.now().minus_us(DAYS * 86_400 * LogTime::SECOND_US);
    let from = format!("ge{from}");
    let params = [
        ("class", "EMER"),
        ("status", "finished,in-progress"),
        ("date", from.as_str()),
        ("_sort", "-date"),
        ("service-provider", organization.as_str()),
    ];
    let found = context.store.first("Encounter", &params, MOST)?;
    Ok(found.iter().filter_map(|one| attendance(one, context.library())).collect())
}

/// When somebody came, and was seen or had left; `None` where the Encounter does not say.
fn attendance(encounter: &Found, library: &Library) -> Option<Past> {
    let body = &encounter.body;
    let arrived = text_at(body, "/period/start").and_then(instant)?;
    let treated = treated(body);
    let until = treated.or_else(|| text_at(body, "/period/end").filter(|_| has_left(body)));
    let (waited_until, seen) = (until.and_then(instant)?, treated.is_some());
    Some(Past { arrived, waited_until, seen, acuity: stated(body, library) })
}

/// When treatment began: it is in the history, or is what follows it.
fn treated(encounter: &Value) -> Option<&str> {
    let mut history = items(encounter, "statusHistory");
    let before = history.find(|one| text_at(one, "/status") == Some("in-progress"));
    match before {
        Some(before) => text_at(before, "/period/start"),
        None if text_at(encounter, "/status") == Some("in-progress") => {
            text_at(items(encounter, "statusHistory").last()?, "/period/end")
        }
        None => None,
    }
}

/// Whether somebody left before anyone saw them.
fn has_left(encounter: &Value) -> bool {
    let how = encounter.pointer("/hospitalization/dischargeDisposition").map(codings);
    let left = (DISPOSITION, Disposition::LeftWithoutBeingSeen.code());
    how.unwrap_or_default().contains(&left)
}

/// Acuities of those who are there and have not been seen.
fn waiting(found: &[Found], library: &Library) -> Vec<Option<Acuity>> {
    let all = gather(found);
    let waits = all.iter().filter(|one| matches!(one.status(), "arrived" | "triaged"));
    waits.map(|one| stated(&one.encounter.body, library)).collect()
}
