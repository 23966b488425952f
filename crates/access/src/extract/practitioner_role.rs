//! PractitionerRole: for which organisation a practitioner acts, and for which no longer.

use accord_base::LogTime;

use super::period::Span;
use super::{NamedFact, Stating};

/// A role says that the practitioner acts for its organisation during its period, and that they do
/// not before and after it; one that is not active, or whose period cannot be read, says that they
/// do not at all. While they do, they belong to the role. Counts where the organisation itself answers for it, or nobody does: the
/// operator's directory.
pub(super) fn facts(stating: &Stating<'_>) -> Vec<NamedFact> {
    let role = stating.resource;
    let (Some(practitioner), Some(organization)) = (
        stating.target(role.get("practitioner"), "Practitioner"),
        stating.target(role.get("organization"), "Organization"),
    ) else {
        return Vec::new();
    };
    if !stating.controller.is_empty() && stating.controller != organization {
        return Vec::new();
    }
    let active = role.get("active").and_then(|active| active.as_bool()).unwrap_or(true);
    let never = Span { from: LogTime::NEVER, until: LogTime::NEVER };
    let span = stating.span(role.get("period")).ok().filter(|_| active).unwrap_or(never);
    let fact = |held, from, until| NamedFact::ActsFor {
        organization: organization.clone(),
        actor: format!("Practitioner/{practitioner}"),
        held,
        from,
        until,
    };
    let held = (span.from < span.until).then(|| {
        stating.belongs(format!("Practitioner/{practitioner}"), Some(organization.clone()), span)
    });
    [
        (false, LogTime(0), span.from),
        (true, span.from, span.until),
        (false, span.until.max(span.from), LogTime::NEVER),
    ]
    .into_iter()
    .filter(|(_, from, until)| from < until)
    .map(|(held, from, until)| fact(held, from, until))
    .chain(held)
    .collect()
}
