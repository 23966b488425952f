//! EpisodeOfCare: who manages it cares for its patient.

use accord_base::LogTime;

use super::period::Span;
use super::{NamedFact, RECENT_US, Stating};

/// States of an episode during which the patient is in care.
const OPEN: &[&str] = &["active", "onhold"];

/// An open episode states, for its period, relationships of its managing organisation and of its
/// care manager; a finished one until [`RECENT_US`] after its end. One that is finished and does
/// not say when states nothing.
pub(super) fn facts(stating: &Stating<'_>) -> Vec<NamedFact> {
    let episode = stating.resource;
    let (Some(patient), Ok(period), Some(status)) = (
        stating.target(episode.get("patient"), "Patient"),
        stating.span(episode.get("period")),
        episode.get_str("status"),
    ) else {
        return Vec::new();
    };
    let until = match (&*status, period.until) {
        ("finished", until) if until != LogTime::NEVER => until.plus_us(RECENT_US),
        (open, until) if OPEN.contains(&open) => until,
        _ => return Vec::new(),
    };
    let span = Span { until, ..period };
    let managing = stating.target(episode.get("managingOrganization"), "Organization");
    let manager = stating.target(episode.get("careManager"), "Practitioner");
    let managing = managing.and_then(|id| stating.organization_cares(&patient, &id, span));
    let manager = manager.and_then(|id| stating.actor_cares(&patient, &id, span));
    managing.into_iter().chain(manager).collect()
}
