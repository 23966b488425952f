//! DiagnosticReport.

use crate::code::{Code, hl7};
use crate::json::Json;
use crate::moment::Moment;

/// A report's circumstances; `results` are references to its Observations.
pub(crate) struct Reported<'a> {
    pub code: Code,
    pub subject: &'a str,
    pub encounter: &'a str,
    pub performer: &'a str,
    pub at: Moment,
    pub issued: Moment,
    pub results: &'a [String],
}

/// Writes a DiagnosticReport of the laboratory.
pub(crate) fn write(j: &mut Json, reported: &Reported<'_>) {
    j.text("status", "final");
    j.concepts("category", &[hl7!("v2-0074", "LAB", "Laboratory")]);
    j.concept("code", reported.code);
    j.refer("subject", reported.subject);
    j.refer("encounter", reported.encounter);
    j.show("effectiveDateTime", reported.at);
    j.show("issued", reported.issued);
    j.refers("performer", &[reported.performer]);
    let results: Vec<&str> = reported.results.iter().map(String::as_str).collect();
    j.refers("result", &results);
}
