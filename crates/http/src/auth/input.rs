//! A request read whole, before it is answered in another thread.

use std::net::IpAddr;
use std::sync::Arc;

use accord_auth::{Addresses, ClientCertificate, Credentials, Session};
use accord_base::Subject;
use accord_engine::Category;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, ORIGIN};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, StatusCode};

use super::Asked;
use super::output::Output;
use crate::backend::Backend;
use crate::base_url::{self, BaseUrl};
use crate::params::decode_into;
use crate::refusal::{Checked, Refusal};
use crate::routes::BASE;

/// Name of the cookie that holds a session's secret.
pub(super) const SESSION_COOKIE: &str = "accord_session";
/// Name of the cookie that the sign-in form must repeat.
pub(super) const FORM_COOKIE: &str = "accord_form";

/// Where people see and change how they sign in.
pub(super) const ACCOUNT: &str = "/auth/account";

/// The network address that a connection comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub IpAddr);

/// A request.
pub(crate) struct Input {
    pub method: Method,
    pub path: String,
    pub raw_query: String,
    pub query: Vec<(String, String)>,
    pub form: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub headers: HeaderMap,
    pub address: String,
    pub addresses: Addresses,
    pub request_id: String,
    /// The certificate that the client showed.
    pub certificate: Option<Arc<ClientCertificate>>,
}

impl Input {
    pub fn new(
        parts: &Parts,
        body: Vec<u8>,
        base: Option<&BaseUrl>,
        request_id: &str,
    ) -> Checked<Input> {
        let fhir = base_url::of(base, &parts.headers)?;
        let issuer = fhir.strip_suffix(BASE).unwrap_or(&fhir).to_owned();
        let raw_query = parts.uri.query().unwrap_or_default().to_owned();
        let (mut query, mut form) = (Vec::new(), Vec::new());
        decode_into(&mut query, &raw_query)?;
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
        if kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
            let text = std::str::from_utf8(&body);
            let text = text.map_err(|_| Refusal::invalid("the form is not UTF-8"))?;
            decode_into(&mut form, text)?;
        }
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
        Ok(Input {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            raw_query,
            query,
            form,
            body,
            headers: parts.headers.clone(),
            address: peer.map_or_else(String::new, |address| format!("address:{address}")),
            addresses: Addresses { issuer, fhir },
            request_id: request_id.to_owned(),
            certificate: parts.extensions.get::<Arc<ClientCertificate>>().cloned(),
        })
    }

    /// A field of the form.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the query.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The value of a cookie; the first one counts.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let lines = self.headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs =
            lines.flat_map(|line| line.split(';')).filter_map(|p| p.trim().split_once('='));
        pairs.find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// Whether a browser says that another site's page sent this.
    pub fn is_foreign(&self) -> bool {
        let origin = self.headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
        origin.is_some_and(|origin| origin != self.origin())
    }

    /// Scheme, host and port of this server.
    pub fn origin(&self) -> String {
        let (scheme, rest) = self.addresses.issuer.split_once("://").unwrap_or_default();
        let host = rest.split('/').next().unwrap_or_default();
        format!("{scheme}://{host}")
    }

    /// Whether cookies must not travel in plain.
    pub fn is_secure(&self) -> bool {
        self.addresses.issuer.starts_with("https://")
    }

    /// Id and secret of HTTP Basic, decoded twice as RFC 6749 §2.3.1 says.
    pub fn credentials(&self) -> Credentials {
        let read = || {
            let value = self.headers.get(AUTHORIZATION)?.to_str().ok()?;
            let (scheme, rest) = value.split_once(' ')?;
            let text = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
            let (id, secret) =
                text.split_once(':').filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
            let mut pair = Vec::new();
            decode_into(&mut pair, &format!("{id}={secret}")).ok()?;
            pair.pop()
        };
        Credentials { basic: read(), certificate: self.certificate.clone() }
    }

    /// Where to go after signing in: a page of identity, nothing else.
    pub fn next(&self) -> String {
        let asked = self.field("next").or(self.param("next")).unwrap_or_default();
        let plain = asked.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        if (asked.starts_with("/auth/authorize?") && plain) || asked == ACCOUNT {
            asked.to_owned()
        } else {
            "/auth/sessions".to_owned()
        }
    }
}

impl<S: Backend> Asked<'_, S> {
    /// The session that goes on in this browser.
    pub fn session(&self) -> Option<Session> {
        self.authority.session(self.input.cookie(SESSION_COOKIE)?).ok().flatten()
    }

    /// The subject of the bearer token; its refusal is recorded.
    pub fn subject(&self) -> Result<Arc<Subject>, Output> {
        let token = crate::header::bearer(&self.input.headers).ok();
        let certificate = self.input.certificate.as_ref().map(|shown| &*shown.thumbprint);
        let found = token.and_then(|token| self.app.0.tokens.verify_over(token, certificate).ok());
        found.ok_or_else(|| {
            self.record("identity", None, false);
            Output::oauth(StatusCode::UNAUTHORIZED, "invalid_token", "a bearer token is needed")
        })
    }

    /// Leaves an access record of something about identity.
    pub fn record(&self, what: &'static str, who: Option<&Subject>, permit: bool) {
        let category = (!permit).then_some(Category::Unauthenticated);
        let told = self.app.0.backend.record_identity(who, &self.input.request_id, what, category);
        if told.is_err() {
            self.unrecorded.set(true);
            tracing::error!(what, "an access record could not be written");
        }
    }
}
