//! MedicationRequest and MedicationDispense.

use crate::code::hl7;
use crate::data::Medication;
use crate::json::Json;
use crate::moment::{DAY, Moment};

/// A prescription, written and later dispensed. References are empty where there is none.
pub(crate) struct Prescription {
    pub id: String,
    pub medication: &'static Medication,
    /// Sensitivity of what it treats.
    pub label: &'static str,
    pub encounter: String,
    pub requester: String,
    /// Reference of the Condition it treats.
    pub reason: String,
    pub at: Moment,
    /// Whether it is repeated, rather than one course.
    pub repeat: bool,
    /// Whether it is still in force.
    pub active: bool,
}

/// Writes a MedicationRequest.
pub(crate) fn write_request(j: &mut Json, subject: &str, prescription: &Prescription) {
    let medication = prescription.medication;
    j.text("status", if prescription.active { "active" } else { "completed" });
    j.text("intent", "order");
    let community = hl7!("medicationrequest-category", "community", "Community");
    j.concepts("category", &[community]);
    j.concept_text("medicationCodeableConcept", medication.substance, medication.product);
    j.refer("subject", subject);
    j.refer("encounter", &prescription.encounter);
    j.show("authoredOn", prescription.at);
    j.refer("requester", &prescription.requester);
    j.refers("reasonReference", &[&prescription.reason]);
    write_dosage(j, medication);
    j.object("dispenseRequest", |j| {
        j.number("numberOfRepeatsAllowed", if prescription.repeat { 5 } else { 0 });
        j.quantity("quantity", (medication.supply, 0), medication.unit, medication.ucum);
    });
}

/// Writes the dispensing of a prescription at an instant.
pub(crate) fn write_dispense(
    j: &mut Json,
    subject: &str,
    prescription: &Prescription,
    pharmacist: &str,
    at: Moment,
) {
    let medication = prescription.medication;
    j.text("status", "completed");
    j.concept_text("medicationCodeableConcept", medication.substance, medication.product);
    j.refer("subject", subject);
    j.list("performer", |j| j.item(|j| j.refer("actor", pharmacist)));
    j.refer("location", "Location/harbour-pharmacy-shop");
    let order = format!("MedicationRequest/{}", prescription.id);
    j.refers("authorizingPrescription", &[&order]);
    j.quantity("quantity", (medication.supply, 0), medication.unit, medication.ucum);
    j.quantity("daysSupply", (days(medication), 0), "day", "d");
    j.show("whenPrepared", at);
    j.show("whenHandedOver", at.plus(20 * crate::moment::MINUTE));
    write_dosage(j, medication);
}

/// Days that one supply lasts.
pub(crate) fn days(medication: &Medication) -> i64 {
    (medication.supply / (medication.dose * medication.per_day).max(1)).max(1)
}

/// The instant at which the supply handed over at `at` is used up.
pub(crate) fn used_up(medication: &Medication, at: Moment) -> Moment {
    at.plus(days(medication) * DAY)
}

fn write_dosage(j: &mut Json, medication: &Medication) {
    let times = match medication.per_day {
        1 => "once a day",
        2 => "twice a day",
        3 => "three times a day",
        _ => "four times a day",
    };
    j.list("dosageInstruction", |j| {
        j.item(|j| {
            j.show("text", format_args!("{} {} {times}", medication.dose, medication.unit));
            j.object("timing", |j| {
                j.object("repeat", |j| {
                    j.number("frequency", medication.per_day);
                    j.number("period", 1);
                    j.text("periodUnit", "d");
                });
            });
            j.concept("route", medication.route);
            j.list("doseAndRate", |j| {
                j.item(|j| {
                    let dose = (medication.dose, 0);
                    j.quantity("doseQuantity", dose, medication.unit, medication.ucum);
                });
            });
        });
    });
}
