//! ValueSet resources as definitions (FHIR R4 §4.9).

use accord_fhir::json::Value;

use crate::Origin;
use crate::canonical::Canonical;
use crate::system::{Use, items, usage};

/// The definition of a value set.
#[derive(Clone, Debug)]
pub struct ValueSet {
    /// Which definition it is.
    pub origin: Origin,
    /// Canonical address; may be empty in one that came with a question.
    pub url: String,
    /// Business version.
    pub version: Option<String>,
    /// Name for programs.
    pub name: Option<String>,
    /// Name for people.
    pub title: Option<String>,
    /// `active`, `draft`, …
    pub status: String,
    /// What makes it up.
    pub compose: Compose,
    /// Its `compose` as written, for expansions that are to tell it.
    pub written: String,
}

/// What makes up a value set.
#[derive(Clone, Default, Debug)]
pub struct Compose {
    /// Whether inactive codes belong to it; they do where it does not say.
    pub inactive: Option<bool>,
    /// What belongs to it: the union.
    pub include: Vec<Rule>,
    /// What does not, all the same.
    pub exclude: Vec<Rule>,
}

/// One include or exclude: the codes that all its parts agree on.
#[derive(Clone, Default, Debug)]
pub struct Rule {
    /// The code system.
    pub system: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Codes by name.
    pub concepts: Vec<Listed>,
    /// Conditions on codes.
    pub filters: Vec<Filter>,
    /// Value sets that the codes must be in.
    pub value_sets: Vec<Canonical>,
}

/// A code listed by name.
#[derive(Clone, Default, Debug)]
pub struct Listed {
    /// The code.
    pub code: String,
    /// The text that the value set shows for it.
    pub display: Option<String>,
    /// Further texts: language, use, text.
    pub designations: Vec<(Option<String>, Option<Use>, String)>,
}

/// A condition on codes.
#[derive(Clone, Debug)]
pub struct Filter {
    /// A property of the code system, or one that all have.
    pub property: String,
    /// The operator.
    pub op: String,
    /// What is compared with.
    pub value: String,
}

impl ValueSet {
    /// Reads a ValueSet resource that is valid R4. One without a definition but with an expansion
    /// consists of what the expansion lists.
    pub fn read(resource: Value<'_>, origin: Origin) -> ValueSet {
        let text = |name: &str| resource.get_str(name).map(|text| text.into_owned());
        let compose = resource.get("compose");
        let definition = match (compose, resource.get("expansion")) {
            (Some(compose), _) => Compose {
                inactive: compose.get("inactive").and_then(Value::as_bool),
                include: items(compose, "include").map(rule).collect(),
                exclude: items(compose, "exclude").map(rule).collect(),
            },
            (None, Some(expansion)) => Compose { include: listed(expansion), ..Compose::default() },
            (None, None) => Compose::default(),
        };
        ValueSet {
            origin,
            url: text("url").unwrap_or_default(),
            version: text("version"),
            name: text("name"),
            title: text("title"),
            status: text("status").unwrap_or_else(|| "unknown".to_owned()),
            compose: definition,
            written: compose.map(|compose| compose.raw().to_owned()).unwrap_or_default(),
        }
    }

    /// The set that these rules make.
    pub fn of_rules(url: &str, origin: Origin, include: Vec<Rule>) -> ValueSet {
        ValueSet {
            origin,
            url: url.to_owned(),
            version: None,
            name: None,
            title: None,
            status: "active".to_owned(),
            compose: Compose { include, ..Compose::default() },
            written: String::new(),
        }
    }
}

fn rule(value: Value<'_>) -> Rule {
    let text = |name: &str| value.get_str(name).map(|text| text.into_owned());
    let imports = items(value, "valueSet").filter_map(Value::as_str);
    Rule {
        system: text("system"),
        version: text("version"),
        concepts: items(value, "concept").map(concept).collect(),
        filters: items(value, "filter").map(filter).collect(),
        value_sets: imports.map(|url| Canonical::parse(&url)).collect(),
    }
}

fn concept(value: Value<'_>) -> Listed {
    let text = |value: Value<'_>, name: &str| value.get_str(name).map(|text| text.into_owned());
    let designation = |d: Value<'_>| {
        let words = text(d, "value").unwrap_or_default();
        (text(d, "language"), d.get("use").map(usage), words)
    };
    Listed {
        code: text(value, "code").unwrap_or_default(),
        display: text(value, "display"),
        designations: items(value, "designation").map(designation).collect(),
    }
}

fn filter(value: Value<'_>) -> Filter {
    let text = |name: &str| value.get_str(name).unwrap_or_default().into_owned();
    Filter { property: text("property"), op: text("op"), value: text("value") }
}

/// What an expansion lists, system by system.
fn listed(expansion: Value<'_>) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut next: Vec<Value<'_>> = items(expansion, "contains").collect();
    next.reverse();
    while let Some(entry) = next.pop() {
        let mut inner: Vec<Value<'_>> = items(entry, "contains").collect();
        inner.reverse();
        next.extend(inner);
        let abstracted = entry.get("abstract").and_then(Value::as_bool) == Some(true);
        let (Some(system), false) = (entry.get_str("system"), abstracted) else { continue };
        let version = entry.get_str("version").map(|text| text.into_owned());
        let fits = |r: &Rule| r.system.as_deref() == Some(system.as_ref()) && r.version == version;
        let at = rules.iter().position(fits).unwrap_or_else(|| {
            let system = Some(system.clone().into_owned());
            rules.push(Rule { system, version: version.clone(), ..Rule::default() });
            rules.len() - 1
        });
        if let Some(rule) = rules.get_mut(at) {
            rule.concepts.push(concept(entry));
        }
    }
    rules
}

impl ValueSet {
    /// The value set of all codes of a system, by the address that the system gives it.
    pub fn whole(system: &crate::CodeSystem, url: &str) -> ValueSet {
        let head = system.head();
        let rule = Rule {
            system: Some(head.url.clone()),
            version: head.version.clone(),
            ..Rule::default()
        };
        ValueSet::of_rules(url, Origin::Passing, vec![rule])
    }
}
