//! Coverage: who pays for a patient's care.

use accord_fhir::json::Value;

use super::period::Span;
use super::{NamedFact, Stating};

/// An active coverage states, for its period, that its payors cover its beneficiary.
pub(super) fn facts(stating: &Stating<'_>) -> Vec<NamedFact> {
    let coverage = stating.resource;
    let active = coverage.get_str("status").is_some_and(|status| status == "active");
    let (Some(patient), Ok(Span { from, until }), true) = (
        stating.target(coverage.get("beneficiary"), "Patient"),
        stating.span(coverage.get("period")),
        active,
    ) else {
        return Vec::new();
    };
    let payors = coverage.get("payor").into_iter().flat_map(Value::each);
    payors
        .filter(|_| from < until)
        .filter_map(|payor| stating.target(Some(payor), "Organization"))
        .map(|organization| {
            let patient = patient.clone();
            NamedFact::Covers { patient, organization, from, until }
        })
        .collect()
}
