//! From an item of a parameter's expression to its search values.

use accord_fhirpath::{Element, Item};
use accord_spec::ParamKind;

use super::form::form;
use super::{Source, date, quantity, reference, text, token};
use crate::value::{Datum, Value};

/// Collects the values of one resource.
pub(super) struct Found {
    pub values: Vec<Value>,
    /// The parameter whose values are being added.
    pub param: u16,
}

impl Found {
    pub fn add(&mut self, datum: Datum) {
        self.values.push(Value { param: self.param, datum });
    }
}

/// Adds the values that `item` has for a parameter of `kind`.
pub(super) fn convert(kind: ParamKind, item: &Item<'_>, source: &Source<'_>, found: &mut Found) {
    match item {
        Item::Element(element) => of_element(kind, element, source, found),
        Item::Boolean(value) if kind == ParamKind::Token => {
            found.add(Datum::Token { system: None, code: value.to_string() });
        }
        _ => {}
    }
}

fn of_element(kind: ParamKind, element: &Element<'_>, source: &Source<'_>, found: &mut Found) {
    let Some(value) = element.value else { return };
    let form = form(element.ty);
    match kind {
        ParamKind::Token => {
            let system = element.definition.and_then(|d| d.system);
            token::tokens(form, value, system, found);
        }
        ParamKind::Reference => {
            let datum = reference::datum(form, value, source);
            if let Some(datum) = datum.or_else(|| reference::identifier(form, value)) {
                found.add(datum);
            }
        }
        ParamKind::String => text::strings(form, value, found),
        ParamKind::Uri => text::uri(form, value, found),
        ParamKind::Number => quantity::number(form, value, found),
        ParamKind::Quantity => quantity::quantities(form, value, found),
        ParamKind::Date => {
            if let Some(range) = date::range(form, value) {
                found.add(Datum::Date { low: range.low, high: range.high });
            }
        }
        ParamKind::Composite | ParamKind::Special => {}
    }
}
