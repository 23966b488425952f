//! xhtml: one well-formed `div`.
//!
//! **Absent:** which elements and attributes a narrative may use (txt-1), and documents: there is
//! no DOCTYPE, no processing instruction, no entity beyond the five of XML.

const NO_DIV: &str = "must be one `<div>` in the XHTML namespace";
const MALFORMED: &str = "must be well-formed XHTML";
const NAMESPACE: &str = "http://www.w3.org/1999/xhtml";

/// Checks that the text is one div whose tags are balanced and whose entities XML knows.
pub(super) fn xhtml(text: &str) -> Option<&'static str> {
    let body = text.trim();
    let starts =
        body.strip_prefix("<div").is_some_and(|r| r.starts_with([' ', '>', '\n', '\t', '\r', '/']));
    if !starts {
        return Some(NO_DIV);
    }
    match scan(body) {
        Some(true) => None,
        Some(false) => Some(NO_DIV),
        None => Some(MALFORMED),
    }
}

/// `None` if not well-formed; `Some(false)` if something stands around the div, or its namespace
/// is not that of XHTML.
fn scan(mut rest: &str) -> Option<bool> {
    let mut open: Vec<&str> = Vec::new();
    let mut namespace = false;
    loop {
        let (before, after) = match rest.split_once('<') {
            Some(split) => split,
            None => return (open.is_empty() && rest.trim().is_empty()).then_some(namespace),
        };
        entities(before)?;
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->")?.1;
        } else if let Some(name) = after.strip_prefix('/') {
            let (name, after) = name.split_once('>')?;
            if open.pop()? != name.trim_end() {
                return None;
            }
            rest = after;
            if open.is_empty() {
                return rest.trim().is_empty().then_some(namespace);
            }
        } else {
            let tag = start_tag(after)?;
            if open.is_empty() {
                namespace = tag.namespace;
            }
            rest = tag.rest;
            match (tag.closed, open.is_empty()) {
                (true, true) => return rest.trim().is_empty().then_some(namespace),
                (true, false) => {}
                (false, _) => open.push(tag.name),
            }
        }
    }
}

struct Tag<'a> {
    name: &'a str,
    /// Whether it declares the XHTML namespace.
    namespace: bool,
    /// Whether it ends in `/>`.
    closed: bool,
    /// What follows it.
    rest: &'a str,
}

/// Reads a start tag after its `<`.
fn start_tag(text: &str) -> Option<Tag<'_>> {
    let (name, mut rest) = name(text)?;
    let mut namespace = false;
    loop {
        let trimmed = rest.trim_start();
        if let Some(rest) = trimmed.strip_prefix("/>") {
            return Some(Tag { name, namespace, closed: true, rest });
        }
        if let Some(rest) = trimmed.strip_prefix('>') {
            return Some(Tag { name, namespace, closed: false, rest });
        }
        // An attribute needs white space before it.
        if trimmed.len() == rest.len() {
            return None;
        }
        let (attribute, value, after) = attribute(trimmed)?;
        namespace |= attribute == "xmlns" && value == NAMESPACE;
        rest = after;
    }
}

/// `name="value"`, with either quote.
fn attribute(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = name(text)?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, rest) = rest.strip_prefix(quote)?.split_once(quote)?;
    if value.contains('<') {
        return None;
    }
    entities(value)?;
    Some((name, value, rest))
}

fn name(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.')))?;
    let (name, rest) = text.split_at_checked(end)?;
    let first = name.chars().next()?;
    (first.is_alphabetic() || first == '_').then_some((name, rest))
}

/// Checks that every `&` begins an entity that XML knows without a DTD.
fn entities(text: &str) -> Option<()> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('&') {
        let (entity, after) = after.split_once(';')?;
        let good = match entity.strip_prefix('#') {
            Some(number) => match number.strip_prefix('x') {
                Some(hex) => !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit()),
                None => !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()),
            },
            None => matches!(entity, "amp" | "lt" | "gt" | "quot" | "apos"),
        };
        if !good {
            return None;
        }
        rest = after;
    }
    Some(())
}
