//! Encounter: the organisation that provides it cares for its subject.

use accord_base::LogTime;

use super::period::Span;
use super::{NamedFact, RECENT_US, Stating};

/// States of an encounter during which the patient is, or is about to be, in care.
const OPEN: &[&str] = &["arrived", "triaged", "in-progress", "onleave"];

/// An open encounter states a relationship without end, a finished one until [`RECENT_US`] after
/// its end. One that says it is open and has an end counts as finished; one that is finished and
/// does not say when, is planned, cancelled or an error states nothing.
pub(super) fn facts(stating: &Stating<'_>) -> Vec<NamedFact> {
    let fact = || {
        let resource = stating.resource;
        let status = resource.get_str("status")?;
        let period = stating.span(resource.get("period")).ok()?;
        let ended = period.until != LogTime::NEVER;
        let until = match &*status {
            "finished" if ended => period.until.plus_us(RECENT_US),
            open if OPEN.contains(&open) && ended => period.until.plus_us(RECENT_US),
            open if OPEN.contains(&open) => LogTime::NEVER,
            _ => return None,
        };
        let patient = stating.target(resource.get("subject"), "Patient")?;
        let provider = match resource.get("serviceProvider") {
            None => stating.controller.to_owned(),
            provider => stating.target(provider, "Organization")?,
        };
        stating.organization_cares(&patient, &provider, Span { from: LogTime(0), until })
    };
    fact().into_iter().collect()
}
