//! Escapes of JSON strings.
#![allow(clippy::indexing_slicing, reason = "slices end at positions found by searching them")]

use std::fmt::Write as _;

/// Length of the escape sequence at the start of `bytes`, surrogate pairs counted whole; `None`
/// if it is malformed. Lone surrogates are malformed: they are no character.
pub(super) fn escape_length(bytes: &[u8]) -> Option<usize> {
    match bytes.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => match hex4(bytes.get(2..6)?)? {
            0xd800..=0xdbff => {
                let low = bytes.get(6..12)?;
                let is_low = low.starts_with(b"\\u")
                    && hex4(&low[2..]).is_some_and(|unit| (0xdc00..=0xdfff).contains(&unit));
                is_low.then_some(12)
            }
            0xdc00..=0xdfff => None,
            _ => Some(6),
        },
        _ => None,
    }
}

fn hex4(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, &d| Some(sum * 16 + char::from(d).to_digit(16)?))
}

/// Decodes a string (without its quotes) whose escapes were checked by the parser.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = escape_length(rest.as_bytes()).unwrap_or(rest.len());
        out.push(decode(&rest.as_bytes()[..length]));
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

fn decode(escape: &[u8]) -> char {
    match escape.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            let high = escape.get(2..6).and_then(hex4).unwrap_or(0xfffd);
            let code = match escape.get(8..12).and_then(hex4) {
                Some(low) => 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff),
                None => high,
            };
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        Some(&byte) => char::from(byte),
        None => char::REPLACEMENT_CHARACTER,
    }
}

/// Writes `text` as the inside of a JSON string.
pub fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
}

/// `text` as a JSON string, with quotes.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    escape_into(&mut out, text);
    out.push('"');
    out
}
