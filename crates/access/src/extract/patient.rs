//! Patient: the managing organisation cares for them.

use super::period::Span;
use super::{NamedFact, Stating};

/// `managingOrganization` states a relationship for as long as the version lives.
pub(super) fn facts(stating: &Stating<'_>) -> Vec<NamedFact> {
    let organization = stating.target(stating.resource.get("managingOrganization"), "Organization");
    organization
        .and_then(|id| stating.organization_cares(stating.id, &id, Span::ALWAYS))
        .into_iter()
        .collect()
}
