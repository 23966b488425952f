//! Evaluation: items are handed on one by one, so that nothing is collected that is not needed.

mod compare;
mod resolve;
mod step;
#[cfg(test)]
mod tests;
mod truth;

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::ControlFlow::{self, Break, Continue};

use accord_fhir::json::Value;
use accord_spec::is_subtype;

use crate::error::EvalError;
use crate::item::{Element, Item};
use crate::plan::{Constant, Op, Plan, SystemType, Type, narrows};

pub(crate) use step::{child, children};
pub(crate) use truth::truth;

/// Whether to go on.
pub type Flow = ControlFlow<()>;

/// What an evaluation can see besides its input.
pub struct Env<'a> {
    resource: Value<'a>,
    resolver: &'a dyn Fn(&str) -> Option<String>,
    left: Cell<u32>,
    fault: Cell<Option<EvalError>>,
}

impl<'a> Env<'a> {
    /// Surroundings of elements of `resource`: its contained resources answer `resolve()` for
    /// fragments. `resolver` gives the relative reference that a `urn:` or conditional reference
    /// stands for, where it is known.
    pub fn new(resource: Value<'a>, resolver: &'a dyn Fn(&str) -> Option<String>) -> Env<'a> {
        Env { resource, resolver, left: Cell::new(0), fault: Cell::new(None) }
    }

    /// Makes ready for an evaluation of at most so many steps.
    pub(crate) fn begin(&self, steps: u32) {
        self.left.set(steps);
        self.fault.set(None);
    }

    /// What became of the evaluation.
    pub(crate) fn result(&self) -> Result<(), EvalError> {
        self.fault.get().map_or(Ok(()), Err)
    }

    fn tick(&self) -> Flow {
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                Continue(())
            }
            None => self.stop(EvalError::TooManySteps),
        }
    }

    fn stop(&self, fault: EvalError) -> Flow {
        self.fault.set(Some(fault));
        Break(())
    }

    /// Breaks if the evaluation has failed.
    pub(crate) fn sound(&self) -> Flow {
        if self.fault.get().is_some() { Break(()) } else { Continue(()) }
    }
}

impl Plan {
    /// Hands the items that the expression yields for `on` to `sink`, in order, until it breaks.
    ///
    /// # Errors
    /// Too many steps, or several items where the language wants one. Items found before that have
    /// been handed over.
    pub fn each<'a>(
        &'a self,
        env: &Env<'a>,
        on: Element<'a>,
        sink: &mut dyn FnMut(Item<'a>) -> Flow,
    ) -> Result<(), EvalError> {
        env.begin(self.steps);
        let _ = walk(&self.root, env, &Item::Element(on), sink);
        env.result()
    }

    /// The items that the expression yields for `on`.
    ///
    /// # Errors
    /// As [`Plan::each`].
    pub fn items<'a>(&'a self, env: &Env<'a>, on: Element<'a>) -> Result<Vec<Item<'a>>, EvalError> {
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
        env.begin(self.steps);
        let truth = truth::truth(&self.root, env, &Item::Element(on));
        env.result().map(|()| truth)
    }
}

pub(crate) type Sink<'s, 'a> = &'s mut dyn FnMut(Item<'a>) -> Flow;

pub(crate) fn walk<'a>(op: &'a Op, env: &Env<'a>, input: &Item<'a>, sink: Sink<'_, 'a>) -> Flow {
    match op {
        Op::Empty => Continue(()),
        Op::Input => sink(input.clone()),
        Op::Resource => {
            Element::resource(env.resource).map_or(Continue(()), |e| sink(Item::Element(e)))
        }
        Op::Constant(constant) => sink(constant.item()),
        Op::Step(on, step) => {
            walk(on, env, input, &mut |item| step::children(step, env, &item, sink))
        }
        Op::At(on, place) => at(on, *place, env, input, sink),
        Op::Where(on, test) => walk(on, env, input, &mut |item| {
            let kept = truth::truth(test, env, &item) == Some(true);
            env.sound()?;
            if kept { sink(item) } else { Continue(()) }
        }),
        Op::OfType(on, ty) => walk(on, env, input, &mut |item| {
            if fits(&item, *ty) { sink(item) } else { Continue(()) }
        }),
        Op::Resolve(on) => walk(on, env, input, &mut |item| {
            resolve::target(env, &item).map_or(Continue(()), &mut *sink)
        }),
        Op::Count(on) => {
            let mut count = 0;
            walk(on, env, input, &mut |_| {
                count += 1;
                Continue(())
            })?;
            sink(Item::Integer(count))
        }
        Op::Union(left, right) => union(left, right, env, input, sink),
        Op::Exists(..) | Op::Not(_) | Op::Is(..) | Op::Equal(..) | Op::Logic(..) => {
            let truth = truth::truth(op, env, input);
            env.sound()?;
            truth.map_or(Continue(()), |value| sink(Item::Boolean(value)))
        }
    }
}

fn at<'a>(on: &'a Op, place: usize, env: &Env<'a>, input: &Item<'a>, sink: Sink<'_, 'a>) -> Flow {
    let (mut seen, mut found) = (0, None);
    let _ = walk(on, env, input, &mut |item| {
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

/// As [`is_of`], for `as` and `ofType`.
pub(crate) fn fits(item: &Item<'_>, ty: Type) -> bool {
    match (item, ty) {
        (Item::Element(element), Type::Fhir(target)) => narrows(element.ty, target),
        _ => is_of(item, ty),
    }
}

/// Items of both sides, without repeats (FHIRPath N1 §6.5.1).
fn union<'a>(
    left: &'a Op,
    right: &'a Op,
    env: &Env<'a>,
    input: &Item<'a>,
    sink: Sink<'_, 'a>,
) -> Flow {
    let mut items: Vec<Item<'a>> = Vec::new();
    for side in [left, right] {
        walk(side, env, input, &mut |item| {
            for earlier in &items {
                env.tick()?;
                if compare::equal(earlier, &item) == Some(true) {
                    return Continue(());
                }
            }
            items.push(item);
            Continue(())
        })?;
    }
    items.into_iter().try_for_each(sink)
}

pub(crate) fn is_of(item: &Item<'_>, ty: Type) -> bool {
    match (item, ty) {
        (Item::Element(Element { ty, .. }) | Item::Elsewhere(ty), Type::Fhir(target)) => {
            is_subtype(*ty, target)
        }
        (Item::Boolean(_), Type::System(SystemType::Boolean))
        | (Item::Integer(_), Type::System(SystemType::Integer))
        | (Item::Decimal(_), Type::System(SystemType::Decimal))
        | (Item::String(_), Type::System(SystemType::String)) => true,
        _ => false,
    }
}

impl Constant {
    fn item(&self) -> Item<'_> {
        match self {
            Constant::Boolean(value) => Item::Boolean(*value),
            Constant::Integer(value) => Item::Integer(*value),
            Constant::Decimal(text) => Item::Decimal(Cow::Borrowed(text)),
            Constant::String(text) => Item::String(Cow::Borrowed(text)),
        }
    }
}
