//! Conversion (FHIRPath N1 §5.5).

use std::borrow::Cow;

use super::{Calling, Outcome, truth};
use crate::compile::Target;
use crate::error::EvalError;
use crate::eval::operator::one;
use crate::item::Item;
use crate::value::{Calendar, Moment, MomentKind, Number, Quantity};

/// `toX()`: nothing where the value cannot be converted.
pub(super) fn to<'a>(c: Calling<'_, '_, 'a>, target: Target) -> Outcome<'a> {
    let Some(item) = one(&c.call.on, c.env, c.frame)? else { return Ok(None) };
    if matches!(&item, Item::Element(element) if element.value.is_none()) {
        return Ok(None);
    }
    let Some(value) = item.system() else {
        // A quantity with a comparator is no value; other elements are of no type of the language.
        let compared = matches!(&item, Item::Element(element)
            if element.value.is_some_and(|value| value.get("comparator").is_some()));
        let quantity = target == Target::Quantity && compared;
        return if quantity { Err(EvalError::WrongType) } else { Ok(None) };
    };
    let Some(converted) = convert(value, target) else { return Ok(None) };
    match (converted, c.has_arg(0)) {
        (Item::Quantity(quantity), true) => {
            let Some(unit) = c.arg_text(0)? else { return Ok(None) };
            let converted = quantity.converted(unit);
            Ok(converted.map(|quantity| Item::Quantity(Box::new(quantity))))
        }
        (other, _) => Ok(Some(other)),
    }
}

/// `convertsToX()`
pub(super) fn converts<'a>(c: Calling<'_, '_, 'a>, target: Target) -> Outcome<'a> {
    let Some(item) = one(&c.call.on, c.env, c.frame)? else { return Ok(None) };
    if matches!(&item, Item::Element(element) if element.value.is_none()) {
        return Ok(None);
    }
    truth(Some(item.system().and_then(|value| convert(value, target)).is_some()))
}

fn convert(value: Item<'_>, target: Target) -> Option<Item<'_>> {
    match target {
        Target::Boolean => boolean(&value).map(Item::Boolean),
        Target::Integer => integer(&value).filter(|n| i32::try_from(*n).is_ok()).map(Item::Integer),
        Target::Long => integer(&value).map(Item::Long),
        Target::Decimal => decimal(&value).map(Item::Decimal),
        Target::String => string(&value).map(Item::String),
        Target::Date => moment(&value, MomentKind::Date).map(Item::Moment),
        Target::DateTime => moment(&value, MomentKind::DateTime).map(Item::Moment),
        Target::Time => moment(&value, MomentKind::Time).map(Item::Moment),
        Target::Quantity => quantity(value).map(|q| Item::Quantity(Box::new(q))),
    }
}

fn boolean(value: &Item<'_>) -> Option<bool> {
    match value {
        Item::Boolean(value) => Some(*value),
        Item::Integer(1) | Item::Long(1) => Some(true),
        Item::Integer(0) | Item::Long(0) => Some(false),
        Item::Decimal(number) => match number.as_integer()? {
            1 => Some(true),
            0 => Some(false),
            _ => None,
        },
        Item::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => Some(true),
            "false" | "f" | "no" | "n" | "0" | "0.0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn integer(value: &Item<'_>) -> Option<i64> {
    match value {
        Item::Boolean(value) => Some(i64::from(*value)),
        Item::Integer(whole) | Item::Long(whole) => Some(*whole),
        Item::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn decimal(value: &Item<'_>) -> Option<Number> {
    match value {
        Item::Boolean(value) => Number::parse(if *value { "1.0" } else { "0.0" }),
        Item::Integer(whole) | Item::Long(whole) => Some(Number::from(*whole)),
        Item::Decimal(number) => Some(*number),
        Item::String(text) if !text.contains(['e', 'E']) => Number::parse(text),
        _ => None,
    }
}

/// Any value of the language as its text.
pub(super) fn string<'a>(value: &Item<'a>) -> Option<Cow<'a, str>> {
    Some(match value {
        Item::String(text) => text.clone(),
        Item::Boolean(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
        Item::Integer(whole) | Item::Long(whole) => Cow::Owned(whole.to_string()),
        Item::Decimal(number) => Cow::Owned(number.to_string()),
        Item::Moment(moment) => Cow::Owned(moment.to_string()),
        Item::Quantity(quantity) => Cow::Owned(quantity.to_string()),
        Item::Element(_) | Item::Elsewhere(_) | Item::Type(_) => return None,
    })
}

fn moment(value: &Item<'_>, kind: MomentKind) -> Option<Moment> {
    match (value, kind) {
        (Item::Moment(moment), MomentKind::Date) if moment.kind != MomentKind::Time => {
            Some(moment.to_date())
        }
        (Item::Moment(moment), MomentKind::DateTime) if moment.kind != MomentKind::Time => {
            Some(Moment { kind, ..*moment })
        }
        (Item::Moment(moment), MomentKind::Time) if moment.kind == kind => Some(*moment),
        (Item::String(text), MomentKind::Date) => {
            Moment::date_time(text).filter(|_| !text.ends_with('T')).map(Moment::to_date)
        }
        (Item::String(text), MomentKind::DateTime) => Moment::date_time(text),
        (Item::String(text), MomentKind::Time) => Moment::time(text),
        _ => None,
    }
}

fn quantity(value: Item<'_>) -> Option<Quantity<'_>> {
    match value {
        Item::Quantity(quantity) => Some(*quantity),
        Item::String(text) => written(&text),
        other => decimal(&other).map(Quantity::unity),
    }
}

/// `4.5 'mg'`, `4 days`, `7`; as the language writes them.
fn written(text: &str) -> Option<Quantity<'static>> {
    let end = text.find(|c: char| !matches!(c, '0'..='9' | '.' | '+' | '-')).unwrap_or(text.len());
    let (number, rest) = text.split_at_checked(end)?;
    let number = Number::parse(number)?;
    let unit = rest.trim_start();
    if unit.is_empty() {
        return Some(Quantity::unity(number));
    }
    if let Some(code) = unit.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return Some(Quantity::new(number, code.to_owned(), true));
    }
    let spaced = unit.len() < rest.len() && Calendar::from_word(unit).is_some();
    spaced.then(|| Quantity::new(number, unit.to_owned(), false))
}
