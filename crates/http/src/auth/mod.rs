//! Identity over HTTP: pages for people, endpoints for apps. What is decided is decided in
//! `accord-auth`; here it is read from requests and told in responses.

mod account;
mod admin;
mod api;
mod app;
mod authorize;
mod input;
mod output;
mod page;
mod passkey;
mod picker;
mod qr;
mod sessions;
mod sign_in;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::sync::Arc;

use crate::content::Content;
use accord_auth::Authority;
use bytes::Bytes;
use hyper::body::Body;
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};

use crate::app::App;
use crate::backend::Backend;
use crate::body::{self, BodyLimits};
use crate::refusal::Refusal;
use input::Input;
use output::Output;

pub(crate) use input::Peer;

/// Longest form or document that is read here, in bytes.
const MAX_BODY_BYTES: usize = 64 << 10;

/// What shows that a request may be answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
    /// Nothing: public, or it is where people and apps show who they are.
    Nothing,
    /// A session, and for forms its secret.
    Session,
    /// A bearer token.
    Token,
    /// A bearer token of the system or of an administrator.
    Administrator,
}

type Handler<S> = fn(&Asked<'_, S>) -> Output;

/// One route of identity.
#[derive(Clone, Copy, Debug)]
pub struct IdentityRoute {
    /// The method. `GET` also answers `HEAD`.
    pub method: &'static str,
    /// The path.
    pub path: &'static str,
    /// What shows that it may be answered.
    pub proof: Proof,
}

macro_rules! routes {
    ($($method:literal $path:literal $proof:ident $handler:path,)*) => {
        /// Every route of identity, besides those of FHIR.
        pub static IDENTITY_ROUTES: &[IdentityRoute] = &[
            $(IdentityRoute { method: $method, path: $path, proof: Proof::$proof },)*
        ];

        fn handler<S: Backend>(at: usize) -> Option<Handler<S>> {
            let all: &[Handler<S>] = &[$($handler,)*];
            all.get(at).copied()
        }
    };
}

routes! {
    "GET" "/fhir/.well-known/smart-configuration" Nothing api::smart_configuration,
    "GET" "/.well-known/smart-configuration" Nothing api::smart_configuration,
    "GET" "/.well-known/openid-configuration" Nothing api::openid_configuration,
    "GET" "/auth/jwks" Nothing api::jwks,
    "GET" "/auth/authorize" Nothing authorize::show,
    "POST" "/auth/authorize" Nothing authorize::posted,
    "POST" "/auth/consent" Session authorize::decide,
    "POST" "/auth/token" Nothing api::token,
    "POST" "/auth/introspect" Nothing api::introspect,
    "POST" "/auth/revoke" Nothing api::revoke,
    "GET" "/auth/userinfo" Token api::userinfo,
    "POST" "/auth/launch" Token api::launch,
    "POST" "/auth/register" Nothing api::register,
    "GET" "/auth/sign-in" Nothing sign_in::show,
    "POST" "/auth/sign-in" Nothing sign_in::password,
    "GET" "/auth/second-factor" Session sign_in::show_second,
    "POST" "/auth/second-factor" Session sign_in::second,
    "GET" "/auth/role" Session sign_in::show_roles,
    "POST" "/auth/role" Session sign_in::choose,
    "GET" "/auth/join" Nothing sign_in::show_join,
    "POST" "/auth/join" Nothing sign_in::join,
    "GET" "/auth/patient" Session picker::show,
    "GET" "/auth/sessions" Session sessions::show,
    "POST" "/auth/sessions" Session sessions::end,
    "POST" "/auth/sign-out" Session sessions::sign_out,
    "GET" "/auth/end-session" Nothing sessions::end_by_app,
    "POST" "/auth/end-session" Nothing sessions::end_posted,
    "GET" "/auth/account" Session account::show,
    "POST" "/auth/account/password" Session account::password,
    "GET" "/auth/account/app" Session app::show,
    "POST" "/auth/account/app" Session app::confirm,
    "POST" "/auth/account/recovery" Session app::recovery,
    "POST" "/auth/account/passkey" Session account::remove_passkey,
    "POST" "/auth/passkey/challenge" Nothing passkey::challenge,
    "POST" "/auth/passkey/sign-in" Nothing passkey::sign_in,
    "POST" "/auth/passkey/register" Session passkey::register,
    "GET" "/auth/style.css" Nothing output::style,
    "GET" "/auth/passkey.js" Nothing output::script,
    "GET" "/auth/admin/accounts" Administrator admin::accounts,
    "POST" "/auth/admin/accounts" Administrator admin::add_account,
    "GET" "/auth/admin/clients" Administrator admin::clients,
    "POST" "/auth/admin/clients" Administrator admin::add_client,
    "POST" "/auth/admin/proofing-codes" Administrator admin::proofing_code,
}

/// A request with what it is answered from.
pub(crate) struct Asked<'a, S> {
    pub app: &'a App<S>,
    pub authority: &'a Authority,
    pub input: &'a Input,
    /// Whether something happened that could not be recorded: it is then not told either.
    pub unrecorded: Cell<bool>,
}

/// Whether a path belongs to identity: looked at before the routes of FHIR.
pub(crate) fn is_ours(path: &str) -> bool {
    path.starts_with("/auth/")
        || path.starts_with("/.well-known/")
        || path.starts_with("/fhir/.well-known/")
}

/// Answers a request of identity.
pub(crate) async fn respond<S, B>(
    app: &App<S>,
    authority: &Arc<Authority>,
    parts: &Parts,
    body: B,
    request_id: &str,
) -> Response<Content>
where
    S: Backend,
    B: Body<Data = Bytes>,
{
    let limits =
        BodyLimits { bytes: MAX_BODY_BYTES, time: app.0.options.body_time, budget: &app.0.budget };
    let read = if parts.method == Method::POST {
        body::read(&parts.headers, body, limits).await.map(|(bytes, _)| bytes)
    } else {
        Ok(Vec::new())
    };
    let base = app.0.options.base_url.as_ref();
    let input = read.and_then(|bytes| Input::new(parts, bytes, base, request_id));
    let output = match input {
        Ok(input) => work(app.clone(), authority.clone(), input).await,
        Err(refusal) => refused(&refusal),
    };
    output.into_response(request_id, parts.method == Method::HEAD)
}

/// Answers in a thread where passwords may be hashed and records read.
async fn work<S: Backend>(app: App<S>, authority: Arc<Authority>, input: Input) -> Output {
    let Ok(turn) = Arc::clone(&app.0.heavy).acquire_owned().await else {
        return Output::text(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping");
    };
    let job = tokio::task::spawn_blocking(move || {
        let unrecorded = Cell::new(false);
        let asked = Asked { app: &app, authority: &authority, input: &input, unrecorded };
        let mut output = answer(&asked);
        if asked.unrecorded.get() {
            let text = "the access record could not be written";
            output = Output::text(StatusCode::SERVICE_UNAVAILABLE, text);
        }
        drop(turn);
        output
    });
    job.await.unwrap_or_else(|_| {
        Output::text(StatusCode::INTERNAL_SERVER_ERROR, "a fault inside the server")
    })
}

fn answer<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let input = asked.input;
    let method = if input.method == Method::HEAD { &Method::GET } else { &input.method };
    // Where another provider signs people in, the only thing told here is where it is.
    let elsewhere = asked.authority.foreign().is_some();
    if elsewhere && !input.path.ends_with("/.well-known/smart-configuration") {
        return Output::text(StatusCode::NOT_FOUND, "another server signs people in");
    }
    let same_path = |route: &&IdentityRoute| route.path == input.path;
    if *method == Method::OPTIONS && IDENTITY_ROUTES.iter().any(|route| same_path(&route)) {
        return Output::preflight();
    }
    let at = IDENTITY_ROUTES.iter().position(|r| r.path == input.path && r.method == *method);
    let Some((at, route)) = at.and_then(|at| Some((at, IDENTITY_ROUTES.get(at)?))) else {
        let exists = IDENTITY_ROUTES.iter().any(|route| same_path(&route));
        let status = if exists { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::NOT_FOUND };
        return Output::text(status, "there is nothing at this path");
    };
    if let Some(refusal) = asked.refused(route.proof) {
        return refusal;
    }
    match handler::<S>(at) {
        Some(handler) => handler(asked),
        None => Output::text(StatusCode::NOT_FOUND, "there is nothing at this path"),
    }
}

impl<S: Backend> Asked<'_, S> {
    /// The refusal of a request without what its route asks for.
    fn refused(&self, proof: Proof) -> Option<Output> {
        match proof {
            Proof::Nothing => None,
            Proof::Session if self.input.method == Method::POST => {
                let session = self.session();
                let sent = self.input.field("form");
                let good = session.is_some_and(|s| sent == Some(&*s.form));
                (!good).then(|| page::error(self, StatusCode::FORBIDDEN, page::STALE))
            }
            Proof::Session => self.session().is_none().then(|| sign_in::away(self.input)),
            Proof::Token => self.subject().err(),
            Proof::Administrator => match self.subject() {
                Err(refusal) => Some(refusal),
                Ok(subject) => (!admin::may(&subject)).then(|| {
                    self.record("identity-admin", Some(&subject), false);
                    Output::oauth(
                        StatusCode::FORBIDDEN,
                        "insufficient_scope",
                        "an administrator is needed",
                    )
                }),
            },
        }
    }
}

fn refused(refusal: &Refusal) -> Output {
    let text = refusal.issues.first().map(|issue| issue.diagnostics.to_string());
    Output::text(refusal.status, &text.unwrap_or_default())
}
