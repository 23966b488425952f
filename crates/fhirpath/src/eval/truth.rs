//! Expressions as truth values: true, false or nothing (FHIRPath N1 §4.5, §6.6).

use std::ops::ControlFlow::{Break, Continue};

use smallvec::SmallVec;

use super::types::is_of;
use super::{Env, Frame, compare, walk};
use crate::error::EvalError;
use crate::item::Item;
use crate::plan::{Logic, Op};

/// The truth value of `op`; also `None` after a fault, which `env` then carries.
pub(crate) fn truth<'a>(op: &'a Op, env: &Env<'a>, frame: Frame<'_, 'a>) -> Option<bool> {
    match op {
        Op::Exists(on, negated) => {
            let mut found = false;
            let _ = walk(on, env, frame, &mut |_| {
                found = true;
                Break(())
            });
            Some(found != *negated)
        }
        Op::Not(on) => truth(on, env, frame).map(|value| !value),
        Op::Is(on, ty) => single(on, env, frame).map(|item| is_of(&item, *ty)),
        Op::Equal(left, right, negated) => {
            equal(left, right, env, frame).map(|value| value != *negated)
        }
        Op::Logic(logic, left, right) => {
            logical(*logic, truth(left, env, frame), || truth(right, env, frame))
        }
        _ => match single(op, env, frame)? {
            Item::Boolean(value) => Some(value),
            // A primitive that has nothing but extensions is nothing.
            Item::Element(element) => element.value.map(|value| value.as_bool().unwrap_or(true)),
            _ => Some(true),
        },
    }
}

/// The one item of `op`; several are a fault.
pub(super) fn single<'a>(op: &'a Op, env: &Env<'a>, frame: Frame<'_, 'a>) -> Option<Item<'a>> {
    let mut only = None;
    let _ = walk(op, env, frame, &mut |item| match only {
        None => {
            only = Some(item);
            Continue(())
        }
        Some(_) => env.stop(EvalError::NotSingle),
    });
    only.filter(|_| env.result().is_ok())
}

/// Both collections have the same items in the same order; nothing if either is empty.
fn equal<'a>(left: &'a Op, right: &'a Op, env: &Env<'a>, frame: Frame<'_, 'a>) -> Option<bool> {
    let collect = |op: &'a Op| {
        let mut items: SmallVec<[Item<'a>; 1]> = SmallVec::new();
        let _ = walk(op, env, frame, &mut |item| {
            items.push(item);
            Continue(())
        });
        items
    };
    let (left, right) = (collect(left), collect(right));
    if left.is_empty() || right.is_empty() || env.result().is_err() {
        return None;
    }
    if left.len() != right.len() {
        return Some(false);
    }
    let mut all = Some(true);
    for (l, r) in left.iter().zip(&right) {
        if env.weigh(l).is_break() {
            return None;
        }
        match compare::equal(l, r) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => all = None,
        }
    }
    all
}

fn logical(op: Logic, left: Option<bool>, right: impl FnOnce() -> Option<bool>) -> Option<bool> {
    match (op, left) {
        (Logic::And, Some(false)) => Some(false),
        (Logic::Or, Some(true)) | (Logic::Implies, Some(false)) => Some(true),
        _ => match (op, left, right()) {
            (Logic::And, _, Some(false)) => Some(false),
            (Logic::Or | Logic::Implies, _, Some(true)) => Some(true),
            (Logic::And, Some(l), Some(r)) => Some(l && r),
            (Logic::Or, Some(l), Some(r)) => Some(l || r),
            (Logic::Xor, Some(l), Some(r)) => Some(l != r),
            (Logic::Implies, Some(l), Some(r)) => Some(!l || r),
            _ => None,
        },
    }
}
