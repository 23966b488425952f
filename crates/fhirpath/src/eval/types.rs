//! Types of items.

use accord_fhir::json::Kind;
use accord_spec::{TypeKind, is_subtype};

use crate::item::{Element, Item, TypeInfo, UNTYPED};
use crate::plan::{SystemType, Type, narrows};
use crate::value::MomentKind;

/// As [`is_of`], for `as` and `ofType`.
pub(crate) fn fits(item: &Item<'_>, ty: Type) -> bool {
    match (item, ty) {
        (
            Item::Element(Element { ty, .. }) | Item::Elsewhere(ty),
            Type::Fhir(target) | Type::Both(target, _),
        ) if *ty != UNTYPED => narrows(*ty, target),
        // A primitive stands for its value (FHIR R4 FHIRPath §2.9.1).
        (Item::Element(Element { ty: own, .. }), Type::System(_)) if own.primitive().is_some() => {
            item.system().is_some_and(|value| is_of(&value, ty))
        }
        _ => is_of(item, ty),
    }
}

pub(crate) fn is_of(item: &Item<'_>, ty: Type) -> bool {
    match (item, ty) {
        (Item::Element(element), Type::System(target) | Type::Both(_, target))
            if element.ty == UNTYPED =>
        {
            untyped(element, target)
        }
        (
            Item::Element(Element { ty, .. }) | Item::Elsewhere(ty),
            Type::Fhir(target) | Type::Both(target, _),
        ) => is_subtype(*ty, target),
        // Ids and the urls of extensions are values of the language (R4 StructureDefinitions).
        (
            Item::Element(Element { definition: Some(own), .. }),
            Type::System(SystemType::String),
        ) => own.is_attribute || own.name == "id",
        (_, Type::System(target) | Type::Both(_, target)) => {
            let own = system(item);
            own == Some(target) || own.is_some() && target == SystemType::Any
        }
        _ => false,
    }
}

/// The type of a value of the language; none of elements.
fn system(item: &Item<'_>) -> Option<SystemType> {
    Some(match item {
        Item::Boolean(_) => SystemType::Boolean,
        Item::Integer(_) => SystemType::Integer,
        Item::Long(_) => SystemType::Long,
        Item::Decimal(_) => SystemType::Decimal,
        Item::String(_) => SystemType::String,
        Item::Quantity(_) => SystemType::Quantity,
        Item::Moment(moment) => match moment.kind {
            MomentKind::Date => SystemType::Date,
            MomentKind::DateTime => SystemType::DateTime,
            MomentKind::Time => SystemType::Time,
        },
        Item::Element(_) | Item::Elsewhere(_) | Item::Type(_) => return None,
    })
}

fn untyped(element: &Element<'_>, target: SystemType) -> bool {
    let Some(value) = element.value else { return false };
    match (value.kind(), target) {
        (Kind::Bool, SystemType::Boolean) | (Kind::String, SystemType::String) => true,
        (Kind::Number, SystemType::Integer) => value.raw().parse::<i64>().is_ok(),
        (Kind::Number, SystemType::Decimal) => value.raw().parse::<i64>().is_err(),
        _ => false,
    }
}

/// What `type()` tells.
pub(super) fn info(item: &Item<'_>) -> Option<TypeInfo> {
    let of = |namespace, name| Some(TypeInfo { namespace, name });
    if let Item::Element(Element { ty, .. }) | Item::Elsewhere(ty) = item
        && *ty != UNTYPED
    {
        let name = if ty.kind() == TypeKind::Backbone { "BackboneElement" } else { ty.name() };
        return of("FHIR", name);
    }
    let value = item.system();
    of(
        "System",
        match system(value.as_ref().unwrap_or(item)) {
            Some(SystemType::Boolean) => "Boolean",
            Some(SystemType::Integer) => "Integer",
            Some(SystemType::Long) => "Long",
            Some(SystemType::Decimal) => "Decimal",
            Some(SystemType::String) => "String",
            Some(SystemType::Date) => "Date",
            Some(SystemType::DateTime) => "DateTime",
            Some(SystemType::Time) => "Time",
            Some(SystemType::Quantity) => "Quantity",
            _ => "Any",
        },
    )
}
