//! Search parameter expressions: what remains of a union for one resource type.

use super::structures::{Element, Structures};

/// The alternatives of the top-level union of `expression`.
///
/// A `|` inside brackets or quotes does not separate.
pub fn alternatives(expression: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start) = (0_i32, false, 0);
    let mut parts = Vec::new();
    for (at, c) in expression.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' | '[' if !quoted => depth += 1,
            ')' | ']' if !quoted => depth -= 1,
            '|' if !quoted && depth == 0 => {
                parts.push(expression.get(start..at).unwrap_or_default().trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(expression.get(start..).unwrap_or_default().trim());
    parts
}

/// The part of `expression` that can yield something for `base`, or nothing.
///
/// An alternative that ends in `.extension(url)` is dropped: it yields an Extension, which no
/// search parameter type can match (extension packs of the package define such parameters).
pub fn reduced(expression: &str, base: &str) -> Option<String> {
    let kept: Vec<&str> = alternatives(expression)
        .into_iter()
        .filter(|part| starts_with_type(part, base) && !part.contains(".extension('"))
        .collect();
    (!kept.is_empty()).then(|| kept.join(" | "))
}

fn starts_with_type(part: &str, base: &str) -> bool {
    let first = part.trim_start_matches(['(', ' ']);
    let name: &str = first.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    name == base
}

/// The resource types that references found by `expression` can name, as far as the definitions
/// tell; `None` when one of its alternatives leaves that open.
pub fn reachable(expression: &str, all: &Structures) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for part in alternatives(expression) {
        found.extend(reachable_by(part, all)?);
    }
    Some(found)
}

fn reachable_by(part: &str, all: &Structures) -> Option<Vec<String>> {
    if let Some((_, rest)) = part.split_once(".where(resolve() is ") {
        return Some(vec![rest.strip_suffix(')')?.trim().to_owned()]);
    }
    let inner = part.strip_prefix('(').and_then(|p| p.strip_suffix(" as Reference)"));
    let targets = &element_at(inner.unwrap_or(part), all)?
        .types
        .iter()
        .find(|t| t.name == "Reference" || t.name == "canonical")?
        .targets;
    (!targets.is_empty()).then(|| targets.clone())
}

/// The element that a plain path such as `Patient.contact.organization` names.
fn element_at<'a>(path: &str, all: &'a Structures) -> Option<&'a Element> {
    let mut steps = path.split('.');
    let mut holder = all.get(steps.next()?)?;
    let mut element = None;
    for step in steps {
        if let Some(previous) = element {
            let previous: &Element = previous;
            let [only] = previous.types.as_slice() else { return None };
            holder = all.get(&only.name)?;
        }
        let choice = format!("{step}[x]");
        element = holder.elements.iter().find(|e| e.name == step || e.name == choice);
        element?;
    }
    element
}
