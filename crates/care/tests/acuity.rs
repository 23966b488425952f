//! Acuity from resources, case by case from a file that a clinician can read; waits of a scheme.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at what they did not expect"
)]

use accord_care::{Acuity, Considered, Given, Library, Reading, Vitals};
use accord_fhir::Decimal;

fn reading(vitals: &Vitals, name: &str, value: &str) -> Reading {
    let id = match name {
        "hr" => "pulse",
        "rr" => "respiration",
        "c" => "consciousness",
        other => other,
    };
    let vital = vitals.of(id).unwrap();
    let given = match &vital.quantity {
        Some(quantity) => Given::Quantity(Decimal::parse(value).unwrap(), &quantity.unit),
        None => Given::Codes(vec![("", value)]),
    };
    vital.read(&given, false).unwrap()
}

#[test]
fn acuity_follows_from_what_was_considered() {
    let library = Library::built_in().unwrap().clone().for_demonstration();
    let cases = include_str!("cases/acuity.txt");
    for line in cases.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let parts: Vec<&str> = line.split(';').map(str::trim).collect();
        let [scheme, age, inputs, acuity, danger] = parts.as_slice() else { panic!("{line}") };
        let (mut life_threat, mut high_risk, mut resources) = (false, false, 0);
        let mut readings = Vec::new();
        for input in inputs.split_whitespace() {
            match input.split_once('=') {
                None if input == "life-threat" => life_threat = true,
                None => high_risk = input == "high-risk",
                Some(("resources", count)) => resources = count.parse().unwrap(),
                Some((name, value)) => readings.push(reading(library.vitals(), name, value)),
            }
        }
        let age_months = age.parse().ok();
        let considered =
            Considered { life_threat, high_risk, resources, age_months, readings: &readings };
        let scheme = library.triage(scheme).unwrap();
        let computed = scheme.compute(&considered, library.vitals()).unwrap();
        assert_eq!(computed.acuity.level().to_string(), *acuity, "{line}");
        assert_eq!(computed.danger.join(" "), *danger, "{line}");
    }
}

#[test]
fn what_nobody_took_is_told_and_no_age_is_no_adult() {
    let library = Library::built_in().unwrap();
    let scheme = library.triage("five-level").unwrap();
    let told = |age_months, readings: &[Reading], resources| {
        let (life_threat, high_risk) = (false, false);
        let considered = Considered { life_threat, high_risk, resources, age_months, readings };
        let computed = scheme.compute(&considered, library.vitals()).unwrap();
        (computed.danger.join(" "), computed.unassessed.join(" "))
    };
    let taken = |values: &[(&str, &str)]| -> Vec<Reading> {
        values.iter().map(|(name, value)| reading(library.vitals(), name, value)).collect()
    };
    let all = taken(&[("hr", "130"), ("rr", "18"), ("spo2", "97")]);
    assert_eq!(told(Some(600), &[], 2), (String::new(), "pulse respiration spo2".to_owned()));
    assert_eq!(told(Some(600), &all, 2), ("pulse".to_owned(), String::new()));
    assert_eq!(told(None, &all, 2), (String::new(), "age".to_owned()));
    assert_eq!(told(Some(600), &[], 0), Default::default(), "no second look is asked for");
    let unlikely = taken(&[("hr", "260"), ("rr", "18"), ("spo2", "97")]);
    assert_eq!(told(Some(600), &unlikely, 2).1, "pulse", "what does not count was not taken");
}

#[test]
fn waits_and_codes_are_as_published() {
    let library = Library::built_in().unwrap();
    let ats = library.triage("ats").unwrap();
    assert!(!ats.computes());
    let published = [(0, 100), (10, 80), (30, 75), (60, 70), (120, 70)];
    for (level, (wait, percent)) in (1..).zip(published) {
        let interval = ats.interval(Acuity::new(level).unwrap()).unwrap();
        assert_eq!(
            (interval.wait_minutes, interval.performance_percent),
            (Some(wait), Some(percent))
        );
    }
    let (system, codes) = library.acuity_codes();
    assert_eq!(system, "http://snomed.info/sct");
    let codes: Vec<_> = codes.iter().map(|code| &*code.code).collect();
    let ecds = [
        "1064891000000107",
        "1064911000000105",
        "1064901000000108",
        "1077241000000103",
        "1077251000000100",
    ];
    assert_eq!(codes, ecds);
    assert_eq!([Acuity::new(0), Acuity::new(6)], [None, None]);
}
