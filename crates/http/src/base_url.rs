//! The address that links and locations begin with.

use hyper::HeaderMap;
use hyper::header::HOST;

use crate::header::single;
use crate::refusal::{Checked, Refusal};
use crate::routes::BASE;

/// A configured base address, such as `https://fhir.example.org/fhir`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BaseUrl(String);

/// The text is no base address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a base address begins with http:// or https:// and has neither query nor fragment")]
pub struct InvalidBaseUrl;

impl BaseUrl {
    /// Checks and takes a text as the base address; a slash at the end is dropped.
    ///
    /// # Errors
    /// If it is not `http` or `https`, or holds anything that links and JSON would have to escape.
    pub fn new(text: &str) -> Result<BaseUrl, InvalidBaseUrl> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/[]%".contains(&b);
        match rest {
            Some(rest) if rest.bytes().all(plain) && !rest.trim_matches('/').is_empty() => {
                Ok(BaseUrl(text.trim_end_matches('/').to_owned()))
            }
            _ => Err(InvalidBaseUrl),
        }
    }

    /// The address, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The base address of this request: the configured one, or one made from the `Host` header.
///
/// # Errors
/// 400 if the header has not the form of a name or address with an optional port (RFC 9110 §7.2).
pub(crate) fn of(configured: Option<&BaseUrl>, headers: &HeaderMap) -> Checked<String> {
    if let Some(base) = configured {
        return Ok(base.0.clone());
    }
    let host = single(headers, &HOST)?.unwrap_or("localhost");
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
    if matches!(host.len(), 1..=255) && host.bytes().all(plain) {
        Ok(format!("http://{host}{BASE}"))
    } else {
        Err(Refusal::invalid("the header `host` names no host"))
    }
}
