//! Arithmetic between values (FHIRPath N1 §6.6). `None` is an overflow, a division by zero, or
//! units that cannot be brought together: nothing comes out then.

use std::borrow::Cow;

use accord_ucum as ucum;

use super::compare::{number, quantity};
use crate::error::EvalError;
use crate::item::Item;
use crate::value::{Calendar, Number, Quantity, Rounding, UnitKind};

type Outcome<'a> = Result<Option<Item<'a>>, EvalError>;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sum {
    Plus,
    Minus,
}

/// `+` and `-`
pub(super) fn sum<'a>(left: &Item<'a>, right: &Item<'a>, sign: Sum) -> Outcome<'a> {
    let wrong = EvalError::WrongType;
    match (left, right) {
        (Item::String(l), Item::String(r)) if sign == Sum::Plus => {
            Ok(Some(Item::String(Cow::Owned(format!("{l}{r}")))))
        }
        (Item::Moment(moment), Item::Quantity(by)) => {
            let moved = moment.shifted(by, sign == Sum::Minus).map_err(|_| wrong)?;
            Ok(moved.map(Item::Moment))
        }
        (Item::Quantity(by), Item::Moment(moment)) if sign == Sum::Plus => {
            Ok(moment.shifted(by, false).map_err(|_| wrong)?.map(Item::Moment))
        }
        (Item::Quantity(_), _) | (_, Item::Quantity(_)) => {
            let (l, r) = (quantity(left).ok_or(wrong)?, quantity(right).ok_or(wrong)?);
            Ok(quantities(l, r, sign).map(|q| Item::Quantity(Box::new(q))))
        }
        _ => whole_or(left, right, i64::checked_add, i64::checked_sub, sign),
    }
}

fn whole_or<'a>(
    left: &Item<'a>,
    right: &Item<'a>,
    plus: fn(i64, i64) -> Option<i64>,
    minus: fn(i64, i64) -> Option<i64>,
    sign: Sum,
) -> Outcome<'a> {
    let wrong = EvalError::WrongType;
    if let Some((l, r, make)) = integers(left, right) {
        let value = if sign == Sum::Plus { plus(l, r) } else { minus(l, r) };
        return Ok(value.map(make));
    }
    let (l, r) = (number(left).ok_or(wrong)?, number(right).ok_or(wrong)?);
    let value = if sign == Sum::Plus { l.plus(r) } else { l.minus(r) };
    Ok(value.map(Item::Decimal))
}

/// Both as whole numbers, and how the result is wrapped: long if one of them is.
type Whole<'a> = (i64, i64, fn(i64) -> Item<'a>);

fn integers<'a>(left: &Item<'a>, right: &Item<'a>) -> Option<Whole<'a>> {
    match (left, right) {
        (Item::Integer(l), Item::Integer(r)) => Some((*l, *r, Item::Integer)),
        (Item::Integer(l) | Item::Long(l), Item::Integer(r) | Item::Long(r)) => {
            Some((*l, *r, Item::Long))
        }
        _ => None,
    }
}

/// The sum in the smaller of the two units.
fn quantities<'a>(left: Quantity<'a>, right: Quantity<'a>, sign: Sum) -> Option<Quantity<'a>> {
    let add = |l: Number, r: Number| if sign == Sum::Plus { l.plus(r) } else { l.minus(r) };
    left.common(&right)?;
    let ((Some(_), Some(_)) | (None, None)) = (strictly_calendar(&left), strictly_calendar(&right))
    else {
        // A calendar unit beside one of UCUM.
        let either = |q: &Quantity<'_>| matches!(q.kind, UnitKind::Either(_));
        if !either(&left) && !either(&right) {
            return definite_sum(left, right, sign);
        }
        let (value, unit) = match strictly_calendar(&right) {
            Some(_) => (add(left.value, right.value)?, right.unit),
            None => (add(left.value, right.value)?, left.unit),
        };
        return Some(Quantity::new(value, unit, false));
    };
    if left.near_ucum()?.is_special() {
        return None;
    }
    let one = |q: &Quantity<'a>| Quantity { value: Number::ONE, ..q.clone() };
    let right_is_smaller = one(&left).compare(&one(&right))?.is_gt();
    if right_is_smaller {
        let value = add(left.converted_to(&right)?, right.value)?;
        Some(plain(value, right))
    } else {
        let value = add(left.value, right.converted_to(&left)?)?;
        Some(plain(value, left))
    }
}

/// A sum of a calendar unit of definite length and one of UCUM is one of UCUM.
fn definite_sum<'a>(left: Quantity<'a>, right: Quantity<'a>, sign: Sum) -> Option<Quantity<'a>> {
    let as_ucum = |q: Quantity<'a>| match q.kind {
        UnitKind::Calendar(unit) if unit.is_definite() => {
            Some(Quantity { unit: Cow::Borrowed(unit.code()), kind: UnitKind::Ucum, ..q })
        }
        UnitKind::Calendar(_) => None,
        _ => Some(q),
    };
    quantities(as_ucum(left)?, as_ucum(right)?, sign)
}

fn strictly_calendar(quantity: &Quantity<'_>) -> Option<Calendar> {
    match quantity.kind {
        UnitKind::Calendar(unit) => Some(unit),
        _ => None,
    }
}

/// A sum is of one kind: what stood for a calendar unit as well is UCUM from here on.
fn plain<'a>(value: Number, unit: Quantity<'a>) -> Quantity<'a> {
    let kind = match unit.kind {
        UnitKind::Either(_) => UnitKind::Ucum,
        kind => kind,
    };
    Quantity { value, kind, ..unit }
}

/// `*`
pub(super) fn product<'a>(left: &Item<'a>, right: &Item<'a>) -> Outcome<'a> {
    let wrong = EvalError::WrongType;
    if let Some((l, r, make)) = integers(left, right) {
        return Ok(l.checked_mul(r).map(make));
    }
    if let (Some(l), Some(r)) = (number(left), number(right)) {
        return Ok(l.times(r).map(Item::Decimal));
    }
    let (l, r) = (quantity(left).ok_or(wrong)?, quantity(right).ok_or(wrong)?);
    Ok(scaled(&l, &r, Number::times)
        .or_else(|| scaled(&r, &l, Number::times))
        .or_else(|| combined(&l, &r, false))
        .map(|q| Item::Quantity(Box::new(q))))
}

/// `/`, always a decimal or a quantity.
pub(super) fn quotient<'a>(left: &Item<'a>, right: &Item<'a>) -> Outcome<'a> {
    let wrong = EvalError::WrongType;
    if let (Some(l), Some(r)) = (number(left), number(right)) {
        return Ok(l.over(r).map(Item::Decimal));
    }
    let (l, r) = (quantity(left).ok_or(wrong)?, quantity(right).ok_or(wrong)?);
    Ok(scaled(&l, &r, Number::over)
        .or_else(|| combined(&l, &r, true))
        .map(|q| Item::Quantity(Box::new(q))))
}

/// A quantity times or by a pure number keeps its unit.
fn scaled<'a>(
    quantity: &Quantity<'a>,
    by: &Quantity<'_>,
    compute: fn(Number, Number) -> Option<Number>,
) -> Option<Quantity<'a>> {
    let special = quantity.near_ucum().is_none_or(|unit| unit.is_special());
    if special || !by.is_number() || by.calendar().is_some() {
        return None;
    }
    let (factor, _) = ucum::canonical(&by.value.ratio(), &by.ucum()?).ok()?;
    let value = compute(quantity.value, Number::from_ratio(&factor)?)?;
    Some(Quantity { value, ..quantity.clone() })
}

/// Products and quotients of units, in base units. Calendar units have none.
fn combined<'a>(left: &Quantity<'a>, right: &Quantity<'a>, divide: bool) -> Option<Quantity<'a>> {
    if strictly_calendar(left).is_some() || strictly_calendar(right).is_some() {
        return None;
    }
    let (l, r) = (left.ucum()?, right.ucum()?);
    let pair = ((&left.value.ratio(), &l), (&right.value.ratio(), &r));
    let (value, dimension) =
        if divide { ucum::divide(pair.0, pair.1) } else { ucum::multiply(pair.0, pair.1) }.ok()?;
    let unit = Cow::Owned(dimension.to_string());
    Some(Quantity { value: Number::from_ratio(&value)?, unit, kind: UnitKind::Ucum })
}

/// `div` and `mod`
pub(super) fn whole<'a>(left: &Item<'a>, right: &Item<'a>, modulo: bool) -> Outcome<'a> {
    let wrong = EvalError::WrongType;
    if let Some((l, r, make)) = integers(left, right) {
        let value = if modulo { l.checked_rem(r) } else { l.checked_div(r) };
        return Ok(value.map(make));
    }
    if let (Some(l), Some(r)) = (number(left), number(right)) {
        return Ok(if modulo {
            l.modulo(r).map(Item::Decimal)
        } else {
            l.whole_over(r).and_then(|n| n.as_integer()).map(Item::Integer)
        });
    }
    let (l, r) = (quantity(left).ok_or(wrong)?, quantity(right).ok_or(wrong)?);
    let compute = if modulo { Number::modulo } else { Number::whole_over };
    Ok(scaled(&l, &r, compute).map(|q| Item::Quantity(Box::new(q))))
}

/// A function of the number, which keeps a unit and the type of a whole number.
pub(super) fn rounded<'a>(item: &Item<'a>, places: u32, way: Rounding) -> Outcome<'a> {
    match item {
        Item::Integer(_) | Item::Long(_) => Ok(Some(item.clone())),
        Item::Decimal(number) => {
            let number = number.with_scale(places.min(37), way);
            Ok(match number.filter(|_| places == 0).and_then(|n| n.as_integer()) {
                Some(whole) => Some(Item::Integer(whole)),
                None => number.map(Item::Decimal),
            })
        }
        Item::Quantity(quantity) => {
            let value = quantity.value.with_scale(places.min(37), way);
            Ok(value
                .map(|value| Item::Quantity(Box::new(Quantity { value, ..(**quantity).clone() }))))
        }
        _ => Err(EvalError::WrongType),
    }
}
