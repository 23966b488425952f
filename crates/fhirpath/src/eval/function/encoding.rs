//! Encodings and escapes (FHIRPath, §5.6 additional string functions).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::{Calling, Outcome};
use crate::compile::Function;
use crate::error::EvalError;

const HTML: [(&str, &str); 5] =
    [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")];

pub(super) fn call<'a>(c: Calling<'_, '_, 'a>) -> Outcome<'a> {
    let (Some(text), Some(format)) = (c.text()?, c.arg_text(0)?) else { return Ok(None) };
    c.env.pay(text.len().saturating_mul(2))?;
    let made = match (c.call.function, &*format) {
        (Function::Encode, "base64") => Some(STANDARD.encode(&*text)),
        (Function::Encode, "urlbase64") => Some(URL_SAFE.encode(&*text)),
        (Function::Encode, "hex") => Some(text.bytes().map(|b| format!("{b:02x}")).collect()),
        (Function::Decode, "base64") => decoded(STANDARD.decode(&*text).ok()),
        (Function::Decode, "urlbase64") => decoded(URL_SAFE.decode(&*text).ok()),
        (Function::Decode, "hex") => decoded(hex(&text)),
        (Function::Escape, "html") => Some(
            HTML.iter().fold(text.into_owned(), |text, (plain, safe)| text.replace(plain, safe)),
        ),
        (Function::Unescape, "html") => Some(
            HTML.iter()
                .rev()
                .fold(text.into_owned(), |text, (plain, safe)| text.replace(safe, plain)),
        ),
        (Function::Escape, "json") => {
            let quoted = accord_fhir::json::quoted(&text);
            quoted.get(1..quoted.len().saturating_sub(1)).map(str::to_owned)
        }
        (Function::Unescape, "json") => Some(unescaped(&text)),
        _ => None,
    };
    c.made(made.ok_or(EvalError::WrongArgument)?).map(Some)
}

fn decoded(bytes: Option<Vec<u8>>) -> Option<String> {
    String::from_utf8(bytes?).ok()
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let byte = |pair: &[u8]| {
        let good = pair.len() == 2 && pair.iter().all(u8::is_ascii_hexdigit);
        let pair = std::str::from_utf8(pair).ok().filter(|_| good)?;
        u8::from_str_radix(pair, 16).ok()
    };
    text.as_bytes().chunks(2).map(byte).collect()
}

/// Without the escapes of JSON. A backslash that begins none stays.
fn unescaped(text: &str) -> String {
    let quoted = format!("\"{text}\"");
    let tape = accord_fhir::json::parse(quoted.as_bytes(), accord_fhir::json::Limits::default());
    if let Some(whole) = tape.ok().and_then(|tape| tape.root().as_str().map(|t| t.into_owned())) {
        return whole;
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(next @ ('"' | '\\' | '/'))) => {
                out.push(*next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}
