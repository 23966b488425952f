//! Setting up an authenticator app: its secret, the first code, recovery codes.

use accord_auth::Session;
use hyper::StatusCode;

use super::Asked;
use super::output::Output;
use super::page::{self, button, escape, field, form, hidden};
use super::qr;
use super::sign_in::status_of;
use crate::backend::Backend;

/// Title of the page.
const TITLE: &str = "Authenticator app";

pub(super) fn show<S: Backend>(asked: &Asked<'_, S>) -> Output {
    match asked.fresh_session() {
        Ok(session) => setup_page(asked, &session, StatusCode::OK, None),
        Err(output) => output,
    }
}

fn setup_page<S: Backend>(
    asked: &Asked<'_, S>,
    session: &Session,
    status: StatusCode,
    error: Option<&str>,
) -> Output {
    let Ok(setup) = asked.authority.totp_setup(&session.login) else {
        let text = "that is not possible at the moment";
        return page::error(asked, StatusCode::INTERNAL_SERVER_ERROR, text);
    };
    let fields = hidden("form", &session.form)
        + &field(
            "code",
            "The six digits that the app shows",
            "text",
            "autocomplete=\"one-time-code\" inputmode=\"numeric\"",
        )
        + &button("Go on");
    let content = format!(
        "<ol><li>Scan this with your authenticator app, or type the key into it.{}\
         <p>Key: <code>{}</code></p><p><a href=\"{}\">Open an app on this device</a></p></li>\
         <li>Then type the code that it shows.{}</li></ol>",
        qr::svg(&setup.uri, "QR code of the key below"),
        escape(&in_fours(&setup.secret)),
        escape(&setup.uri),
        form("/auth/account/app", &fields)
    );
    Output::html(status, page::own(TITLE, error, session, &content), "")
}

/// A text in groups that people can keep apart.
fn in_fours(text: &str) -> String {
    let mut out = String::new();
    for (at, letter) in text.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            out.push(' ');
        }
        out.push(letter);
    }
    out
}

pub(super) fn confirm<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let session = match asked.fresh_session() {
        Ok(session) => session,
        Err(output) => return output,
    };
    let code = asked.input.field("code").unwrap_or_default();
    let ended = asked.authority.end_totp_setup(&session.login, code);
    asked.record_own("change-second-factor", &session, ended.is_ok());
    match ended {
        Ok(codes) => codes_page(&session, &codes),
        Err(fault) => {
            let text = fault.to_string();
            setup_page(asked, &session, status_of(fault), Some(&text))
        }
    }
}

pub(super) fn recovery<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let session = match asked.fresh_session() {
        Ok(session) => session,
        Err(output) => return output,
    };
    let codes = asked.authority.recovery_codes(&session.login);
    asked.record_own("change-recovery", &session, codes.is_ok());
    match codes {
        Ok(codes) => codes_page(&session, &codes),
        Err(fault) => page::error(asked, StatusCode::INTERNAL_SERVER_ERROR, &fault.to_string()),
    }
}

fn codes_page(session: &Session, codes: &[String]) -> Output {
    let items: String =
        codes.iter().map(|code| format!("<li><code>{}</code></li>", escape(code))).collect();
    let content = format!(
        "<p>Keep these codes where only you find them. Each lets you in once when your \
         authenticator app is not at hand. They are not shown again.</p>\
         <ul class=\"codes\">{items}</ul>\
         <p><a class=\"button\" href=\"/auth/account\">I have kept them</a></p>"
    );
    Output::html(StatusCode::OK, page::own("Recovery codes", None, session, &content), "")
}
