//! Immunization.

use crate::code::{Code, hl7};
use crate::json::Json;
use crate::moment::Moment;

/// Writes dose `dose` of a vaccine, given at an instant.
pub(crate) fn write(
    j: &mut Json,
    (vaccine, dose): (Code, i64),
    subject: &str,
    performer: &str,
    at: Moment,
) {
    j.text("status", "completed");
    j.concept("vaccineCode", vaccine);
    j.refer("patient", subject);
    j.show("occurrenceDateTime", at);
    j.flag("primarySource", true);
    j.show("lotNumber", format_args!("SYN{:05}", at.0.rem_euclid(99_991)));
    j.concept("site", hl7!("v3-ActSite", "LA", "left arm"));
    j.concept("route", hl7!("v3-RouteOfAdministration", "IM", "Injection, intramuscular"));
    j.list("performer", |j| j.item(|j| j.refer("actor", performer)));
    j.list("protocolApplied", |j| j.item(|j| j.number("doseNumberPositiveInt", dose)));
}
