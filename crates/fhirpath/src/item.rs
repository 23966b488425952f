//! What an evaluation yields.

use std::borrow::Cow;

use accord_fhir::json::{Kind, Value};
use accord_spec::{self as spec, Primitive, TypeId};

use crate::value::{Calendar, Moment, Number, Quantity, UnitKind};

/// The type of JSON without definitions: of documents that are no resources, and of what is
/// handed in from outside.
pub const UNTYPED: TypeId = TypeId(u16::MAX);

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
    /// A whole number written as a long one.
    Long(i64),
    /// A decimal number.
    Decimal(Number),
    /// A text.
    String(Cow<'a, str>),
    /// A date, dateTime or time.
    Moment(Moment),
    /// A quantity.
    Quantity(Box<Quantity<'a>>),
    /// What `type()` gives.
    Type(TypeInfo),
}

/// A type by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TypeInfo {
    /// `FHIR` or `System`.
    pub namespace: &'static str,
    /// `Patient`, `Integer`.
    pub name: &'static str,
}

/// A resource or element in place.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// Its JSON; absent for a primitive that has only an id or extensions.
    pub value: Option<Value<'a>>,
    /// Its FHIR type, or [`UNTYPED`].
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

    /// JSON without definitions.
    pub fn untyped(value: Value<'a>) -> Element<'a> {
        Element { value: Some(value), ty: UNTYPED, definition: None, sibling: None }
    }

    /// What holds its children: its JSON, or a primitive's sibling.
    pub(crate) fn body(self) -> Option<Value<'a>> {
        if self.ty.primitive().is_some() {
            return self.sibling;
        }
        match self.value {
            Some(value) if self.ty == UNTYPED && value.kind() != Kind::Object => self.sibling,
            None => self.sibling,
            value => value,
        }
    }

    /// The value of a primitive or of a quantity as one of the language.
    pub(crate) fn system(&self) -> Option<Item<'a>> {
        let value = self.value?;
        match (value.kind(), self.ty.primitive()) {
            (Kind::Bool, _) => value.as_bool().map(Item::Boolean),
            (Kind::Number, Some(Primitive::Decimal)) => {
                Number::parse(value.as_number()?).map(Item::Decimal)
            }
            (Kind::Number, _) => {
                let text = value.as_number()?;
                match text.parse() {
                    Ok(whole) => Some(Item::Integer(whole)),
                    Err(_) => Number::parse(text).map(Item::Decimal),
                }
            }
            (Kind::String, primitive) => {
                let text = value.as_str()?;
                let moment = match primitive {
                    Some(Primitive::Date) => Moment::date(&text),
                    Some(Primitive::DateTime | Primitive::Instant) => Moment::date_time(&text),
                    Some(Primitive::Time) => Moment::time(&text),
                    _ => None,
                };
                Some(moment.map_or(Item::String(text), Item::Moment))
            }
            (Kind::Object, None) if spec::is_subtype(self.ty, TypeId::QUANTITY) => {
                quantity(value).map(|q| Item::Quantity(Box::new(q)))
            }
            _ => None,
        }
    }
}

impl<'a> Item<'a> {
    /// As a value of the language, where it stands for one.
    pub(crate) fn system(&self) -> Option<Item<'a>> {
        match self {
            Item::Element(element) => element.system(),
            Item::Elsewhere(_) | Item::Type(_) => None,
            other => Some(other.clone()),
        }
    }
}

/// A FHIR Quantity as one of the language (FHIR R4 FHIRPath §2.9.1.2): without a comparator, with
/// a UCUM code or without any unit.
fn quantity<'a>(value: Value<'a>) -> Option<Quantity<'a>> {
    if value.get("comparator").is_some() {
        return None;
    }
    let number = Number::parse(value.get("value")?.as_number()?)?;
    let system = value.get_str("system");
    let code = value.get_str("code");
    match (system.as_deref(), code) {
        (Some("http://unitsofmeasure.org"), Some(code)) => {
            let kind = Calendar::from_code(&code).map_or(UnitKind::Ucum, UnitKind::Either);
            Some(Quantity { value: number, unit: code, kind })
        }
        (None, None) if value.get("unit").is_none() => Some(Quantity::unity(number)),
        _ => None,
    }
}
