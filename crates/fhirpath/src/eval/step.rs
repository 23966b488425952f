//! From an element to its children of one name.

use std::borrow::Cow;
use std::ops::ControlFlow::Continue;

use accord_fhir::json::{Kind, Value};
use accord_spec::{self as spec, TypeId};

use super::{Env, Flow, Sink};
use crate::item::{Element, Item, UNTYPED};
use crate::plan::Step;

/// Hands the children that `step` leads to to `sink`.
pub(crate) fn children<'a>(
    step: &'a Step,
    env: &Env<'a>,
    parent: &Item<'a>,
    sink: Sink<'_, 'a>,
) -> Flow {
    let Item::Element(parent) = parent else { return computed(&step.name, parent, sink) };
    let Some(body) = parent.body() else { return Continue(()) };
    if let Some(case) = step.cases.iter().find(|case| case.holder == parent.ty) {
        return match &*case.keys {
            [key] => child(body, None, key, env, sink),
            keys => choice(body, &step.name, keys, env, sink),
        };
    }
    if step.open && &*step.name == "resourceType" && parent.ty.resource().is_some() {
        return sink(Item::String(Cow::Borrowed(parent.ty.name())));
    }
    if step.open && parent.ty == UNTYPED {
        return untyped(body, &step.name, env, sink);
    }
    if step.open {
        for key in parent.ty.elements_by_path_name(&step.name) {
            child(body, None, key, env, sink)?;
        }
    }
    Continue(())
}

/// The input itself, if the name is that of its type; else its children of this name.
pub(super) fn named<'a>(
    step: &'a Step,
    env: &Env<'a>,
    this: &Item<'a>,
    sink: Sink<'_, 'a>,
) -> Flow {
    let Item::Element(element) = this else { return children(step, env, this, sink) };
    let is_type = if element.ty == UNTYPED {
        let own = element.value.and_then(|value| value.get_str("resourceType"));
        own.is_some_and(|own| *own == *step.name)
    } else {
        let ty = TypeId::from_name(&step.name);
        ty.is_some_and(|ty| element.ty.resource().is_some() && spec::is_subtype(element.ty, ty))
    };
    if is_type { sink(this.clone()) } else { children(step, env, this, sink) }
}

/// What a value of the language holds: the parts of a quantity and of a type.
fn computed<'a>(name: &str, parent: &Item<'a>, sink: Sink<'_, 'a>) -> Flow {
    match (parent, name) {
        (Item::Quantity(quantity), "value") => sink(Item::Decimal(quantity.value)),
        (Item::Quantity(quantity), "unit") => sink(Item::String(quantity.unit.clone())),
        (Item::Type(info), "name") => sink(Item::String(Cow::Borrowed(info.name))),
        (Item::Type(info), "namespace") => sink(Item::String(Cow::Borrowed(info.namespace))),
        _ => Continue(()),
    }
}

/// Members of JSON without definitions, with their `_name` siblings.
pub(super) fn untyped<'a>(body: Value<'a>, name: &str, env: &Env<'a>, sink: Sink<'_, 'a>) -> Flow {
    let (value, sibling) = with_sibling(body, name);
    let mut values = value.map(Value::each);
    let mut siblings = sibling.map(Value::each);
    loop {
        let value = values.as_mut().and_then(Iterator::next);
        let sibling = siblings.as_mut().and_then(Iterator::next);
        if value.is_none() && sibling.is_none() {
            return Continue(());
        }
        env.tick()?;
        let there = |v: &Value<'_>| v.kind() != Kind::Null;
        let (value, sibling) = (value.filter(there), sibling.filter(there));
        if value.is_some() || sibling.is_some() {
            sink(Item::Element(Element { value, ty: UNTYPED, definition: None, sibling }))?;
        }
    }
}

/// Every child of an item, in the order of the document.
pub(super) fn all<'a>(env: &Env<'a>, parent: &Item<'a>, sink: Sink<'_, 'a>) -> Flow {
    let Item::Element(parent) = parent else { return Continue(()) };
    let Some(body) = parent.body() else { return Continue(()) };
    for (member, _) in body.members() {
        let plain = member.strip_prefix('_').unwrap_or(&member);
        // The sibling alone stands for a primitive without a value.
        if plain.len() < member.len() && body.get(plain).is_some() {
            continue;
        }
        if parent.ty == UNTYPED {
            untyped(body, plain, env, sink)?;
        } else if let Some(key) = parent.ty.element(plain) {
            child(body, None, key, env, sink)?;
        }
    }
    Continue(())
}

/// The member that is one of a choice. A valid element has one of them at most.
fn choice<'a>(
    body: Value<'a>,
    name: &str,
    keys: &[&'static spec::Element],
    env: &Env<'a>,
    sink: Sink<'_, 'a>,
) -> Flow {
    for (member, _) in body.members() {
        let plain = member.strip_prefix('_').unwrap_or(&member);
        if !plain.starts_with(name) {
            continue;
        }
        // The sibling alone stands for a primitive without a value.
        let Some(key) = keys.iter().find(|key| key.name == plain) else { continue };
        if plain.len() == member.len() || body.get(plain).is_none() {
            child(body, None, key, env, sink)?;
        }
    }
    Continue(())
}

/// The items of one member. `known` is its value if the member was found already and the body has
/// no siblings of primitives.
pub(crate) fn child<'a>(
    body: Value<'a>,
    known: Option<Value<'a>>,
    key: &'static spec::Element,
    env: &Env<'a>,
    sink: Sink<'_, 'a>,
) -> Flow {
    let (value, sibling) = match known {
        Some(value) => (Some(value), None),
        None if key.ty.primitive().is_some() => with_sibling(body, key.name),
        None => (body.get(key.name), None),
    };
    if let Some(siblings) = sibling {
        return paired(value, siblings, key, env, sink);
    }
    let Some(value) = value else { return Continue(()) };
    for value in value.each() {
        env.tick()?;
        if let Some(element) = element(Some(value), None, key) {
            sink(Item::Element(element))?;
        }
    }
    Continue(())
}

/// A primitive's values beside its siblings, item by item (FHIR R4 JSON §2.6.2.3).
fn paired<'a>(
    value: Option<Value<'a>>,
    sibling: Value<'a>,
    key: &'static spec::Element,
    env: &Env<'a>,
    sink: Sink<'_, 'a>,
) -> Flow {
    let mut siblings = sibling.each();
    let mut values = value.map(Value::each);
    loop {
        let pair = (values.as_mut().and_then(Iterator::next), siblings.next());
        if let (None, None) = pair {
            return Continue(());
        }
        env.tick()?;
        if let Some(element) = element(pair.0, pair.1, key) {
            sink(Item::Element(element))?;
        }
    }
}

/// The member of this name and the one with an underscore before it, in one scan.
fn with_sibling<'a>(body: Value<'a>, name: &str) -> (Option<Value<'a>>, Option<Value<'a>>) {
    let (mut value, mut sibling) = (None, None);
    for (member, found) in body.members() {
        if member == name {
            value = Some(found);
        } else if member.strip_prefix('_') == Some(name) {
            sibling = Some(found);
        }
    }
    (value, sibling)
}

/// An item, unless both halves are missing or `null`.
fn element<'a>(
    value: Option<Value<'a>>,
    sibling: Option<Value<'a>>,
    key: &'static spec::Element,
) -> Option<Element<'a>> {
    let there = |v: &Value<'_>| v.kind() != Kind::Null;
    let (value, sibling) = (value.filter(there), sibling.filter(there));
    if value.is_none() && sibling.is_none() {
        return None;
    }
    if key.ty == TypeId::RESOURCE {
        return Element::resource(value?);
    }
    Some(Element { value, ty: key.ty, definition: Some(key), sibling })
}
