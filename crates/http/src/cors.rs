//! Requests that pages of other servers send from browsers (the CORS protocol of the Fetch
//! standard): answered for the origins of registered apps, exactly as they stand there.

use bytes::Bytes;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
    HeaderValue, ORIGIN, VARY,
};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};

use crate::app::Options;
use crate::content::Content;
use crate::header::single;
use crate::routes::BASE;

/// Headers that pages may send: those that the FHIR interface reads.
const SENT: &str = "authorization, accept, content-type, content-encoding, prefer, if-match, \
                    if-none-match, if-none-exist, if-modified-since, last-event-id, x-request-id";
/// Headers of answers that pages may read.
const READ: &str = "etag, last-modified, location, retry-after, www-authenticate, x-request-id";

/// The origin of a request to the FHIR interface, if answers may be told to its pages.
pub(crate) fn origin<'a>(options: &Options, parts: &'a Parts) -> Option<&'a HeaderValue> {
    let text = single(&parts.headers, &ORIGIN).ok()??;
    let rest = parts.uri.path().strip_prefix(BASE)?;
    let inside = rest.is_empty() || rest.starts_with('/');
    let identity = options.identity.as_ref().filter(|_| inside)?;
    if identity.allows_origin(text) { parts.headers.get(ORIGIN) } else { None }
}

/// The answer to a browser that asks before it sends the request itself. It holds nothing of any
/// record, so nothing is recorded.
pub(crate) fn preflight(parts: &Parts, origin: &HeaderValue) -> Option<Response<Content>> {
    let asks = parts.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if parts.method != Method::OPTIONS || !asks {
        return None;
    }
    let mut response = Response::new(Content::from(Bytes::new()));
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    let methods = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(SENT));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(VARY, HeaderValue::from_static("Origin"));
    Some(response)
}

/// Lets pages of the origin read an answer. Never with credentials of the browser: requests bring
/// their token themselves.
pub(crate) fn allow(response: &mut Response<Content>, origin: &HeaderValue) {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(READ));
}
