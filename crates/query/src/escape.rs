//! Backslash escapes in values (FHIR R4 search §3.1.1.4.2).

/// The pieces of `text` between unescaped occurrences of `separator`, escapes left in.
pub(crate) fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut pieces, mut start, mut escaped) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == separator {
            pieces.push(text.get(start..at).unwrap_or_default());
            start = at + c.len_utf8();
        }
    }
    pieces.push(text.get(start..).unwrap_or_default());
    pieces
}

/// The text with `\,`, `\|`, `\$` and `\\` replaced by what they stand for. A backslash before
/// anything else stands for itself.
pub(crate) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().filter(|next| c == '\\' && is_special(*next));
        match next {
            Some(special) => {
                out.push(special);
                chars.next();
            }
            None => out.push(c),
        }
    }
    out
}

/// The text such that [`split`] leaves it whole and [`unescape`] gives it back.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_special(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn is_special(c: char) -> bool {
    matches!(c, ',' | '|' | '$' | '\\')
}
