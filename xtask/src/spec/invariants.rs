//! The table of invariants: what the definitions state as FHIRPath, where they state it.

use std::fmt::Write as _;

use serde_json::Value;

use super::package::{Package, items, text, texts};

/// A row: element, key, severity, expression, text for people.
type Row = [String; 5];

/// `element key severity expression human`, sorted; inherited ones left out.
///
/// An element of a type with a profile on it (`SimpleQuantity`) has that profile's own invariants.
pub fn table(package: &Package) -> String {
    let mut rows: Vec<Row> = package
        .all("StructureDefinition")
        .filter(|(_, definition)| {
            text(definition, "derivation") != "constraint" && text(definition, "kind") != "logical"
        })
        .flat_map(|(_, definition)| stated(definition, package))
        .collect();
    rows.sort();
    rows.dedup();
    let mut out = String::from("# element\tkey\tseverity\texpression\thuman\n");
    for row in rows {
        let _ = writeln!(out, "{}", row.join("\t"));
    }
    out
}

/// What one type states of itself and of its elements.
fn stated(definition: &Value, package: &Package) -> Vec<Row> {
    let mut rows = Vec::new();
    for element in elements(definition) {
        let path = text(element, "path");
        rows.extend(own(element, definition, path));
        for profile in items(element, "type").iter().flat_map(|ty| texts(ty, "profile")) {
            let found = package.all("StructureDefinition").find(|(_, d)| text(d, "url") == profile);
            if let Some((_, profile)) = found {
                let root = elements(profile).first();
                rows.extend(root.into_iter().flat_map(|root| own(root, profile, path)));
            }
        }
    }
    rows
}

fn elements(definition: &Value) -> &[Value] {
    definition.get("snapshot").map_or(&[], |snapshot| items(snapshot, "element"))
}

/// The constraints of an element that its definition does not inherit, as rows of `path`.
fn own(element: &Value, definition: &Value, path: &str) -> Vec<Row> {
    let url = text(definition, "url");
    let is_own = |c: &&Value| ["", url].contains(&text(c, "source"));
    let row = |c: &Value| {
        let cells = [path, text(c, "key"), text(c, "severity"), text(c, "expression")];
        let [path, key, severity, expression] = cells.map(in_line);
        [path, key, severity, expression, in_line(text(c, "human"))]
    };
    items(element, "constraint").iter().filter(is_own).map(row).collect()
}

/// A text as a cell: white space between words is one space.
fn in_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
