mod columns;
mod values;

use accord_base::ResourceId;
use accord_fhir::{Decimal, json};
use accord_spec::{ResourceType, param};

use super::*;
use crate::value::Datum;

fn resolve(text: &str) -> Option<String> {
    match text {
        "urn:uuid:11111111-1111-1111-1111-111111111111" => Some("Patient/new".to_owned()),
        "Practitioner?identifier=s|1" => Some("Practitioner/found".to_owned()),
        _ => None,
    }
}

fn key(text: &str) -> u128 {
    Decimal::parse(text).unwrap().order_key()
}

fn end(key: u128) -> String {
    match key {
        u128::MIN => "-".to_owned(),
        u128::MAX => "+".to_owned(),
        _ => {
            let known = (-100..=1000).find(|n| self::key(&n.to_string()) == key);
            known.map_or("?".to_owned(), |n| n.to_string())
        }
    }
}

fn date(us: i64) -> String {
    match us {
        i64::MIN => "-".to_owned(),
        i64::MAX => "+".to_owned(),
        _ => accord_base::LogTime(us as u64).to_string().replace(".000000Z", ""),
    }
}

fn show(datum: &Datum) -> String {
    let or_none = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
    match datum {
        Datum::Token { system, code } => format!("{}|{code}", or_none(system)),
        Datum::Reference { resource_type, id } => {
            format!("{}/{id}", ResourceType(*resource_type).name())
        }
        Datum::Url(text) => format!("url {text}"),
        Datum::Uri(text) => format!("uri {text}"),
        Datum::Text(text) => text.clone(),
        Datum::Label(text) => format!("text {text}"),
        Datum::Identifier { system, value } => format!("id {}|{value}", or_none(system)),
        Datum::OfType { system, code, value } => format!("type {system}|{code}|{value}"),
        Datum::Part { item, component, datum } => format!("{item}.{component} {}", show(datum)),
        Datum::Date { low, high } => format!("{} {}", date(*low), date(*high)),
        Datum::Number { key } => end(*key),
        Datum::Quantity { low, high, system, code, unit } => {
            let units = [or_none(system), or_none(code), or_none(unit)].join(" ");
            format!("{}..{} {units}", end(*low), end(*high))
        }
    }
}

fn read(document: &str) -> (json::Tape, ResourceType) {
    let tape = json::parse(document.as_bytes(), json::Limits::default()).unwrap();
    let name = tape.root().get_str("resourceType").unwrap().into_owned();
    (tape, ResourceType::from_name(&name).unwrap())
}

/// The values of the parameter `code` of a `resource_type` with these members, those left out that
/// modifiers alone ask for.
fn check(resource_type: &str, members: &str, code: &str, expect: &[&str]) {
    compare(resource_type, members, (code, false), expect);
}

/// Those that modifiers ask for.
fn check_modified(resource_type: &str, members: &str, code: &str, expect: &[&str]) {
    compare(resource_type, members, (code, true), expect);
}

fn compare(resource_type: &str, members: &str, (code, modified): (&str, bool), expect: &[&str]) {
    let (tape, ty) = read(&format!(r#"{{"resourceType":"{resource_type}",{members}}}"#));
    let base = Some("http://me/fhir");
    let source = Source { resource: tape.root(), resource_type: ty, resolve: &resolve, base };
    let (values, _) = extract_all(&source, &ResourceId::new("me").unwrap());
    let id = param(ty, code).unwrap_or_else(|| panic!("{resource_type} has no {code}")).id.0;
    let found = values.0.iter().filter(|v| v.param == id).map(|v| show(&v.datum));
    let asked = |text: &String| text.starts_with("text ") || text.starts_with("type ");
    let found = found.filter(|text| asked(text) == modified);
    assert_eq!(found.collect::<Vec<_>>(), expect, "{resource_type}.{code} of {members}");
}
