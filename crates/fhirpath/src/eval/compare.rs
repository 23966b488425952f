//! Equality and order of items (FHIRPath N1 §6.1.1, §6.2).

use std::cmp::Ordering;
use std::ops::ControlFlow::{self, Continue};

use accord_fhir::json::{Kind, Value};

use super::Env;
use crate::error::EvalError;
use crate::item::{Element, Item};
use crate::value::{Number, Quantity};

/// Whether two items are equal; `None` where dates of different precision, or units, leave it open.
pub(super) fn equal(left: &Item<'_>, right: &Item<'_>) -> Option<bool> {
    match (left, right) {
        (Item::Element(l), Item::Element(r)) => {
            if let (Some(a), Some(b)) = (l.value, r.value)
                && (is_complex(l) || is_complex(r))
            {
                // Quantities are equal by what they measure.
                let quantities = same_json(a, b) || l.ty != r.ty;
                return if quantities { Some(same_json(a, b)) } else { by_value(left, right) };
            }
            match (l.value, r.value) {
                (Some(_), Some(_)) => by_value(left, right),
                // Without values, ids and extensions tell them apart.
                (None, None) => Some(match (l.sibling, r.sibling) {
                    (Some(a), Some(b)) => same_json(a, b),
                    (a, b) => a.is_none() && b.is_none(),
                }),
                _ => Some(false),
            }
        }
        (Item::Type(l), Item::Type(r)) => Some(l == r),
        _ => by_value(left, right),
    }
}

fn is_complex(element: &Element<'_>) -> bool {
    element.value.is_some_and(|v| matches!(v.kind(), Kind::Object | Kind::Array))
}

fn by_value(left: &Item<'_>, right: &Item<'_>) -> Option<bool> {
    let (Some(l), Some(r)) = (left.system(), right.system()) else { return Some(false) };
    match (l, r) {
        (Item::Boolean(l), Item::Boolean(r)) => Some(l == r),
        (Item::Moment(l), Item::Moment(r)) => match l.compare(&r) {
            Some(order) => order.map(Ordering::is_eq),
            None => Some(false),
        },
        // A text that is a date is one beside a date.
        (Item::String(l), Item::String(r)) => Some(l == r),
        (Item::Moment(date), Item::String(text)) | (Item::String(text), Item::Moment(date)) => {
            Some(date.to_string() == text)
        }
        (l @ Item::Quantity(_), r) | (l, r @ Item::Quantity(_)) => {
            let (Some(l), Some(r)) = (quantity(&l), quantity(&r)) else { return Some(false) };
            match l.compare(&r) {
                Some(order) => Some(order.is_eq()),
                None => unlike(&l, &r),
            }
        }
        (l, r) => match (number(&l), number(&r)) {
            (Some(l), Some(r)) => Some(l == r),
            _ => Some(false),
        },
    }
}

/// Quantities that cannot be converted: different if what they measure is known to differ.
fn unlike(left: &Quantity<'_>, right: &Quantity<'_>) -> Option<bool> {
    let (l, r) = (left.near_ucum()?, right.near_ucum()?);
    if accord_ucum::comparable(&l, &r) { None } else { Some(false) }
}

/// As a number, if it is one.
pub(super) fn number(item: &Item<'_>) -> Option<Number> {
    match item {
        Item::Integer(whole) | Item::Long(whole) => Some(Number::from(*whole)),
        Item::Decimal(number) => Some(*number),
        _ => None,
    }
}

/// As a quantity, pure numbers included.
pub(super) fn quantity<'a>(item: &Item<'a>) -> Option<Quantity<'a>> {
    match item {
        Item::Quantity(quantity) => Some((**quantity).clone()),
        other => number(other).map(Quantity::unity),
    }
}

/// The order of two items; `None` where it is open.
///
/// # Errors
/// Items that have no order, or none with each other.
pub(super) fn order(left: &Item<'_>, right: &Item<'_>) -> Result<Option<Ordering>, EvalError> {
    let wrong = EvalError::WrongType;
    let (l, r) = (left.system().ok_or(wrong)?, right.system().ok_or(wrong)?);
    match (&l, &r) {
        (Item::String(l), Item::String(r)) => Ok(Some(l.cmp(r))),
        (Item::Moment(l), Item::Moment(r)) => l.compare(r).ok_or(wrong),
        (Item::Quantity(_), _) | (_, Item::Quantity(_)) => {
            let (l, r) = (quantity(&l).ok_or(wrong)?, quantity(&r).ok_or(wrong)?);
            Ok(l.compare(&r))
        }
        _ => {
            let (l, r) = (number(&l).ok_or(wrong)?, number(&r).ok_or(wrong)?);
            Ok(Some(l.cmp(&r)))
        }
    }
}

/// Whether a collection has an item that is equal to this one; every comparison is a step.
pub(super) fn holds<'a>(
    items: &[Item<'a>],
    item: &Item<'a>,
    env: &Env<'a>,
) -> ControlFlow<(), bool> {
    for earlier in items {
        env.weigh(item)?;
        if equal(earlier, item) == Some(true) {
            return Continue(true);
        }
    }
    env.spend(8)?;
    Continue(false)
}

fn same_number(left: &str, right: &str) -> bool {
    match (Number::parse(left), Number::parse(right)) {
        (Some(l), Some(r)) => l == r,
        _ => left == right,
    }
}

/// Deep equality: members in any order, numbers by value. The depth is bounded by the JSON parser.
pub(super) fn same_json(left: Value<'_>, right: Value<'_>) -> bool {
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
