//! Code systems: which ones the definitions know.

use super::package::{Package, text};

/// The canonical addresses of the package's code systems, sorted.
pub fn table(package: &Package) -> String {
    let systems = package.all("CodeSystem").map(|(_, definition)| text(definition, "url"));
    let mut systems: Vec<&str> = systems.filter(|url| !url.is_empty()).collect();
    systems.sort_unstable();
    systems.dedup();
    format!("# system\n{}\n", systems.join("\n"))
}
