//! Whether items are there, and what they have in common (FHIRPath N1 §5.1).

use super::{Calling, Outcome, truth};
use crate::compile::Function;
use crate::error::EvalError;
use crate::eval::Env;
use crate::eval::compare::holds;
use crate::eval::truth::truth as truth_of;
use crate::item::Item;

pub(super) fn call<'a>(c: Calling<'_, '_, 'a>) -> Outcome<'a> {
    let input = c.input()?;
    let found = match c.call.function {
        Function::All => all(c, &input)?,
        Function::AllTrue => booleans(&input)?.iter().all(|b| *b),
        Function::AllFalse => booleans(&input)?.iter().all(|b| !*b),
        Function::AnyTrue => booleans(&input)?.iter().any(|b| *b),
        Function::AnyFalse => booleans(&input)?.iter().any(|b| !*b),
        Function::SubsetOf => contains(&c.arg(0)?, &input, c.env)?,
        Function::SupersetOf => contains(&input, &c.arg(0)?, c.env)?,
        _ => distinct(input.clone(), c.env)?.len() == input.len(),
    };
    truth(Some(found))
}

fn all<'a>(c: Calling<'_, '_, 'a>, input: &[Item<'a>]) -> Result<bool, EvalError> {
    for (index, item) in input.iter().enumerate() {
        let Some(criterion) = c.call.args.first() else { return Ok(true) };
        let met = truth_of(criterion, c.env, c.frame.item(item, index));
        c.env.result()?;
        if met != Some(true) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn booleans(items: &[Item<'_>]) -> Result<Vec<bool>, EvalError> {
    let boolean = |item: &Item<'_>| match item.system() {
        Some(Item::Boolean(value)) => Ok(value),
        _ => Err(EvalError::WrongType),
    };
    items.iter().map(boolean).collect()
}

fn contains<'a>(all: &[Item<'a>], some: &[Item<'a>], env: &Env<'a>) -> Result<bool, EvalError> {
    for item in some {
        let found = holds(all, item, env);
        env.result()?;
        if found != std::ops::ControlFlow::Continue(true) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The items without repeats.
pub(super) fn distinct<'a>(
    items: Vec<Item<'a>>,
    env: &Env<'a>,
) -> Result<Vec<Item<'a>>, EvalError> {
    let mut kept: Vec<Item<'a>> = Vec::new();
    for item in items {
        if !is_in(&kept, &item, env)? {
            kept.push(item);
        }
    }
    Ok(kept)
}

/// Whether a collection has an equal item.
pub(super) fn is_in<'a>(
    items: &[Item<'a>],
    item: &Item<'a>,
    env: &Env<'a>,
) -> Result<bool, EvalError> {
    let found = holds(items, item, env);
    env.result()?;
    Ok(found == std::ops::ControlFlow::Continue(true))
}
