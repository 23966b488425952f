//! Official and synthetic resources, validated.

use accord_conformance::archive;
use accord_fhir::json::{Limits, parse};
use accord_validate::validate;

use crate::suite;

/// Validates every resource of a collection; one that is refused tells the first fault.
fn judge(name: &str, files: &[(String, Vec<u8>)]) {
    let results: Vec<(String, Result<(), String>)> = files
        .iter()
        .map(|(file, text)| {
            let tape = parse(text, Limits::default()).unwrap();
            let fault = validate(tape.root()).into_iter().next();
            (file.clone(), fault.map_or(Ok(()), |fault| Err(fault.diagnostics)))
        })
        .collect();
    suite::judge(name, &results);
}

#[test]
fn examples() {
    let Some(files) = archive::read("fhir/r4-examples.tar.zst", usize::MAX) else { return };
    judge("r4-examples", &files);
}

#[test]
fn synthetic_records() {
    let Some(files) = archive::read("data/synthea-300.tar.zst", usize::MAX) else { return };
    judge("synthea", &files);
}

#[test]
fn definitions() {
    let Some(files) = archive::package("fhir/hl7.fhir.r4.core-4.0.1.tgz") else { return };
    judge("r4-definitions", &files);
}
