//! AllergyIntolerance.

use crate::code::hl7;
use crate::data::Allergy;
use crate::json::Json;
use crate::moment::Moment;

/// Writes an AllergyIntolerance, or the statement that there is none.
pub(crate) fn write(j: &mut Json, allergy: &Allergy, subject: &str, recorder: &str, at: Moment) {
    j.concept("clinicalStatus", hl7!("allergyintolerance-clinical", "active", "Active"));
    let confirmed = hl7!("allergyintolerance-verification", "confirmed", "Confirmed");
    j.concept("verificationStatus", confirmed);
    j.text("type", allergy.kind);
    if !allergy.category.is_empty() {
        j.texts("category", &[allergy.category]);
    }
    j.text("criticality", allergy.criticality);
    j.concept("code", allergy.code);
    j.refer("patient", subject);
    j.show("recordedDate", at);
    j.refer("recorder", recorder);
    if !allergy.reaction.code.is_empty() {
        j.list("reaction", |j| {
            j.item(|j| {
                j.concepts("manifestation", &[allergy.reaction]);
                j.text("severity", allergy.severity);
            });
        });
    }
}
