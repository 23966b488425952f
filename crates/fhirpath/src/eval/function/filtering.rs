//! Projection over and over, order, and the tree (FHIRPath N1 §5.2, §5.8).

use std::cmp::Ordering;
use std::ops::ControlFlow::Continue;

use super::existence::is_in;
use super::{Calling, value};
use crate::compile::Function;
use crate::error::EvalError;
use crate::eval::compare::order;
use crate::eval::{Items, collect, step};
use crate::item::Item;
use crate::plan::Op;

pub(super) fn call<'a>(c: Calling<'_, '_, 'a>) -> Items<'a> {
    let input = c.input()?;
    match c.call.function {
        Function::Repeat => repeat(c, input, true),
        Function::RepeatAll => repeat(c, input, false),
        Function::Sort => sort(c, input),
        Function::Children => children(c, &input),
        _ => {
            let (mut all, mut last) = (Vec::new(), children(c, &input)?);
            while !last.is_empty() {
                let next = children(c, &last)?;
                all.append(&mut last);
                last = next;
            }
            Ok(all)
        }
    }
}

fn children<'a>(c: Calling<'_, '_, 'a>, items: &[Item<'a>]) -> Items<'a> {
    let mut found = Vec::new();
    for item in items {
        let _ = step::all(c.env, item, &mut |child| {
            c.env.spend(8)?;
            found.push(child);
            Continue(())
        });
        c.env.result()?;
    }
    Ok(found)
}

/// What the projection gives, for the items, for what came out, and so on; `once` without repeats.
/// Without an end the count of steps ends it.
fn repeat<'a>(c: Calling<'_, '_, 'a>, input: Vec<Item<'a>>, once: bool) -> Items<'a> {
    let mut all: Vec<Item<'a>> = Vec::new();
    let mut last = input;
    while !last.is_empty() {
        let mut next = Vec::new();
        for (index, item) in last.iter().enumerate() {
            for found in c.each(item, index)? {
                if !once || !is_in(&all, &found, c.env)? {
                    all.push(found.clone());
                    next.push(found);
                }
            }
        }
        c.env.pay(last.len())?;
        last = next;
    }
    Ok(all)
}

/// A criterion of `sort` and whether it is turned round.
type Key<'a> = (&'a Op, bool);

fn sort<'a>(c: Calling<'_, '_, 'a>, input: Vec<Item<'a>>) -> Items<'a> {
    // A minus before a criterion turns the order round; texts have it too.
    let keys: Vec<Key<'a>> = c
        .call
        .args
        .iter()
        .map(|arg| match arg {
            Op::Negate(inner) if !matches!(**inner, Op::Negate(_)) => (&**inner, true),
            arg => (arg, false),
        })
        .collect();
    let mut rows: Vec<(Vec<Option<Item<'a>>>, Item<'a>)> = Vec::with_capacity(input.len());
    for (index, item) in input.into_iter().enumerate() {
        let mut row = Vec::with_capacity(keys.len());
        for (key, _) in &keys {
            let mut found = collect(key, c.env, c.frame.item(&item, index))?;
            if found.len() > 1 {
                return Err(EvalError::NotSingle);
            }
            row.push(value(found.pop())?);
        }
        if keys.is_empty() {
            row.push(value(Some(item.clone()))?);
        }
        rows.push((row, item));
    }
    let mut sorted: Vec<(Vec<Option<Item<'a>>>, Item<'a>)> = Vec::with_capacity(rows.len());
    // By insertion: dates of different precision make no total order, which the sorts of the
    // standard library insist on. Every comparison is a step.
    for row in rows {
        let mut at = sorted.len();
        while let Some((before, _)) = at.checked_sub(1).and_then(|at| sorted.get(at)) {
            c.env.pay(1)?;
            if compared(before, &row.0, &keys)? != Ordering::Greater {
                break;
            }
            at -= 1;
        }
        sorted.insert(at, row);
    }
    Ok(sorted.into_iter().map(|(_, item)| item).collect())
}

/// The order of two rows by their criteria.
fn compared<'a>(
    left: &[Option<Item<'a>>],
    right: &[Option<Item<'a>>],
    keys: &[Key<'a>],
) -> Result<Ordering, EvalError> {
    for (at, pair) in left.iter().zip(right).enumerate() {
        let turned = keys.get(at).is_some_and(|(_, turned)| *turned);
        let found = match pair {
            (Some(l), Some(r)) => order(l, r)?.unwrap_or(Ordering::Equal),
            // Nothing comes first, whichever way the rest is turned.
            (l, r) if l.is_some() != r.is_some() => return Ok(l.is_some().cmp(&r.is_some())),
            _ => Ordering::Equal,
        };
        if found != Ordering::Equal {
            return Ok(if turned { found.reverse() } else { found });
        }
    }
    Ok(Ordering::Equal)
}
