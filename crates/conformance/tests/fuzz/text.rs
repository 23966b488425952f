//! Texts: searches, expressions, documents, patches.

use std::ops::ControlFlow;
use std::str::from_utf8;

use accord_base::LogTime;
use accord_fhir::json::{self, Limits, parse};
use accord_fhir::{DateRange, Decimal, Reference};
use accord_fhirpath::{Element, Env, compile};
use accord_patch::{fhirpath_patch, json_patch};
use accord_query::Context;
use accord_spec::ResourceType;

use crate::Target;

const NOW: LogTime = LogTime(1_795_300_398_000_000);

const PATIENT: &str = r##"{"resourceType":"Patient","id":"p","meta":{"tag":[{"code":"1"}]},
    "active":true,"name":[{"family":"Birch","given":["A","B"],"_given":[null,{"id":"g"}]},
    {"text":"x","period":{"start":"2020-01-31T10:00:00.1+01:00"}}],"birthDate":"1980-02",
    "_birthDate":{"extension":[{"url":"u","valueDecimal":1.50}]},
    "contact":[{"telecom":[{"system":"phone","value":"1","rank":2}]}],
    "contained":[{"resourceType":"Organization","id":"o"}],"multipleBirthInteger":2,
    "managingOrganization":{"reference":"#o"},
    "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>"}}"##;

fn corpus(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// A query reads, or is refused; what is understood reads back as the same.
pub fn searches() -> Target {
    let corpus = corpus(&[
        "Patient?identifier=http://a|b,c&birthdate=ge1980-01&_sort=-family,_id&_count=5",
        "Observation?subject:Patient.name:contains=b%5C%2C&value-quantity=gt5.4|http://u|mg",
        "Patient?_has:Observation:patient:_has:Observation:derived-from:status:not=final",
        "Observation?code-value-quantity=a$gt5&_include:iterate=Observation:subject:Patient",
        "?_type=Patient,Observation&_lastUpdated=sa2020-02-30T25:00&_revinclude=*:*&_summary=data",
        "Encounter?date=ap2020&date=lt2021&class:missing=true&_elements=id,status&_total=none",
        "ValueSet?url:below=http://x&code:in=http://v&title:exact=%C3%A4&_security=R&_id=1,2",
        "Location?near=1.0|2|3|km&_tag=|x&_profile=http://p&organization:identifier=s|v",
    ]);
    let words = &[
        "&",
        "=",
        ",",
        "|",
        "$",
        "\\",
        ":",
        ".",
        "%5C",
        "%",
        "%F0%9F",
        "ge",
        ":not",
        ":missing=",
        "_has:",
        "_sort=",
        "_include=",
        "_count=",
        "_id=",
        "subject",
        "name",
        "date=",
        ":above",
        "Patient",
        "Observation",
        "2020-02-29T23:59:60Z",
        "\u{0}",
        "é",
    ];
    Target { name: "search", corpus, words, read: search }
}

fn search(input: &[u8]) {
    let Ok(text) = from_utf8(input) else { return };
    let (path, query) = text.split_once('?').unwrap_or(("", text));
    let of = ResourceType::from_name(path);
    let context = Context::strict(NOW);
    let Ok(parsed) = accord_query::parse(of, pairs(query), &context) else { return };
    let once = parsed.query.to_query_string();
    let again = accord_query::parse(of, pairs(&once), &context);
    let again = again.unwrap_or_else(|issues| panic!("{once} does not read back: {issues:?}"));
    assert_eq!(again.query.to_query_string(), once);
}

/// As a server decodes them.
fn pairs(query: &str) -> Vec<(String, String)> {
    let split = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decoded(name)?, decoded(value)?))
    };
    query.split('&').filter(|pair| !pair.is_empty()).filter_map(split).collect()
}

fn decoded(text: &str) -> Option<String> {
    let (mut out, mut bytes) = (Vec::new(), text.bytes());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(out).ok()
}

/// An expression is evaluated within its steps, or refused.
pub fn expressions() -> Target {
    let corpus = corpus(&[
        "Patient.name.where(use = 'official' or given.exists()).given.first() & 'x'",
        "Observation.value.ofType(Quantity) > 5.4 'mg' and iif(true, 1, 2) = 1",
        "(1 | 2 | 3).aggregate($this + $total, 0) div 0 mod 3.50",
        "name.given.select($this.substring(0, 2).replace('A', '').matches('^(a+)+$'))",
        "descendants().ofType(Extension).url.distinct().join(',').toChars().count()",
        "@2020-02-29T10:00:00.000+01:00 + 3 months ~ today() - 2 'wk'",
        "repeat(children()).trace('x').extension('http://u').value is decimal",
        "%resource.birthDate.lowBoundary(8) <= now() xor {}.empty() implies not()",
        "'\\u00e9\\n`x`'.encode('base64').decode('hex').split('')[-1].toInteger()",
    ]);
    let words = &[
        "(",
        ")",
        ".",
        "[",
        "]",
        "{}",
        "'",
        "`",
        "\\",
        "and",
        "or",
        "is",
        "as",
        "|",
        "&",
        "$this",
        "$index",
        "%context",
        "@",
        "@T10",
        "where(",
        "select(",
        "all(",
        "repeat(",
        "children()",
        "descendants()",
        "1 'mg'",
        "+",
        "-",
        "*",
        "/",
        "div",
        "mod",
        "~",
        "!=",
        "9999999999",
        "power(99)",
        "sqrt()",
        "round(30)",
        "substring(",
        "matches('(a*)*b')",
        "toQuantity('g')",
    ];
    Target { name: "expression", corpus, words, read: expression }
}

fn expression(input: &[u8]) {
    let Ok(text) = from_utf8(input) else { return };
    let limits = accord_fhirpath::Limits { steps: 20_000, ..Default::default() };
    let Ok(parsed) = accord_fhirpath::parse(text, limits) else { return };
    let tape = parse(PATIENT.as_bytes(), Limits::default()).unwrap();
    let on = Element::resource(tape.root()).unwrap();
    let Ok(plan) = compile(&parsed, on.ty, limits) else { return };
    let env = Env::new(tape.root(), &|_| None);
    let mut items = 0;
    let _ = plan.each(&env, on, &mut |_| {
        items += 1;
        ControlFlow::Continue(())
    });
    assert!(items <= 20_000, "{items} items of 20,000 steps");
}

const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "null",
    "true",
    "1.0",
    "1e5",
    "\\u0000",
    "\\ud800",
    "\"id\":",
    "\"extension\":[",
    "\"resourceType\":\"Patient\"",
    "\"reference\":\"Patient/1\"",
    "é",
    "\u{7f}",
    "\"_given\":",
    "\"contained\":[",
    "\"valueString\":\"x\"",
    " ",
    "\t",
];

/// A document reads as another reader reads it, minified and without loss; checks of it end.
pub fn documents() -> Target {
    let corpus = corpus(&[
        PATIENT,
        r#"{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:1",
            "resource":{"resourceType":"Basic","code":{"text":"x"}},
            "request":{"method":"PUT","url":"Basic?_id=1","ifMatch":"W/\"1\""}}]}"#,
        r#"{"resourceType":"Parameters","parameter":[{"name":"a","part":[{"name":"b",
            "valueQuantity":{"value":1.10,"code":"mg"}}]}]}"#,
        r#"[1,-0.0,1E+2,"\u00e9\ud83d\ude00\/",{"a":{"a":[]}},[],{}]"#,
    ]);
    Target { name: "document", corpus, words: WORDS, read: document }
}

fn document(input: &[u8]) {
    let Ok(tape) = parse(input, Limits::default()) else { return };
    let text = tape.text().to_owned();
    let other: serde_json::Result<serde_json::Value> = serde_json::from_str(&text);
    // What the other does not take are numbers beyond its range, and nothing else.
    if let Err(error) = other {
        assert!(error.to_string().contains("out of range"), "{error}");
    }
    let again = parse(text.as_bytes(), Limits::default()).unwrap();
    assert_eq!(again.text(), text, "minified once is minified");
    let issues = accord_validate::validate(tape.root());
    assert!(issues.len() <= accord_validate::MAX_ISSUES + 1);
    let _ = accord_index::extract::references(tape.root());
}

/// A patch is applied and leaves a document, or is refused.
pub fn json_patches() -> Target {
    let corpus = corpus(&[
        r#"[{"op":"test","path":"/name/0/family","value":"Birch"},
            {"op":"add","path":"/name/-","value":{"family":"x"}},{"op":"remove","path":"/active"}]"#,
        r#"[{"op":"move","from":"/name/0","path":"/name/1"},
            {"op":"copy","from":"","path":"/contact/0"},{"op":"replace","path":"","value":{}}]"#,
        r#"[{"op":"copy","from":"/name","path":"/name/0"},{"op":"copy","from":"/name","path":"/name/0"},
            {"op":"add","path":"/a~1b~0c","value":1.10},{"op":"test","path":"/a~1b~0c","value":1.1}]"#,
    ]);
    let words = &[
        "\"op\":\"copy\"",
        "\"op\":\"move\"",
        "\"op\":\"add\"",
        "\"op\":\"test\"",
        "\"from\":\"\"",
        "\"path\":\"\"",
        "/-",
        "/0",
        "/name",
        "~1",
        "~0",
        "~",
        "{",
        "}",
        "[",
        "]",
        ",",
        "{\"op\":\"copy\",\"from\":\"/name\",\"path\":\"/name/0\"},",
        "\"value\":",
        "null",
    ];
    Target { name: "JSON Patch", corpus, words, read: |input| patched(input, json_patch) }
}

/// The same of a FHIRPath Patch.
pub fn fhirpath_patches() -> Target {
    let corpus = corpus(&[
        r#"{"resourceType":"Parameters","parameter":[{"name":"operation","part":[
            {"name":"type","valueCode":"add"},{"name":"path","valueString":"Patient.name[0]"},
            {"name":"name","valueString":"given"},{"name":"value","valueString":"C"}]},
            {"name":"operation","part":[{"name":"type","valueCode":"delete"},
            {"name":"path","valueString":"Patient.contact.telecom"}]}]}"#,
        r#"{"resourceType":"Parameters","parameter":[{"name":"operation","part":[
            {"name":"type","valueCode":"insert"},{"name":"path","valueString":"Patient.name"},
            {"name":"index","valueInteger":1},{"name":"value","part":[{"name":"family","valueString":"x"},
            {"name":"given","valueString":"y"}]}]},{"name":"operation","part":[
            {"name":"type","valueCode":"move"},{"name":"path","valueString":"Patient.name"},
            {"name":"source","valueInteger":0},{"name":"destination","valueInteger":1}]}]}"#,
        r#"{"resourceType":"Parameters","parameter":[{"name":"operation","part":[
            {"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.multipleBirth"},
            {"name":"value","valueBoolean":true,"_valueBoolean":{"id":"x"}}]}]}"#,
    ]);
    let words = &[
        "descendants()",
        "children()",
        "Patient",
        ".name",
        ".given",
        ".where(true)",
        "[0]",
        "insert",
        "delete",
        "replace",
        "move",
        "\"valueInteger\":0",
        "{\"name\":\"value\",\"part\":[",
        "{\"name\":\"index\",\"valueInteger\":9}",
        "null",
        "[",
        "]",
        "{",
        "}",
        "_birthDate",
    ];
    Target { name: "FHIRPath Patch", corpus, words, read: |input| patched(input, fhirpath_patch) }
}

type Apply = for<'a> fn(
    json::Value<'a>,
    json::Value<'a>,
    accord_patch::Limits,
) -> Result<String, accord_patch::PatchError>;

fn patched(input: &[u8], apply: Apply) {
    let Ok(patch) = parse(input, Limits::default()) else { return };
    let document = parse(PATIENT.as_bytes(), Limits::default()).unwrap();
    let limits = accord_patch::Limits { bytes: 1 << 20, ..Default::default() };
    let Ok(text) = apply(document.root(), patch.root(), limits) else { return };
    assert!(text.len() <= 1 << 20, "{} bytes", text.len());
    // Deep in deep can be deeper than what is read; then it is refused when it is read again.
    if let Err(error) = parse(text.as_bytes(), Limits::default()) {
        assert_eq!(error.kind, json::ParseErrorKind::TooDeep, "{text}");
    }
}

/// The small grammars.
pub fn references_and_dates() -> Target {
    let corpus = corpus(&[
        "Patient/1/_history/2",
        "http://x.example/fhir/Patient/1",
        "urn:uuid:05efabf0-4be2-4561-91ce-51548425acb9",
        "Patient?identifier=a|b",
        "2020-02-29T23:59:60.123456789+14:00",
        "1980",
        "-12.340e-5",
        "0.000000000000000000000000001",
    ]);
    let words = &["/", "#", ":", "-", "T", "Z", "+14:00", ".", "e", "_history", "é", "%"];
    Target { name: "small grammars", corpus, words, read: small }
}

fn small(input: &[u8]) {
    let Ok(text) = from_utf8(input) else { return };
    let _ = Reference::parse(text);
    if let Some(range) = DateRange::parse(text) {
        assert!(range.low < range.high, "{text}");
    }
    if let Some(decimal) = Decimal::parse(text) {
        assert_eq!(Decimal::parse(text), Some(decimal));
    }
    let _ = accord_base::ResourceId::new(text);
}
