//! Parts of collections, and collections out of two (FHIRPath N1 §5.3, §5.4).

use super::Calling;
use super::existence::{distinct, is_in};
use crate::compile::Function;
use crate::error::EvalError;
use crate::eval::Items;
use crate::item::Item;

pub(super) fn call<'a>(c: Calling<'_, '_, 'a>) -> Items<'a> {
    let mut input = c.input()?;
    match c.call.function {
        Function::Distinct => distinct(input, c.env),
        Function::Intersect => intersect(c, input),
        Function::Exclude => {
            let other = c.arg(0)?;
            let mut kept = Vec::new();
            for item in input {
                if !is_in(&other, &item, c.env)? {
                    kept.push(item);
                }
            }
            Ok(kept)
        }
        Function::Combine => {
            input.extend(c.arg(0)?);
            Ok(input)
        }
        Function::Coalesce => {
            if !input.is_empty() && !matches!(c.call.on, crate::plan::Op::Input) {
                return Ok(input);
            }
            for at in 0..c.call.args.len() {
                let found = c.arg(at)?;
                if !found.is_empty() {
                    return Ok(found);
                }
            }
            Ok(Vec::new())
        }
        Function::Single if input.len() > 1 => Err(EvalError::NotSingle),
        Function::Single => Ok(input),
        Function::Last => Ok(input.pop().into_iter().collect()),
        Function::Tail => Ok(input.into_iter().skip(1).collect()),
        Function::Skip => Ok(input.into_iter().skip(count(c)?).collect()),
        _ => Ok(input.into_iter().take(count(c)?).collect()),
    }
}

/// The argument of `skip` and `take`; less than nothing is nothing.
fn count(c: Calling<'_, '_, '_>) -> Result<usize, EvalError> {
    let number = c.arg_integer(0)?.ok_or(EvalError::WrongArgument)?;
    Ok(usize::try_from(number.max(0)).unwrap_or(usize::MAX))
}

fn intersect<'a>(c: Calling<'_, '_, 'a>, input: Vec<Item<'a>>) -> Items<'a> {
    let other = c.arg(0)?;
    let mut kept = Vec::new();
    for item in distinct(input, c.env)? {
        if is_in(&other, &item, c.env)? {
            kept.push(item);
        }
    }
    Ok(kept)
}
