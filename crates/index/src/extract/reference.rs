//! References (FHIR R4 search §3.1.1.4.12).

use accord_fhir::Reference;
use accord_fhir::json::Value;
use accord_spec::{Primitive, ResourceType};

use super::Source;
use super::form::Form;
use crate::value::Datum;

/// What a Reference, canonical or uri refers to. Fragments refer to nothing that can be found by
/// itself; a version is left out.
pub(super) fn datum(form: Form, value: Value<'_>, source: &Source<'_>) -> Option<Datum> {
    match form {
        Form::Reference => of_text(&value.get_str("reference")?, source),
        Form::Primitive(Primitive::Canonical | Primitive::Uri) => {
            let text = value.as_str()?;
            if text.starts_with('#') || text.is_empty() {
                return None;
            }
            let local = Reference::parse(&text).and_then(|r| relative(r, source));
            Some(local.unwrap_or_else(|| Datum::Url(text.into_owned())))
        }
        _ => None,
    }
}

/// The identifier of a Reference that names no resource. Where it names one, what else it says of
/// that is not told (the resource may be hidden), and not searched either.
pub(super) fn identifier(form: Form, value: Value<'_>) -> Option<Datum> {
    if form != Form::Reference || value.get("reference").is_some() {
        return None;
    }
    let identifier = value.get("identifier")?;
    let system = identifier.get_str("system").map(|system| system.into_owned());
    let value = identifier.get_str("value").unwrap_or_default().into_owned();
    (system.is_some() || !value.is_empty()).then_some(Datum::Identifier { system, value })
}

fn of_text(text: &str, source: &Source<'_>) -> Option<Datum> {
    match Reference::parse(text)? {
        Reference::Fragment(_) => None,
        parsed => {
            if let Some(resolved) = (source.resolve)(text) {
                return relative(Reference::relative(&resolved)?, source);
            }
            relative(parsed, source).or_else(|| elsewhere(parsed))
        }
    }
}

/// A reference to a resource of this server.
fn relative(reference: Reference<'_>, source: &Source<'_>) -> Option<Datum> {
    match reference {
        Reference::Relative { resource_type, id, .. } => Some(Datum::Reference {
            resource_type: ResourceType::from_name(resource_type)?.0,
            id: id.to_owned(),
        }),
        Reference::Absolute(url) => {
            let below = url.strip_prefix(source.base?)?.strip_prefix('/')?;
            relative(Reference::relative(below)?, source)
        }
        _ => None,
    }
}

/// A reference to a resource of another server, or to one not known here.
fn elsewhere(reference: Reference<'_>) -> Option<Datum> {
    match reference {
        Reference::Urn(urn) => Some(Datum::Url(urn.to_owned())),
        Reference::Absolute(url) => {
            let versioned =
                matches!(Reference::tail(url), Some(Reference::Relative { version: Some(_), .. }));
            let end = if versioned { url.rfind("/_history/") } else { None };
            Some(Datum::Url(url.get(..end.unwrap_or(url.len()))?.to_owned()))
        }
        _ => None,
    }
}
