//! `docs/conformance.md`: what each suite scored, made from the scores and the exclusions.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::suite::{EXCLUSIONS, scores};

/// A suite, and what is said of it.
struct Suite {
    name: &'static str,
    what: &'static str,
    from: &'static str,
}

/// Every suite, in the order of the page.
const SUITES: [Suite; 9] = [
    Suite {
        name: "r4-examples",
        what: "the example resources of R4 are valid",
        from: "HL7, the specification 4.0.1",
    },
    Suite {
        name: "r4-definitions",
        what: "the definitions of R4 are valid",
        from: "HL7, the package `hl7.fhir.r4.core` 4.0.1",
    },
    Suite {
        name: "synthea",
        what: "Bundles of synthetic records are valid",
        from: "Synthea, 300 patients",
    },
    Suite {
        name: "fhirpath",
        what: "FHIRPath gives the expected items",
        from: "HL7, the tests of FHIRPath for R4",
    },
    Suite {
        name: "fhirpath-js",
        what: "FHIRPath gives the expected items",
        from: "the tests of fhirpath.js, for R4",
    },
    Suite {
        name: "ucum",
        what: "units are valid, equal and converted",
        from: "the functional tests of UCUM",
    },
    Suite {
        name: "fhirpath-patch",
        what: "FHIRPath Patch gives the expected resource",
        from: "HL7, the tests of FHIRPath Patch",
    },
    Suite {
        name: "json-patch",
        what: "JSON Patch gives the expected document",
        from: "HL7, the tests of JSON Patch",
    },
    Suite {
        name: "pcf-consents",
        what: "consents give the verdicts that their profile describes",
        from: "IHE, Privacy Consent on FHIR",
    },
];

const HEAD: &str = "# Conformance

Made by the tests of `crates/conformance/tests/suites` from their scores; a test fails when it is \
stale. The suites run unmodified. What does not pass is listed with its reason, and fails when it \
starts to pass. What validation takes from R4, and why examples are refused: \
[conformance-notes.md](conformance-notes.md).

| suite | question | from | passed |
|---|---|---|---|
";

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/conformance.md")
}

/// The page, from the scores that are kept.
fn page() -> String {
    let scores = scores();
    let mut out = HEAD.to_owned();
    for Suite { name, what, from } in SUITES {
        let score =
            scores.get(name).map_or("never run".to_owned(), |score| score.replace('\t', " of "));
        let _ = writeln!(out, "| {name} | {what} | {from} | {score} |");
    }
    out.push_str("\n## What does not pass\n\n| suite | tests | why |\n|---|---|---|\n");
    let mut reasons: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for line in EXCLUSIONS.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        *reasons.entry((cells[0], cells[2])).or_default() += 1;
    }
    for ((suite, why), count) in reasons {
        let _ = writeln!(out, "| {suite} | {count} | {why} |");
    }
    out
}

/// Writes the page anew.
pub fn write() {
    std::fs::write(file(), page()).unwrap();
}

#[test]
fn the_page_is_current() {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        // Each score that is kept writes it.
        return;
    }
    let kept = std::fs::read_to_string(file()).unwrap_or_default();
    assert!(kept == page(), "docs/conformance.md is stale: UPDATE_EXPECT=1 writes it anew");
}

#[test]
fn every_score_is_on_the_page() {
    for name in scores().keys() {
        assert!(SUITES.iter().any(|suite| suite.name == name), "{name}");
    }
}
