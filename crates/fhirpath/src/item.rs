//! What an evaluation yields.

use std::borrow::Cow;

use accord_fhir::json::Value;
use accord_spec::{self as spec, TypeId};

/// One item of a collection.
#[derive(Clone, Debug)]
pub enum Item<'a> {
    /// A resource or an element of one.
    Element(Element<'a>),
    /// What `resolve()` gives for a reference to a resource that is not at hand: only its type is
    /// known, from the reference's text.
    Elsewhere(TypeId),
    /// A truth value that was computed or written in the expression; likewise the next ones.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A decimal number as written.
    Decimal(Cow<'a, str>),
    /// A text.
    String(Cow<'a, str>),
}

/// A resource or element in place.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// Its JSON; absent for a primitive that has only an id or extensions.
    pub value: Option<Value<'a>>,
    /// Its FHIR type.
    pub ty: TypeId,
    /// How the type that holds it defines it; absent for a resource.
    pub definition: Option<&'static spec::Element>,
    /// Of a primitive: the JSON of its `_name` sibling, with id and extensions.
    pub sibling: Option<Value<'a>>,
}

impl<'a> Element<'a> {
    /// A resource as an item, if `resourceType` names a concrete type.
    pub fn resource(value: Value<'a>) -> Option<Element<'a>> {
        let ty = spec::ResourceType::from_name(&value.get_str("resourceType")?)?.type_id();
        Some(Element { value: Some(value), ty, definition: None, sibling: None })
    }

    /// What holds its children: its JSON, or a primitive's sibling.
    pub(crate) fn body(self) -> Option<Value<'a>> {
        if self.ty.primitive().is_some() { self.sibling } else { self.value }
    }
}
