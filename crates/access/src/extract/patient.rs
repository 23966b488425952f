//! Patient: who manages them, and whether their whereabouts are protected.

use super::codes::codes_in;
use super::period::Span;
use super::{NamedFact, Stating};
use crate::label::{CONFIDENTIALITY, Level};

/// `managingOrganization` states a relationship for as long as the version lives. A Patient who is
/// labelled restricted or above is one whose whereabouts are protected (as the NHS Personal
/// Demographics Service marks "sensitive" patients).
pub(super) fn facts(stating: &Stating<'_>) -> Vec<NamedFact> {
    let organization = stating.target(stating.resource.get("managingOrganization"), "Organization");
    let managed =
        organization.and_then(|id| stating.organization_cares(stating.id, &id, Span::ALWAYS));
    let security = stating.resource.get("meta").and_then(|meta| meta.get("security"));
    let mut levels = security.into_iter().flat_map(|labels| codes_in(labels, CONFIDENTIALITY));
    let protected = levels.any(|code| Level::from_code(&code) >= Some(Level::Restricted));
    let protected = protected.then(|| NamedFact::Protected { patient: stating.id.to_owned() });
    managed.into_iter().chain(protected).collect()
}
