//! Functions over whole collections, a file for each family.

mod aggregate;
mod boundary;
mod combining;
mod conversion;
mod encoding;
mod existence;
mod filtering;
mod html;
mod math;
mod strings;
mod terminology;
mod time;
mod utility;

use std::borrow::Cow;

use super::operator::one;
use super::{Env, Frame, Items, collect};
use crate::compile::Function;
use crate::error::EvalError;
use crate::item::Item;
use crate::plan::Call;

/// A call under way.
#[derive(Clone, Copy)]
struct Calling<'e, 'f, 'a> {
    call: &'a Call,
    env: &'e Env<'a>,
    frame: Frame<'f, 'a>,
}

/// An item or nothing.
type Outcome<'a> = Result<Option<Item<'a>>, EvalError>;

pub(super) fn call<'a>(call: &'a Call, env: &Env<'a>, frame: Frame<'_, 'a>) -> Items<'a> {
    use Function::*;
    let c = Calling { call, env, frame };
    match call.function {
        All | AllTrue | AllFalse | AnyTrue | AnyFalse | SubsetOf | SupersetOf | IsDistinct => {
            existence::call(c).map(|value| value.into_iter().collect())
        }
        Distinct | Intersect | Exclude | Combine | Coalesce | Single | Last | Tail | Skip
        | Take => combining::call(c),
        Repeat | RepeatAll | Sort | Children | Descendants => filtering::call(c),
        Aggregate | Sum | Min | Max | Avg => aggregate::call(c),
        To(target) => conversion::to(c, target).map(|item| item.into_iter().collect()),
        ConvertsTo(target) => conversion::converts(c, target).map(|i| i.into_iter().collect()),
        Abs | Ceiling | Exp | Floor | Ln | Log | Power | Round | Sqrt | Truncate => {
            math::call(c).map(|item| item.into_iter().collect())
        }
        Encode | Decode | Escape | Unescape => {
            encoding::call(c).map(|item| item.into_iter().collect())
        }
        ToChars | Split | Join | IndexOf | LastIndexOf | Substring | StartsWith | EndsWith
        | Contains | Upper | Lower | Replace | Matches | MatchesFull | ReplaceMatches | Length
        | Trim => strings::call(c),
        Now | Today | TimeOfDay | YearOf | MonthOf | DayOf | HourOf | MinuteOf | SecondOf
        | MillisecondOf | TimezoneOffsetOf | DateOf | TimeOf => {
            time::call(c).map(|item| item.into_iter().collect())
        }
        LowBoundary | HighBoundary | Precision => {
            boundary::call(c).map(|item| item.into_iter().collect())
        }
        MemberOf | Subsumes | SubsumedBy => {
            terminology::call(c).map(|item| item.into_iter().collect())
        }
        Trace | TypeOf | HasValue | GetValue | HtmlChecks | ConformsTo | Comparable => {
            utility::call(c)
        }
    }
}

impl<'a> Calling<'_, '_, 'a> {
    /// The collection that the function is called on.
    fn input(&self) -> Items<'a> {
        collect(&self.call.on, self.env, self.frame)
    }

    /// The one item of it as a value of the language; none for a primitive without a value.
    ///
    /// # Errors
    /// Several items, or one that stands for no value.
    fn value(&self) -> Outcome<'a> {
        value(one(&self.call.on, self.env, self.frame)?)
    }

    /// The one item of it as a text.
    fn text(&self) -> Result<Option<Cow<'a, str>>, EvalError> {
        text(self.value()?)
    }

    /// An argument's collection.
    fn arg(&self, at: usize) -> Items<'a> {
        match self.call.args.get(at) {
            Some(arg) => collect(arg, self.env, self.frame),
            None => Ok(Vec::new()),
        }
    }

    fn has_arg(&self, at: usize) -> bool {
        self.call.args.len() > at
    }

    /// An argument's one item as a value of the language.
    fn arg_value(&self, at: usize) -> Outcome<'a> {
        match self.call.args.get(at) {
            Some(arg) => value(one(arg, self.env, self.frame)?),
            None => Ok(None),
        }
    }

    fn arg_text(&self, at: usize) -> Result<Option<Cow<'a, str>>, EvalError> {
        text(self.arg_value(at)?)
    }

    fn arg_integer(&self, at: usize) -> Result<Option<i64>, EvalError> {
        match self.arg_value(at)? {
            None => Ok(None),
            Some(Item::Integer(whole) | Item::Long(whole)) => Ok(Some(whole)),
            Some(_) => Err(EvalError::WrongType),
        }
    }

    /// What the first argument gives for an item.
    fn each(&self, item: &Item<'a>, index: usize) -> Items<'a> {
        match self.call.args.first() {
            Some(arg) => collect(arg, self.env, self.frame.item(item, index)),
            None => Ok(Vec::new()),
        }
    }

    /// A text that was made; its bytes count.
    fn made(&self, text: String) -> Result<Item<'a>, EvalError> {
        self.env.pay(text.len())?;
        Ok(Item::String(Cow::Owned(text)))
    }
}

fn value<'a>(item: Option<Item<'a>>) -> Outcome<'a> {
    match item {
        None => Ok(None),
        Some(Item::Element(element)) if element.value.is_none() => Ok(None),
        Some(item) => item.system().map(Some).ok_or(EvalError::WrongType),
    }
}

fn text<'a>(value: Option<Item<'a>>) -> Result<Option<Cow<'a, str>>, EvalError> {
    match value {
        None => Ok(None),
        Some(Item::String(text)) => Ok(Some(text)),
        Some(_) => Err(EvalError::WrongType),
    }
}

/// A truth value or nothing.
fn truth<'a>(value: Option<bool>) -> Outcome<'a> {
    Ok(value.map(Item::Boolean))
}
