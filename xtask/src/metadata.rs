//! What `cargo metadata` says about the workspace and its dependencies.

use std::process::Command;

use serde_json::Value;

/// Packages as the checks need them.
pub struct Metadata {
    /// Workspace crates with their normal (not dev, not build) dependencies.
    pub workspace: Vec<(String, Vec<String>)>,
    /// Every package outside the workspace with its licence expression.
    pub licences: Vec<(String, String)>,
}

/// Asks cargo.
pub fn read() -> Result<Metadata, String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked"])
        .output()
        .map_err(|e| format!("cargo metadata: {e}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let json: Value = serde_json::from_slice(&output.stdout).map_err(|e| e.to_string())?;
    let text = |value: &Value, name: &str| {
        value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let mut metadata = Metadata { workspace: Vec::new(), licences: Vec::new() };
    for package in json.get("packages").and_then(Value::as_array).into_iter().flatten() {
        let name = text(package, "name");
        if package.get("source").is_none_or(Value::is_null) {
            let dependencies = package.get("dependencies").and_then(Value::as_array);
            let normal = dependencies
                .into_iter()
                .flatten()
                .filter(|d| d.get("kind").is_none_or(Value::is_null))
                .map(|d| text(d, "name"))
                .collect();
            metadata.workspace.push((name, normal));
        } else {
            metadata.licences.push((name, text(package, "license")));
        }
    }
    Ok(metadata)
}
