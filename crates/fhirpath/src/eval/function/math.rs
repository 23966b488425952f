//! Mathematics (FHIRPath N1 §5.7).

use super::{Calling, Outcome};
use crate::compile::Function;
use crate::error::EvalError;
use crate::eval::arithmetic::rounded;
use crate::eval::compare::number;
use crate::item::Item;
use crate::value::{Number, Rounding};

pub(super) fn call<'a>(c: Calling<'_, '_, 'a>) -> Outcome<'a> {
    let Some(item) = c.value()? else { return Ok(None) };
    // Series are work.
    c.env.pay(50)?;
    match c.call.function {
        Function::Abs => absolute(item),
        Function::Ceiling => rounded(&item, 0, Rounding::Up),
        Function::Floor => rounded(&item, 0, Rounding::Down),
        Function::Truncate => rounded(&item, 0, Rounding::ToZero),
        Function::Round => {
            let places = c.arg_integer(0)?.unwrap_or(0);
            let places = u32::try_from(places).map_err(|_| EvalError::WrongArgument)?;
            rounded(&item, places, Rounding::Nearest)
        }
        Function::Exp => of_number(&item, Number::exp),
        Function::Ln => of_number(&item, Number::ln),
        Function::Sqrt => of_number(&item, Number::root),
        function => {
            let Some(other) = c.arg_value(0)? else { return Ok(None) };
            let wrong = EvalError::WrongType;
            let (l, r) = (number(&item).ok_or(wrong)?, number(&other).ok_or(wrong)?);
            if function == Function::Log {
                return Ok(l.log(r).map(Item::Decimal));
            }
            let power = l.power(r);
            let whole = matches!((&item, &other), (Item::Integer(_), Item::Integer(1..)));
            Ok(match power.filter(|_| whole).and_then(Number::as_integer) {
                Some(whole) => Some(Item::Integer(whole)),
                None => power.map(Item::Decimal),
            })
        }
    }
}

fn of_number<'a>(item: &Item<'a>, compute: fn(Number) -> Option<Number>) -> Outcome<'a> {
    let number = number(item).ok_or(EvalError::WrongType)?;
    Ok(compute(number).map(Item::Decimal))
}

fn absolute(item: Item<'_>) -> Outcome<'_> {
    Ok(match item {
        Item::Integer(whole) => whole.checked_abs().map(Item::Integer),
        Item::Long(whole) => whole.checked_abs().map(Item::Long),
        Item::Decimal(number) => Some(Item::Decimal(number.absolute())),
        Item::Quantity(mut quantity) => {
            quantity.value = quantity.value.absolute();
            Some(Item::Quantity(quantity))
        }
        _ => return Err(EvalError::WrongType),
    })
}
