//! Codes.

use accord_fhir::json::Value;

/// Whether a CodeableConcept has the code, in whatever system.
pub(super) fn has_code(concept: Value<'_>, code: &str) -> bool {
    let mut codings = concept.get("coding").into_iter().flat_map(Value::each);
    codings.any(|coding| coding.get_str("code").is_some_and(|c| c == code))
}

/// System and code of a Coding; empty where it has none.
pub(super) fn token(coding: Value<'_>) -> (String, String) {
    let text = |name: &str| coding.get_str(name).unwrap_or_default().into_owned();
    (text("system"), text("code"))
}
