//! Conditional requests: versions and instants that a client states (FHIR R4 http §3.1.0.5,
//! RFC 9110 §13).

use accord_engine::Category;
use accord_fhir::IssueCode;
use hyper::HeaderMap;
use hyper::header::{HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};

use crate::header::{list, single};
use crate::refusal::{Checked, Refusal};

/// `If-None-Exist`
pub(crate) static IF_NONE_EXIST: HeaderName = HeaderName::from_static("if-none-exist");

/// When a read may be answered with "not modified".
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Freshness {
    /// The client has this version.
    pub version: Option<u32>,
    /// The client has whatever there is (`*`).
    pub any: bool,
    /// The client has the state of this second since 1970.
    pub since_s: Option<u64>,
}

/// The conditions of a read. `If-None-Match` makes `If-Modified-Since` void (RFC 9110 §13.1.3). Of
/// several versions the greatest counts: the current one is never smaller than one that was served.
pub(crate) fn freshness(headers: &HeaderMap) -> Checked<Freshness> {
    if headers.contains_key(IF_NONE_MATCH) {
        let tags = list(headers, &IF_NONE_MATCH)?;
        return Ok(Freshness {
            version: tags.iter().filter_map(|tag| version(tag)).max(),
            any: tags.contains(&"*"),
            since_s: None,
        });
    }
    let since_s = single(headers, &IF_MODIFIED_SINCE)?.and_then(seconds);
    Ok(Freshness { since_s, ..Freshness::default() })
}

/// The version that must be current for a write.
///
/// # Errors
/// 412 for a tag that is none of ours; 501 for forms that are not supported: ignoring one of
/// these would overwrite what the client wanted to protect.
pub(crate) fn if_match(headers: &HeaderMap) -> Checked<Option<u32>> {
    for unsupported in [IF_NONE_MATCH, IF_UNMODIFIED_SINCE] {
        if headers.contains_key(&unsupported) {
            let text = format!("the header `{unsupported}` is not supported on writes");
            return Err(Refusal::unsupported(text));
        }
    }
    if !headers.contains_key(IF_MATCH) {
        return Ok(None);
    }
    match list(headers, &IF_MATCH)?.as_slice() {
        ["*"] => Err(Refusal::unsupported("the header `if-match` with `*` is not supported")),
        [tag] => match version(tag) {
            Some(version) => Ok(Some(version)),
            None => Err(Refusal::new(
                Category::Precondition,
                IssueCode::Conflict,
                "the header `if-match` names no version; it looks like `W/\"3\"`",
            )),
        },
        _ => Err(Refusal::unsupported("the header `if-match` takes one version")),
    }
}

/// The query of `If-None-Exist`, without a leading question mark.
pub(crate) fn if_none_exist(headers: &HeaderMap) -> Checked<Option<String>> {
    let query = single(headers, &IF_NONE_EXIST)?;
    Ok(query.map(|q| q.strip_prefix('?').unwrap_or(q).to_owned()))
}

/// The version that an entity tag of ours names: `W/"3"`, or `"3"` from clients that drop the
/// weakness.
fn version(tag: &str) -> Option<u32> {
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    number(quoted.strip_prefix('"')?.strip_suffix('"')?)
}

/// A version number in its one spelling: digits, no leading zero.
pub(crate) fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain)
}

/// Seconds since 1970 of an HTTP date; anything else is ignored (RFC 9110 §13.1.3).
fn seconds(date: &str) -> Option<u64> {
    let instant = httpdate::parse_http_date(date).ok()?;
    instant.duration_since(std::time::UNIX_EPOCH).ok().map(|since| since.as_secs())
}
