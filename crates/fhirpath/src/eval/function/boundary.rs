//! Precision and the range a value can stand for.

use super::{Calling, Outcome};
use crate::compile::Function;
use crate::error::EvalError;
use crate::eval::compare::number;
use crate::item::Item;
use crate::value::{Number, Quantity};

/// Digits behind the point where none are asked for.
const DIGITS: i64 = 8;
/// Digits behind the point that decimals have (FHIRPath, `lowBoundary()`).
const MOST: i64 = 28;

pub(super) fn call<'a>(c: Calling<'_, '_, 'a>) -> Outcome<'a> {
    let Some(item) = c.value()? else { return Ok(None) };
    let high = match c.call.function {
        Function::Precision => return precision(&item),
        function => function == Function::HighBoundary,
    };
    let digits = c.arg_integer(0)?;
    if c.has_arg(0) && digits.is_none() {
        return Ok(None);
    }
    let of_number = |number: Number| {
        let digits = digits.unwrap_or(DIGITS);
        let digits = u32::try_from(digits).ok().filter(|_| digits <= MOST)?;
        number.boundary(digits, high)
    };
    match &item {
        Item::Moment(moment) => Ok(moment.boundary(digits, high).map(Item::Moment)),
        Item::Quantity(quantity) => Ok(of_number(quantity.value)
            .map(|value| Item::Quantity(Box::new(Quantity { value, ..(**quantity).clone() })))),
        other => Ok(of_number(number(other).ok_or(EvalError::WrongType)?).map(Item::Decimal)),
    }
}

fn precision<'a>(item: &Item<'a>) -> Outcome<'a> {
    let digits = match item {
        Item::Moment(moment) => moment.precision_digits(),
        other => i64::from(number(other).ok_or(EvalError::WrongType)?.scale()),
    };
    Ok(Some(Item::Integer(digits)))
}
