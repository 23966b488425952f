//! Request headers read strictly.

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};

use crate::refusal::{Checked, Refusal};

/// The one value of a header, if it is there.
///
/// # Errors
/// 400 if it is repeated or not visible ASCII: two readers could disagree on what it says.
pub(crate) fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Checked<Option<&'a str>> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Refusal::invalid(format!("the header `{name}` is repeated")));
    }
    text(name, value).map(Some)
}

/// The items of a list header, over all its lines, in their order, trimmed.
///
/// # Errors
/// 400 if a line is not visible ASCII.
pub(crate) fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Checked<Vec<&'a str>> {
    let mut items = Vec::new();
    for value in headers.get_all(name) {
        items.extend(text(name, value)?.split(',').map(str::trim).filter(|item| !item.is_empty()));
    }
    Ok(items)
}

fn text<'a>(name: &HeaderName, value: &'a HeaderValue) -> Checked<&'a str> {
    value
        .to_str()
        .map(str::trim)
        .map_err(|_| Refusal::invalid(format!("the header `{name}` cannot be read")))
}

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1).
///
/// # Errors
/// 401 if there is none, or it is not of this form.
pub(crate) fn bearer(headers: &HeaderMap) -> Checked<&str> {
    let unreadable = |_| Refusal::unauthenticated("the authorization header cannot be read", false);
    let value = single(headers, &hyper::header::AUTHORIZATION).map_err(unreadable)?;
    let Some(value) = value else {
        return Err(Refusal::unauthenticated("a bearer token is needed", false));
    };
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err(Refusal::unauthenticated("a bearer token is needed", false)),
    }
}

/// What the client calls this request, if that is a plain token (RFC 9110 §5.6.2) of at most 64
/// characters.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(&X_REQUEST_ID).iter();
    let value = values.next()?.to_str().ok()?;
    let is_token = matches!(value.len(), 1..=64) && value.bytes().all(is_token_byte);
    (is_token && values.next().is_none()).then_some(value)
}

/// `X-Request-Id`
pub(crate) static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
