//! What goes on in one's name: sessions, apps, passkeys; and ending it.

use hyper::StatusCode;

use super::Asked;
use super::input::SESSION_COOKIE;
use super::output::Output;
use super::page::{self, escape, form, hidden};
use super::sign_in::away;
use crate::backend::Backend;

pub(super) fn show<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let Some(session) = asked.session().filter(|session| session.is_open()) else {
        return away(asked.input);
    };
    let login = &session.login;
    let row = |what: &str, id: &str, kind: &str, label: &str| {
        let fields = hidden("form", &session.form)
            + &hidden(kind, id)
            + &format!(
                "<button type=\"submit\" class=\"second\" aria-label=\"{label}: {}\">{label}</button>",
                escape(what)
            );
        format!("<li>{}{}</li>", escape(what), form("/auth/sessions", &fields))
    };
    let sessions: String = asked
        .authority
        .sessions_of(login)
        .unwrap_or_default()
        .iter()
        .map(|other| {
            let hat =
                other.hat.as_ref().map_or_else(String::new, |hat| format!(" as {}", hat.label()));
            let this = if other.id == session.id { " (this one)" } else { "" };
            row(
                &format!("Session since {}{hat}{this}", when(other.begun_s)),
                &other.id,
                "session",
                "End",
            )
        })
        .collect();
    let grants: String = asked
        .authority
        .grants_of(login)
        .unwrap_or_default()
        .iter()
        .map(|grant| {
            row(&format!("App {}: {}", grant.client, grant.scopes), &grant.id, "grant", "End")
        })
        .collect();
    let account = asked.authority.account(login).ok().flatten();
    let keys: String = account
        .iter()
        .flat_map(|account| account.passkeys())
        .map(|(label, id)| row(&format!("Passkey {label}"), id, "passkey", "Remove"))
        .collect();
    let content = format!(
        "<h2>Sessions</h2><ul>{sessions}</ul><h2>Apps</h2><ul>{grants}</ul><h2>Passkeys</h2>\
         <ul>{keys}</ul><div id=\"passkey\" data-do=\"register\" data-form=\"{}\" hidden>\
         <button type=\"button\">Add a passkey</button><p role=\"alert\"></p></div>\
         <script src=\"/auth/passkey.js\" defer></script>",
        escape(&session.form)
    );
    Output::html(StatusCode::OK, page::html("Sessions and apps", None, &content), "")
}

/// Seconds since 1970 in words.
fn when(at_s: u64) -> String {
    accord_base::LogTime(at_s * accord_base::LogTime::SECOND_US).http_date()
}

pub(super) fn end<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let Some(session) = asked.session().filter(|session| session.is_open()) else {
        return away(asked.input);
    };
    let (login, field) = (&session.login, |name: &str| asked.input.field(name));
    let ended = match (field("session"), field("grant"), field("passkey")) {
        (Some(id), None, None) => asked.authority.end_session(login, id),
        (None, Some(id), None) => asked.authority.end_grant(login, id),
        (None, None, Some(id)) => asked.authority.remove_passkey(login, id),
        _ => return page::error(asked, StatusCode::BAD_REQUEST, page::STALE),
    };
    let who = session.active().and_then(|hat| hat.subject(None));
    asked.record("end-session", who.as_ref(), ended.is_ok());
    let output = Output::redirect("/auth/sessions");
    if field("session") == Some(&*session.id) {
        return output.cookie(asked.input, SESSION_COOKIE, "");
    }
    output
}
