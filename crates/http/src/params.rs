//! Queries and forms: percent-decoding (RFC 3986 §2.1) and `application/x-www-form-urlencoded`.

use std::borrow::Cow;

use accord_engine::Category;
use accord_fhir::IssueCode;

use crate::refusal::{Checked, Refusal};
use crate::routes::Code;

/// Most parameters in one request.
pub(crate) const MAX_PARAMS: usize = 1000;

/// Why a query or form is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum ParamFault {
    #[error("malformed percent-encoding")]
    Percent,
    #[error("not UTF-8")]
    Utf8,
    #[error("more than {MAX_PARAMS} parameters")]
    TooMany,
}

/// The decoded parameters of a query or form, in their order, added to `params`.
pub(crate) fn decode_into(
    params: &mut Vec<(String, String)>,
    text: &str,
) -> Result<(), ParamFault> {
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        if params.len() >= MAX_PARAMS {
            return Err(ParamFault::TooMany);
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        params.push((decode(name, true)?.into_owned(), decode(value, true)?.into_owned()));
    }
    Ok(())
}

/// A path segment decoded; `+` stands for itself there.
pub(crate) fn decode_segment(text: &str) -> Result<Cow<'_, str>, ParamFault> {
    decode(text, false)
}

fn decode(text: &str, plus_is_space: bool) -> Result<Cow<'_, str>, ParamFault> {
    let special = |b: u8| b == b'%' || (plus_is_space && b == b'+');
    if !text.bytes().any(special) {
        return Ok(Cow::Borrowed(text));
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let high = bytes.next().and_then(hex).ok_or(ParamFault::Percent)?;
                let low = bytes.next().and_then(hex).ok_or(ParamFault::Percent)?;
                out.push(high << 4 | low);
            }
            b'+' if plus_is_space => out.push(b' '),
            other => out.push(other),
        }
    }
    String::from_utf8(out).map(Cow::Owned).map_err(|_| ParamFault::Utf8)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Takes the parameters of this name out of the list; the last one counts.
pub(crate) fn take(params: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let mut found = None;
    params.retain_mut(|(n, value)| {
        let hit = n == name;
        if hit {
            found = Some(std::mem::take(value));
        }
        !hit
    });
    found
}

/// Whether the interaction has parameters of its own.
pub(crate) fn takes_params(code: Code) -> bool {
    matches!(
        code,
        Code::SearchType
            | Code::SearchSystem
            | Code::HistoryInstance
            | Code::HistoryType
            | Code::HistorySystem
            | Code::Operation
    )
}

/// Parameters that mean nothing here are an error, like unknown ones of a search.
pub(crate) fn check_no_params(params: &[(String, String)], lenient: bool) -> Checked<()> {
    let matters = |(name, value): &&(String, String)| !(name == "_summary" && value == "false");
    match params.iter().find(matters) {
        Some((name, _)) if !lenient => {
            let word = |b: u8| b.is_ascii_alphanumeric() || b"_-:.".contains(&b);
            let text = if name.len() <= 64 && name.bytes().all(word) {
                format!("the parameter `{name}` is not supported here")
            } else {
                "a parameter of the query is not supported here".to_owned()
            };
            Err(Refusal::new(Category::Invalid, IssueCode::NotSupported, text))
        }
        _ => Ok(()),
    }
}
