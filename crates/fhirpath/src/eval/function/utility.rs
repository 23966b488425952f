//! Utilities (FHIRPath N1 §5.9, FHIR R4 FHIRPath §2.9.1.1).

use accord_spec::{Primitive, TypeId, TypeKind, is_subtype};

use super::{Calling, html, truth};
use crate::compile::Function;
use crate::error::EvalError;
use crate::eval::Items;
use crate::eval::compare::quantity;
use crate::eval::operator::one;
use crate::eval::types::info;
use crate::item::{Item, UNTYPED};

/// Where the definitions of the types are.
const DEFINITIONS: &str = "http://hl7.org/fhir/StructureDefinition/";

pub(super) fn call<'a>(c: Calling<'_, '_, 'a>) -> Items<'a> {
    let outcome = match c.call.function {
        Function::Trace => {
            // Nothing is written down: what passes is a patient's. The rest is evaluated, so that
            // faults in it are found.
            let input = c.input()?;
            c.arg_text(0)?;
            return Ok(input);
        }
        Function::TypeOf => {
            let infos = c.input()?.iter().filter_map(info).map(Item::Type).collect();
            return Ok(infos);
        }
        Function::HasValue | Function::GetValue => valued(c),
        Function::HtmlChecks => match one(&c.call.on, c.env, c.frame)?.and_then(|i| i.system()) {
            Some(Item::String(text)) => {
                c.env.pay(text.len())?;
                truth(Some(html::is_narrative(&text)))
            }
            _ => truth(None),
        },
        Function::ConformsTo => conforms(c),
        _ => comparable(c),
    };
    outcome.map(|item| item.into_iter().collect())
}

fn valued<'a>(c: Calling<'_, '_, 'a>) -> Result<Option<Item<'a>>, EvalError> {
    let mut input = c.input()?;
    let only = if input.len() == 1 { input.pop() } else { None };
    let value = only.filter(is_primitive).and_then(|item| item.system());
    if c.call.function == Function::HasValue { truth(Some(value.is_some())) } else { Ok(value) }
}

/// Whether it is of a primitive type; markup has no value in this sense.
fn is_primitive(item: &Item<'_>) -> bool {
    match item {
        Item::Element(element) if element.ty == UNTYPED => element.system().is_some(),
        Item::Element(element) => {
            element.ty.primitive().is_some_and(|primitive| primitive != Primitive::Xhtml)
        }
        Item::Quantity(_) | Item::Elsewhere(_) | Item::Type(_) => false,
        _ => true,
    }
}

/// Whether the item is of the type that a definition of the specification defines.
fn conforms<'a>(c: Calling<'_, '_, 'a>) -> Result<Option<Item<'a>>, EvalError> {
    let Some(item) = one(&c.call.on, c.env, c.frame)? else { return Ok(None) };
    let Some(url) = c.arg_text(0)? else { return Ok(None) };
    let ty = url.strip_prefix(DEFINITIONS).and_then(TypeId::from_name);
    let ty = ty.filter(|ty| ty.kind() != TypeKind::Backbone).ok_or(EvalError::WrongArgument)?;
    truth(match item {
        Item::Element(element) => Some(is_subtype(element.ty, ty)),
        Item::Elsewhere(own) => Some(is_subtype(own, ty)),
        _ => Some(false),
    })
}

/// Whether two quantities measure the same thing.
fn comparable<'a>(c: Calling<'_, '_, 'a>) -> Result<Option<Item<'a>>, EvalError> {
    let (left, right) = (c.value()?, c.arg_value(0)?);
    let (Some(left), Some(right)) = (left, right) else { return truth(Some(false)) };
    let wrong = EvalError::WrongType;
    let (l, r) = (quantity(&left).ok_or(wrong)?, quantity(&right).ok_or(wrong)?);
    truth(Some(l.compare(&r).is_some()))
}
