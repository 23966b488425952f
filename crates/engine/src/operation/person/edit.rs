//! Resources with single members changed; everything else stays as it was written.

use accord_fhir::json::{Value, quoted};

/// An object with a member replaced, added at the end, or (`None`) left out.
pub(in super::super) fn with_member(object: Value<'_>, name: &str, value: Option<&str>) -> String {
    let mut out = String::with_capacity(object.raw().len() + 64);
    let mut put = |name: &str, value: &str| {
        out.push(if out.is_empty() { '{' } else { ',' });
        out.push_str(&quoted(name));
        out.push(':');
        out.push_str(value);
    };
    let mut found = false;
    for (own, old) in object.members() {
        match value {
            _ if own != name => put(&own, old.raw()),
            Some(new) => put(name, new),
            None => {}
        }
        found |= own == name;
    }
    if let Some(new) = value.filter(|_| !found) {
        put(name, new);
    }
    if out.is_empty() {
        out.push('{');
    }
    out.push('}');
    out
}

/// The same for a member that is a list; an empty one is left out.
pub(super) fn with_items(object: Value<'_>, name: &str, items: &[String]) -> String {
    let list = format!("[{}]", items.join(","));
    with_member(object, name, Some(list.as_str()).filter(|_| !items.is_empty()))
}

/// The texts of the items of a list.
pub(super) fn items(object: Value<'_>, name: &str) -> Vec<String> {
    let list = object.get(name).into_iter().flat_map(Value::items);
    list.map(|item| item.raw().to_owned()).collect()
}

/// A value in which references to one resource are references to another. What else such a
/// reference says (a name to display, an identifier) was about the first and goes.
pub(super) fn redirected(value: Value<'_>, from: &str, to: &str) -> String {
    use accord_fhir::json::Kind;
    match value.kind() {
        Kind::Object if refers(value, from) => format!(r#"{{"reference":{}}}"#, quoted(to)),
        Kind::Object => {
            let members = value.members();
            let texts = members
                .map(|(name, value)| format!("{}:{}", quoted(&name), redirected(value, from, to)));
            format!("{{{}}}", texts.collect::<Vec<_>>().join(","))
        }
        Kind::Array => {
            let texts = value.items().map(|item| redirected(item, from, to));
            format!("[{}]", texts.collect::<Vec<_>>().join(","))
        }
        _ => value.raw().to_owned(),
    }
}

/// Whether a value is a reference to `target` or one of its versions.
fn refers(value: Value<'_>, target: &str) -> bool {
    let Some(reference) = value.get_str("reference") else { return false };
    let rest = reference.strip_prefix(target);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("/_history/"))
}

#[cfg(test)]
mod tests {
    use accord_fhir::json::{Limits, parse};

    use super::*;

    #[test]
    fn only_the_named_member_changes() {
        let tape = parse(br#"{"a":1.50,"b":[{"c":"d"}]}"#, Limits::default()).unwrap();
        let with = |name, value| with_member(tape.root(), name, value);
        assert_eq!(with("a", Some("true")), r#"{"a":true,"b":[{"c":"d"}]}"#);
        assert_eq!(with("e", Some("2")), r#"{"a":1.50,"b":[{"c":"d"}],"e":2}"#);
        assert_eq!(with("b", None), r#"{"a":1.50}"#);
        assert_eq!(with("e", None), tape.root().raw());
        assert_eq!(with_items(tape.root(), "b", &[]), r#"{"a":1.50}"#);
        let mut links = items(tape.root(), "b");
        links.push("{}".to_owned());
        assert_eq!(with_items(tape.root(), "b", &links), r#"{"a":1.50,"b":[{"c":"d"},{}]}"#);
    }

    #[test]
    fn references_to_the_one_are_to_the_other() {
        let text = br#"{"subject":{"reference":"Patient/a","display":"Ann"},"x":[{"reference":
            "Patient/ab"},{"reference":"Patient/a/_history/2"}],"note":"Patient/a","n":1.0}"#;
        let tape = parse(text, Limits::default()).unwrap();
        let told = redirected(tape.root(), "Patient/a", "Patient/b");
        let expect = r#"{"subject":{"reference":"Patient/b"},"x":[{"reference":"Patient/ab"},"#;
        let expect =
            format!("{expect}{}", r#"{"reference":"Patient/b"}],"note":"Patient/a","n":1.0}"#);
        assert_eq!(told, expect);
    }
}
