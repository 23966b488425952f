//! The official FHIRPath suite for R4: every expression parses or fails as the suite says; those
//! that compile give the expected items. What is not evaluated yet is counted: the count may only
//! shrink.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests"
)]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use accord_fhir::json;
use accord_fhirpath::{CompileError, Element, Env, Item, Limits, compile, parse};
use accord_spec::TypeId;

/// Tests with another outcome, and why.
const EXCEPTIONS: &[(&str, &str)] =
    &[("testFHIRPathAsFunction21", "`as` narrows collections, as search parameters need it")];

/// Expressions that use functions or operators that are not evaluated.
const UNSUPPORTED: usize = 749;

struct Case {
    name: String,
    input: String,
    predicate: bool,
    invalid: Option<String>,
    expression: String,
    outputs: Vec<String>,
}

#[derive(PartialEq, Debug)]
enum Outcome {
    Passed,
    Unsupported,
    Failed(String),
}

#[test]
fn the_suite_passes_as_far_as_it_is_evaluated() {
    let Some(files) = suite() else {
        println!("skipped: ../shared is not there");
        return;
    };
    let cases = cases(&files["tests-fhir-r4.xml"]);
    assert!(cases.len() > 900, "{}", cases.len());
    let (mut unsupported, mut passed, mut failed) = (0, 0, Vec::new());
    for case in &cases {
        match run(case, &files) {
            Outcome::Passed => passed += 1,
            Outcome::Unsupported => unsupported += 1,
            Outcome::Failed(why) => {
                failed.push(format!("{}: {} {why}", case.name, case.expression))
            }
        }
    }
    println!("{passed} passed, {unsupported} not evaluated\n{}", failed.join("\n"));
    let expect: Vec<&str> = EXCEPTIONS.iter().map(|(name, _)| *name).collect();
    let names: Vec<&str> = failed.iter().map(|f| f.split(':').next().unwrap()).collect();
    assert_eq!(names, expect);
    assert_eq!(unsupported, UNSUPPORTED);
}

fn run(case: &Case, files: &BTreeMap<String, String>) -> Outcome {
    let invalid = case.invalid.as_deref();
    let expr = match parse(&case.expression, Limits::default()) {
        Ok(_) if invalid == Some("syntax") => return Outcome::Failed("parses".to_owned()),
        Ok(expr) => expr,
        Err(_) if invalid.is_some() => return Outcome::Passed,
        Err(error) => return Outcome::Failed(error.to_string()),
    };
    let stem = case.input.rsplit_once('.').map_or("", |(stem, _)| stem);
    let without = r#"{"resourceType":"Patient"}"#;
    let text = files.get(&format!("input/{stem}.json")).map_or(without, String::as_str);
    let tape = json::parse(text.as_bytes(), json::Limits::default()).unwrap();
    let on = Element::resource(tape.root()).unwrap();
    let plan = match compile(&expr, on.ty, Limits::default()) {
        Ok(plan) => plan,
        Err(CompileError::Unsupported { .. } | CompileError::UnknownConstant { .. }) => {
            return Outcome::Unsupported;
        }
        Err(_) if invalid.is_some() => return Outcome::Passed,
        Err(error) => return Outcome::Failed(error.to_string()),
    };
    let env = Env::new(tape.root(), &|_| None);
    let items = match plan.items(&env, on) {
        Ok(items) => items,
        Err(_) if invalid.is_some() => return Outcome::Passed,
        Err(error) => return Outcome::Failed(error.to_string()),
    };
    let found: Vec<String> = items.iter().map(show).collect();
    let expect: Vec<String> = case.outputs.clone();
    let same = match (case.predicate, invalid) {
        (_, Some(_)) => false,
        (true, _) => expect == [(!found.is_empty()).to_string()],
        (false, _) => found == expect,
    };
    if same { Outcome::Passed } else { Outcome::Failed(format!("gives {found:?}, not {expect:?}")) }
}

fn show(item: &Item<'_>) -> String {
    match item {
        Item::Element(Element { value: Some(value), .. }) => match value.as_str() {
            Some(text) => text.into_owned(),
            None => value.raw().to_owned(),
        },
        Item::Element(_) => String::new(),
        Item::Elsewhere(ty) => TypeId::name(*ty).to_owned(),
        Item::Boolean(value) => value.to_string(),
        Item::Integer(value) => value.to_string(),
        Item::Decimal(text) | Item::String(text) => text.to_string(),
    }
}

/// The files of the suite by path below its folder.
fn suite() -> Option<BTreeMap<String, String>> {
    let path = "../../../shared/suites/fhirpath.tar.zst";
    let file = std::fs::File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).ok()?;
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(zstd::Decoder::new(file).unwrap()).entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        let short = name.split_once('/').map_or(name.as_str(), |(_, rest)| rest);
        files.insert(short.to_owned(), String::from_utf8_lossy(&bytes).into_owned());
    }
    Some(files)
}

fn cases(xml: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for block in without_comments(xml).split("<test ").skip(1) {
        let block = block.split("</test>").next().unwrap();
        let head = block.split('>').next().unwrap();
        let Some((opening, expression)) = element(block, "expression") else { continue };
        let mut outputs = Vec::new();
        let mut rest = block;
        while let Some(at) = rest.find("<output") {
            rest = &rest[at..];
            if let Some((_, text)) = element(rest, "output") {
                // Dates are written as literals there.
                outputs.push(text.trim_start_matches('@').to_owned());
            }
            rest = &rest[1..];
        }
        cases.push(Case {
            name: attribute(head, "name").unwrap(),
            input: attribute(head, "inputfile").unwrap_or_default(),
            predicate: attribute(head, "predicate").as_deref() == Some("true"),
            invalid: attribute(opening, "invalid"),
            expression,
            outputs,
        });
    }
    cases
}

fn without_comments(xml: &str) -> String {
    let mut parts = xml.split("<!--");
    let mut out = parts.next().unwrap().to_owned();
    parts.for_each(|part| out.push_str(part.split_once("-->").map_or("", |(_, rest)| rest)));
    out
}

/// The opening tag and the text of the first element of this name.
fn element<'a>(xml: &'a str, name: &str) -> Option<(&'a str, String)> {
    let rest = &xml[xml.find(&format!("<{name}"))? + 1..];
    let (opening, rest) = rest.split_once('>')?;
    if opening.ends_with('/') {
        return Some((opening, String::new()));
    }
    Some((opening, decoded(rest.split_once(&format!("</{name}>"))?.0)))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split_once(&format!("{name}=\""))?.1;
    Some(decoded(rest.split_once('"')?.0))
}

fn decoded(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&apos;", "'").replace("&amp;", "&")
}
