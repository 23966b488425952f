//! RelatedPerson: a person who acts for a patient.

use super::period::Span;
use super::{NamedFact, Stating};
use crate::fact::Mandate;

/// An active one with a period states, for that, that the person acts for the patient in all that
/// is not sensitive, and signs for them. One without a period is somebody to call, and states
/// nothing.
pub(super) fn facts(stating: &Stating<'_>) -> Vec<NamedFact> {
    let fact = || {
        let person = stating.resource;
        let is_active = person.get("active").and_then(|active| active.as_bool()).unwrap_or(true);
        let period = person.get("period").filter(|_| is_active)?;
        let Span { from, until } = stating.span(Some(period)).ok()?;
        let patient = stating.target(person.get("patient"), "Patient")?;
        let actor = format!("RelatedPerson/{}", stating.id);
        let mandate = Mandate::plain(true);
        (from < until).then_some(NamedFact::ActsAs { patient, actor, mandate, from, until })
    };
    fact().into_iter().collect()
}
