//! Appointment: those it is with care for its patients around it.

use accord_base::LogTime;
use accord_fhir::json::Value;

use super::period::Span;
use super::{DAY_US, NamedFact, RECENT_US, Stating};

/// How long before an appointment it counts: 14 days, to prepare it.
pub const BEFORE_US: u64 = 14 * DAY_US;

/// States of an appointment that is to come about or did.
const MADE: &[&str] = &["booked", "arrived", "checked-in", "fulfilled"];

/// An appointment made states, from [`BEFORE_US`] before its start until [`RECENT_US`] after its
/// end (its start where it has no end), a relationship of each practitioner who takes part; of the
/// controller where no practitioner is named. Those who declined take no part. One without a start
/// states nothing.
pub(super) fn facts(stating: &Stating<'_>) -> Vec<NamedFact> {
    let appointment = stating.resource;
    let made = appointment.get_str("status").is_some_and(|status| MADE.contains(&&*status));
    let (true, Some(span)) = (made, window(stating)) else { return Vec::new() };
    let taking_part: Vec<(String, String)> = appointment
        .get("participant")
        .into_iter()
        .flat_map(Value::each)
        .filter(|one| one.get_str("status").is_none_or(|status| status != "declined"))
        .filter_map(|one| stating.reference(one.get("actor")?))
        .collect();
    let of = |kind: &'static str| {
        taking_part.iter().filter(move |(k, _)| k == kind).map(|(_, id)| id.as_str())
    };
    let alone = of("Practitioner").next().is_none();
    let mut facts = Vec::new();
    for patient in of("Patient") {
        if alone {
            facts.extend(stating.organization_cares(patient, stating.controller, span));
        }
        facts.extend(of("Practitioner").filter_map(|id| stating.actor_cares(patient, id, span)));
    }
    facts
}

fn window(stating: &Stating<'_>) -> Option<Span> {
    let appointment = stating.resource;
    let start = stating.instant(appointment.get("start")?)?;
    let end = match appointment.get("end") {
        None => start,
        Some(end) => stating.instant(end)?,
    };
    let from = LogTime(start.from.0.saturating_sub(BEFORE_US));
    Some(Span { from, until: start.until.max(end.until).plus_us(RECENT_US) })
}
