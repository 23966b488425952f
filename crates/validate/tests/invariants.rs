//! Invariants bite: each case breaks one, at one place, and a small change mends it.
//!
//! The cases are `invariants.txt`: key, path, broken members, mended members. The type is the
//! first word of the path; members that are required but have nothing to do with the case are left
//! out, and their absence is not looked at.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;

use accord_fhir::json::{Limits, parse};
use accord_fhir::{IssueCode, Severity};
use accord_spec::invariants;
use accord_validate::{validate, validate_form, validate_strictly};

const CASES: &str = include_str!("invariants.txt");

/// How many invariants have no case: they ask what others ask, of other types.
const WITHOUT_CASE: usize = 85;

/// Paths at which an invariant is broken.
fn broken(json: &str, key: &str) -> Vec<String> {
    let tape = parse(json.as_bytes(), Limits::default()).unwrap_or_else(|e| panic!("{json}: {e}"));
    let prefix = format!("{key}: ");
    let told = validate(tape.root()).into_iter();
    let told = told.filter(|issue| issue.diagnostics.starts_with(&prefix));
    told.map(|issue| {
        assert_eq!(issue.severity, Severity::Error);
        issue.expression.expect("a path")
    })
    .collect()
}

/// Head, broken and mended members of each case.
fn cases() -> Vec<[&'static str; 3]> {
    let lines = CASES.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let lines: Vec<&str> = lines.collect();
    let (cases, rest) = lines.as_chunks::<3>();
    assert!(rest.is_empty());
    cases.to_vec()
}

#[test]
fn each_case_is_broken_where_it_says_and_mended() {
    let mut wrong = Vec::new();
    for [head, broken_by, mended_by] in cases() {
        let (key, path) = head.split_once(' ').expect("key and path");
        let ty = path.split('.').next().unwrap_or_default();
        let resource = |members: &str| format!(r#"{{"resourceType":"{ty}",{members}}}"#);
        let (found, left) = (broken(&resource(broken_by), key), broken(&resource(mended_by), key));
        if found != [path] || !left.is_empty() {
            wrong.push(format!("{head}: at {found:?}, mended at {left:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn most_invariants_have_a_case() {
    let tested: BTreeSet<&str> =
        cases().iter().filter_map(|[head, ..]| head.split(' ').next()).collect();
    let all: BTreeSet<&str> = invariants().iter().filter(|i| i.is_error).map(|i| i.key).collect();
    assert!(tested.is_subset(&all));
    let without: Vec<&&str> = all.difference(&tested).collect();
    assert_eq!(without.len(), WITHOUT_CASE, "{without:?}");
}

#[test]
fn warnings_are_told_only_where_they_are_asked_for() {
    let json = r#"{"resourceType":"ValueSet","status":"draft","name":"not a name"}"#;
    let tape = parse(json.as_bytes(), Limits::default()).expect("JSON");
    assert_eq!(validate(tape.root()), []);
    let told = validate_strictly(tape.root());
    let keys: Vec<&str> = told.iter().filter_map(|i| i.diagnostics.split(':').next()).collect();
    assert_eq!(keys, ["vsd-0", "dom-6"]);
    assert!(told.iter().all(|issue| issue.severity == Severity::Warning));
}

#[test]
fn what_is_only_read_is_not_asked() {
    let json = r#"{"resourceType":"Organization"}"#;
    let tape = parse(json.as_bytes(), Limits::default()).expect("JSON");
    assert_eq!(validate_form(tape.root()), []);
    assert_eq!(validate(tape.root()).len(), 1);
}

#[test]
fn no_value_is_repeated() {
    let json = r#"{"resourceType":"Bundle","type":"document","total":7,"entry":[
        {"fullUrl":"http://x.org/SECRET/_history/1","resource":{"resourceType":"Observation",
        "id":"SECRET","status":"final","code":{"coding":[{"code":"SECRET"}]},"valueString":"SECRET",
        "dataAbsentReason":{"text":"SECRET"},"effectivePeriod":{"start":"2026","end":"1999"},
        "referenceRange":[{"age":{"low":{"value":3}}}]}}]}"#;
    let tape = parse(json.as_bytes(), Limits::default()).expect("JSON");
    let told = validate(tape.root());
    assert!(told.len() > 6, "{told:?}");
    let told = format!("{told:?}");
    assert!(!told.contains("SECRET") && !told.contains("1999"), "{told}");
}

/// Whatever a resource holds, checking it ends: work is counted, and grows with its size.
#[test]
fn hostile_sizes_are_bounded() {
    let same = r#"{"code":{"coding":[{"code":"a"}]}}"#;
    let many = |item: &str, n: usize| vec![item; n].join(",");
    let components = format!(
        r#"{{"resourceType":"Observation","status":"final","valueBoolean":true,
        "code":{{"coding":[{}]}},"component":[{}]}}"#,
        many(r#"{"code":"b"}"#, 3000),
        many(same, 3000)
    );
    let tape = parse(components.as_bytes(), Limits::default()).expect("JSON");
    let told = validate(tape.root());
    assert!(told.iter().any(|issue| issue.code == IssueCode::TooCostly), "{told:?}");

    let entry = |at: usize| {
        format!(
            r#"{{"fullUrl":"http://x.org/Parameters/{at}","resource":{{"resourceType":"Parameters"}}}}"#
        )
    };
    let entries: Vec<String> = (0..20_000).map(|at| entry(at % 19_999)).collect();
    let json = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#,
        entries.join(",")
    );
    assert_eq!(broken(&json, "bdl-7"), ["Bundle"]);

    let deep = format!(
        r#"{{"resourceType":"Questionnaire","status":"draft",{}"language":"en"{}}}"#,
        r#""item":[{"linkId":"1","type":"group","#.repeat(25),
        "}]".repeat(25)
    );
    assert_eq!(broken(&deep, "que-2"), ["Questionnaire"]);
}
