//! The official examples and synthetic records pass, but for the true faults listed here.
//!
//! Each listed fault must stay a fault: a resource that starts to pass leaves the list.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use accord_fhir::json::{Limits, parse};
use accord_validate::validate;

/// Examples of the specification that break it, and the elements that do.
/// `docs/conformance-notes.md` gives the reasons.
const FAULTY_EXAMPLES: &[(&str, &[&str])] = &[
    (
        "Bundle-b0a5e4277-83c4-4adb-87e2-e3efe3369b6f.json",
        &["Bundle.entry[].resource.payloadMimeType[]"],
    ),
    ("DeviceMetric-example.json", &["DeviceMetric.parent.reference"]),
    ("DeviceUseStatement-example.json", &["DeviceUseStatement.reasonReference[].reference"]),
    (
        "ImplementationGuide-fhir.json",
        &[
            "ImplementationGuide.manifest.resource[].reference.reference",
            "ImplementationGuide.name",
            "ImplementationGuide.status",
        ],
    ),
    (
        "MedicationRequest-medrx0301.json",
        &["MedicationRequest.dispenseRequest.performer.reference"],
    ),
    ("Observation-clinical-gender.json", &["Observation.performer[].reference"]),
    (
        "Questionnaire-qs1.json",
        &[
            "Questionnaire.item[].item[].item[].item[].linkId",
            "Questionnaire.item[].item[].item[].linkId",
            "Questionnaire.item[].item[].linkId",
        ],
    ),
];

/// Official definitions that break the specification.
const FAULTY_DEFINITIONS: &[(&str, &[&str])] = &[
    ("SearchParameter-codesystem-extensions-CodeSystem-author.json", &["SearchParameter.base"]),
    ("SearchParameter-codesystem-extensions-CodeSystem-effective.json", &["SearchParameter.base"]),
    ("SearchParameter-codesystem-extensions-CodeSystem-end.json", &["SearchParameter.base"]),
    ("SearchParameter-codesystem-extensions-CodeSystem-keyword.json", &["SearchParameter.base"]),
    ("SearchParameter-codesystem-extensions-CodeSystem-workflow.json", &["SearchParameter.base"]),
    (
        "SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject.json",
        &["SearchParameter.id"],
    ),
    ("SearchParameter-valueset-extensions-ValueSet-author.json", &["SearchParameter.base"]),
    ("SearchParameter-valueset-extensions-ValueSet-effective.json", &["SearchParameter.base"]),
    ("SearchParameter-valueset-extensions-ValueSet-end.json", &["SearchParameter.base"]),
    ("SearchParameter-valueset-extensions-ValueSet-keyword.json", &["SearchParameter.base"]),
    ("SearchParameter-valueset-extensions-ValueSet-workflow.json", &["SearchParameter.base"]),
    ("StructureDefinition-Definition.json", &["StructureDefinition"]),
    ("StructureDefinition-Event.json", &["StructureDefinition"]),
    ("StructureDefinition-FiveWs.json", &["StructureDefinition"]),
    ("StructureDefinition-Request.json", &["StructureDefinition"]),
];

#[test]
fn official_examples() {
    let Some(path) = shared("fhir/r4-examples.tar.zst") else { return };
    let (count, faulty) = validate_archive(zstd(&path), |_| true);
    assert_eq!(count, 864);
    assert_eq!(faulty, listed(FAULTY_EXAMPLES));
}

#[test]
fn official_definitions() {
    let Some(path) = shared("fhir/hl7.fhir.r4.core-4.0.1.tgz") else { return };
    let file = std::fs::File::open(path).expect("the archive opens");
    // Beside the definitions lie a manifest and schemas, which are no resources.
    let definition = |name: &str| name.starts_with("package/") && name.contains('-');
    let (count, faulty) = validate_archive(flate2::read::GzDecoder::new(file), definition);
    assert_eq!(count, 4578);
    assert_eq!(faulty, listed(FAULTY_DEFINITIONS));
}

#[test]
fn synthetic_records() {
    let Some(path) = shared("data/synthea-300.tar.zst") else { return };
    let (count, faulty) = validate_archive(zstd(&path), |_| true);
    assert_eq!(count, 300);
    assert_eq!(faulty, BTreeMap::new());
}

/// Element paths at fault by file name, each path once, without its repetition numbers.
type Faulty = BTreeMap<String, Vec<String>>;

/// Validates every JSON file of a tar archive that `is_resource` accepts; the count of them, and
/// those at fault.
fn validate_archive(reader: impl Read, is_resource: impl Fn(&str) -> bool) -> (usize, Faulty) {
    let (mut count, mut faulty) = (0, Faulty::new());
    let mut bytes = Vec::new();
    for entry in tar::Archive::new(reader).entries().expect("a tar archive") {
        let mut entry = entry.expect("an entry");
        let path = entry.path().expect("a path").to_string_lossy().into_owned();
        if !path.ends_with(".json") || path.contains("openapi") || !is_resource(&path) {
            continue;
        }
        bytes.clear();
        entry.read_to_end(&mut bytes).expect("a whole entry");
        let tape = parse(&bytes, Limits::default()).unwrap_or_else(|e| panic!("{path}: {e}"));
        count += 1;
        let issues = validate(tape.root()).into_iter();
        let mut paths: Vec<String> =
            issues.map(|i| without_numbers(&i.expression.unwrap_or_default())).collect();
        paths.sort();
        paths.dedup();
        if !paths.is_empty() {
            let name = path.rsplit('/').next().unwrap_or(&path);
            faulty.insert(name.to_owned(), paths);
        }
    }
    (count, faulty)
}

fn without_numbers(path: &str) -> String {
    path.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn listed(list: &[(&str, &[&str])]) -> Faulty {
    let owned = |paths: &[&str]| paths.iter().map(|p| (*p).to_owned()).collect();
    list.iter().map(|(name, paths)| ((*name).to_owned(), owned(paths))).collect()
}

fn zstd(path: &Path) -> impl Read {
    let file = std::fs::File::open(path).expect("the archive opens");
    let mut decoder = zstd::Decoder::new(file).expect("a zstd stream");
    decoder.window_log_max(27).expect("a window of 128 MiB is allowed");
    decoder
}

/// A file of the collection beside the workspace; tells that the test is skipped without it.
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(name);
    if !path.exists() {
        println!("skipped: ../shared is not there");
        return None;
    }
    Some(path)
}
