//! All types: resources, datatypes, primitives, and the backbone elements inside them.

use crate::element::{Element, Slot};
use crate::tables::tables;

/// A type's number. Resources come first, so that a resource type's number is the same here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub u16);

/// What a type is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TypeKind {
    /// A concrete resource type.
    Resource,
    /// `Resource`, `DomainResource`, `Element`, `BackboneElement`.
    Abstract,
    /// A datatype with elements.
    Complex,
    /// A datatype whose JSON is one value.
    Primitive,
    /// An element with elements of its own, named by its path (`Patient.contact`).
    Backbone,
}

/// The primitive types; each has a grammar of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the names are those of the specification")]
pub enum Primitive {
    Base64Binary,
    Boolean,
    Canonical,
    Code,
    Date,
    DateTime,
    Decimal,
    Id,
    Instant,
    Integer,
    Markdown,
    Oid,
    PositiveInt,
    String,
    Time,
    UnsignedInt,
    Uri,
    Url,
    Uuid,
    Xhtml,
}

impl Primitive {
    /// The primitive type of this name.
    pub fn from_name(name: &str) -> Option<Primitive> {
        Some(match name {
            "base64Binary" => Primitive::Base64Binary,
            "boolean" => Primitive::Boolean,
            "canonical" => Primitive::Canonical,
            "code" => Primitive::Code,
            "date" => Primitive::Date,
            "dateTime" => Primitive::DateTime,
            "decimal" => Primitive::Decimal,
            "id" => Primitive::Id,
            "instant" => Primitive::Instant,
            "integer" => Primitive::Integer,
            "markdown" => Primitive::Markdown,
            "oid" => Primitive::Oid,
            "positiveInt" => Primitive::PositiveInt,
            "string" => Primitive::String,
            "time" => Primitive::Time,
            "unsignedInt" => Primitive::UnsignedInt,
            "uri" => Primitive::Uri,
            "url" => Primitive::Url,
            "uuid" => Primitive::Uuid,
            "xhtml" => Primitive::Xhtml,
            _ => return None,
        })
    }
}

/// One row of the table of types.
pub(crate) struct TypeInfo {
    pub name: &'static str,
    pub kind: TypeKind,
    pub base: Option<TypeId>,
    pub primitive: Option<Primitive>,
    /// Own and inherited elements, choices expanded.
    pub elements: Vec<Element>,
    /// Own and inherited elements as defined, a choice being one of them.
    pub slots: Vec<Slot>,
    /// Bit n is set if slot n must be present.
    pub required: u64,
}

impl TypeId {
    /// `BackboneElement`
    pub const BACKBONE_ELEMENT: TypeId = TypeId(146);
    /// `DomainResource`
    pub const DOMAIN_RESOURCE: TypeId = TypeId(147);
    /// `Element`
    pub const ELEMENT: TypeId = TypeId(148);
    /// `Resource`
    pub const RESOURCE: TypeId = TypeId(149);
    /// `CodeableConcept`
    pub const CODEABLE_CONCEPT: TypeId = TypeId(154);
    /// `Coding`
    pub const CODING: TypeId = TypeId(155);
    /// `Extension`
    pub const EXTENSION: TypeId = TypeId(166);
    /// `Identifier`
    pub const IDENTIFIER: TypeId = TypeId(168);
    /// `Meta`
    pub const META: TypeId = TypeId(170);
    /// `Narrative`
    pub const NARRATIVE: TypeId = TypeId(172);
    /// `Quantity`
    pub const QUANTITY: TypeId = TypeId(178);
    /// `Reference`
    pub const REFERENCE: TypeId = TypeId(181);
    /// `string`
    pub const STRING: TypeId = TypeId(202);

    /// The type of this exact name; backbone elements are named by path (`Bundle.entry`).
    pub fn from_name(name: &str) -> Option<TypeId> {
        let tables = tables();
        let found = tables
            .type_names
            .find(0, name, |at| tables.types.get(at).is_some_and(|t| t.name == name))?;
        u16::try_from(found).ok().map(TypeId)
    }

    /// Its name, as [`TypeId::from_name`] takes it.
    pub fn name(self) -> &'static str {
        self.info().map_or("", |t| t.name)
    }

    /// What it is.
    pub fn kind(self) -> TypeKind {
        self.info().map_or(TypeKind::Abstract, |t| t.kind)
    }

    /// The type that it specialises, if any.
    pub fn base(self) -> Option<TypeId> {
        self.info()?.base
    }

    /// Its grammar, if it is primitive.
    pub fn primitive(self) -> Option<Primitive> {
        self.info()?.primitive
    }

    /// All its elements, inherited ones first, one for each type of a choice.
    pub fn elements(self) -> &'static [Element] {
        self.info().map(|t| t.elements.as_slice()).unwrap_or_default()
    }

    /// All its elements as defined: one slot for each element, and one for a whole choice.
    pub fn slots(self) -> &'static [Slot] {
        self.info().map(|t| t.slots.as_slice()).unwrap_or_default()
    }

    /// Its required slots: bit n for slot n.
    pub fn required(self) -> u64 {
        self.info().map_or(0, |t| t.required)
    }

    fn info(self) -> Option<&'static TypeInfo> {
        tables().types.get(usize::from(self.0))
    }
}

/// Whether `ty` is `ancestor` or specialises it, directly or not.
///
/// `Age` is a `Quantity`, `code` is a `string`, `Patient` is a `DomainResource` and a `Resource`,
/// `Patient.contact` is a `BackboneElement` and an `Element`.
pub fn is_subtype(ty: TypeId, ancestor: TypeId) -> bool {
    std::iter::successors(Some(ty), |t| t.base()).any(|t| t == ancestor)
}

impl std::fmt::Debug for TypeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
