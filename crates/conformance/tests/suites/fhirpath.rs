//! The official FHIRPath suite for R4.

use std::collections::BTreeMap;

use accord_fhirpath::value::Number;
use roxmltree::Node;

use crate::evaluate::{Fault, Question, evaluate, show};
use crate::suite;

type Files = BTreeMap<String, String>;

#[test]
fn fhirpath() {
    let Some(files) = suite::files("fhirpath") else { return };
    let document = roxmltree::Document::parse(&files["fhirpath/tests-fhir-r4.xml"]).unwrap();
    let mut results = Vec::new();
    for test in document.descendants().filter(|node| node.has_tag_name("test")) {
        let name = test.attribute("name").unwrap();
        let at = results.iter().filter(|(other, _): &&(String, _)| other == name).count();
        let name = if at == 0 { name.to_owned() } else { format!("{name} #{}", at + 1) };
        results.push((name, run(test, &files)));
    }
    assert_eq!(results.len(), 935);
    suite::judge("fhirpath", &results);
}

fn run(test: Node<'_, '_>, files: &Files) -> Result<(), String> {
    let expression = test.children().find(|n| n.has_tag_name("expression")).unwrap();
    let stem = test.attribute("inputfile").unwrap_or_default().rsplit_once('.');
    let path = format!("fhirpath/input/{}.json", stem.map_or("", |(stem, _)| stem));
    let without = r#"{"resourceType":"Patient"}"#;
    let question = Question {
        expression: expression.text().unwrap(),
        document: files.get(&path).map_or(without, String::as_str),
        typed: true,
        part: None,
        context: None,
        variables: &[],
    };
    let found = evaluate(&question, |items| items.iter().map(show).collect::<Vec<_>>());
    let found = match (found, expression.attribute("invalid")) {
        (Err(Fault::Syntax(_)), Some(_)) | (Err(_), Some("semantic" | "execution")) => {
            return Ok(());
        }
        (Err(Fault::Syntax(e) | Fault::Semantic(e) | Fault::Execution(e)), _) => {
            return Err(format!("{}: {e}", question.expression));
        }
        (Ok(found), Some(kind)) => {
            return Err(format!("{}: gives {found:?}, not an error ({kind})", question.expression));
        }
        (Ok(found), None) => found,
    };
    let outputs = test.children().filter(|n| n.has_tag_name("output"));
    let expect: Vec<String> = outputs.map(|n| n.text().unwrap_or_default().to_owned()).collect();
    let same = if test.attribute("predicate") == Some("true") {
        expect == [(!found.is_empty()).to_string()]
    } else {
        found.len() == expect.len() && found.iter().zip(&expect).all(|(f, e)| is(f, e))
    };
    if same { Ok(()) } else { Err(format!("{}: {found:?}, not {expect:?}", question.expression)) }
}

fn is(found: &str, expect: &str) -> bool {
    // Dates and times are written as literals there.
    let expect = expect.strip_prefix("@T").or(expect.strip_prefix('@')).unwrap_or(expect);
    match (Number::parse(found), Number::parse(expect)) {
        (Some(found), Some(expect)) => found == expect,
        _ => found == expect,
    }
}
