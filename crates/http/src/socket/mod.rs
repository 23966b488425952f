//! Websockets, at which subscriptions are told (RFC 6455; docs/live.md).
//!
//! Opening one needs no proof: it says and does nothing before a token comes in a message, which
//! only whoever could ask for it has. There is no cookie that a page of another origin could use, so
//! that the origin does not matter.

mod client;
mod why;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::header::{
    CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::http::request::Parts;
use hyper::upgrade::OnUpgrade;
use hyper::{HeaderMap, Method, Response, StatusCode};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use tokio::sync::Semaphore;

use crate::app::App;
use crate::backend::Backend;
use crate::content::Content;
use crate::routes::BASE;

/// Where they are opened.
pub(crate) const PATH: &str = "/fhir/$websocket";
/// Sockets at a time that nothing is bound to yet.
const MOST_UNBOUND: usize = 256;
/// What the answer to a key is made with (RFC 6455 §1.3).
const MAGIC: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// What sockets share.
pub(crate) struct Sockets {
    unbound: Arc<Semaphore>,
}

impl Default for Sockets {
    fn default() -> Sockets {
        Sockets { unbound: Arc::new(Semaphore::new(MOST_UNBOUND)) }
    }
}

/// The address at which sockets are opened, by that of the FHIR interface: `https` becomes `wss`.
pub(crate) fn address(base: &str) -> String {
    let root = base.strip_suffix(BASE).unwrap_or(base);
    match root.strip_prefix("http") {
        Some(rest) => format!("ws{rest}{PATH}"),
        None => PATH.to_owned(),
    }
}

/// Opens a socket; the answer to anything else says what is missing.
pub(crate) fn respond<S: Backend>(app: &App<S>, parts: &mut Parts) -> Response<Content> {
    let Some(key) = key(parts) else { return refused(StatusCode::UPGRADE_REQUIRED) };
    let Some(upgrade) = parts.extensions.remove::<OnUpgrade>() else {
        return refused(StatusCode::UPGRADE_REQUIRED);
    };
    let Ok(place) = Arc::clone(&app.0.sockets.unbound).try_acquire_owned() else {
        return refused(StatusCode::SERVICE_UNAVAILABLE);
    };
    let app = app.clone();
    tokio::spawn(async move {
        if let Ok(upgraded) = upgrade.await {
            client::serve(&app, upgraded, place).await;
        }
    });
    let mut response = Response::new(Content::from(Bytes::new()));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    if let Ok(accept) = HeaderValue::try_from(accept(&key)) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}

/// The key of a request that opens a socket (RFC 6455 §4.2.1).
fn key(parts: &Parts) -> Option<String> {
    let headers = &parts.headers;
    let version = headers.get(SEC_WEBSOCKET_VERSION)?.to_str().ok()?;
    let good = parts.method == Method::GET
        && says(headers, &CONNECTION, "upgrade")
        && says(headers, &UPGRADE, "websocket")
        && version.trim() == "13";
    let key = headers.get(SEC_WEBSOCKET_KEY)?.to_str().ok()?.trim();
    let whole = STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16);
    (good && whole).then(|| key.to_owned())
}

fn says(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(word))
}

/// What shows that the key was read (RFC 6455 §4.2.2).
fn accept(key: &str) -> String {
    let text = format!("{key}{MAGIC}");
    STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()))
}

fn refused(status: StatusCode) -> Response<Content> {
    let text = "a websocket of version 13 is opened here\n";
    let mut response = Response::new(Content::from(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_to_a_key_is_that_of_the_rfc() {
        // RFC 6455 §1.3.
        assert_eq!(accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
