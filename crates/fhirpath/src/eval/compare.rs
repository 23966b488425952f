//! Equality of items (FHIRPath N1 §6.1.1).

use std::borrow::Cow;

use accord_fhir::json::{Kind, Value};
use accord_fhir::{DateRange, Decimal};
use accord_spec::Primitive;

use crate::item::{Element, Item};

/// A value of a primitive or of a computed item, by how it compares.
enum Simple<'a> {
    Boolean(bool),
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    Date(Cow<'a, str>),
}

/// Whether two items are equal; `None` where dates of different precision leave it open.
pub(super) fn equal(left: &Item<'_>, right: &Item<'_>) -> Option<bool> {
    if let (Item::Element(l), Item::Element(r)) = (left, right)
        && (l.ty.primitive().is_none() || r.ty.primitive().is_none())
    {
        return Some(matches!((l.value, r.value), (Some(a), Some(b)) if same_json(a, b)));
    }
    let (Some(l), Some(r)) = (simple(left), simple(right)) else { return Some(false) };
    match (l, r) {
        (Simple::Boolean(l), Simple::Boolean(r)) => Some(l == r),
        (Simple::Number(l), Simple::Number(r)) => Some(same_number(&l, &r)),
        (Simple::Date(l), Simple::Date(r)) => same_date(&l, &r),
        (Simple::Text(l) | Simple::Date(l), Simple::Text(r) | Simple::Date(r)) => Some(l == r),
        _ => Some(false),
    }
}

fn simple<'a>(item: &Item<'a>) -> Option<Simple<'a>> {
    Some(match item {
        Item::Boolean(value) => Simple::Boolean(*value),
        Item::Integer(value) => Simple::Number(Cow::Owned(value.to_string())),
        Item::Decimal(text) => Simple::Number(text.clone()),
        Item::String(text) => Simple::Text(text.clone()),
        Item::Elsewhere(_) => return None,
        Item::Element(Element { value, ty, .. }) => {
            let value = (*value)?;
            match (value.kind(), ty.primitive()?) {
                (Kind::Bool, _) => Simple::Boolean(value.as_bool()?),
                (Kind::Number, _) => Simple::Number(Cow::Borrowed(value.as_number()?)),
                (Kind::String, Primitive::Date | Primitive::DateTime | Primitive::Instant) => {
                    Simple::Date(value.as_str()?)
                }
                (Kind::String, _) => Simple::Text(value.as_str()?),
                _ => return None,
            }
        }
    })
}

fn same_number(left: &str, right: &str) -> bool {
    match (Decimal::parse(left), Decimal::parse(right)) {
        (Some(l), Some(r)) => l == r,
        _ => left == right,
    }
}

/// Dates that stand for the same instants are equal, for none in common different; else it is open.
fn same_date(left: &str, right: &str) -> Option<bool> {
    match (DateRange::parse(left), DateRange::parse(right)) {
        (Some(l), Some(r)) if l == r => Some(true),
        (Some(l), Some(r)) if l.low < r.high && r.low < l.high => None,
        (Some(_), Some(_)) => Some(false),
        _ => Some(left == right),
    }
}

/// Deep equality: members in any order, numbers by value. The depth is bounded by the JSON parser.
fn same_json(left: Value<'_>, right: Value<'_>) -> bool {
    if left.raw() == right.raw() {
        return true;
    }
    match (left.kind(), right.kind()) {
        (Kind::Object, Kind::Object) => {
            let within = |name: &str, value| right.get(name).is_some_and(|r| same_json(value, r));
            left.members().count() == right.members().count()
                && left.members().all(|(name, value)| within(&name, value))
        }
        (Kind::Array, Kind::Array) => {
            left.items().count() == right.items().count()
                && left.items().zip(right.items()).all(|(l, r)| same_json(l, r))
        }
        (Kind::Number, Kind::Number) => same_number(left.raw(), right.raw()),
        (Kind::String, Kind::String) => left.as_str() == right.as_str(),
        _ => false,
    }
}
