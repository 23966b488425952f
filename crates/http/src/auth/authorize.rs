//! Consent to an app: what it would get, in words, and the answer.

use accord_auth::{Asked as AskedFor, AuthorizeFault, Authorized, Session};
use accord_base::{Context, Named, ResourceId, ResourceScope, Rights, Scopes};
use hyper::StatusCode;

use super::Asked;
use super::input::Input;
use super::output::Output;
use super::page::{self, escape, form, hidden};
use super::sign_in::{away, in_query};
use crate::backend::Backend;
use crate::params::decode_into;

/// A request sent as a form goes on as a link to the same path: cookies do not travel with forms of
/// other sites.
pub(super) fn posted<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let pairs = asked.input.form.iter();
    let pairs: Vec<String> =
        pairs.map(|(name, value)| format!("{}={}", in_query(name), in_query(value))).collect();
    Output::redirect(&format!("{}?{}", asked.input.path, pairs.join("&")))
}

pub(super) fn show<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let input = asked.input;
    let read = asked.authority.read_authorize(&known(&input.query), &input.addresses.fhir);
    let request = match read {
        Ok(request) => request,
        Err(fault) => return told(asked, fault),
    };
    if request.prompt.login {
        return Output::redirect(&format!(
            "/auth/sign-in?next={}",
            in_query(&asked_to_sign_in(input))
        ));
    }
    let quiet = request.prompt.none;
    let Some(session) = asked.session() else {
        return if quiet { told(asked, request.unasked("login_required")) } else { away(input) };
    };
    if session.active().is_none() && quiet {
        return told(asked, request.unasked("login_required"));
    }
    if session.active().is_none() {
        let here = in_query(&format!("/auth/authorize?{}", input.raw_query));
        let page = if session.is_open() { "role" } else { "second-factor" };
        return Output::redirect(&format!("/auth/{page}?next={here}"));
    }
    match asked.authority.offer(&request, &session, picked(asked, &input.query)) {
        Ok(Authorized::Ready { scopes, patient }) if !request.needs_consent() => {
            grant(asked, &request, &session, &scopes, patient.as_ref())
        }
        Ok(Authorized::Ready { .. }) if quiet => told(asked, request.unasked("consent_required")),
        Ok(Authorized::Ready { scopes, patient }) => {
            consent(asked, &request, &session, &scopes, patient.as_ref())
        }
        Ok(Authorized::PickPatient) if quiet => {
            told(asked, request.unasked("interaction_required"))
        }
        Ok(Authorized::PickPatient) => {
            let here = in_query(&format!("/auth/authorize?{}", input.raw_query));
            Output::redirect(&format!("/auth/patient?next={here}"))
        }
        Err(fault) => told(asked, fault),
    }
}

/// Where a request goes on once who it is has been asked: the same without that wish.
fn asked_to_sign_in(input: &Input) -> String {
    let rest = |value: &str| {
        let words: Vec<&str> =
            value.split(' ').filter(|word| !["login", "select_account"].contains(word)).collect();
        words.join(" ")
    };
    let pairs: Vec<String> = input
        .query
        .iter()
        .map(|(name, value)| match name.as_str() {
            "prompt" => format!("prompt={}", in_query(&rest(value))),
            name => format!("{}={}", in_query(name), in_query(value)),
        })
        .collect();
    format!("/auth/authorize?{}", pairs.join("&"))
}

/// Gives the app its code.
fn grant<S: Backend>(
    asked: &Asked<'_, S>,
    request: &AskedFor,
    session: &Session,
    scopes: &Scopes,
    patient: Option<&ResourceId>,
) -> Output {
    let granted = asked.authority.grant(request, session, scopes, patient);
    let who = session.active().and_then(|hat| hat.subject(None));
    asked.record("authorize", who.as_ref(), granted.is_ok());
    match granted {
        Ok(to) => Output::redirect(&to),
        Err(fault) => told(asked, fault),
    }
}

/// The parameters of the request itself, without what pages here added.
fn known(query: &[(String, String)]) -> Vec<(String, String)> {
    query.iter().filter(|(name, _)| name != "accord_patient").cloned().collect()
}

/// The patient that was picked on the page before.
fn picked<S: Backend>(_: &Asked<'_, S>, query: &[(String, String)]) -> Option<ResourceId> {
    let (_, id) = query.iter().rev().find(|(name, _)| name == "accord_patient")?;
    ResourceId::new(id).ok()
}

fn told<S: Backend>(asked: &Asked<'_, S>, fault: AuthorizeFault) -> Output {
    match fault {
        AuthorizeFault::Page(text) => page::error(asked, StatusCode::BAD_REQUEST, &text),
        AuthorizeFault::Redirect(to) => Output::redirect(&to),
    }
}

fn consent<S: Backend>(
    asked: &Asked<'_, S>,
    request: &AskedFor,
    session: &Session,
    scopes: &Scopes,
    patient: Option<&ResourceId>,
) -> Output {
    let hat = session.active().map(|hat| hat.label()).unwrap_or_default();
    let lines: String =
        in_words(scopes).iter().map(|line| format!("<li>{}</li>", escape(line))).collect();
    let about = patient.map_or_else(String::new, |patient| {
        format!("<p>Patient in context: <strong>{}</strong></p>", escape(patient.as_str()))
    });
    let fields = hidden("form", &session.form)
        + &hidden("request", &asked.input.raw_query)
        + "<button type=\"submit\" name=\"decision\" value=\"allow\">Allow</button>\
           <button type=\"submit\" class=\"second\" name=\"decision\" value=\"deny\">Do not allow</button>";
    let content = format!(
        "<p><strong>{}</strong> asks to act for you as {}. It would be able to:</p>\
         <ul>{lines}</ul>{about}<p class=\"hint\">It never sees more than you may see yourself. You \
         can end this at any time under <a href=\"/auth/sessions\">sessions and apps</a>.</p>{}",
        escape(&request.client.name),
        escape(&hat),
        form("/auth/consent", &fields)
    );
    let html = page::html("Allow this app?", None, &content);
    let goes_to: Vec<String> =
        request.client.redirect_uris.iter().map(|uri| source_of(uri)).collect();
    Output::html(StatusCode::OK, html, &goes_to.join(" "))
}

/// Scheme and host of an address as a policy names them; of an app on a phone its scheme.
fn source_of(uri: &str) -> String {
    match uri.split_once("://") {
        Some((scheme @ ("http" | "https"), rest)) => {
            let host = rest.split(['/', '?', ';', ',']).next().unwrap_or_default();
            format!("{scheme}://{host}")
        }
        _ => format!("{}:", uri.split(':').next().unwrap_or_default()),
    }
}

pub(super) fn decide<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let Some(session) = asked.session() else { return away(asked.input) };
    let mut query = Vec::new();
    if decode_into(&mut query, asked.input.field("request").unwrap_or_default()).is_err() {
        return page::error(asked, StatusCode::BAD_REQUEST, page::STALE);
    }
    let read = asked.authority.read_authorize(&known(&query), &asked.input.addresses.fhir);
    let request = match read {
        Ok(request) => request,
        Err(fault) => return told(asked, fault),
    };
    let who = session.active().and_then(|hat| hat.subject(None));
    if asked.input.field("decision") != Some("allow") {
        asked.record("authorize", who.as_ref(), false);
        return Output::redirect(&request.declined());
    }
    match asked.authority.offer(&request, &session, picked(asked, &query)) {
        Ok(Authorized::Ready { scopes, patient }) => {
            grant(asked, &request, &session, &scopes, patient.as_ref())
        }
        Ok(Authorized::PickPatient) => {
            page::error(asked, StatusCode::BAD_REQUEST, "no patient was picked")
        }
        Err(fault) => {
            asked.record("authorize", who.as_ref(), false);
            told(asked, fault)
        }
    }
}

/// Scopes as people read them.
pub(super) fn in_words(scopes: &Scopes) -> Vec<String> {
    let mut lines: Vec<String> = scopes.resources.iter().map(resource_in_words).collect();
    let named = [
        (Named::OpenId, "know who you are"),
        (Named::OfflineAccess, "go on doing so when you are not signed in, for up to 90 days"),
        (Named::OnlineAccess, "go on doing so for as long as you are signed in"),
    ];
    lines.extend(named.iter().filter(|(n, _)| scopes.has(*n)).map(|(_, line)| (*line).to_owned()));
    lines
}

fn resource_in_words(scope: &ResourceScope) -> String {
    let verbs: Vec<&str> = [
        (Rights::READ, "read"),
        (Rights::SEARCH, "search"),
        (Rights::CREATE, "add"),
        (Rights::UPDATE, "change"),
        (Rights::DELETE, "delete"),
    ]
    .iter()
    .filter(|(right, _)| scope.rights.has(*right))
    .map(|(_, verb)| *verb)
    .collect();
    let what = scope.resource_type.as_deref().unwrap_or("records of every kind");
    let whose = match scope.context {
        Context::Patient => "of this patient",
        Context::User | Context::System => "that you may see",
    };
    let only: Vec<String> =
        scope.query.iter().map(|(name, value)| format!("{name} is {value}")).collect();
    let only =
        if only.is_empty() { String::new() } else { format!(", where {}", only.join(" and ")) };
    format!("{} {what} {whose}{only}", verbs.join(", "))
}
