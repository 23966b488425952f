//! `resolve()`: what can be said about the target without leaving the resource.

use accord_fhir::Reference;
use accord_fhir::json::Value;
use accord_spec::{ResourceType, TypeId};

use super::Env;
use crate::item::{Element, Item};

/// The contained resource that a fragment names, or the type that any other reference names.
pub(super) fn target<'a>(env: &Env<'a>, item: &Item<'a>) -> Option<Item<'a>> {
    let Item::Element(element) = item else { return None };
    let value = element.value?;
    if element.ty != TypeId::REFERENCE {
        return of_text(env, &value.as_str()?);
    }
    let from_text = value.get_str("reference").and_then(|text| of_text(env, &text));
    // `Reference.type` tells where the text does not (FHIR R4 references §2.3.0).
    from_text.or_else(|| of_type(&value.get_str("type")?))
}

fn of_text<'a>(env: &Env<'a>, text: &str) -> Option<Item<'a>> {
    match Reference::parse(text)? {
        Reference::Fragment("") => env.resource().map(Item::Element),
        Reference::Fragment(id) => contained(env.document(), id).map(Item::Element),
        Reference::Relative { resource_type, .. }
        | Reference::Conditional { resource_type, .. } => of_type(resource_type),
        // A name of an entry of the same transaction, or else a resource of another server.
        Reference::Urn(text) | Reference::Absolute(text) => {
            let known = (env.resolver)(text);
            let known = known.as_deref().map_or_else(|| Reference::tail(text), Reference::relative);
            match known? {
                Reference::Relative { resource_type, .. } => of_type(resource_type),
                _ => None,
            }
        }
    }
}

fn of_type<'a>(name: &str) -> Option<Item<'a>> {
    ResourceType::from_name(name).map(|ty| Item::Elsewhere(ty.type_id()))
}

fn contained<'a>(resource: Value<'a>, id: &str) -> Option<Element<'a>> {
    let all = resource.get("contained")?;
    Element::resource(all.items().find(|c| c.get_str("id").as_deref() == Some(id))?)
}
