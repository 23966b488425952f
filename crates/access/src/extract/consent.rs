//! Consent: what a patient permits and forbids.

use accord_fhir::json::Value;

use super::{NamedFact, Stated, Stating};
use crate::consent::{Abilities, Context, read};

/// What this server can tell beyond the columns of a row: not yet who belongs to a group, nor what
/// refers to what.
const ABILITIES: Abilities = Abilities { membership: false, links: false };

/// An active privacy consent states its rules, whoever was allowed to write it; one that cannot be
/// enforced puts its patient on hold.
pub(super) fn facts(stating: &Stating<'_>) -> Stated {
    let resolve = |value: Value<'_>| stating.reference(value);
    let context = Context { resolve: &resolve, abilities: ABILITIES };
    let Some(reading) = read(stating.resource, stating.id, context) else {
        return Stated::default();
    };
    let consent = reading.rules.map(|rules| NamedFact::Consent(Box::new(rules)));
    Stated {
        counting: consent.into_iter().collect(),
        unenforceable: reading.faults,
        ..Stated::default()
    }
}
