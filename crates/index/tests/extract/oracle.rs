//! The values of hand-picked parameters, from the real records and the specification's examples.

use std::collections::{BTreeMap, BTreeSet};

use accord_fhir::json;
use accord_index::Datum;
use accord_index::extract::extract;
use accord_spec::{ResourceType, param};
use serde_json::Value as Json;

use crate::archive;
use crate::naive::{at, codes, dates, parts, periods, quantities, references, texts, tokens};

type Resolve<'r> = &'r dyn Fn(&str) -> Option<String>;
type Naive = fn(&Json, Resolve<'_>) -> Vec<String>;

const NAME: [&str; 5] = ["text", "family", "given", "prefix", "suffix"];
const ADDRESS: [&str; 7] = ["text", "line", "city", "district", "state", "postalCode", "country"];

/// Type, parameter, and how its values are read.
const PARAMETERS: &[(&str, &str, Naive)] = &[
    ("Patient", "name", |r, _| parts(r, "name", &NAME)),
    ("Patient", "given", |r, _| texts(r, "name.given")),
    ("Patient", "address", |r, _| parts(r, "address", &ADDRESS)),
    ("Patient", "address-postalcode", |r, _| texts(r, "address.postalCode")),
    ("Patient", "birthdate", |r, _| dates(r, "birthDate")),
    ("Patient", "death-date", |r, _| dates(r, "deceasedDateTime")),
    ("Patient", "deceased", |r, _| {
        let dead = at(r, "deceasedBoolean").contains(&&Json::Bool(true));
        vec![format!("-|{}", dead || !texts(r, "deceasedDateTime").is_empty())]
    }),
    ("Patient", "identifier", |r, _| tokens(r, "identifier", "value")),
    ("Patient", "gender", |r, _| codes(r, "gender", "http://hl7.org/fhir/administrative-gender")),
    ("Patient", "phone", |r, _| {
        let all = at(r, "telecom").into_iter();
        let phones = all.filter(|t| t.get("system").and_then(Json::as_str) == Some("phone"));
        phones.flat_map(|t| codes(t, "value", "-")).collect()
    }),
    ("Patient", "general-practitioner", |r, f| references(r, "generalPractitioner", f)),
    ("Observation", "code", |r, _| tokens(r, "code.coding", "code")),
    ("Observation", "combo-code", |r, _| {
        [tokens(r, "code.coding", "code"), tokens(r, "component.code.coding", "code")].concat()
    }),
    ("Observation", "status", |r, _| codes(r, "status", "http://hl7.org/fhir/observation-status")),
    ("Observation", "subject", |r, f| references(r, "subject", f)),
    ("Observation", "patient", |r, f| {
        let all = references(r, "subject", f).into_iter();
        all.filter(|text| text.split('/').rev().nth(1) == Some("Patient")).collect()
    }),
    ("Observation", "encounter", |r, f| references(r, "encounter", f)),
    ("Observation", "performer", |r, f| references(r, "performer", f)),
    ("Observation", "date", |r, _| {
        let mut all = dates(r, "effectiveDateTime");
        all.extend(dates(r, "effectiveInstant"));
        all.extend(periods(r, "effectivePeriod"));
        all
    }),
    ("Observation", "value-quantity", |r, _| quantities(r, "valueQuantity")),
    ("Observation", "component-value-quantity", |r, _| quantities(r, "component.valueQuantity")),
    ("Observation", "value-string", |r, _| {
        [texts(r, "valueString"), texts(r, "valueCodeableConcept.text")].concat()
    }),
    ("Encounter", "date", |r, _| periods(r, "period")),
    ("Encounter", "class", |r, _| tokens(r, "class", "code")),
    ("Encounter", "participant", |r, f| references(r, "participant.individual", f)),
    ("Encounter", "service-provider", |r, f| references(r, "serviceProvider", f)),
    ("Condition", "onset-date", |r, _| {
        [dates(r, "onsetDateTime"), periods(r, "onsetPeriod")].concat()
    }),
    ("Condition", "clinical-status", |r, _| tokens(r, "clinicalStatus.coding", "code")),
    ("MedicationRequest", "authoredon", |r, _| dates(r, "authoredOn")),
    ("MedicationRequest", "code", |r, _| tokens(r, "medicationCodeableConcept.coding", "code")),
    ("Procedure", "date", |r, _| {
        [dates(r, "performedDateTime"), periods(r, "performedPeriod")].concat()
    }),
    ("Claim", "provider", |r, f| references(r, "provider", f)),
    ("ExplanationOfBenefit", "claim", |r, f| references(r, "claim", f)),
    ("ImagingStudy", "started", |r, _| dates(r, "started")),
    ("ValueSet", "url", |r, _| texts(r, "url")),
];

#[test]
fn synthetic_records_agree() {
    let mut compared = BTreeMap::new();
    let count = archive::files("data/synthea-300.tar.zst", 10, |text| {
        let bundle: Json = serde_json::from_str(text).unwrap();
        let entries = at(&bundle, "entry");
        let names: BTreeMap<&str, String> = entries
            .iter()
            .map(|e| {
                let (ty, id) = (&e["resource"]["resourceType"], &e["resource"]["id"]);
                (e["fullUrl"].as_str().unwrap(), {
                    format!("{}/{}", ty.as_str().unwrap(), id.as_str().unwrap())
                })
            })
            .collect();
        let resolve = |text: &str| names.get(text).cloned();
        for entry in &entries {
            compare(&entry["resource"], &resolve, &mut compared);
        }
    });
    assert!(count == 0 || compared.len() > 25, "{compared:?}");
}

#[test]
fn examples_agree() {
    let mut compared = BTreeMap::new();
    let count = archive::files("fhir/r4-examples.tar.zst", usize::MAX, |text| {
        let resource: Json = serde_json::from_str(text).unwrap();
        compare(&resource, &|_| None, &mut compared);
    });
    assert!(count == 0 || compared.len() > 30, "{compared:?}");
}

/// Compares the values of every listed parameter, and counts those that have any.
fn compare(resource: &Json, resolve: Resolve<'_>, compared: &mut BTreeMap<String, usize>) {
    let name = resource["resourceType"].as_str().unwrap();
    let of_type = PARAMETERS.iter().filter(|(ty, ..)| *ty == name);
    let tape = json::parse(resource.to_string().as_bytes(), json::Limits::default()).unwrap();
    let ty = ResourceType::from_name(name).unwrap();
    let values = extract(tape.root(), ty, &|text| resolve(text));
    for (_, code, naive) in of_type {
        let expect: BTreeSet<String> = naive(resource, resolve).into_iter().collect();
        let id = param(ty, code).unwrap().id.0;
        // What modifiers ask for is not among what the plain paths lead to.
        let plain = |datum: &Datum| {
            let more = matches!(datum, Datum::Label(_) | Datum::OfType { .. });
            !more && !matches!(datum, Datum::Identifier { .. })
        };
        let mine = values.0.iter().filter(|v| v.param == id && plain(&v.datum));
        let found: BTreeSet<String> = mine.map(|v| show(&v.datum)).collect();
        assert_eq!(found, expect, "{name}.{code} of {}", resource["id"]);
        if !expect.is_empty() {
            *compared.entry(format!("{name}.{code}")).or_default() += expect.len();
        }
    }
}

fn show(datum: &Datum) -> String {
    let or_none = |text: &Option<String>| text.clone().unwrap_or("-".into());
    match datum {
        Datum::Token { system, code } => format!("{}|{code}", or_none(system)),
        Datum::Reference { resource_type, id } => {
            format!("{}/{id}", ResourceType(*resource_type).name())
        }
        Datum::Url(text) | Datum::Uri(text) | Datum::Text(text) => text.clone(),
        Datum::Date { low, high } => {
            let low = if *low == i64::MIN { "-".into() } else { low.to_string() };
            let high = if *high == i64::MAX { "+".into() } else { high.to_string() };
            format!("{low}..{high}")
        }
        Datum::Number { key } => number(*key).to_string(),
        Datum::Label(_) | Datum::Identifier { .. } | Datum::OfType { .. } | Datum::Part { .. } => {
            unreachable!("passed over above")
        }
        Datum::Quantity { low, high, system, code, unit } => {
            let number = match (*low, *high) {
                (u128::MIN, high) => format!("<{}", number(high)),
                (low, u128::MAX) => format!(">{}", number(low)),
                (low, _) => number(low).to_string(),
            };
            format!("{number} {} {} {}", or_none(system), or_none(code), or_none(unit))
        }
    }
}

/// The number behind an order key, from the key's documented bits: 34 digits `d` and an exponent
/// `e` for `0.d × 10^e`.
fn number(key: u128) -> f64 {
    const ZERO: u128 = 1 << 127;
    if key == ZERO {
        return 0.0;
    }
    let (sign, bits) = if key > ZERO { ("", key - ZERO) } else { ("-", ZERO - 1 - key) };
    let exponent = (bits >> 115) as i64 - 2000;
    let digits = bits & ((1 << 115) - 1);
    format!("{sign}0.{digits:034}e{exponent}").parse().unwrap()
}
