//! Whatever JSON comes in, validation ends, tells the same twice, and places every fault.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

use accord_fhir::json::{Limits, parse};
use accord_validate::{MAX_ISSUES, validate};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Names that mean something somewhere, so that arbitrary objects reach deep.
const NAMES: &[&str] = &[
    "resourceType",
    "id",
    "_id",
    "meta",
    "text",
    "div",
    "_div",
    "contained",
    "extension",
    "modifierExtension",
    "url",
    "_url",
    "valueString",
    "_valueString",
    "valueReference",
    "valueQuantity",
    "reference",
    "identifier",
    "name",
    "_name",
    "given",
    "_given",
    "family",
    "birthDate",
    "_birthDate",
    "contact",
    "gender",
    "entry",
    "resource",
    "parameter",
    "part",
    "item",
    "value",
    "code",
    "coding",
    "system",
    "status",
    "type",
    "subject",
    "photo",
    "data",
    "period",
    "start",
    "active",
    "multipleBirthInteger",
    "link",
    "é",
    "",
];

const TEXTS: &[&str] = &[
    "Patient",
    "Bundle",
    "Parameters",
    "Observation",
    "Questionnaire",
    "Extension",
    "transaction",
    "#",
    "#a",
    "a",
    "Patient/a",
    "Patient?x",
    "urn:uuid:",
    "http://x",
    "2020-01-01",
    "T",
    "",
    "<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>",
    "<div <",
    "\u{0}",
    "é\u{300}",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i64>().prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        prop::sample::select(TEXTS).prop_map(|t| json!(t)),
        any::<String>().prop_map(|t| json!(t)),
    ];
    leaf.prop_recursive(8, 120, 10, |inner| {
        let name = prop_oneof![
            9 => prop::sample::select(NAMES).prop_map(str::to_owned),
            1 => any::<String>(),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((name, inner), 0..10)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn no_json_is_too_strange(
        mut json in any_json(),
        ty in prop::sample::select(vec!["Patient", "Bundle", "Observation", "Parameters", "Basic"]),
    ) {
        if let Some(object) = json.as_object_mut() {
            object.insert("resourceType".to_owned(), json!(ty));
        }
        let text = json.to_string();
        let tape = parse(text.as_bytes(), Limits::default()).expect("made from JSON");
        let issues = validate(tape.root());
        prop_assert_eq!(&issues, &validate(tape.root()));
        prop_assert!(issues.len() <= MAX_ISSUES + 1);
        let root = if json.is_object() { ty } else { "Resource" };
        for issue in issues {
            let path = issue.expression.unwrap_or_default();
            prop_assert!(path.starts_with(root), "{}", path);
            prop_assert!(!issue.diagnostics.is_empty() && !issue.diagnostics.ends_with('.'));
        }
    }
}
