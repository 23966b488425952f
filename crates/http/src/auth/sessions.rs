//! What goes on in one's name: sessions and apps; and ending it.

use accord_auth::{GrantRecord, Session};
use accord_base::Scopes;
use hyper::StatusCode;

use super::Asked;
use super::authorize::{in_words, posted};
use super::input::SESSION_COOKIE;
use super::output::Output;
use super::page::{self, button, escape, form, hidden};
use super::sign_in::in_query;
use crate::backend::Backend;

pub(super) fn show<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let session = match asked.open_session() {
        Ok(session) => session,
        Err(output) => return output,
    };
    let login = &session.login;
    let sessions = asked.authority.sessions_of(login).unwrap_or_default();
    let sessions: String = sessions.iter().map(|other| session_row(&session, other)).collect();
    let grants = asked.authority.grants_of(login).unwrap_or_default();
    let grants: String = grants.iter().map(|grant| grant_row(asked, &session, grant)).collect();
    let none = if grants.is_empty() { "<p>No app acts for you.</p>" } else { "" };
    let content = format!(
        "<section><h2>Sessions</h2><ul class=\"rows\">{sessions}</ul></section>\
         <section><h2>Apps</h2>{none}<ul class=\"rows\">{grants}</ul></section>"
    );
    Output::html(StatusCode::OK, page::own(page::SESSIONS, None, &session, &content), "")
}

/// Something that goes on, with a button that ends it. `more` is HTML.
fn row(session: &Session, what: &str, more: &str, kind: &str, id: &str) -> String {
    let what = escape(what);
    let fields = hidden("form", &session.form)
        + &hidden(kind, id)
        + &format!(
            "<button type=\"submit\" class=\"second\" aria-label=\"End: {what}\">End</button>"
        );
    format!("<li><div>{what}{more}</div>{}</li>", form("/auth/sessions", &fields))
}

fn session_row(session: &Session, other: &Session) -> String {
    let hat = other
        .hat
        .as_ref()
        .map_or_else(String::new, |hat| format!("<p class=\"hint\">{}</p>", escape(&hat.label())));
    let this = if other.id == session.id { " (this one)" } else { "" };
    let what = format!("Since {}{this}", when(other.begun_s));
    row(session, &what, &hat, "session", &other.id)
}

fn grant_row<S: Backend>(asked: &Asked<'_, S>, session: &Session, grant: &GrantRecord) -> String {
    let client = asked.authority.client(&grant.client).ok().flatten();
    let name = client.map_or_else(|| grant.client.clone(), |client| client.name);
    let scopes = Scopes::parse(&grant.scopes).unwrap_or_default();
    let lines: String =
        in_words(&scopes).iter().map(|line| format!("<li>{}</li>", escape(line))).collect();
    let about = grant.patient.as_ref().map_or_else(String::new, |patient| {
        format!("<p class=\"hint\">Patient in context: {}</p>", escape(patient))
    });
    row(session, &name, &format!("<ul>{lines}</ul>{about}"), "grant", &grant.id)
}

/// Seconds since 1970 in words.
fn when(at_s: u64) -> String {
    accord_base::LogTime(at_s * accord_base::LogTime::SECOND_US).http_date()
}

pub(super) fn end<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let session = match asked.open_session() {
        Ok(session) => session,
        Err(output) => return output,
    };
    let (login, field) = (&session.login, |name: &str| asked.input.field(name));
    let ended = match (field("session"), field("grant")) {
        (Some(id), None) => asked.authority.end_session(login, id),
        (None, Some(id)) => asked.authority.end_grant(login, id),
        _ => return page::error(asked, StatusCode::BAD_REQUEST, page::STALE),
    };
    asked.record_own("end-session", &session, ended.is_ok());
    let output = Output::redirect("/auth/sessions");
    if field("session") == Some(&*session.id) {
        return output.cookie(asked.input, SESSION_COOKIE, "");
    }
    output
}

/// Ends the session of this browser.
pub(super) fn sign_out<S: Backend>(asked: &Asked<'_, S>) -> Output {
    if let Some(session) = asked.session() {
        let ended = asked.authority.end_session(&session.login, &session.id);
        asked.record_own("end-session", &session, ended.is_ok());
    }
    Output::redirect("/auth/sign-in").cookie(asked.input, SESSION_COOKIE, "")
}

/// Ends the session of this browser at an app's word (OpenID Connect RP-Initiated Logout 1.0): at
/// once if the app shows an id token of who has signed in, else the person is asked.
pub(super) fn end_by_app<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let input = asked.input;
    let value = |name: &str| input.field(name).or(input.param(name)).unwrap_or_default();
    let on = asked.authority.after_sign_out(value("client_id"), value("post_logout_redirect_uri"));
    let on = on.map_or_else(
        || "/auth/sign-in".to_owned(),
        |uri| {
            let before = if uri.contains('?') { '&' } else { '?' };
            format!("{uri}{before}state={}", in_query(value("state")))
        },
    );
    let Some(session) = asked.session() else { return Output::redirect(&on) };
    let issuer = &input.addresses.issuer;
    if !asked.authority.is_hint_of(value("id_token_hint"), issuer, &session) {
        let fields = hidden("form", &session.form) + &button("Sign out");
        let content = format!(
            "<p>An app asks to sign you out here, and out of every app that acts for you in this \
             session.</p>{}",
            form("/auth/sign-out", &fields)
        );
        return Output::html(StatusCode::OK, page::html("Sign out?", None, &content), "");
    }
    let ended = asked.authority.end_session(&session.login, &session.id);
    asked.record_own("end-session", &session, ended.is_ok());
    Output::redirect(&on).cookie(input, SESSION_COOKIE, "")
}

/// The same asked for by a form. One of another site comes without the cookie, as if nobody had
/// signed in, and goes on as a link, which has it.
pub(super) fn end_posted<S: Backend>(asked: &Asked<'_, S>) -> Output {
    match asked.input.cookie(SESSION_COOKIE) {
        Some(_) => end_by_app(asked),
        None => posted(asked),
    }
}
