//! One value out of many (FHIRPath N1 §7).

use super::{Calling, value};
use crate::compile::Function;
use crate::error::EvalError;
use crate::eval::arithmetic::{Sum, quotient, sum};
use crate::eval::compare::order;
use crate::eval::{Frame, Items, collect};
use crate::item::Item;

pub(super) fn call<'a>(c: Calling<'_, '_, 'a>) -> Items<'a> {
    let input = c.input()?;
    if c.call.function == Function::Aggregate {
        return aggregate(c, input);
    }
    let mut values = Vec::with_capacity(input.len());
    for item in input {
        match value(Some(item))? {
            Some(value) => values.push(value),
            // A missing value makes the whole unknown.
            None => return Ok(Vec::new()),
        }
    }
    let Some((first, rest)) = values.split_first() else { return Ok(Vec::new()) };
    let mut total = first.clone();
    for item in rest {
        let next = match c.call.function {
            Function::Min => pick(&total, item, false)?,
            Function::Max => pick(&total, item, true)?,
            _ => sum(&total, item, Sum::Plus)?,
        };
        match next {
            Some(next) => total = next,
            None => return Ok(Vec::new()),
        }
    }
    if c.call.function == Function::Avg {
        let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
        return Ok(quotient(&total, &Item::Integer(count))?.into_iter().collect());
    }
    Ok(vec![total])
}

fn pick<'a>(
    left: &Item<'a>,
    right: &Item<'a>,
    larger: bool,
) -> Result<Option<Item<'a>>, EvalError> {
    Ok(order(left, right)?.map(|order| {
        let right_wins = if larger { order.is_lt() } else { order.is_gt() };
        if right_wins { right.clone() } else { left.clone() }
    }))
}

fn aggregate<'a>(c: Calling<'_, '_, 'a>, input: Vec<Item<'a>>) -> Items<'a> {
    let mut total = c.arg(1)?;
    let Some(step) = c.call.args.first() else { return Ok(total) };
    for (index, item) in input.iter().enumerate() {
        let frame = Frame { this: Some(item), index, total: &total };
        let next = collect(step, c.env, frame)?;
        total = next;
    }
    Ok(total)
}
