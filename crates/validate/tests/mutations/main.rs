//! A valid resource with one fault gets exactly one issue, at the element at fault.
//!
//! Resources are the samples beside this test and, where they are at hand, the official examples;
//! every kind of fault is put into every kind of place that the definitions offer.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

mod fault;
mod site;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use accord_fhir::Issue;
use accord_fhir::json::{Limits, parse};
use accord_validate::validate_form;
use serde_json::Value;

use crate::fault::{FAULTS, Mutant};
use crate::site::sites;

/// Larger examples add time, not cases.
const MAX_BYTES: usize = 60_000;

#[test]
fn samples() {
    let texts = [
        include_str!("../samples/patient.json"),
        include_str!("../samples/observation.json"),
        include_str!("../samples/bundle.json"),
    ];
    let mut counts = BTreeMap::new();
    for text in texts {
        mutate(text, 1, &mut counts);
    }
    for (name, _) in FAULTS {
        assert!(counts.contains_key(name), "no sample has a place for `{name}`");
    }
}

#[test]
fn official_examples() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fhir/r4-examples.tar.zst");
    let Ok(file) = std::fs::File::open(path) else {
        println!("skipped: ../shared is not there");
        return;
    };
    let mut counts = BTreeMap::new();
    let mut archive = tar::Archive::new(zstd::Decoder::new(file).expect("a zstd stream"));
    for entry in archive.entries().expect("a tar archive") {
        let mut text = String::new();
        let mut entry = entry.expect("an entry");
        if entry.header().entry_type().is_file() && entry.size() < MAX_BYTES as u64 {
            entry.read_to_string(&mut text).expect("an example is UTF-8");
            mutate(&text, 23, &mut counts);
        }
    }
    assert!(counts.values().sum::<usize>() > 10_000, "{counts:?}");
}

/// Tries every `stride`-th mutant of a valid resource; counts them by fault.
fn mutate(text: &str, stride: usize, counts: &mut BTreeMap<&'static str, usize>) {
    if !issues_of(text).is_empty() {
        return;
    }
    let root: Value = serde_json::from_str(text).expect("a valid resource is JSON");
    let sites = sites(&root);
    let mutants = sites.iter().flat_map(|site| FAULTS.iter().map(move |fault| (site, fault)));
    for (site, (name, make)) in mutants.skip(text.len() % stride).step_by(stride) {
        let mut mutated = root.clone();
        let Some(expected) = make(&mut Mutant { root: &mut mutated, site }) else { continue };
        let text = mutated.to_string();
        let told: Vec<String> = issues_of(&text)
            .into_iter()
            .filter(|i| !is_consequence(i))
            .map(|i| i.expression.unwrap_or_default())
            .collect();
        assert_eq!(told, [expected], "{name}\n{text}");
        *counts.entry(name).or_default() += 1;
    }
}

/// Faults elsewhere that follow from the one made: what is contained is gone, or the Bundle is no
/// transaction any more.
fn is_consequence(issue: &Issue) -> bool {
    issue.diagnostics == "ref-1: no contained resource has this id"
        || issue.diagnostics.ends_with("only in a transaction")
}

fn issues_of(text: &str) -> Vec<Issue> {
    let tape = parse(text.as_bytes(), Limits::default()).expect("the resource is JSON");
    validate_form(tape.root())
}
