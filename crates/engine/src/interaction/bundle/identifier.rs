//! Conditions made of identifiers (`import --match`).

use accord_fhir::json::{Kind, Value};

/// The condition that finds a resource by its identifiers: any of those with system and value.
pub(super) fn identifier_condition(resource: Value<'_>) -> Option<String> {
    let identifiers = resource.get("identifier").filter(|v| v.kind() == Kind::Array)?;
    let tokens: Vec<String> = identifiers
        .items()
        .filter_map(|identifier| {
            let system = identifier.get_str("system").unwrap_or_default();
            let value = identifier.get_str("value")?;
            Some(format!("{}%7C{}", escape(&system), escape(&value)))
        })
        .collect();
    (!tokens.is_empty()).then(|| format!("identifier={}", tokens.join(",")))
}

/// Escapes a token for a search parameter (FHIR R4 search §3.1.1.4.1), then for a URL.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | ',' | '|' | '$') {
            out.push_str("%5C");
        }
        match c {
            '%' | '&' | '+' | '#' | '=' | '\\' | ',' | '|' | '$' | ' ' => {
                out.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use accord_fhir::json::{Limits, parse};

    #[test]
    fn identifiers_become_a_condition_that_reads_back() {
        let text = r#"{"identifier":[{"system":"http://x","value":"a,b|c 1%"},{"use":"old"}]}"#;
        let tape = parse(text.as_bytes(), Limits::default()).unwrap();
        let condition = identifier_condition(tape.root()).unwrap();
        let pairs = crate::url::pairs(&condition);
        assert_eq!(pairs, [("identifier".to_owned(), "http://x|a\\,b\\|c 1%".to_owned())]);
    }
}
