//! `$lookup`: what a code system says of a code (FHIR R4 CodeSystem-operation-lookup).

use crate::{CodeSystem, Content, PropertyValue, TermError, Use};

/// What is told of a concept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// Name of the code system.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// The text of the concept.
    pub display: String,
    /// Further texts.
    pub designations: Vec<FoundDesignation>,
    /// Properties.
    pub properties: Vec<FoundProperty>,
}

/// A further text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FoundDesignation {
    /// Language tag.
    pub language: Option<String>,
    /// What it is for.
    pub usage: Option<Use>,
    /// The text.
    pub value: String,
}

/// A property. `kind` is the type of the value, as R4 names it: `code`, `string`, …
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FoundProperty {
    /// Its code.
    pub code: String,
    /// The type of the value.
    pub kind: &'static str,
    /// The value as text; of a Coding, its code.
    pub value: String,
    /// The system of a Coding.
    pub system: Option<String>,
    /// The text of the concept that the value names.
    pub description: Option<String>,
}

/// What is known of a code. `wanted` are the properties asked for; all if there are none.
///
/// # Errors
/// If the system does not have it.
pub fn lookup(
    system: &CodeSystem,
    supplements: &[std::sync::Arc<CodeSystem>],
    code: &str,
    language: Option<&str>,
    wanted: &[String],
) -> Result<Found, TermError> {
    let head = system.head();
    let Some(at) = system.find(code) else {
        if head.content == Content::NotPresent {
            return Err(TermError::UnknownSystem(head.url.clone()));
        }
        let (code, system) = (code.to_owned(), head.url.clone());
        return Err(TermError::UnknownCode { code, system });
    };
    let asks = |name: &str| wanted.is_empty() || wanted.iter().any(|w| w == name);
    let mut properties = Vec::new();
    if let Some(text) = system.definition(at).filter(|_| asks("definition")) {
        properties.push(property("definition", "string", text, None));
    }
    if asks("inactive") {
        let text = if system.is_inactive(at) { "true" } else { "false" };
        properties.push(property("inactive", "boolean", text, None));
    }
    for (name, list) in [("parent", system.parents(at)), ("child", system.children(at))] {
        let own = |at: &u32| property(name, "code", system.code(*at), system.display(*at));
        properties.extend(list.iter().filter(|_| asks(name)).map(own));
    }
    let tables = std::iter::once(system).chain(supplements.iter().map(|s| s.as_ref()));
    let mut designations = Vec::new();
    for table in tables {
        let Some(own) = table.find(code) else { continue };
        for (name, value) in table.properties(own).filter(|(name, _)| asks(name)) {
            let told = ["parent", "child", "inactive"].contains(&name);
            properties.extend((!told).then(|| valued(system, name, value)));
        }
        let texts = table.designations(own).filter(|_| asks("designation"));
        designations.extend(texts.map(|d| FoundDesignation {
            language: d.language.map(str::to_owned),
            usage: d.usage.cloned(),
            value: d.value.to_owned(),
        }));
    }
    Ok(Found {
        name: head.name.clone(),
        version: head.version.clone(),
        display: system.display_in(at, language).unwrap_or(system.code(at)).to_owned(),
        designations,
        properties,
    })
}

fn valued(system: &CodeSystem, name: &str, value: PropertyValue<'_>) -> FoundProperty {
    let kind = match value {
        PropertyValue::Code(_) => "code",
        PropertyValue::Text(_) => "string",
        PropertyValue::Bool(_) => "boolean",
        PropertyValue::Integer(_) => "integer",
        PropertyValue::Decimal(_) => "decimal",
        PropertyValue::DateTime(_) => "dateTime",
        PropertyValue::Coding { system, code } => {
            let mut found = property(name, "Coding", code, None);
            found.system = Some(system.to_owned());
            return found;
        }
    };
    let concept = matches!(value, PropertyValue::Code(_)).then(|| system.find(value.text()));
    let description = concept.flatten().and_then(|at| system.display(at));
    property(name, kind, value.text(), description)
}

fn property(
    code: &str,
    kind: &'static str,
    value: &str,
    description: Option<&str>,
) -> FoundProperty {
    FoundProperty {
        code: code.to_owned(),
        kind,
        value: value.to_owned(),
        system: None,
        description: description.map(str::to_owned),
    }
}
