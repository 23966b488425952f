//! Shares: consents, who is known where, what is open, how uneven records are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::{Entry, parse, population};

const PATIENTS: u32 = 1000;

/// An entry of a transaction, parsed only where the tests look inside.
struct Brief {
    kind: String,
    /// `Patient/id` of the first patient named; empty when there is none.
    patient: String,
    labels: Vec<&'static str>,
    entry: Option<Entry>,
}

const LABELS: [&str; 5] = ["R", "PSY", "HIV", "SDV", "ETH"];

/// The entries of a thousand patients.
static THOUSAND: LazyLock<Vec<Brief>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for t in population(PATIENTS, 31, false).transactions() {
        let body = t.body.strip_suffix("]}").unwrap();
        for text in body.split("{\"fullUrl\":").skip(1) {
            all.push(brief(t.controller, text.trim_end_matches(',')));
        }
    }
    all
});

fn brief(controller: &'static str, text: &str) -> Brief {
    let after = |mark: &str| {
        let rest = text.split_once(mark).map_or("", |(_, rest)| rest);
        rest.split_once('"').map_or("", |(found, _)| found).to_owned()
    };
    let (kind, patient) = (after("\"resourceType\":\""), after("\"reference\":\"Patient/"));
    let security = text.split_once("\"security\":[").map_or("", |(_, rest)| rest);
    let security = security.split_once(']').map_or("", |(labels, _)| labels);
    let has = |label: &&str| security.contains(&format!("\"code\":\"{label}\""));
    let labels = LABELS.into_iter().filter(|label| has(label)).collect();
    let looked_at = matches!(kind.as_str(), "Patient" | "Encounter" | "Consent");
    let entry = looked_at.then(|| {
        let body = format!(
            r#"{{"resourceType":"Bundle","type":"transaction","entry":[{{"fullUrl":{text}]}}"#
        );
        parse(controller, 1, &body).pop().unwrap()
    });
    let patient = if patient.is_empty() { patient } else { format!("Patient/{patient}") };
    Brief { kind, patient, labels, entry }
}

/// The parsed entries of a kind.
fn of_kind(kind: &str) -> impl Iterator<Item = &'static Entry> {
    THOUSAND.iter().filter(move |brief| brief.kind == kind).filter_map(|b| b.entry.as_ref())
}

#[test]
fn consents_have_the_promised_shares() {
    let (mut deny_one, mut deny_all, mut permit, mut over) = (0, 0, 0, 0);
    for consent in of_kind("Consent") {
        assert_eq!(consent.text("/scope/coding/0/code"), "patient-privacy");
        let actor = consent.text("/provision/actor/0/reference/reference");
        let ended = !consent.text("/provision/period/end").is_empty();
        match (consent.text("/status"), consent.text("/provision/type")) {
            ("inactive", _) => over += 1,
            _ if ended => over += 1,
            ("active", "permit") => permit += 1,
            ("active", "deny") if actor.starts_with("Organization/") => deny_one += 1,
            ("active", "deny") => deny_all += 1,
            other => panic!("{other:?}"),
        }
    }
    // The slots are exact over a thousand patients but for the three with fixed stories.
    assert!((57..=63).contains(&deny_one), "{deny_one}");
    assert!((8..=12).contains(&deny_all), "{deny_all}");
    assert!((18..=21).contains(&permit), "{permit}");
    assert!((13..=16).contains(&over), "{over}");
}

#[test]
fn many_patients_are_known_to_both_hospitals_and_many_are_there() {
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut open: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for visit in of_kind("Encounter") {
        let provider = format!("Organization/{}", visit.controller);
        assert_eq!(visit.text("/serviceProvider/reference"), provider);
        known.entry(visit.controller).or_default().insert(visit.patient());
        let end = visit.text("/period/end");
        if end.is_empty() || end > "2026-05-02" {
            open.entry(visit.controller).or_default().insert(visit.patient());
        }
    }
    let (north, river) = (&known["northgate-hospital"], &known["riverside-hospital"]);
    assert!(north.intersection(river).count() > 300);
    assert_ne!(north.len(), river.len());
    assert!(open["northgate-hospital"].len() > 150 && open["riverside-hospital"].len() > 150);
}

#[test]
fn records_are_uneven() {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for brief in THOUSAND.iter().filter(|brief| !brief.patient.is_empty()) {
        *sizes.entry(&brief.patient).or_default() += 1;
    }
    let mut sizes: Vec<usize> = sizes.into_values().collect();
    sizes.sort_unstable();
    let total: usize = sizes.iter().sum();
    let largest: usize = sizes.iter().rev().take(sizes.len() / 10).sum();
    assert!(largest * 100 / total >= 27, "{largest} of {total}");
    assert!(sizes[sizes.len() - 1] > 5 * sizes[sizes.len() / 2]);
}

#[test]
fn some_resources_carry_labels_of_every_kind() {
    let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
    for label in THOUSAND.iter().flat_map(|brief| &brief.labels) {
        *labels.entry(label).or_default() += 1;
    }
    for label in LABELS {
        assert!(labels.get(label).is_some_and(|count| *count > 2), "{label}: {labels:?}");
    }
    assert!(labels["R"] * 100 < THOUSAND.len() * 5);
}

#[test]
fn names_have_accents_and_numbers_are_distinct() {
    let patients: Vec<&Entry> = of_kind("Patient").collect();
    let names: BTreeSet<&str> = patients.iter().map(|p| p.text("/name/0/family")).collect();
    assert!(names.len() > 500);
    assert!(names.iter().any(|name| !name.is_ascii()));
    let system = "https://fhir.nhs.uk/Id/nhs-number";
    let numbered: Vec<&&Entry> =
        patients.iter().filter(|p| p.text("/identifier/0/system") == system).collect();
    let numbers: BTreeSet<&str> = numbered.iter().map(|p| p.text("/identifier/0/value")).collect();
    assert_eq!(numbers.len(), PATIENTS as usize);
    assert!(patients.iter().any(|p| !p.text("/link/0/other/reference").is_empty()));
    assert!(patients.iter().any(|p| !p.text("/deceasedDateTime").is_empty()));
    assert!(patients.iter().all(|p| p.text("/address/0/postalCode").starts_with("ZZ99 ")));
}
