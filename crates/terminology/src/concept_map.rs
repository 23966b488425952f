//! ConceptMap resources (FHIR R4 §4.10).

use accord_fhir::json::Value;

use crate::system::items;
use crate::{Canonical, Origin};

/// A concept map.
#[derive(Clone, Debug)]
pub struct ConceptMap {
    /// Which definition it is.
    pub origin: Origin,
    /// Canonical address.
    pub url: String,
    /// Business version.
    pub version: Option<String>,
    /// The value set that is mapped from.
    pub source: Option<String>,
    /// The value set that is mapped to.
    pub target: Option<String>,
    /// Mappings between pairs of code systems.
    pub groups: Vec<Group>,
}

/// Mappings from one code system to another.
#[derive(Clone, Debug)]
pub struct Group {
    /// The code system mapped from.
    pub source: Option<String>,
    /// The code system mapped to.
    pub target: Option<String>,
    /// Its version.
    pub target_version: Option<String>,
    /// The mappings.
    pub elements: Vec<Element>,
    /// What happens to codes that are not mapped.
    pub unmapped: Option<Unmapped>,
}

/// What a code is mapped to.
#[derive(Clone, Debug)]
pub struct Element {
    /// The code.
    pub code: String,
    /// Its text.
    pub display: Option<String>,
    /// What it is mapped to.
    pub targets: Vec<Target>,
}

/// A code that another is mapped to.
#[derive(Clone, Debug)]
pub struct Target {
    /// The code; none where there is no match.
    pub code: Option<String>,
    /// Its text.
    pub display: Option<String>,
    /// How the two relate (concept-map-equivalence).
    pub equivalence: String,
    /// What else must hold: property, system, value.
    pub depends_on: Vec<Other>,
    /// What else results: property, system, value.
    pub product: Vec<Other>,
}

/// A value of another property.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Other {
    /// The property.
    pub property: String,
    /// The code system of the value.
    pub system: Option<String>,
    /// The value.
    pub value: String,
}

/// What happens to codes that are not mapped.
#[derive(Clone, Debug)]
pub enum Unmapped {
    /// They stay as they are.
    Provided,
    /// They become this one.
    Fixed {
        /// The code.
        code: String,
        /// Its text.
        display: Option<String>,
    },
    /// Another map says.
    Other(Canonical),
}

impl ConceptMap {
    /// Reads a ConceptMap resource that is valid R4.
    pub fn read(resource: Value<'_>, origin: Origin) -> ConceptMap {
        let text = |name: &str| resource.get_str(name).map(|text| text.into_owned());
        ConceptMap {
            origin,
            url: text("url").unwrap_or_default(),
            version: text("version"),
            source: text("sourceUri").or_else(|| text("sourceCanonical")),
            target: text("targetUri").or_else(|| text("targetCanonical")),
            groups: items(resource, "group").map(group).collect(),
        }
    }

    /// Whether it has this address, and this version if one is asked for.
    pub fn is(&self, wanted: &Canonical) -> bool {
        let fits = |version: &String| self.version.as_ref() == Some(version);
        self.url == wanted.url && wanted.version.as_ref().is_none_or(fits)
    }
}

fn text(value: Value<'_>, name: &str) -> Option<String> {
    value.get_str(name).map(|text| text.into_owned())
}

fn group(value: Value<'_>) -> Group {
    Group {
        source: text(value, "source"),
        target: text(value, "target"),
        target_version: text(value, "targetVersion"),
        elements: items(value, "element").map(element).collect(),
        unmapped: value.get("unmapped").and_then(unmapped),
    }
}

fn element(value: Value<'_>) -> Element {
    Element {
        code: text(value, "code").unwrap_or_default(),
        display: text(value, "display"),
        targets: items(value, "target").map(target).collect(),
    }
}

fn target(value: Value<'_>) -> Target {
    Target {
        code: text(value, "code"),
        display: text(value, "display"),
        equivalence: text(value, "equivalence").unwrap_or_default(),
        depends_on: items(value, "dependsOn").map(other).collect(),
        product: items(value, "product").map(other).collect(),
    }
}

fn other(value: Value<'_>) -> Other {
    Other {
        property: text(value, "property").unwrap_or_default(),
        system: text(value, "system"),
        value: text(value, "value").unwrap_or_default(),
    }
}

fn unmapped(value: Value<'_>) -> Option<Unmapped> {
    match value.get_str("mode")?.as_ref() {
        "provided" => Some(Unmapped::Provided),
        "fixed" => {
            Some(Unmapped::Fixed { code: text(value, "code")?, display: text(value, "display") })
        }
        "other-map" => Some(Unmapped::Other(Canonical::parse(&text(value, "url")?))),
        _ => None,
    }
}
