//! Values of the parameters that a store defines itself.

use std::ops::ControlFlow::Continue;

use accord_fhirpath::{Env, Limits, Plan, Read, compile, parse};
use accord_spec::{Element, ParamKind, Primitive, ResourceType, TypeId};

use super::Source;
use super::convert::{Found, convert};
use super::distinct::distinct;
use super::fields::element;
use super::form::{Form, form};
use crate::value::Values;

/// A parameter of a store's own.
pub(crate) struct OwnField {
    pub number: u16,
    pub base: ResourceType,
    kind: ParamKind,
    plan: Plan,
    /// Whether it may tell where somebody is or lives, or how to reach them.
    pub of_places: bool,
}

impl OwnField {
    /// Compiles one; `None` if it cannot be, which is found out before there is one.
    pub fn compile(
        number: u16,
        (base, kind): (ResourceType, ParamKind),
        expression: &str,
        limits: Limits,
    ) -> Option<OwnField> {
        let plan = compile(&parse(expression, limits).ok()?, base.type_id(), limits).ok()?;
        let of_places = plan.reads().is_none_or(|reads| reads.iter().any(is_of_places));
        Some(OwnField { number, base, kind, plan, of_places })
    }
}

/// Whether a step may lead to an address, a telephone number, a place, to what may hold one, or to
/// free text, which may tell one.
fn is_of_places(read: &Read<'_>) -> bool {
    let at_place = |holder: &TypeId| holder.name() == "Location";
    let location = ResourceType::from_name("Location");
    let names_place = |element: &&Element| {
        element.targets.is_empty() || location.is_none_or(|of| element.targets.contains(&of))
    };
    let may = |element: &&Element| match element.ty.name() {
        "Address" | "ContactPoint" | "Extension" | "Resource" => true,
        "Reference" => names_place(element),
        _ => false,
    };
    let named = matches!(read.name, "address" | "location" | "position" | "telecom");
    let at_text = || {
        let plain = |holder: &TypeId| !IN_WORDS.contains(&holder.name());
        read.elements.iter().any(is_text) && read.holders.iter().any(plain)
    };
    let leads = read.holders.iter().any(at_place) || read.elements.iter().any(may);
    read.open || named || leads || at_text()
}

/// Types whose texts are names of persons, identifiers, units, and codes in words.
const IN_WORDS: [&str; 5] = ["CodeableConcept", "Coding", "HumanName", "Identifier", "Quantity"];

fn is_text(element: &&'static Element) -> bool {
    matches!(element.ty.name(), "markdown" | "string")
}

/// The values that a resource has for the parameters chosen. One whose evaluation fails has none;
/// how many those are.
pub(crate) fn own_values(
    fields: &[OwnField],
    source: &Source<'_>,
    chosen: impl Fn(u16) -> bool,
) -> (Values, u64) {
    let (mut values, mut failed) = (Vec::new(), 0);
    let mine = fields.iter().filter(|field| field.base == source.resource_type);
    for field in mine.filter(|field| chosen(field.number)) {
        let mut found = Found { values: Vec::new(), param: field.number };
        let env = Env::new(source.resource, source.resolve);
        let evaluated = field.plan.each(&env, element(source), &mut |item| {
            convert(field.kind, &item, source, &mut found);
            Continue(())
        });
        match evaluated {
            Ok(()) => values.append(&mut found.values),
            Err(_) => failed += 1,
        }
    }
    (Values(distinct(values)), failed)
}

/// Whether elements of a type can have values for parameters of a kind.
pub(crate) fn takes(kind: ParamKind, ty: TypeId) -> bool {
    use Form::*;
    match (kind, form(ty)) {
        (ParamKind::Token, of) => {
            matches!(of, CodeableConcept | Coding | ContactPoint | Identifier | Primitive(_))
        }
        (ParamKind::Reference, of) => {
            matches!(of, Reference | Primitive(self::Primitive::Canonical | self::Primitive::Uri))
        }
        (ParamKind::String, of) => matches!(of, Address | HumanName | Primitive(_)),
        (ParamKind::Uri | ParamKind::Number, of) => matches!(of, Primitive(_)),
        (ParamKind::Quantity, of) => matches!(of, Money | Quantity | Range),
        (ParamKind::Date, of) => matches!(
            of,
            Period
                | Timing
                | Primitive(
                    self::Primitive::Date | self::Primitive::DateTime | self::Primitive::Instant
                )
        ),
        (ParamKind::Composite | ParamKind::Special, _) => false,
    }
}
