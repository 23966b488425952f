//! Same parameters, same bytes; sizes; sign-ins.

use ring::digest::{Context, SHA256};

use super::{entries, population};
use crate::{Population, SIGN_INS};

fn digest(population: &Population) -> String {
    let mut context = Context::new(&SHA256);
    for transaction in population.transactions() {
        context.update(transaction.controller.as_bytes());
        context.update(&transaction.at.0.to_be_bytes());
        context.update(transaction.body.as_bytes());
    }
    context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn equal_parameters_give_the_pinned_bytes() {
    // When these change, everyone's demonstration data changes: say so in the commit.
    for (seed, updates, expect) in [
        (2026, false, "6731caaf8a8527ccfa4f99cb042d30aed3ffc893a3da9d209e7c7b82634af276"),
        (2026, true, "2c2ea418ba11e81b19c78ff9af0a65a268b83a23cc61ab5ef87e25ca759a97fb"),
        (1, false, "60c8c4e019841917a4684ad8d62f957061da244bc20893be8c9d89b3258bb1f0"),
    ] {
        assert_eq!(digest(&population(60, seed, updates)), expect, "seed {seed}, {updates}");
    }
}

#[test]
fn more_patients_extend_the_stream() {
    let few: Vec<_> = population(5, 9, false).transactions().collect();
    let more: Vec<_> = population(9, 9, false).transactions().take(few.len()).collect();
    assert!(few == more);
}

#[test]
fn updates_leave_the_first_telling_as_it_is() {
    let plain: Vec<_> = population(50, 3, false).transactions().collect();
    let mut rest = population(50, 3, true).transactions();
    for transaction in &plain {
        assert!(rest.by_ref().any(|with| with == *transaction));
    }
    let changed =
        entries(&population(50, 3, true)).len() - entries(&population(50, 3, false)).len();
    assert!(changed > 20, "{changed}");
}

#[test]
fn the_default_population_has_the_promised_size() {
    let population = Population::default();
    let count = population.transactions().map(|t| t.entries as u64).sum::<u64>();
    assert!((20_000..30_000).contains(&count), "{count}");
    let guess = population.approximate_resources();
    assert!((guess * 85 / 100..guess * 115 / 100).contains(&count), "{count} of {guess}");
}

#[test]
fn estimates_hold_for_larger_populations() {
    let population = population(700, 77, false);
    let count = population.transactions().map(|t| t.entries as u64).sum::<u64>();
    let guess = population.approximate_resources();
    assert!((guess * 9 / 10..guess * 11 / 10).contains(&count), "{count} of {guess}");
}

#[test]
fn no_patients_is_the_directory_alone() {
    let all: Vec<_> = population(0, 1, true).transactions().collect();
    assert!(all.iter().all(|transaction| transaction.controller == "commons"));
    assert_eq!(all.iter().map(|t| t.entries).sum::<usize>(), 55);
    assert_eq!(population(0, 1, true).approximate_resources(), 55);
}

#[test]
fn everyone_who_signs_in_is_there() {
    let all = entries(&population(3, 12, false));
    for sign_in in SIGN_INS {
        assert!(all.iter().any(|entry| entry.url == sign_in.principal), "{}", sign_in.principal);
        let Some(organization) = sign_in.organization else { continue };
        let role = all.iter().any(|entry| {
            entry.kind() == "PractitionerRole"
                && entry.text("/practitioner/reference") == sign_in.principal
                && entry.text("/organization/reference") == format!("Organization/{organization}")
        });
        assert!(role, "{} works at {organization}", sign_in.principal);
    }
}

#[test]
fn the_patient_who_signs_in_has_a_rich_record_everywhere() {
    for seed in [1, 2026] {
        let all = entries(&population(3, seed, false));
        for patient in ["Patient/pat-willow", "Patient/pat-rowan"] {
            for controller in [
                "northgate-hospital",
                "riverside-hospital",
                "elm-street-practice",
                "harbour-pharmacy",
            ] {
                let at =
                    all.iter().filter(|e| e.controller == controller && e.patient() == patient);
                assert!(at.count() > 3, "{patient} at {controller}");
            }
        }
        let denial = all.iter().find(|e| e.kind() == "Consent" && e.patient().ends_with("willow"));
        let denied = denial.unwrap().text("/provision/actor/0/reference/reference");
        assert_eq!(denied, "Organization/riverside-hospital");
        let here = all.iter().any(|e| {
            e.kind() == "Encounter"
                && e.patient() == "Patient/pat-willow"
                && e.text("/status") == "in-progress"
                && e.controller == "northgate-hospital"
        });
        assert!(here);
    }
}
