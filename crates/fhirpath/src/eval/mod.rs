//! Evaluation: items are handed on one by one, so that nothing is collected that is not needed.

mod arithmetic;
mod compare;
mod env;
mod equivalence;
mod function;
mod operator;
mod resolve;
mod step;
#[cfg(test)]
mod tests;
mod truth;
mod types;

use std::ops::ControlFlow::{self, Break, Continue};

use crate::error::EvalError;
use crate::item::{Element, Item};
use crate::plan::{Op, Plan};

pub use env::{Env, Terminology};
pub(crate) use step::{child, children};
pub(crate) use truth::truth;
pub(crate) use types::fits;

/// Whether to go on.
pub type Flow = ControlFlow<()>;

/// The item an operation is evaluated for, with its place and what `aggregate` has so far.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'f, 'a> {
    pub this: Option<&'f Item<'a>>,
    pub index: usize,
    pub total: &'f [Item<'a>],
}

impl<'f, 'a> Frame<'f, 'a> {
    pub fn of(this: &'f Item<'a>) -> Frame<'f, 'a> {
        Frame { this: Some(this), index: 0, total: &[] }
    }

    /// For an item of a collection.
    pub fn item<'g>(self, this: &'g Item<'a>, index: usize) -> Frame<'g, 'a>
    where
        'f: 'g,
    {
        Frame { this: Some(this), index, total: self.total }
    }
}

/// A collection, or why there is none.
pub(crate) type Items<'a> = Result<Vec<Item<'a>>, EvalError>;

impl Plan {
    /// Hands the items that the expression yields for `on` to `sink`, in order, until it breaks.
    ///
    /// # Errors
    /// Too many steps, several items where the language wants one, items of a type that an operator
    /// does not take. Items found before that have been handed over.
    pub fn each<'a>(
        &'a self,
        env: &Env<'a>,
        on: Element<'a>,
        sink: &mut dyn FnMut(Item<'a>) -> Flow,
    ) -> Result<(), EvalError> {
        self.each_on(env, Item::Element(on), sink)
    }

    /// As [`Plan::each`], for any item: an element, or a value of the language.
    ///
    /// # Errors
    /// As [`Plan::each`].
    pub fn each_on<'a>(
        &'a self,
        env: &Env<'a>,
        on: Item<'a>,
        sink: &mut dyn FnMut(Item<'a>) -> Flow,
    ) -> Result<(), EvalError> {
        env.begin(self.steps);
        env.set_context(&on);
        let _ = walk(&self.root, env, Frame::of(&on), sink);
        env.result()
    }

    /// The items that the expression yields for `on`.
    ///
    /// # Errors
    /// As [`Plan::each`].
    pub fn items<'a>(&'a self, env: &Env<'a>, on: Element<'a>) -> Items<'a> {
        let mut items = Vec::new();
        self.each(env, on, &mut |item| {
            items.push(item);
            Continue(())
        })?;
        Ok(items)
    }

    /// The truth value that the expression has for `on`; `None` if it yields nothing. One item
    /// that is no boolean is true (FHIRPath N1 §4.5).
    ///
    /// # Errors
    /// As [`Plan::each`].
    pub fn truth<'a>(&'a self, env: &Env<'a>, on: Element<'a>) -> Result<Option<bool>, EvalError> {
        self.truth_within(env, on, &mut u64::from(self.steps))
    }

    /// As [`Plan::truth`], in at most as many steps as are `left`; those taken are subtracted.
    ///
    /// # Errors
    /// As [`Plan::each`].
    pub fn truth_within<'a>(
        &'a self,
        env: &Env<'a>,
        on: Element<'a>,
        left: &mut u64,
    ) -> Result<Option<bool>, EvalError> {
        let steps = self.steps.min(u32::try_from(*left).unwrap_or(u32::MAX));
        env.begin(steps);
        let on = Item::Element(on);
        env.set_context(&on);
        let truth = truth::truth(&self.root, env, Frame::of(&on));
        *left -= u64::from(env.taken(steps)).min(*left);
        env.result().map(|()| truth)
    }
}

pub(crate) type Sink<'s, 'a> = &'s mut dyn FnMut(Item<'a>) -> Flow;

pub(crate) fn walk<'a>(
    op: &'a Op,
    env: &Env<'a>,
    frame: Frame<'_, 'a>,
    sink: Sink<'_, 'a>,
) -> Flow {
    match op {
        Op::Empty => Continue(()),
        Op::Input => frame.this.map_or(Continue(()), |this| sink(this.clone())),
        Op::Constant(item) => sink(item.clone()),
        Op::Step(on, step) => {
            walk(on, env, frame, &mut |item| step::children(step, env, &item, sink))
        }
        Op::Named(step) => match frame.this {
            Some(this) => step::named(step, env, this, sink),
            None => Continue(()),
        },
        Op::At(on, place) => at(on, *place, env, frame, sink),
        Op::Where(on, test) => {
            let mut index = 0;
            walk(on, env, frame, &mut |item| {
                let kept = truth::truth(test, env, frame.item(&item, index)) == Some(true);
                index += 1;
                env.sound()?;
                if kept { sink(item) } else { Continue(()) }
            })
        }
        Op::Select(on, each) => {
            let mut index = 0;
            walk(on, env, frame, &mut |item| {
                index += 1;
                walk(each, env, frame.item(&item, index - 1), sink)
            })
        }
        Op::OfType(on, ty) => walk(on, env, frame, &mut |item| {
            if fits(&item, *ty) { sink(item) } else { Continue(()) }
        }),
        Op::Resolve(on) => walk(on, env, frame, &mut |item| {
            resolve::target(env, &item).map_or(Continue(()), &mut *sink)
        }),
        Op::Count(on) => {
            let mut count = 0;
            walk(on, env, frame, &mut |_| {
                count += 1;
                Continue(())
            })?;
            sink(Item::Integer(count))
        }
        Op::Exists(..) | Op::Not(_) | Op::Is(..) | Op::Equal(..) | Op::Logic(..) => {
            let truth = truth::truth(op, env, frame);
            env.sound()?;
            truth.map_or(Continue(()), |value| sink(Item::Boolean(value)))
        }
        _ => rest(op, env, frame, sink),
    }
}

/// The operations that search parameters do not need, apart so that [`walk`] keeps a small frame.
#[inline(never)]
fn rest<'a>(op: &'a Op, env: &Env<'a>, frame: Frame<'_, 'a>, sink: Sink<'_, 'a>) -> Flow {
    match op {
        Op::Resource => env.resource().map_or(Continue(()), |e| sink(Item::Element(e))),
        Op::Context => env.context().map_or(Continue(()), sink),
        Op::Index => sink(Item::Integer(i64::try_from(frame.index).unwrap_or(i64::MAX))),
        Op::Total => frame.total.iter().cloned().try_for_each(sink),
        Op::External(place) => env.external(*place).iter().cloned().try_for_each(sink),
        Op::Variable(place) => env.variable(*place).into_iter().try_for_each(sink),
        Op::Union(left, right) => union(left, right, env, frame, sink),
        other => match collected(other, env, frame) {
            Ok(items) => items.into_iter().try_for_each(sink),
            Err(error) => env.stop(error),
        },
    }
}

fn collected<'a>(op: &'a Op, env: &Env<'a>, frame: Frame<'_, 'a>) -> Items<'a> {
    match op {
        Op::AtComputed(on, index) => operator::at(on, index, env, frame),
        Op::If(parts) => operator::either(parts, env, frame),
        Op::Define(on, place, value) => operator::define(on, *place, value.as_deref(), env, frame),
        Op::Negate(on) => operator::negated(on, env, frame),
        Op::Binary(op, left, right) => operator::binary(*op, left, right, env, frame),
        Op::Call(call) => function::call(call, env, frame),
        _ => Ok(Vec::new()),
    }
}

/// All items of an operation.
pub(crate) fn collect<'a>(op: &'a Op, env: &Env<'a>, frame: Frame<'_, 'a>) -> Items<'a> {
    let mut items = Vec::new();
    let _ = walk(op, env, frame, &mut |item| {
        env.spend(8)?;
        items.push(item);
        Continue(())
    });
    env.result().map(|()| items)
}

fn at<'a>(
    on: &'a Op,
    place: usize,
    env: &Env<'a>,
    frame: Frame<'_, 'a>,
    sink: Sink<'_, 'a>,
) -> Flow {
    let (mut seen, mut found) = (0, None);
    let _ = walk(on, env, frame, &mut |item| {
        if seen == place {
            found = Some(item);
            return Break(());
        }
        seen += 1;
        Continue(())
    });
    env.sound()?;
    found.map_or(Continue(()), sink)
}

/// Items of both sides, without repeats (FHIRPath N1 §6.5.1).
fn union<'a>(
    left: &'a Op,
    right: &'a Op,
    env: &Env<'a>,
    frame: Frame<'_, 'a>,
    sink: Sink<'_, 'a>,
) -> Flow {
    let mut items: Vec<Item<'a>> = Vec::new();
    for side in [left, right] {
        walk(side, env, frame, &mut |item| {
            if !compare::holds(&items, &item, env)? {
                items.push(item);
            }
            Continue(())
        })?;
    }
    items.into_iter().try_for_each(sink)
}
