//! Observation: one measured value, a blood pressure with its two components, a coded answer.

use crate::code::{Code, LOINC, SNOMED, hl7};
use crate::data::{Measure, measure};
use crate::json::Json;
use crate::moment::Moment;

/// What was found.
#[derive(Clone, Copy)]
pub(crate) enum Finding {
    /// A quantity, in units of the measure's last decimal.
    Value(&'static Measure, i64),
    /// Systolic and diastolic pressure in mmHg.
    Pressure(i64, i64),
    /// Smoking status.
    Smoking(Code),
}

/// An Observation's circumstances. References are empty where there is none.
#[derive(Clone, Copy)]
pub(crate) struct Observed<'a> {
    pub subject: &'a str,
    pub encounter: &'a str,
    pub performer: &'a str,
    pub at: Moment,
    /// When a laboratory gave its result.
    pub issued: Moment,
    pub status: &'static str,
    pub finding: Finding,
}

/// The answers to the question of smoking.
pub(crate) const SMOKING: [Code; 3] = [
    Code::new(SNOMED, "266919005", "Never smoked tobacco"),
    Code::new(SNOMED, "8517006", "Ex-smoker"),
    Code::new(SNOMED, "77176002", "Smoker"),
];

/// Writes an Observation.
pub(crate) fn write(j: &mut Json, observed: &Observed<'_>) {
    let (category, code) = match observed.finding {
        Finding::Value(what, _) => (what.category, what.code),
        Finding::Pressure(..) => (
            "vital-signs",
            Code::new(LOINC, "85354-9", "Blood pressure panel with all children optional"),
        ),
        Finding::Smoking(_) => {
            ("social-history", Code::new(LOINC, "72166-2", "Tobacco smoking status"))
        }
    };
    j.text("status", observed.status);
    j.concepts("category", &[hl7!("observation-category", category, category_display(category))]);
    j.concept("code", code);
    j.refer("subject", observed.subject);
    j.refer("encounter", observed.encounter);
    j.show("effectiveDateTime", observed.at);
    if category == "laboratory" {
        j.show("issued", observed.issued);
    }
    j.refers("performer", &[observed.performer]);
    match observed.finding {
        Finding::Value(what, value) => write_value(j, what, value),
        Finding::Pressure(systolic, diastolic) => j.list("component", |j| {
            for (key, value) in [("systolic", systolic), ("diastolic", diastolic)] {
                let what = measure(key);
                j.item(|j| {
                    j.concept("code", what.code);
                    write_value(j, what, value);
                });
            }
        }),
        Finding::Smoking(answer) => j.concept("valueCodeableConcept", answer),
    }
}

/// The value, what it means and the range of the healthy.
fn write_value(j: &mut Json, what: &Measure, value: i64) {
    j.quantity("valueQuantity", (value, what.decimals), what.unit, what.ucum);
    if what.low.is_none() && what.high.is_none() {
        return;
    }
    let (flag, meaning) = match (what.low, what.high) {
        (Some(low), _) if value < low => ("L", "Low"),
        (_, Some(high)) if value > high => ("H", "High"),
        _ => ("N", "Normal"),
    };
    j.concepts("interpretation", &[hl7!("v3-ObservationInterpretation", flag, meaning)]);
    j.list("referenceRange", |j| {
        j.item(|j| {
            for (key, bound) in [("low", what.low), ("high", what.high)] {
                if let Some(bound) = bound {
                    j.quantity(key, (bound, what.decimals), what.unit, what.ucum);
                }
            }
        });
    });
}

fn category_display(category: &str) -> &'static str {
    match category {
        "vital-signs" => "Vital Signs",
        "laboratory" => "Laboratory",
        "survey" => "Survey",
        _ => "Social History",
    }
}
