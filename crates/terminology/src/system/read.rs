//! CodeSystem resources (FHIR R4 §4.8).

use accord_fhir::json::{Kind, Value};

use super::{Builder, CodeSystem, Content, Head, PropertyValue, Use};
use crate::Origin;

impl CodeSystem {
    /// Reads a CodeSystem resource that is valid R4.
    pub fn read(resource: Value<'_>, origin: Origin) -> CodeSystem {
        let text = |name: &str| resource.get_str(name).map(|text| text.into_owned());
        let mut builder = Builder::new(Head {
            origin,
            url: text("url").unwrap_or_default(),
            version: text("version"),
            name: ["title", "name", "url"].into_iter().find_map(text).unwrap_or_default(),
            content: content(&text("content").unwrap_or_default()),
            case_sensitive: resource.get("caseSensitive").and_then(Value::as_bool).unwrap_or(true),
            value_set: text("valueSet"),
            supplements: text("supplements"),
        });
        let mut edges = Vec::new();
        for property in items(resource, "property") {
            let code = property.get_str("code").unwrap_or_default();
            builder.declare(&code, &property.get_str("type").unwrap_or_default());
        }
        concepts(&mut builder, resource, None);
        properties(&mut builder, resource, &mut edges);
        for (child, parent) in edges {
            builder.below(child, parent);
        }
        builder.finish()
    }
}

fn content(code: &str) -> Content {
    match code {
        "complete" => Content::Complete,
        "example" => Content::Example,
        "not-present" => Content::NotPresent,
        "supplement" => Content::Supplement,
        // Whatever it is, it does not claim to be whole.
        _ => Content::Fragment,
    }
}

pub(crate) fn items<'a>(value: Value<'a>, name: &str) -> impl Iterator<Item = Value<'a>> {
    value.get(name).into_iter().flat_map(Value::items)
}

fn concepts(builder: &mut Builder, holder: Value<'_>, parent: Option<u32>) {
    for concept in items(holder, "concept") {
        let Some(code) = concept.get_str("code") else { continue };
        let (display, definition) = (concept.get_str("display"), concept.get_str("definition"));
        let at = builder.concept(&code, &display.unwrap_or_default(), definition.as_deref());
        if let Some(parent) = parent {
            builder.below(at, parent);
        }
        for designation in items(concept, "designation") {
            let usage = designation.get("use").map(usage);
            let language = designation.get_str("language");
            let value = designation.get_str("value").unwrap_or_default();
            builder.designation(at, language.as_deref(), usage.as_ref(), &value);
        }
        concepts(builder, concept, Some(at));
    }
}

pub(crate) fn usage(coding: Value<'_>) -> Use {
    let text = |name: &str| coding.get_str(name).unwrap_or_default().into_owned();
    Use { system: text("system"), code: text("code"), display: text("display") }
}

/// Properties come second: they name concepts that may stand further down.
fn properties(builder: &mut Builder, holder: Value<'_>, edges: &mut Vec<(u32, u32)>) {
    for concept in items(holder, "concept") {
        let at = concept.get_str("code").and_then(|code| builder.find(&code));
        for property in items(concept, "property") {
            let (Some(at), Some(code)) = (at, property.get_str("code")) else { continue };
            let value = property.members().find(|(name, _)| name.starts_with("value"));
            let Some((name, value)) = value else { continue };
            let text = match value.kind() {
                Kind::String => value.as_str().unwrap_or_default(),
                _ => value.raw().into(),
            };
            if let (Some(other), "valueCode") = (builder.find(&text), name.as_ref()) {
                match code.as_ref() {
                    "parent" | "subsumedBy" => edges.push((at, other)),
                    "child" | "subsumes" => edges.push((other, at)),
                    _ => {}
                }
            }
            let (system, coded) = (value.get_str("system"), value.get_str("code"));
            builder.property(
                at,
                &code,
                match name.as_ref() {
                    "valueCode" => PropertyValue::Code(&text),
                    "valueBoolean" => PropertyValue::Bool(text == "true"),
                    "valueInteger" => PropertyValue::Integer(&text),
                    "valueDecimal" => PropertyValue::Decimal(&text),
                    "valueDateTime" => PropertyValue::DateTime(&text),
                    "valueCoding" => PropertyValue::Coding {
                        system: system.as_deref().unwrap_or_default(),
                        code: coded.as_deref().unwrap_or_default(),
                    },
                    _ => PropertyValue::Text(&text),
                },
            );
        }
        properties(builder, concept, edges);
    }
}
