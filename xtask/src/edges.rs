//! Which crate may use which: one table, checked against the manifests.

use crate::metadata::Metadata;

/// Crate and the workspace crates it may use. A new edge is a commit of its own with a line in
/// ARCHITECTURE.md.
const EDGES: &[(&str, &str)] = &[
    ("base", ""),
    ("fhir", "base"),
    ("spec", "base"),
    ("ucum", ""),
    ("fhirpath", "base fhir spec ucum"),
    ("patch", "fhir fhirpath spec"),
    ("query", "base fhir spec ucum"),
    ("access", "base fhir spec query"),
    ("audit", "base"),
    ("index", "base fhir spec fhirpath query access ucum"),
    ("store", "base access audit index"),
    ("terminology", "base fhir"),
    ("validate", "base fhir fhirpath spec terminology ucum"),
    ("engine", "base fhir spec fhirpath patch query access audit index store terminology validate"),
    ("auth", "base fhir"),
    ("accounts", "auth"),
    ("synth", "base fhir"),
    ("care", "base fhir"),
    ("emergency", "base fhir spec engine care"),
    ("jobs", "base engine fhir spec"),
    ("http", "base fhir spec engine auth emergency jobs"),
    ("server", "*"),
    ("bench", "*"),
    ("conformance", "*"),
];

/// Crates that must not reach the world, and what they may therefore never depend on.
const PURE: &[&str] = &[
    "access",
    "audit",
    "care",
    "fhir",
    "fhirpath",
    "patch",
    "query",
    "spec",
    "terminology",
    "ucum",
    "validate",
];
const IMPURE: &[&str] = &["tokio", "axum", "hyper", "rusqlite", "reqwest"];

/// Compares the manifests with the table.
pub fn check(metadata: &Metadata) -> Result<(), String> {
    let mut faults = Vec::new();
    for (name, dependencies) in &metadata.workspace {
        let Some(name) = name.strip_prefix("accord-") else { continue };
        let Some((_, allowed)) = EDGES.iter().find(|(crate_name, _)| *crate_name == name) else {
            faults.push(format!("crate `{name}` is not in the table of xtask/src/edges.rs"));
            continue;
        };
        for dependency in dependencies {
            let target = dependency.strip_prefix("accord-");
            let permitted =
                target.is_none_or(|t| *allowed == "*" || allowed.split(' ').any(|a| a == t));
            if !permitted {
                faults.push(format!("`{name}` must not use `{dependency}`"));
            }
            if PURE.contains(&name) && IMPURE.contains(&dependency.as_str()) {
                faults.push(format!("`{name}` is pure and must not use `{dependency}`"));
            }
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}
