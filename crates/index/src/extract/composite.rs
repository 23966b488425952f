//! Composite parameters: values that stand together in one element (FHIR R4 search, "Composite
//! Search Parameters").

use std::ops::ControlFlow::Continue;

use accord_fhirpath::{Element, Env, Item, Limits, Plan, compile, parse};
use accord_spec::{ParamKind, ResourceType, SearchParam, TypeId, param_by_id};

use super::Source;
use super::convert::{Found, convert};
use super::fields::element;
use crate::value::Datum;

/// A composite parameter of a type.
pub(super) struct Composite {
    pub id: u16,
    /// The elements that it looks at.
    items: Plan,
    components: Vec<Component>,
}

/// How a component is read from an item, by the item's type.
struct Component {
    kind: ParamKind,
    plans: Vec<(TypeId, Plan)>,
}

impl Composite {
    /// Compiles it; the tests see to it that every one compiles.
    pub fn of(param: &SearchParam, resource_type: ResourceType) -> Option<Composite> {
        let items = plan(param.expression, resource_type.type_id())?;
        let component = |(part, expression): (&accord_spec::Component, &str)| {
            let plans = items.types().iter().map(|ty| Some((*ty, plan(expression, *ty)?)));
            let kind = param_by_id(part.param)?.kind;
            Some(Component { kind, plans: plans.collect::<Option<_>>()? })
        };
        let parts = param.components.iter().zip(expressions(param, resource_type));
        let components = parts.map(component).collect::<Option<Vec<_>>>()?;
        let known = components.len() > 1 && !items.types().is_empty();
        known.then_some(Composite { id: param.id.0, items, components })
    }

    /// Adds the values of each item that has some for every component; others match nothing.
    pub fn values<'a>(&'a self, source: &Source<'a>, found: &mut Found) {
        let env = Env::new(source.resource, source.resolve);
        let mut elements: Vec<Element<'a>> = Vec::new();
        // An evaluation that fails yields what it found before.
        let _ = self.items.each(&env, element(source), &mut |item| {
            if let Item::Element(element) = item {
                elements.push(element);
            }
            Continue(())
        });
        let mut item = 0;
        found.param = self.id;
        for element in elements {
            let parts = self.components.iter().map(|c| c.values(&env, element, source));
            let parts: Vec<Vec<Datum>> = parts.collect();
            if parts.iter().any(Vec::is_empty) {
                continue;
            }
            for (component, data) in (0..).zip(parts) {
                for datum in data {
                    found.add(Datum::Part { item, component, datum: Box::new(datum) });
                }
            }
            item += 1;
        }
    }
}

impl Component {
    fn values<'a>(&'a self, env: &Env<'a>, on: Element<'a>, source: &Source<'a>) -> Vec<Datum> {
        let mut found = Found { values: Vec::new(), param: 0 };
        if let Some((_, plan)) = self.plans.iter().find(|(ty, _)| *ty == on.ty) {
            let _ = plan.each(env, on, &mut |item| {
                convert(self.kind, &item, source, &mut found);
                Continue(())
            });
        }
        // What modifiers are for is not asked of parts.
        let plain = |datum: &Datum| {
            !matches!(datum, Datum::Label(_) | Datum::Identifier { .. } | Datum::OfType { .. })
        };
        found.values.into_iter().map(|value| value.datum).filter(plain).collect()
    }
}

/// The expressions of a parameter's components, in their order. R4 gives the two components of
/// `DocumentReference.relationship`, a reference and a code, each the expression of the other.
fn expressions(param: &SearchParam, resource_type: ResourceType) -> Vec<&'static str> {
    let mut given: Vec<&str> = param.components.iter().map(|part| part.expression).collect();
    if (resource_type.name(), param.code) == ("DocumentReference", "relationship") {
        given.reverse();
    }
    given
}

fn plan(text: &str, on: TypeId) -> Option<Plan> {
    let expr = parse(text, Limits::default()).ok()?;
    compile(&expr, on, Limits::default()).ok()
}
