//! Tokens (FHIR R4 search §3.1.1.4.10).

use accord_fhir::json::{Kind, Value};

use super::convert::Found;
use super::form::Form;
use crate::value::Datum;

/// Adds the tokens of `value`. `implicit` is the system that a `code` has by its binding.
///
/// A ContactPoint is found by its value alone: its `system` (phone, email) is no namespace.
pub(super) fn tokens(form: Form, value: Value<'_>, implicit: Option<&str>, found: &mut Found) {
    match form {
        Form::CodeableConcept => {
            for coding in value.get("coding").into_iter().flat_map(Value::each) {
                named(coding, "code", found);
                label(coding, "display", found);
            }
            label(value, "text", found);
        }
        Form::Coding => {
            named(value, "code", found);
            label(value, "display", found);
        }
        Form::Identifier => {
            named(value, "value", found);
            types(value, found);
        }
        Form::ContactPoint => {
            if let Some(code) = value.get_str("value") {
                found.add(Datum::Token { system: None, code: code.into_owned() });
            }
        }
        Form::Primitive(_) => simple(value, implicit, found),
        _ => {}
    }
}

/// `system` and one more member. A system without a code is kept, with an empty code: a search for
/// `system|` finds it.
fn named(value: Value<'_>, code: &str, found: &mut Found) {
    let (mut its_system, mut its_code) = (None, None);
    for (name, member) in value.members() {
        if name == "system" {
            its_system = member.as_str();
        } else if name == code {
            its_code = member.as_str();
        }
    }
    if its_system.is_some() || its_code.is_some() {
        let system = its_system.map(|s| s.into_owned());
        found.add(Datum::Token { system, code: its_code.unwrap_or_default().into_owned() });
    }
}

/// What `:text` searches.
fn label(value: Value<'_>, name: &str, found: &mut Found) {
    if let Some(text) = value.get_str(name).filter(|text| !text.is_empty()) {
        found.add(Datum::Label(text.into_owned()));
    }
}

/// The types of an identifier, for `:of-type`, and their text, for `:text`.
fn types(identifier: Value<'_>, found: &mut Found) {
    let Some(of) = identifier.get("type") else { return };
    let value = identifier.get_str("value");
    for coding in of.get("coding").into_iter().flat_map(Value::each) {
        let (system, code) = (coding.get_str("system"), coding.get_str("code"));
        if let (Some(system), Some(code), Some(value)) = (system, code, &value) {
            let (system, code) = (system.into_owned(), code.into_owned());
            found.add(Datum::OfType { system, code, value: value.clone().into_owned() });
        }
    }
    label(of, "text", found);
}

fn simple(value: Value<'_>, implicit: Option<&str>, found: &mut Found) {
    let code = match value.kind() {
        Kind::String => value.as_str().unwrap_or_default().into_owned(),
        Kind::Bool | Kind::Number => value.raw().to_owned(),
        Kind::Object | Kind::Array | Kind::Null => return,
    };
    found.add(Datum::Token { system: implicit.map(str::to_owned), code });
}
