//! JSON indented for people, every token as it was.

use accord_fhir::json::{Kind, Limits, Value, parse};

/// Deepest nesting that is indented: a resource at the parser's limit inside a Bundle inside a
/// Bundle fits.
const DEPTH: usize = 128;

/// The document with two spaces per level. What cannot be parsed, is too deep or too large comes
/// back as it is: this is a courtesy, not a check.
pub(crate) fn pretty(text: String) -> String {
    let limits = Limits { depth: DEPTH, ..Limits::default() };
    let Ok(tape) = parse(text.as_bytes(), limits) else { return text };
    let mut out = String::with_capacity(text.len() + text.len() / 2);
    write(&mut out, tape.text(), tape.root(), 0);
    out.push('\n');
    out
}

fn write(out: &mut String, text: &str, value: Value<'_>, level: usize) {
    match value.kind() {
        Kind::Object => object(out, text, value, level),
        Kind::Array => array(out, text, value, level),
        _ => out.push_str(value.raw()),
    }
}

fn object(out: &mut String, text: &str, value: Value<'_>, level: usize) {
    out.push('{');
    let mut members = value.members();
    let mut empty = true;
    while let Some((span, _, member)) = members.next_spanned() {
        separate(out, &mut empty, level + 1);
        out.push_str(text.get(span).unwrap_or_default());
        out.push_str(": ");
        write(out, text, member, level + 1);
    }
    close(out, empty, level, '}');
}

fn array(out: &mut String, text: &str, value: Value<'_>, level: usize) {
    out.push('[');
    let mut empty = true;
    for item in value.items() {
        separate(out, &mut empty, level + 1);
        write(out, text, item, level + 1);
    }
    close(out, empty, level, ']');
}

fn separate(out: &mut String, empty: &mut bool, level: usize) {
    if !*empty {
        out.push(',');
    }
    *empty = false;
    line(out, level);
}

fn close(out: &mut String, empty: bool, level: usize, end: char) {
    if !empty {
        line(out, level);
    }
    out.push(end);
}

fn line(out: &mut String, level: usize) {
    out.push('\n');
    for _ in 0..level {
        out.push_str("  ");
    }
}
