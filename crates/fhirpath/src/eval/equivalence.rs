//! Equivalence of items (FHIRPath N1 §6.1.2).

use accord_fhir::json::{Kind, Value};

use super::compare::{number, quantity};
use crate::item::Item;
use crate::value::{Number, Rounding};

/// Whether two items are equivalent.
pub(super) fn equivalent(left: &Item<'_>, right: &Item<'_>) -> bool {
    match (left.system(), right.system()) {
        (Some(l), Some(r)) => values(&l, &r),
        (None, None) => match (left, right) {
            (Item::Element(l), Item::Element(r)) => match (l.value, r.value) {
                (Some(l), Some(r)) => json(l, r),
                (l, r) => l.is_none() && r.is_none(),
            },
            (Item::Type(l), Item::Type(r)) => l == r,
            _ => false,
        },
        _ => false,
    }
}

fn values(left: &Item<'_>, right: &Item<'_>) -> bool {
    match (left, right) {
        (Item::String(l), Item::String(r)) => folded(l).eq(folded(r)),
        (Item::Boolean(l), Item::Boolean(r)) => l == r,
        (Item::Moment(l), Item::Moment(r)) => l.compare(r) == Some(Some(std::cmp::Ordering::Equal)),
        (Item::Quantity(_), _) | (_, Item::Quantity(_)) => {
            match (quantity(left), quantity(right)) {
                (Some(l), Some(r)) => l.is_equivalent(&r),
                _ => false,
            }
        }
        _ => match (number(left), number(right)) {
            (Some(l), Some(r)) => numbers(l, r),
            _ => false,
        },
    }
}

/// Equal when rounded to the digits of the one that is written with fewer.
fn numbers(left: Number, right: Number) -> bool {
    let places = left.trimmed().scale().min(right.trimmed().scale());
    left.with_scale(places, Rounding::Nearest) == right.with_scale(places, Rounding::Nearest)
}

/// Without case, with every kind of white space alike.
fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(|c| (if c.is_whitespace() { ' ' } else { c }).to_lowercase())
}

/// Members that are equivalent, in any order; items of arrays in any order too. The depth is
/// bounded by the JSON parser.
fn json(left: Value<'_>, right: Value<'_>) -> bool {
    match (left.kind(), right.kind()) {
        (Kind::Object, Kind::Object) => {
            let within = |name: &str, value| right.get(name).is_some_and(|r| json(value, r));
            left.members().count() == right.members().count()
                && left.members().all(|(name, value)| within(&name, value))
        }
        (Kind::Array, Kind::Array) => {
            let (l, r): (Vec<_>, Vec<_>) = (left.items().collect(), right.items().collect());
            // Short lists are compared in any order, long ones in theirs: the work stays bounded.
            if l.len() > 64 {
                return l.len() == r.len() && l.iter().zip(&r).all(|(l, r)| json(*l, *r));
            }
            matched(&l, &r, |l, r| json(*l, *r))
        }
        (Kind::Number, Kind::Number) => {
            match (Number::parse(left.raw()), Number::parse(right.raw())) {
                (Some(l), Some(r)) => numbers(l, r),
                _ => left.raw() == right.raw(),
            }
        }
        (Kind::String, Kind::String) => match (left.as_str(), right.as_str()) {
            (Some(l), Some(r)) => folded(&l).eq(folded(&r)),
            _ => false,
        },
        (l, r) => l == r && left.raw() == right.raw(),
    }
}

/// Whether each item of one list has its own in the other.
pub(super) fn matched<T>(left: &[T], right: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    let mut open: Vec<&T> = right.iter().collect();
    left.len() == right.len()
        && left.iter().all(|l| match open.iter().position(|r| same(l, r)) {
            Some(at) => {
                open.swap_remove(at);
                true
            }
            None => false,
        })
}
