//! Strings and uris (FHIR R4 search §3.1.1.4.8, §3.1.1.4.13).

use accord_fhir::json::Value;

use super::convert::Found;
use super::form::Form;
use crate::value::Datum;

const NAME_PARTS: [&str; 5] = ["text", "family", "given", "prefix", "suffix"];
const ADDRESS_PARTS: [&str; 7] =
    ["text", "line", "city", "district", "state", "postalCode", "country"];

/// Adds the strings of `value`: each part of a name or an address is one.
pub(super) fn strings(form: Form, value: Value<'_>, found: &mut Found) {
    match form {
        Form::HumanName => parts(value, &NAME_PARTS, found),
        Form::Address => parts(value, &ADDRESS_PARTS, found),
        Form::Primitive(_) => string(value, found),
        _ => {}
    }
}

/// Adds the uri in `value`.
pub(super) fn uri(form: Form, value: Value<'_>, found: &mut Found) {
    if let (Form::Primitive(_), Some(text)) = (form, value.as_str()) {
        found.add(Datum::Uri(text.into_owned()));
    }
}

fn parts(value: Value<'_>, names: &[&str], found: &mut Found) {
    for (name, part) in value.members() {
        if names.contains(&&*name) {
            part.each().for_each(|text| string(text, found));
        }
    }
}

fn string(value: Value<'_>, found: &mut Found) {
    if let Some(text) = value.as_str().filter(|text| !text.is_empty()) {
        found.add(Datum::Text(text.into_owned()));
    }
}
