//! Codes and profiles.

use accord_fhir::json::Value;

/// The server's own codes: kinds of claims, actions and cohorts of agreements, roles, classes of
/// types.
pub(super) const CODES: &str = "urn:accord:codes";

/// The codes of a CodeableConcept in a system.
pub(super) fn codes_of<'a>(
    concept: Value<'a>,
    system: &'static str,
) -> impl Iterator<Item = std::borrow::Cow<'a, str>> {
    concept.get("coding").into_iter().flat_map(move |codings| codes_in(codings, system))
}

/// The codes in a system of one Coding or several.
pub(super) fn codes_in<'a>(
    codings: Value<'a>,
    system: &'static str,
) -> impl Iterator<Item = std::borrow::Cow<'a, str>> {
    codings
        .each()
        .filter(move |coding| coding.get_str("system").is_some_and(|s| s == system))
        .filter_map(|coding| coding.get_str("code"))
}

/// Whether a CodeableConcept has a code of a system.
pub(super) fn has(concept: Value<'_>, system: &'static str, code: &str) -> bool {
    codes_of(concept, system).any(|found| found == code)
}

/// Whether a resource says that it follows a profile.
pub(super) fn has_profile(resource: Value<'_>, profile: &str) -> bool {
    let profiles = resource.get("meta").and_then(|meta| meta.get("profile"));
    let mut profiles = profiles.into_iter().flat_map(Value::each);
    profiles.any(|one| one.as_str().is_some_and(|one| one == profile))
}
