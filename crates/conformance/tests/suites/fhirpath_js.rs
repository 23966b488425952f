//! The further cases of fhirpath.js. Most are about JSON without definitions.

use std::collections::BTreeMap;

use accord_fhirpath::Item;
use accord_fhirpath::value::Number;
use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

use crate::evaluate::{Fault, Question, evaluate, show};
use crate::suite;

/// One case.
struct Case<'y> {
    name: String,
    expression: String,
    body: &'y Yaml,
}

#[test]
fn fhirpath_js() {
    let Some(files) = suite::files("fhirpath-js") else { return };
    let mut results = Vec::new();
    for (path, text) in &files {
        let Some(file) = path.strip_prefix("fhirpath-js/cases/") else { continue };
        // The first is of another version, the second is the official suite.
        if file.is_empty() || matches!(file, "fhir-r5.yaml" | "fhir-r4.yaml") {
            continue;
        }
        let documents = YamlLoader::load_from_str(&indented(text));
        let documents = documents.unwrap_or_else(|e| panic!("{file}: {e}"));
        let document = &documents[0];
        let subject = &document["subject"];
        let mut cases = Vec::new();
        collect(&document["tests"], file.trim_end_matches(".yaml"), &mut cases);
        for case in cases {
            let disabled = case.body["disable"].as_bool() == Some(true);
            // Other versions of FHIR have other definitions.
            let other = case.body["model"].as_str().is_some_and(|model| model != "r4");
            if disabled || other {
                continue;
            }
            let outcome = run(&case, subject, &files);
            results.push((case.name, outcome));
        }
    }
    suite::judge("fhirpath-js", &results);
}

/// With the continued lines of quoted texts indented, as YAML wants it.
fn indented(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if line.starts_with(' ') && !line.starts_with("  ") {
            out.push_str("        ");
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

fn collect<'y>(tests: &'y Yaml, file: &str, cases: &mut Vec<Case<'y>>) {
    for body in tests.as_vec().into_iter().flatten() {
        let Yaml::Hash(members) = body else { continue };
        for (key, group) in members {
            if key.as_str().is_some_and(|key| key.starts_with("group")) {
                collect(group, file, cases);
            }
        }
        let expressions: Vec<&Yaml> = match &body["expression"] {
            Yaml::BadValue => continue,
            Yaml::Array(all) => all.iter().collect(),
            one => vec![one],
        };
        for expression in expressions {
            let name = format!("{file} {}", cases.len() + 1);
            let text = match expression {
                Yaml::Hash(_) => expression["expression"].as_str().unwrap().to_owned(),
                other => {
                    json(other).as_str().map_or_else(|| json(other).to_string(), str::to_owned)
                }
            };
            cases.push(Case { name, expression: text, body });
        }
    }
}

fn run(case: &Case<'_>, subject: &Yaml, files: &BTreeMap<String, String>) -> Result<(), String> {
    let own = json(subject).to_string();
    let document = match case.body["inputfile"].as_str() {
        Some(name) => {
            let path = format!("fhirpath-js/resources/r4/{name}");
            files.get(&path).ok_or_else(|| format!("{name} is not there"))?
        }
        None => &own,
    };
    let mut variables = Vec::new();
    for (name, value) in case.body["variables"].as_hash().into_iter().flatten() {
        variables.push((name.as_str().unwrap().to_owned(), json(value).to_string()));
    }
    let question = Question {
        expression: &case.expression,
        document,
        typed: !case.body["model"].is_badvalue(),
        part: case.body["expression"]["base"].as_str(),
        context: case.body["context"].as_str(),
        variables: &variables,
    };
    let fails = !matches!(case.body["error"], Yaml::BadValue | Yaml::Boolean(false));
    let expect = json(&case.body["result"]);
    let judged = evaluate(&question, |items| {
        // What has no value is left out there.
        let there = |item: &&Item<'_>| !matches!(item, Item::Element(e) if e.value.is_none());
        let items: Vec<&Item<'_>> = items.iter().filter(there).collect();
        let shown: Vec<String> = items.iter().map(|item| show(item)).collect();
        let expect = expect.as_array().cloned().unwrap_or_default();
        let same = shown.len() == expect.len()
            && shown.iter().zip(&expect).all(|(found, expect)| is(found, expect));
        if same { Ok(()) } else { Err(format!("{shown:?}, not {expect:?}")) }
    });
    let at = &case.expression;
    match judged {
        Ok(_) if fails => Err(format!("{at}: gives no error")),
        Ok(judged) => judged.map_err(|why| format!("{at}: {why}")),
        Err(_) if fails => Ok(()),
        Err(Fault::Syntax(e) | Fault::Semantic(e) | Fault::Execution(e)) => {
            Err(format!("{at}: {e}"))
        }
    }
}

/// Whether an item is what is expected: numbers to fourteen digits.
fn is(found: &str, expect: &Value) -> bool {
    let expect_text = match expect {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if found == expect_text {
        return true;
    }
    if let (Some(found), Some(expect)) = (Number::parse(found), Number::parse(&expect_text)) {
        // Numbers are doubles there.
        let size = expect.absolute().max(Number::ONE);
        let unit = Number::parse("1e-14").unwrap().times(size).unwrap();
        return found.minus(expect).unwrap().absolute() < unit;
    }
    match serde_json::from_str::<Value>(found) {
        Ok(found) => found.is_object() && found == *expect,
        Err(_) => false,
    }
}

fn json(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Real(text) => serde_json::from_str(text).unwrap_or(Value::String(text.clone())),
        Yaml::Integer(whole) => Value::from(*whole),
        Yaml::String(text) => Value::from(text.as_str()),
        Yaml::Boolean(value) => Value::from(*value),
        Yaml::Array(items) => items.iter().map(json).collect(),
        Yaml::Hash(members) => {
            let text = |key: &Yaml| match json(key) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            Value::Object(members.iter().map(|(key, value)| (text(key), json(value))).collect())
        }
        _ => Value::Null,
    }
}
