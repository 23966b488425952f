//! Operations whose answer may be a file instead of a resource: which one the client wants.

use accord_emergency::Told;
use hyper::HeaderMap;
use hyper::StatusCode;
use hyper::header::{ACCEPT, HeaderName, HeaderValue};

use crate::header::list;
use crate::params::take;
use crate::refusal::{Checked, Refusal};
use crate::reply::Reply;

/// A kind of file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct File {
    /// Its media type.
    name: &'static str,
    /// Its media type with what a client has to know of it.
    content_type: &'static str,
    /// What else is said of it.
    header: (&'static str, &'static str),
}

/// Every kind.
const FILES: [File; 2] = [
    File {
        name: "text/csv",
        content_type: "text/csv; charset=utf-8; header=present",
        header: ("content-disposition", "attachment; filename=\"export.csv\""),
    },
    File {
        name: "text/html",
        content_type: "text/html; charset=utf-8",
        header: (
            "content-security-policy",
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
        ),
    },
];

impl File {
    /// The answer without its text.
    pub(crate) fn reply(self) -> Reply {
        let (name, value) = self.header;
        let header = Some((HeaderName::from_static(name), HeaderValue::from_static(value)));
        Reply { content_type: self.content_type, header, ..Reply::empty(StatusCode::OK) }
    }
}

/// The file that the client wants by `_format`, or else by `Accept`: where it names the media type
/// and not JSON before it. `None`: a resource.
///
/// # Errors
/// If `Accept` cannot be read, or lets in nothing that there is.
pub(crate) fn wanted(
    told: Told,
    headers: &HeaderMap,
    params: &mut Vec<(String, String)>,
) -> Checked<Option<File>> {
    let of = |media: &str| FILES.iter().find(|file| file.name == media).copied();
    let (media, only) = match told {
        Told::Resource => return Ok(None),
        Told::Either(media) => (media, false),
        Told::File(media) => (media, true),
    };
    let format = params.iter().find(|(name, _)| name == "_format").map(|(_, value)| value.clone());
    let named = match &format {
        Some(format) => {
            let short = media.rsplit('/').next().unwrap_or(media);
            base(format) == media || format == short
        }
        None => accepts(headers, media, only)?,
    };
    if named {
        take(params, "_format");
        return Ok(of(media));
    }
    match only {
        true => Err(Refusal::not_acceptable(format!("this is told as `{media}` alone"))),
        false => Ok(None),
    }
}

/// Whether `Accept` asks for the media type: names it first, or, where there is `only` that, lets it
/// in at all.
fn accepts(headers: &HeaderMap, media: &str, only: bool) -> Checked<bool> {
    let ranges = list(headers, &ACCEPT)?;
    let refused = |range: &str| {
        let quality = range.split(';').skip(1).find_map(|part| part.trim().strip_prefix("q="));
        quality.is_some_and(|q| q.trim().parse() == Ok(0.0))
    };
    let none = ranges.is_empty();
    let mut wanted = ranges.into_iter().filter(|range| !refused(range)).map(base);
    Ok(match only {
        true => none || wanted.any(|range| range == media || range == "*/*" || range == "text/*"),
        false => wanted.next().is_some_and(|first| first == media),
    })
}

/// A media range without its parameters.
fn base(range: &str) -> String {
    range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
