//! Bindings: which code system a bound code implies.

use std::collections::BTreeMap;

use serde_json::Value;

use super::package::{Package, items, text};

/// Value set address to the one code system it draws from.
pub struct Systems<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Systems<'a> {
    /// Finds every value set of the package whose codes all come from one named system.
    ///
    /// Such a code names its system even when the system is not written beside it, which token
    /// search relies on (FHIR R4 search §3.1.1.4.10).
    pub fn new(package: &'a Package) -> Self {
        let pairs = package.all("ValueSet").filter_map(|(_, set)| {
            let system = only_system(set.get("compose")?)?;
            Some((text(set, "url"), system))
        });
        Self(pairs.collect())
    }

    /// The system implied by `value_set`, an address with or without a version.
    pub fn of(&self, value_set: &str) -> Option<&'a str> {
        self.0.get(without_version(value_set)).copied()
    }
}

/// The address before the `|version`.
pub fn without_version(canonical: &str) -> &str {
    canonical.split('|').next().unwrap_or(canonical)
}

fn only_system(compose: &Value) -> Option<&str> {
    let [include] = items(compose, "include") else { return None };
    let imports = !items(include, "valueSet").is_empty();
    let system = text(include, "system");
    (!imports && !system.is_empty()).then_some(system)
}
