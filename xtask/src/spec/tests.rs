//! The committed tables are what the generator makes, and its parts split unions correctly.

use std::path::Path;

use super::expression::{alternatives, reduced};
use super::package::Package;
use super::{data_folder, generate, terminology};

#[test]
fn committed_tables_are_current() {
    let package =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fhir/hl7.fhir.r4.core-4.0.1.tgz");
    if !package.exists() {
        println!("skipped: ../shared is not there");
        return;
    }
    for (name, made) in generate(&package).expect("the official package is readable") {
        let committed = std::fs::read_to_string(data_folder().join(name)).expect("table exists");
        assert!(committed == made, "`{name}` is stale: run `cargo xtask spec --package ...`");
    }
    let package = Package::read(&package).expect("the official package is readable");
    let made = terminology::pack(&package).expect("it can be packed");
    let committed = std::fs::read(terminology::data_file()).expect("the file exists");
    assert!(committed == made, "`r4.bin` is stale: run `cargo xtask spec --package ...`");
}

#[test]
fn unions_split_at_the_top_level_only() {
    assert_eq!(alternatives("A.b | (A.c | A.d).e | A.f"), ["A.b", "(A.c | A.d).e", "A.f"]);
    assert_eq!(alternatives("A.b.where(c='x|y')"), ["A.b.where(c='x|y')"]);
    assert_eq!(alternatives("A"), ["A"]);
}

#[test]
fn a_union_is_reduced_to_one_type() {
    let code = "Condition.code | (DeviceRequest.code as CodeableConcept) | Device.type";
    assert_eq!(
        reduced(code, "DeviceRequest").as_deref(),
        Some("(DeviceRequest.code as CodeableConcept)")
    );
    assert_eq!(reduced(code, "Device").as_deref(), Some("Device.type"));
    assert_eq!(reduced(code, "Patient"), None);
    assert_eq!(reduced("Device.extension('http://x.org/y')", "Device"), None);
    let text = "(Observation.value as string) | (Observation.value as CodeableConcept).text";
    assert_eq!(reduced(text, "Observation").as_deref(), Some(text));
}
