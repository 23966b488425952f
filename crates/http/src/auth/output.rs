//! Responses of identity.

use crate::content::Content;
use bytes::Bytes;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue,
    LOCATION, REFERRER_POLICY, SET_COOKIE, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use hyper::{Response, StatusCode};
use serde::Serialize;
use serde_json::json;

use super::Asked;
use super::input::Input;
use crate::header::X_REQUEST_ID;

/// A response.
pub(crate) struct Output {
    pub status: StatusCode,
    content_type: &'static str,
    body: Vec<u8>,
    headers: Vec<(HeaderName, String)>,
}

impl Output {
    fn new(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Output {
        Output { status, content_type, body, headers: Vec::new() }
    }

    pub fn text(status: StatusCode, text: &str) -> Output {
        Output::new(status, "text/plain; charset=utf-8", text.as_bytes().to_vec())
    }

    /// JSON that any page may read: it holds nothing that a cookie gives.
    pub fn json(status: StatusCode, value: &impl Serialize) -> Output {
        let body = serde_json::to_vec(value).unwrap_or_default();
        Output::new(status, "application/json", body).with(ACCESS_CONTROL_ALLOW_ORIGIN, "*")
    }

    /// A refusal in the words of RFC 6749 §5.2.
    pub fn oauth(status: StatusCode, code: &str, text: &str) -> Output {
        let output = Output::json(status, &json!({"error": code, "error_description": text}));
        if status == StatusCode::UNAUTHORIZED {
            let scheme =
                if code == "invalid_client" { "Basic realm=\"clients\"" } else { "Bearer" };
            return output.with(WWW_AUTHENTICATE, scheme);
        }
        output
    }

    /// A page. Forms may lead to `goes_to` besides this server.
    pub fn html(status: StatusCode, html: String, goes_to: &str) -> Output {
        let policy = format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
             base-uri 'none'; frame-ancestors 'none'; form-action 'self' {goes_to}"
        );
        Output::new(status, "text/html; charset=utf-8", html.into_bytes())
            .with(CONTENT_SECURITY_POLICY, policy.trim_end())
            .with(X_FRAME_OPTIONS, "DENY")
    }

    /// On to another page; a form is not sent again.
    pub fn redirect(to: &str) -> Output {
        Output::new(StatusCode::SEE_OTHER, "text/plain", Vec::new()).with(LOCATION, to)
    }

    pub fn preflight() -> Output {
        Output::new(StatusCode::NO_CONTENT, "text/plain", Vec::new())
            .with(ACCESS_CONTROL_ALLOW_ORIGIN, "*")
            .with(ACCESS_CONTROL_ALLOW_METHODS, "GET, POST")
            .with(ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type")
    }

    pub fn with(mut self, name: HeaderName, value: &str) -> Output {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Keeps a cookie in the browser for pages of identity alone.
    pub fn cookie(self, input: &Input, name: &str, value: &str) -> Output {
        let secure = if input.is_secure() { "; Secure" } else { "" };
        let ends = if value.is_empty() { "; Max-Age=0" } else { "" };
        let cookie = format!("{name}={value}; Path=/auth; HttpOnly; SameSite=Lax{secure}{ends}");
        self.with(SET_COOKIE, &cookie)
    }

    pub fn into_response(self, request_id: &str, head: bool) -> Response<Content> {
        let length = self.body.len();
        let body = if head { Bytes::new() } else { Bytes::from(self.body) };
        let mut response = Response::new(Content::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // Not `no-referrer`: browsers would then send `Origin: null` with this server's own forms.
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Ok(id) = HeaderValue::from_str(request_id) {
            headers.insert(&X_REQUEST_ID, id);
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.append(name, value);
            }
        }
        response
    }
}

pub(super) fn style<S>(_: &Asked<'_, S>) -> Output {
    let text = include_str!("style.css");
    Output::new(StatusCode::OK, "text/css; charset=utf-8", text.as_bytes().to_vec())
}

pub(super) fn script<S>(_: &Asked<'_, S>) -> Output {
    let text = include_str!("passkey.js");
    Output::new(StatusCode::OK, "text/javascript; charset=utf-8", text.as_bytes().to_vec())
}
