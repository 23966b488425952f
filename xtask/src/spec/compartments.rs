//! Compartments: which search parameters make a resource a member.

use std::fmt::Write as _;

use super::package::{Package, items, text, texts};

/// `compartment resource params`, types that cannot be members left out.
///
/// `{def}` (the resource is the compartment itself) is left out too: that holds for every
/// compartment's own type by definition.
pub fn table(package: &Package) -> String {
    let mut lines = Vec::new();
    for (file, definition) in package.all("CompartmentDefinition") {
        if file == "CompartmentDefinition-example.json" {
            continue;
        }
        for resource in items(definition, "resource") {
            let params: Vec<&str> = texts(resource, "param").filter(|p| *p != "{def}").collect();
            if !params.is_empty() {
                let (compartment, name) = (text(definition, "code"), text(resource, "code"));
                lines.push(format!("{compartment}\t{name}\t{}", params.join(" ")));
            }
        }
    }
    lines.sort();
    let mut out = String::from("# compartment\tresource\tparams\n");
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
    out
}
