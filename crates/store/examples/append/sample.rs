//! A made-up observation with the search values of one.

use std::sync::Arc;

use accord_access::RowPolicy;
use accord_base::{ActorOrd, LogTime, OrgOrd, PatientOrd, ResourceId, Row};
use accord_index::{Datum, RowEffect, Value, Values};

const PATIENT: &str = "6f1c9a52-0a8f-4c0e-9d0b-3f1a7c2b5e11";
const ENCOUNTER: &str = "b82e4a77-31c5-4d66-8f5e-20c9d1a4e6f0";
const DAY_US: i64 = 86_400_000_000;

/// The observation as JSON.
pub fn observation() -> Vec<u8> {
    format!(
        r#"{{"resourceType":"Observation","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital signs"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}}],"text":"Heart rate"}},"subject":{{"reference":"Patient/{PATIENT}"}},"encounter":{{"reference":"Encounter/{ENCOUNTER}"}},"effectiveDateTime":"2024-03-09T14:21:07+01:00","issued":"2024-03-09T14:21:09.112+01:00","performer":[{{"reference":"Practitioner/8a7d2c10-5f4b-4f9e-b1a3-77e0c6d2f948","display":"Dr. A. Example"}}],"valueQuantity":{{"value":78,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}},"referenceRange":[{{"low":{{"value":60,"unit":"/min"}},"high":{{"value":100,"unit":"/min"}}}}]}}"#
    )
    .into_bytes()
}

/// What the observation is found by.
pub fn values() -> Values {
    let token = |system: &str, code: &str| Datum::Token {
        system: Some(system.to_owned()),
        code: code.to_owned(),
    };
    let reference = |resource_type, id: &str| Datum::Reference { resource_type, id: id.to_owned() };
    let heart_rate = || token("http://loinc.org", "8867-4");
    let quantity = || Datum::Quantity {
        low: 78 << 100,
        high: 78 << 100,
        system: Some("http://unitsofmeasure.org".to_owned()),
        code: Some("/min".to_owned()),
        unit: Some("/min".to_owned()),
    };
    let category = "http://terminology.hl7.org/CodeSystem/observation-category";
    let data = [
        (102, token("http://hl7.org/fhir/observation-status", "final")),
        (120, token(category, "vital-signs")),
        (131, heart_rate()),
        (133, heart_rate()),
        (135, quantity()),
        (140, heart_rate()),
        (
            210,
            Datum::Date {
                low: 19_791 * DAY_US + 48_067_000_000,
                high: 19_791 * DAY_US + 48_068_000_000,
            },
        ),
        (260, reference(45, ENCOUNTER)),
        (488, reference(103, PATIENT)),
        (503, reference(110, "8a7d2c10-5f4b-4f9e-b1a3-77e0c6d2f948")),
        (640, reference(103, PATIENT)),
        (655, quantity()),
    ];
    Values(data.into_iter().map(|(param, datum)| Value { param, datum }).collect())
}

/// The effect of creating it.
pub fn effect(values: &Values) -> RowEffect {
    RowEffect {
        row: Row(0),
        born: LogTime(1),
        resource_type: 97,
        id: ResourceId::random(&accord_base::SeededRng::new(1)),
        version: 1,
        deleted: false,
        put: false,
        prior: None,
        policy: RowPolicy {
            controller: OrgOrd(1),
            source: OrgOrd(1),
            patients: std::iter::once(PatientOrd(1234)).collect(),
            labels: 0,
            clinical_day: 19_791,
            authors: std::iter::once(ActorOrd(12)).collect(),
        },
        names: Vec::new(),
        facts: Vec::new(),
        values: Arc::new(values.clone()),
        changes: Vec::new(),
    }
}
