//! What an evaluation can see besides its input, and what it may still spend.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::ControlFlow::{Break, Continue};

use accord_fhir::json::Value;
use regex::{Regex, RegexBuilder};

use super::Flow;
use crate::error::EvalError;
use crate::item::{Element, Item};

/// What `memberOf`, `subsumes` and `subsumedBy` ask.
pub trait Terminology {
    /// Whether a code, Coding or CodeableConcept is in a value set; `None` if the value set is not
    /// known.
    fn member_of(&self, item: &Item<'_>, value_set: &str) -> Option<bool>;

    /// Whether the first concept is the second one or more general; `None` if that is not known.
    fn subsumes(&self, general: &Item<'_>, special: &Item<'_>) -> Option<bool>;
}

/// Bytes that a compiled pattern may take: R4's own `eld-19` takes more than 256 KiB where the engine also
/// reads backwards, which other users of its crate turn on.
const PATTERN_BYTES: usize = 4 << 20;
/// Steps that compiling a pattern counts for, per byte of it.
const PATTERN_STEPS: u32 = 1000;
/// Steps that converting between units counts for.
const UNIT_STEPS: u32 = 200;
/// Patterns that are kept.
const PATTERNS: usize = 32;

/// Surroundings of an evaluation.
pub struct Env<'a> {
    value: Value<'a>,
    typed: bool,
    pub(super) resolver: &'a dyn Fn(&str) -> Option<String>,
    terminology: Option<&'a dyn Terminology>,
    now: Option<i64>,
    externals: &'a [Vec<Item<'a>>],
    left: Cell<u32>,
    fault: Cell<Option<EvalError>>,
    context: RefCell<Option<Item<'a>>>,
    variables: RefCell<Vec<Vec<Item<'a>>>>,
    patterns: RefCell<HashMap<String, Regex>>,
}

impl<'a> Env<'a> {
    /// Surroundings of elements of `resource`: its contained resources answer `resolve()` for
    /// fragments. `resolver` gives the relative reference that a `urn:` or conditional reference
    /// stands for, where it is known.
    pub fn new(resource: Value<'a>, resolver: &'a dyn Fn(&str) -> Option<String>) -> Env<'a> {
        Env {
            value: resource,
            typed: true,
            resolver,
            terminology: None,
            now: None,
            externals: &[],
            left: Cell::new(0),
            fault: Cell::new(None),
            context: RefCell::new(None),
            variables: RefCell::new(Vec::new()),
            patterns: RefCell::new(HashMap::new()),
        }
    }

    /// Takes the document for JSON without definitions.
    pub fn untyped(self) -> Env<'a> {
        Env { typed: false, ..self }
    }

    /// The instant that `now()`, `today()` and `timeOfDay()` tell, in microseconds since 1970;
    /// without it they are errors.
    pub fn at(self, now_us: i64) -> Env<'a> {
        Env { now: Some(now_us), ..self }
    }

    /// Whom `memberOf` and `subsumes` ask; without it they are errors.
    pub fn with_terminology(self, terminology: &'a dyn Terminology) -> Env<'a> {
        Env { terminology: Some(terminology), ..self }
    }

    /// Collections for the names that [`compile_with`](crate::compile_with) got, in their order.
    pub fn with_externals(self, externals: &'a [Vec<Item<'a>>]) -> Env<'a> {
        Env { externals, ..self }
    }

    /// Makes ready for an evaluation of at most so many steps.
    pub(crate) fn begin(&self, steps: u32) {
        self.left.set(steps);
        self.fault.set(None);
    }

    /// How many steps an evaluation took that began with so many; all of them if it wanted more.
    pub(crate) fn taken(&self, steps: u32) -> u32 {
        match self.fault.get() {
            Some(EvalError::TooManySteps) => steps,
            _ => steps.saturating_sub(self.left.get()),
        }
    }

    /// What became of the evaluation.
    pub(crate) fn result(&self) -> Result<(), EvalError> {
        self.fault.get().map_or(Ok(()), Err)
    }

    /// Counts a step.
    pub(crate) fn tick(&self) -> Flow {
        self.spend(1)
    }

    /// Counts so many steps.
    pub(crate) fn spend(&self, steps: u32) -> Flow {
        match self.left.get().checked_sub(steps) {
            Some(left) => {
                self.left.set(left);
                Continue(())
            }
            None => self.stop(EvalError::TooManySteps),
        }
    }

    /// As [`Env::spend`], for bytes that are read or made.
    pub(crate) fn pay(&self, bytes: usize) -> Result<(), EvalError> {
        let _ = self.spend(u32::try_from(bytes).unwrap_or(u32::MAX));
        self.result()
    }

    /// Counts the comparison of an item: units are work.
    pub(super) fn weigh(&self, item: &Item<'_>) -> Flow {
        let unit = match item {
            Item::Quantity(_) => true,
            Item::Element(element) => element.ty == accord_spec::TypeId::QUANTITY,
            _ => false,
        };
        self.spend(if unit { UNIT_STEPS } else { 1 })
    }

    pub(crate) fn stop(&self, fault: EvalError) -> Flow {
        self.fault.set(Some(fault));
        Break(())
    }

    /// Breaks if the evaluation has failed.
    pub(crate) fn sound(&self) -> Flow {
        if self.fault.get().is_some() { Break(()) } else { Continue(()) }
    }

    /// The document.
    pub(super) fn document(&self) -> Value<'a> {
        self.value
    }

    pub(super) fn resource(&self) -> Option<Element<'a>> {
        if self.typed { Element::resource(self.value) } else { Some(Element::untyped(self.value)) }
    }

    pub(super) fn set_context(&self, item: &Item<'a>) {
        // An element needs no memory of its own; the cell is written for every evaluation.
        *self.context.borrow_mut() = Some(item.clone());
        self.variables.borrow_mut().clear();
    }

    pub(super) fn context(&self) -> Option<Item<'a>> {
        self.context.borrow().clone().or_else(|| self.resource().map(Item::Element))
    }

    pub(super) fn external(&self, place: usize) -> &'a [Item<'a>] {
        self.externals.get(place).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn variable(&self, place: usize) -> Vec<Item<'a>> {
        self.variables.borrow().get(place).cloned().unwrap_or_default()
    }

    pub(super) fn set_variable(&self, place: usize, items: Vec<Item<'a>>) {
        let mut variables = self.variables.borrow_mut();
        if variables.len() <= place {
            variables.resize_with(place + 1, Vec::new);
        }
        if let Some(kept) = variables.get_mut(place) {
            *kept = items;
        }
    }

    pub(super) fn now(&self) -> Result<i64, EvalError> {
        self.now.ok_or(EvalError::NotAtHand)
    }

    pub(super) fn terminology(&self) -> Result<&'a dyn Terminology, EvalError> {
        self.terminology.ok_or(EvalError::NotAtHand)
    }

    /// A pattern, compiled at its first use. The engine matches in time linear in the text.
    pub(super) fn pattern(&self, text: String, flags: &str) -> Result<Regex, EvalError> {
        let key = format!("{flags}/{text}");
        if let Some(regex) = self.patterns.borrow().get(&key) {
            return Ok(regex.clone());
        }
        self.pay(text.len().saturating_mul(PATTERN_STEPS as usize))?;
        if flags.chars().any(|flag| !matches!(flag, 'i' | 'm')) {
            return Err(EvalError::WrongArgument);
        }
        // `.` takes line ends too (FHIRPath N1 §5.6.10).
        let regex = RegexBuilder::new(&text)
            .dot_matches_new_line(true)
            .case_insensitive(flags.contains('i'))
            .multi_line(flags.contains('m'))
            .size_limit(PATTERN_BYTES)
            .dfa_size_limit(PATTERN_BYTES)
            .nest_limit(30)
            .build()
            .map_err(|_| EvalError::WrongArgument)?;
        let mut patterns = self.patterns.borrow_mut();
        if patterns.len() >= PATTERNS {
            patterns.clear();
        }
        patterns.insert(key, regex.clone());
        Ok(regex)
    }
}
