//! CareTeam: its organisations and members care for its subject.

use accord_fhir::json::Value;

use super::period::Span;
use super::{NamedFact, Stating};
use crate::fact::ANYONE;

/// An active care team states, for its period, relationships of its managing organisations and of
/// its participants, each for their own period within it. A participant on behalf of another
/// organisation than the one that answers for the team states none. All of them belong to it.
pub(super) fn facts(stating: &Stating<'_>) -> Vec<NamedFact> {
    let team = stating.resource;
    let active = team.get_str("status").is_some_and(|status| status == "active");
    if !active {
        return Vec::new();
    }
    let (Some(patient), Ok(period)) =
        (stating.target(team.get("subject"), "Patient"), stating.span(team.get("period")))
    else {
        return members(stating);
    };
    let managing = each(team, "managingOrganization").filter_map(|organization| {
        let id = stating.target(Some(organization), "Organization")?;
        stating.organization_cares(&patient, &id, period)
    });
    let participants = each(team, "participant")
        .filter_map(|participant| participant_fact(stating, &patient, period, participant));
    managing.chain(participants).chain(members(stating)).collect()
}

/// Who belongs to an active team: its participants, on behalf of an organisation where that is
/// said. What cannot be read of one may be anybody.
fn members(stating: &Stating<'_>) -> Vec<NamedFact> {
    let team = stating.resource;
    let period = stating.span(team.get("period")).unwrap_or(Span::ALWAYS);
    let fact = |participant: Value<'_>| {
        let span = period.and(stating.span(participant.get("period")).unwrap_or(Span::ALWAYS));
        let member = stating.reference(participant.get("member")?);
        let member = member.map_or(ANYONE.to_owned(), |(kind, id)| format!("{kind}/{id}"));
        let behalf = stating.target(participant.get("onBehalfOf"), "Organization");
        (span.from < span.until).then(|| stating.belongs(member, behalf, span))
    };
    each(team, "participant").filter_map(fact).collect()
}

fn participant_fact(
    stating: &Stating<'_>,
    patient: &str,
    period: Span,
    participant: Value<'_>,
) -> Option<NamedFact> {
    let span = period.and(stating.span(participant.get("period")).ok()?);
    let (resource_type, id) = stating.reference(participant.get("member")?)?;
    if let Some(behalf) = participant.get("onBehalfOf") {
        let organization = stating.target(Some(behalf), "Organization")?;
        if organization != stating.controller {
            return None;
        }
    }
    match resource_type.as_str() {
        "Organization" => stating.organization_cares(patient, &id, span),
        "Practitioner" => stating.actor_cares(patient, &id, span),
        _ => None,
    }
}

fn each<'a>(resource: Value<'a>, name: &str) -> impl Iterator<Item = Value<'a>> {
    resource.get(name).into_iter().flat_map(Value::each)
}
