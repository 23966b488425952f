//! Condition.

use crate::code::{Code, hl7};
use crate::json::Json;
use crate::moment::Moment;

/// A Condition's circumstances. References are empty where there is none.
#[derive(Clone, Copy)]
pub(crate) struct Diagnosed<'a> {
    pub code: Code,
    /// Whether it belongs on the problem list, rather than to one encounter.
    pub problem: bool,
    pub subject: &'a str,
    pub encounter: &'a str,
    pub asserter: &'a str,
    pub onset: Moment,
    /// When it was over, if it is.
    pub over: Option<Moment>,
}

/// Writes a Condition.
pub(crate) fn write(j: &mut Json, diagnosed: &Diagnosed<'_>) {
    let (status, shown) =
        if diagnosed.over.is_some() { ("resolved", "Resolved") } else { ("active", "Active") };
    j.concept("clinicalStatus", hl7!("condition-clinical", status, shown));
    j.concept("verificationStatus", hl7!("condition-ver-status", "confirmed", "Confirmed"));
    let (category, shown) = if diagnosed.problem {
        ("problem-list-item", "Problem List Item")
    } else {
        ("encounter-diagnosis", "Encounter Diagnosis")
    };
    j.concepts("category", &[hl7!("condition-category", category, shown)]);
    j.concept("code", diagnosed.code);
    j.refer("subject", diagnosed.subject);
    j.refer("encounter", diagnosed.encounter);
    if diagnosed.problem {
        j.show("onsetDateTime", diagnosed.onset.day());
    } else {
        j.show("onsetDateTime", diagnosed.onset);
    }
    if let Some(over) = diagnosed.over {
        j.show("abatementDateTime", over);
    }
    j.show("recordedDate", diagnosed.onset);
    j.refer("asserter", diagnosed.asserter);
}
