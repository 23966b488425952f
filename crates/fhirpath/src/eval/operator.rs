//! Operators and the functions that choose: what is evaluated depends on what came out before.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::arithmetic::{self, Sum};
use super::compare::{equal, order};
use super::equivalence::{equivalent, matched};
use super::truth::single;
use super::{Env, Frame, Items, collect};
use crate::ast::BinaryOp;
use crate::error::EvalError;
use crate::item::Item;
use crate::plan::Op;

/// The one item of an operation.
///
/// # Errors
/// Several items.
pub(super) fn one<'a>(
    op: &'a Op,
    env: &Env<'a>,
    frame: Frame<'_, 'a>,
) -> Result<Option<Item<'a>>, EvalError> {
    let item = single(op, env, frame);
    env.result().map(|()| item)
}

pub(super) fn at<'a>(on: &'a Op, index: &'a Op, env: &Env<'a>, frame: Frame<'_, 'a>) -> Items<'a> {
    let Some(index) = one(index, env, frame)? else { return Ok(Vec::new()) };
    let index = match index.system() {
        Some(Item::Integer(index) | Item::Long(index)) => index,
        _ => return Err(EvalError::WrongType),
    };
    let mut items = collect(on, env, frame)?;
    Ok(match usize::try_from(index) {
        Ok(at) if at < items.len() => vec![items.swap_remove(at)],
        _ => Vec::new(),
    })
}

/// `iif`: the criterion is a boolean or nothing.
pub(super) fn either<'a>(parts: &'a [Op; 4], env: &Env<'a>, frame: Frame<'_, 'a>) -> Items<'a> {
    let [test, yes, no, on] = parts;
    let this = if matches!(on, Op::Input) { None } else { Some(one(on, env, frame)?) };
    let frame = match &this {
        Some(this) => Frame { this: this.as_ref(), ..frame },
        None => frame,
    };
    let truth = match one(test, env, frame)?.map(|item| item.system()) {
        None => false,
        Some(Some(Item::Boolean(value))) => value,
        Some(_) => return Err(EvalError::WrongType),
    };
    collect(if truth { yes } else { no }, env, frame)
}

pub(super) fn define<'a>(
    on: &'a Op,
    place: usize,
    value: Option<&'a Op>,
    env: &Env<'a>,
    frame: Frame<'_, 'a>,
) -> Items<'a> {
    let items = collect(on, env, frame)?;
    let kept = match value {
        None => items.clone(),
        Some(value) => {
            let this = match items.as_slice() {
                [only] => Some(only),
                _ => frame.this,
            };
            collect(value, env, Frame { this, ..frame })?
        }
    };
    env.set_variable(place, kept);
    Ok(items)
}

pub(super) fn negated<'a>(on: &'a Op, env: &Env<'a>, frame: Frame<'_, 'a>) -> Items<'a> {
    let Some(item) = one(on, env, frame)? else { return Ok(Vec::new()) };
    let item = match item.system().ok_or(EvalError::WrongType)? {
        Item::Integer(whole) => whole.checked_neg().map(Item::Integer),
        Item::Long(whole) => whole.checked_neg().map(Item::Long),
        Item::Decimal(number) => Some(Item::Decimal(number.negated())),
        Item::Quantity(mut quantity) => {
            quantity.value = quantity.value.negated();
            Some(Item::Quantity(quantity))
        }
        _ => return Err(EvalError::WrongType),
    };
    Ok(item.into_iter().collect())
}

pub(super) fn binary<'a>(
    op: BinaryOp,
    left: &'a Op,
    right: &'a Op,
    env: &Env<'a>,
    frame: Frame<'_, 'a>,
) -> Items<'a> {
    let truth = |value: Option<bool>| Ok(value.map(Item::Boolean).into_iter().collect());
    match op {
        BinaryOp::Equivalent | BinaryOp::NotEquivalent => {
            let same = alike(left, right, env, frame)?;
            return truth(Some(same == (op == BinaryOp::Equivalent)));
        }
        BinaryOp::In => return truth(within(left, right, env, frame)?),
        BinaryOp::Contains => return truth(within(right, left, env, frame)?),
        BinaryOp::Concatenate => return joined(left, right, env, frame),
        _ => {}
    }
    let (l, r) = (one(left, env, frame)?, one(right, env, frame)?);
    let (Some(l), Some(r)) = (l, r) else { return Ok(Vec::new()) };
    let _ = env.weigh(&l);
    env.result()?;
    let compared = |is: fn(Ordering) -> bool| -> Items<'a> {
        // Without a value there is nothing to compare.
        if empty(&l) || empty(&r) { Ok(Vec::new()) } else { truth(order(&l, &r)?.map(is)) }
    };
    match op {
        BinaryOp::Less => compared(Ordering::is_lt),
        BinaryOp::LessOrEqual => compared(Ordering::is_le),
        BinaryOp::Greater => compared(Ordering::is_gt),
        BinaryOp::GreaterOrEqual => compared(Ordering::is_ge),
        _ if empty(&l) || empty(&r) => Ok(Vec::new()),
        _ => {
            let wrong = EvalError::WrongType;
            let (l, r) = (l.system().ok_or(wrong)?, r.system().ok_or(wrong)?);
            if let (Item::String(l), Item::String(r)) = (&l, &r) {
                env.pay(l.len() + r.len())?;
            }
            let sum = match op {
                BinaryOp::Add => arithmetic::sum(&l, &r, Sum::Plus),
                BinaryOp::Subtract => arithmetic::sum(&l, &r, Sum::Minus),
                BinaryOp::Multiply => arithmetic::product(&l, &r),
                BinaryOp::Divide => arithmetic::quotient(&l, &r),
                BinaryOp::Div => arithmetic::whole(&l, &r, false),
                BinaryOp::Mod => arithmetic::whole(&l, &r, true),
                _ => Err(wrong),
            }?;
            Ok(sum.into_iter().collect())
        }
    }
}

/// Whether it is a primitive without a value.
fn empty(item: &Item<'_>) -> bool {
    matches!(item, Item::Element(element) if element.value.is_none())
}

/// Equivalence of collections: the same items in any order.
fn alike<'a>(
    left: &'a Op,
    right: &'a Op,
    env: &Env<'a>,
    frame: Frame<'_, 'a>,
) -> Result<bool, EvalError> {
    let (l, r) = (collect(left, env, frame)?, collect(right, env, frame)?);
    if l.len() == r.len() {
        env.pay(l.len().saturating_mul(r.len()))?;
    }
    Ok(matched(&l, &r, equivalent))
}

/// Whether the one item of `left` is among those of `right`; nothing without it.
fn within<'a>(
    left: &'a Op,
    right: &'a Op,
    env: &Env<'a>,
    frame: Frame<'_, 'a>,
) -> Result<Option<bool>, EvalError> {
    let Some(item) = one(left, env, frame)? else { return Ok(None) };
    let items = collect(right, env, frame)?;
    env.pay(items.len())?;
    Ok(Some(items.iter().any(|other| equal(other, &item) == Some(true))))
}

/// `&`: texts one after the other, nothing counting as an empty one.
fn joined<'a>(left: &'a Op, right: &'a Op, env: &Env<'a>, frame: Frame<'_, 'a>) -> Items<'a> {
    let mut text = String::new();
    for side in [left, right] {
        match one(side, env, frame)?.and_then(|item| item.system()) {
            None => {}
            Some(Item::String(more)) => {
                env.pay(text.len() + more.len())?;
                text.push_str(&more);
            }
            Some(_) => return Err(EvalError::WrongType),
        }
    }
    Ok(vec![Item::String(Cow::Owned(text))])
}
