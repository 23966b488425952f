//! Consents: compiled rules against a direct reading of the JSON, and the examples of IHE PCF.
//!
//! `ACCORD_CONSENT_TRIPLES` asks for more (policy, resource, request) triples than the default,
//! `ACCORD_CONSENT_SEED` for others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

#[path = "../common/mod.rs"]
mod common;
mod compiled;
mod faults;
mod pcf;
mod reference;
mod several;
mod worlds;

use accord_access::consent::Verdict;
use accord_base::SeededRng;
use compiled::Compiled;
use reference::{Says, together};
use worlds::Dice;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn compiled_consents_say_what_the_reference_reads() {
    let triples = number("ACCORD_CONSENT_TRIPLES", 60_000);
    let seed = number("ACCORD_CONSENT_SEED", 1);
    println!("ACCORD_CONSENT_SEED={seed}");
    let dice = Dice(SeededRng::new(seed));
    let (mut done, mut seen) = (0, [0_u64; 3]);
    while done < triples {
        let consents: Vec<_> =
            (0..1 + dice.below(3)).map(|n| dice.consent(&n.to_string())).collect();
        let mut compiled = Compiled::new();
        consents.iter().for_each(|consent| compiled.add(consent));
        for _ in 0..12 {
            let (request, resource) = (dice.request(), dice.resource());
            // Each patient named answers for themselves.
            for patient in &resource.patients {
                let own: Vec<_> = consents
                    .iter()
                    .filter(|c| c["patient"]["reference"] == **patient)
                    .cloned()
                    .collect();
                let expected = match together(&own, &request, &resource) {
                    Says::Permit => Verdict::Permit,
                    Says::Deny => Verdict::Deny,
                    Says::Nothing => Verdict::Silent,
                };
                seen[expected as usize] += 1;
                let found = compiled.verdict(patient, &request, &resource);
                assert_eq!(
                    found,
                    expected,
                    "{}\n{} for {} at {}, treats {}, {:?} {:?} {}\n{} {:?} {:?} {:?} {:?}",
                    serde_json::to_string(&own).unwrap(),
                    patient,
                    request.references.join(" "),
                    request.now,
                    request.treats,
                    request.purpose,
                    request.action,
                    request.or_labels,
                    resource.reference,
                    resource.controller,
                    resource.labels,
                    resource.day,
                    resource.authors,
                );
                done += 1;
            }
        }
    }
    println!("{done} triples: {seen:?} permitted, denied, silent");
    assert!(seen.iter().all(|n| *n > triples / 40), "the worlds are one-sided: {seen:?}");
}
