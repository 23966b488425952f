//! House rules about files, each with its remedy in the message.

use std::path::Path;
use std::process::Command;

/// A source file longer than this is split.
const MOST_LINES: usize = 800;

/// Where the scope of the system is taken without a token that says so, and how often. Each sees
/// everything, so this list may only shrink: prefer `decide`.
const SYSTEM_SCOPES: &[(&str, usize)] = &[
    ("crates/engine/src/controller.rs", 1),
    // Notice, alert and review of a claim: whoever claims must not be able to write them.
    ("crates/engine/src/writer/evaluate.rs", 1),
];

/// Checks the files git knows.
pub fn check(root: &Path) -> Result<(), String> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|e| format!("git ls-files: {e}"))?;
    let listing = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut faults = Vec::new();
    for name in listing.lines() {
        let Ok(text) = std::fs::read_to_string(root.join(name)) else { continue };
        // This file names what it looks for.
        if name.ends_with(".rs") && name != "xtask/src/tidy.rs" {
            rust_file(name, &text, &mut faults);
        }
        if name != "xtask/src/tidy.rs" && text.contains("/work/") {
            faults.push(format!("{name}: names a path of one machine; use a relative one"));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

fn rust_file(name: &str, text: &str, faults: &mut Vec<String>) {
    system_scopes(name, text, faults);
    let lines = text.lines().count();
    if lines > MOST_LINES {
        faults.push(format!("{name}: {lines} lines; split it by feature (at most {MOST_LINES})"));
    }
    if text.contains("#[ignore") {
        faults.push(format!("{name}: a test is ignored; make it fast or move it to a benchmark"));
    }
    if text.contains("thread::sleep") && name.contains("test") {
        faults.push(format!("{name}: a test sleeps; wait for the event instead"));
    }
}

/// Counts uses of `Scope::system` in code that ships.
fn system_scopes(name: &str, text: &str, faults: &mut Vec<String>) {
    let ships = name.starts_with("crates/")
        && name.contains("/src/")
        && !name.contains("test")
        && !name.starts_with("crates/access/")
        && !name.starts_with("crates/conformance/");
    let product = text.split("#[cfg(test)]").next().unwrap_or_default();
    let found = product.matches("Scope::system(").count();
    let listed = SYSTEM_SCOPES.iter().find(|(file, _)| *file == name).map_or(0, |(_, n)| *n);
    if ships && found != listed {
        faults.push(format!(
            "{name}: takes the scope of the system {found} times, {listed} are listed; use \
             `decide`, or shorten the list in xtask/src/tidy.rs"
        ));
    }
}
