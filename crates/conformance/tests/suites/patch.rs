//! The suites of FHIRPath Patch and JSON Patch.

use accord_fhir::json;
use accord_patch::{Limits, fhirpath_patch, json_patch};
use roxmltree::Node;
use serde_json::Value;

use crate::{suite, xml};

fn tape(value: &Value) -> json::Tape {
    json::parse(value.to_string().as_bytes(), json::Limits::default()).unwrap()
}

/// Judges an outcome by what is expected; `None` expects an error.
fn judged(found: Result<String, impl ToString>, expect: Option<&Value>) -> Result<(), String> {
    match (found, expect) {
        (Err(_), None) => Ok(()),
        (Ok(found), None) => Err(format!("gives {found}, not an error")),
        (Err(error), Some(_)) => Err(error.to_string()),
        (Ok(found), Some(expect)) => {
            let found: Value = serde_json::from_str(&found).unwrap();
            if found == *expect { Ok(()) } else { Err(format!("gives {found}, not {expect}")) }
        }
    }
}

#[test]
fn fhirpath_patches() {
    let Some(files) = suite::files("fhirpatch") else { return };
    let document = roxmltree::Document::parse(&files["fhirpatch/fhir-patch-tests.xml"]).unwrap();
    let mut results = Vec::new();
    for case in document.descendants().filter(|node| node.has_tag_name("case")) {
        let part = |name: &str| {
            let part = case.children().find(|node| node.has_tag_name(name));
            part.and_then(|part: Node<'_, '_>| part.first_element_child()).map(xml::resource)
        };
        let (input, diff) = (tape(&part("input").unwrap()), tape(&part("diff").unwrap()));
        let found = fhirpath_patch(input.root(), diff.root(), Limits::default());
        let name = case.attribute("name").unwrap();
        results.push((name.to_owned(), judged(found, part("output").as_ref())));
    }
    assert_eq!(results.len(), 33);
    suite::judge("fhirpath-patch", &results);
}

#[test]
fn json_patches() {
    let Some(files) = suite::files("fhirpatch") else { return };
    let cases: Value = serde_json::from_str(&files["fhirpatch/json-patch-tests.json"]).unwrap();
    let mut results = Vec::new();
    for (at, case) in cases.as_array().unwrap().iter().enumerate() {
        let (document, patch) = (tape(&case["doc"]), tape(&case["patch"]));
        let found = json_patch(document.root(), patch.root(), Limits::default());
        let name = format!("{} {}", at + 1, case["comment"].as_str().unwrap_or_default());
        results.push((name, judged(found, case.get("expected"))));
    }
    suite::judge("json-patch", &results);
}
