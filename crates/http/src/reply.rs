//! An answer before it is an HTTP response: what differs between answers, in one place.

use accord_base::LogTime;
use accord_fhir::outcome::operation_outcome;
use bytes::Bytes;
use hyper::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, HeaderValue,
    LAST_MODIFIED, LOCATION, VARY,
};
use hyper::{HeaderMap, Response, StatusCode};

use tokio::sync::mpsc;

use crate::content::Content;
use crate::encode::{Payload, encode};
use crate::header::X_REQUEST_ID;
use crate::negotiate::{FHIR_JSON, Wants};
use crate::refusal::Refusal;
use crate::routes::Code;

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: StatusCode,
    pub payload: Payload,
    pub content_type: &'static str,
    pub etag: Option<u32>,
    pub last_modified: Option<LogTime>,
    pub location: Option<String>,
    pub header: Option<(HeaderName, HeaderValue)>,
    /// Whether the client may keep it and ask whether it is still current.
    pub revalidates: bool,
    /// What was done, where that is known more closely than from the route.
    pub code: Option<Code>,
    /// What follows as it comes, in place of the payload.
    pub events: Option<mpsc::Receiver<Bytes>>,
}

impl Reply {
    /// A status without a body.
    pub(crate) fn empty(status: StatusCode) -> Reply {
        Reply {
            status,
            payload: Payload::default(),
            content_type: FHIR_JSON,
            etag: None,
            last_modified: None,
            location: None,
            header: None,
            revalidates: false,
            code: None,
            events: None,
        }
    }

    /// A status with FHIR JSON.
    pub(crate) fn json(status: StatusCode, text: String, wants: &Wants) -> Reply {
        Reply { payload: encode(text, wants), ..Reply::empty(status) }
    }

    /// A refusal as an OperationOutcome.
    pub(crate) fn refused(refusal: Refusal, wants: &Wants) -> Reply {
        let text = operation_outcome(&refusal.issues);
        Reply { header: refusal.header, ..Reply::json(refusal.status, text, wants) }
    }

    /// The response. Of a `HEAD` only the length of the body remains.
    pub(crate) fn into_response(self, request_id: &str, head: bool) -> Response<Content> {
        let mut headers = HeaderMap::with_capacity(8);
        if !self.payload.bytes.is_empty() || self.events.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
        if self.payload.gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        let cache = if self.revalidates { "private, no-cache" } else { "private, no-store" };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
        headers.insert(VARY, HeaderValue::from_static(VARIES));
        if let Some(version) = self.etag {
            put(&mut headers, &ETAG, Some(etag(version)));
        }
        put(&mut headers, &LAST_MODIFIED, self.last_modified.map(LogTime::http_date));
        put(&mut headers, &LOCATION, self.location);
        put(&mut headers, &X_REQUEST_ID, Some(request_id.to_owned()));
        if let Some((name, value)) = self.header {
            headers.insert(name, value);
        }
        let mut body = self.payload.bytes;
        if head && !body.is_empty() {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
            body = Bytes::new();
        }
        let content = match self.events {
            Some(events) => Content::Pieces(events),
            None => Content::from(body),
        };
        let mut response = Response::new(content);
        *response.status_mut() = self.status;
        *response.headers_mut() = headers;
        response
    }
}

/// The entity tag of a version (FHIR R4 §3.1.0.4).
fn etag(version: u32) -> String {
    let mut text = String::with_capacity(14);
    text.push_str("W/\"");
    text.push_str(&version.to_string());
    text.push('"');
    text
}

/// What an answer depends on besides its URL.
const VARIES: &str = "Authorization, Accept, Accept-Encoding, Origin, Prefer";

/// Adds a header; a value that cannot stand in one is left out.
fn put(headers: &mut HeaderMap, name: &HeaderName, value: Option<String>) {
    if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
        headers.insert(name, value);
    }
}
