//! What a resource contains: the values of each contained resource, and what refers to it within
//! the same document (FHIR R4 references §2.3.1).
//!
//! Contained resources are numbered by their places. Their values are those that they would have
//! by themselves; what may be left out of the document for somebody is not among those either.

use std::ops::ControlFlow::Continue;

use accord_fhir::Reference;
use accord_fhir::json::Value as Json;
use accord_fhirpath::{Element, Env, Item};
use accord_spec::{ParamKind, ResourceType, TypeId, param};

use super::Source;
use super::fields::{Fields, values};
use crate::value::{Datum, Value};

/// Something about a contained resource.
pub(crate) enum Within {
    /// There is one.
    Resource { number: u32, resource_type: ResourceType },
    /// It has a value.
    Value { number: u32, value: Value },
    /// It is referred to by a parameter of another one, or of the container where there is no
    /// number; `to` is `None` for the container.
    Refers { from: Option<u32>, param: u16, to: Option<u32> },
}

/// A contained resource, or the container.
struct Place<'a> {
    number: Option<u32>,
    resource: Json<'a>,
    resource_type: ResourceType,
}

/// Hands on what there is about the contained resources of a document, as it is served.
pub(crate) fn contained(document: Json<'_>, take: &mut dyn FnMut(Within)) {
    let Some(list) = document.get("contained") else { return };
    let of = |resource: Json<'_>| ResourceType::from_name(&resource.get_str("resourceType")?);
    let mut places = Vec::new();
    for (number, resource) in (0..).zip(list.items()) {
        let Some(resource_type) = of(resource) else { continue };
        take(Within::Resource { number, resource_type });
        each_value(&Place { number: Some(number), resource, resource_type }, number, take);
        places.push(Place { number: Some(number), resource, resource_type });
    }
    if let Some(resource_type) = of(document).filter(|_| !places.is_empty()) {
        places.push(Place { number: None, resource: document, resource_type });
    }
    for place in &places {
        references(document, place, &places, take);
    }
}

fn each_value(place: &Place<'_>, number: u32, take: &mut dyn FnMut(Within)) {
    let Place { resource, resource_type, .. } = *place;
    let id = param(resource_type, "_id").zip(resource.get_str("id"));
    if let Some((param, id)) = id {
        let datum = Datum::Token { system: None, code: id.into_owned() };
        take(Within::Value { number, value: Value { param: param.id.0, datum } });
    }
    let source = Source { resource, resource_type, resolve: &|_| None, base: None };
    for value in values(&source).0 {
        take(Within::Value { number, value });
    }
}

/// What a resource refers to within the document.
fn references(
    document: Json<'_>,
    from: &Place<'_>,
    all: &[Place<'_>],
    take: &mut dyn FnMut(Within),
) {
    let Some(fields) = Fields::of(from.resource_type) else { return };
    let on = Element {
        value: Some(from.resource),
        ty: from.resource_type.type_id(),
        definition: None,
        sibling: None,
    };
    // Fragments are resolved in the document, whichever resource has them.
    let env = Env::new(document, &|_| None);
    for field in fields.params.iter().filter(|field| field.kind == ParamKind::Reference) {
        // An evaluation that fails yields what it found before.
        let _ = field.plan.each(&env, on, &mut |item| {
            if let Some(to) = target(&item, all) {
                take(Within::Refers { from: from.number, param: field.id, to: to.number });
            }
            Continue(())
        });
    }
}

/// The resource within the document that an item names.
fn target<'p, 'a>(item: &Item<'_>, all: &'p [Place<'a>]) -> Option<&'p Place<'a>> {
    let Item::Element(element) = item else { return None };
    if element.ty != TypeId::REFERENCE {
        return None;
    }
    let text = element.value?.get_str("reference")?;
    let Some(Reference::Fragment(fragment)) = Reference::parse(&text) else { return None };
    all.iter().find(|place| match place.number {
        None => fragment.is_empty(),
        Some(_) => {
            !fragment.is_empty() && place.resource.get_str("id").as_deref() == Some(fragment)
        }
    })
}
