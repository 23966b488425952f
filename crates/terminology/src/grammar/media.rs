//! Media types (RFC 6838 §4.2, RFC 2045 §5.1): `type/subtype`, with parameters.

/// Short names that R4 itself writes for its formats in the place of a media type (FHIR R4
/// CapabilityStatement.format).
const FORMATS: [&str; 3] = ["json", "ttl", "xml"];

/// Whether a text is a media type.
pub(super) fn permits(text: &str) -> bool {
    if FORMATS.contains(&text) {
        return true;
    }
    let mut parts = text.split(';');
    let essence = parts.next().unwrap_or_default().trim_end();
    let Some((main, sub)) = essence.split_once('/') else { return false };
    name(main) && name(sub) && parts.all(|parameter| permits_parameter(parameter.trim()))
}

/// A restricted name.
fn name(text: &str) -> bool {
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    let rest = |b: u8| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b);
    first && text.len() <= 127 && text.bytes().all(rest)
}

fn permits_parameter(text: &str) -> bool {
    let Some((name, value)) = text.split_once('=') else { return false };
    let quoted = value.len() >= 2 && value.starts_with('"') && value.ends_with('"');
    token(name) && (quoted || token(value))
}

/// A token of RFC 2045: printable ASCII but for spaces and separators.
fn token(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&b);
    !text.is_empty() && text.bytes().all(fits)
}
