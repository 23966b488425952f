//! Invariants: what the definitions state as FHIRPath (FHIR R4 ElementDefinition.constraint), of
//! each object and element where they state it.
//!
//! **Invariant:** what is not there is not evaluated: outlines tell from the slots that an object
//! fills. What is evaluated shares one count of steps that grows with the resource's size.
//! **Absent:** invariants of profiles.

mod hand;
mod lists;
mod outline;
mod rules;
#[cfg(test)]
mod tests;

use accord_fhir::json::{Kind, Value};
use accord_fhir::{Issue, IssueCode, Severity};
use accord_fhirpath::{Element, EvalError};
use accord_spec::TypeId;

use crate::checker::{Checker, Scope};
use crate::object::Slots;
use crate::path::Path;
use outline::Truth;
use rules::{Check, ElementRule, Rule};

/// An object or a primitive that invariants are asked of.
#[derive(Clone, Copy)]
struct Subject<'a> {
    value: Value<'a>,
    ty: TypeId,
    /// The slots that it fills.
    filled: Slots,
    /// Whether form and codes are as they should be, in it and below it.
    sound: bool,
}

impl Checker {
    /// Asks the invariants of an object's type, and those that the type states of its elements.
    /// `before` is the count of faults told when the object was met.
    pub fn invariants<'a>(
        &mut self,
        object: Value<'a>,
        (ty, filled): (TypeId, Slots),
        before: usize,
        path: &Path<'_>,
        scope: &Scope<'_, 'a>,
    ) {
        let Some(rules) = rules::of(ty).filter(|_| self.looks_at_codes()) else { return };
        let subject = Subject { value: object, ty, filled, sound: self.told() == before };
        for rule in &rules.errors {
            self.ask(rule, subject, path, scope);
        }
        if self.warns() {
            for rule in &rules.warnings {
                self.ask(rule, subject, path, scope);
            }
        }
        if !rules.elements.is_empty() {
            self.ask_elements(&rules.elements, subject, path, scope);
        }
    }

    fn ask_elements<'a>(
        &mut self,
        rules: &'static [ElementRule],
        holder: Subject<'a>,
        path: &Path<'_>,
        scope: &Scope<'_, 'a>,
    ) {
        for (name, value) in holder.value.members() {
            for rule in rules.iter().filter(|rule| rule.name == name) {
                let Some(element) = holder.ty.element(rule.name) else { continue };
                let path = path.name(element.path_name);
                for (at, value) in value.each().enumerate() {
                    let filled = filled(value, element.ty);
                    let subject = Subject { value, ty: element.ty, filled, ..holder };
                    let item = path.item(at);
                    let path = if element.many { &item } else { &path };
                    self.ask(&rule.rule, subject, path, scope);
                }
            }
        }
    }

    /// Asks one invariant; tells that it is broken.
    fn ask<'a>(
        &mut self,
        rule: &'static Rule,
        subject: Subject<'a>,
        path: &Path<'_>,
        scope: &Scope<'_, 'a>,
    ) {
        let met = match rule.outline.truth(subject.filled) {
            Truth::True => return,
            Truth::False => Ok(Some(false)),
            Truth::Nothing => Ok(None),
            Truth::Open => self.evaluate(rule, subject, scope),
        };
        match met {
            Ok(Some(true)) => {}
            // What comes to nothing where form or codes are wrong is told by them.
            Ok(None) if rule.met_by_nothing || !subject.sound => {}
            Ok(Some(false) | None) => self.broken(rule, path),
            Err(EvalError::TooManySteps) => {
                let reason = || format!("too large to check {}", rule.invariant.key);
                self.fault(IssueCode::TooCostly, path, reason);
            }
            // What cannot be told is not called wrong.
            Err(_) => {}
        }
    }

    fn evaluate<'a>(
        &mut self,
        rule: &'static Rule,
        subject: Subject<'a>,
        scope: &Scope<'_, 'a>,
    ) -> Result<Option<bool>, EvalError> {
        match &rule.check {
            Check::Hand(holds) => Ok(Some(holds(subject.value))),
            Check::Plan(plan) => {
                let Subject { value, ty, .. } = subject;
                let on = Element { value: Some(value), ty, definition: None, sibling: None };
                plan.truth_within(scope.env(), on, self.steps())
            }
        }
    }

    fn broken(&mut self, rule: &Rule, path: &Path<'_>) {
        let invariant = rule.invariant;
        let text = || format!("{}: {}", invariant.key, invariant.human.trim_end_matches('.'));
        if invariant.is_error {
            return self.fault(IssueCode::Invariant, path, text);
        }
        self.tell(|| {
            let issue = Issue::at(IssueCode::Invariant, path.to_string(), text());
            issue.with_severity(Severity::Warning)
        });
    }
}

/// The slots that the members of an object fill.
fn filled(value: Value<'_>, ty: TypeId) -> Slots {
    if value.kind() != Kind::Object {
        return 0;
    }
    let elements =
        value.members().filter_map(|(name, _)| ty.element(name.strip_prefix('_').unwrap_or(&name)));
    elements.fold(0, |slots, element| slots | 1 << element.slot)
}
