//! How one signs in, and changing it.

use accord_auth::{Account, Session};
use hyper::StatusCode;

use super::Asked;
use super::input::SESSION_COOKIE;
use super::output::Output;
use super::page::{self, button, escape, field, form, hidden};
use super::sign_in::away;
use crate::backend::Backend;

/// Told where signing in was too long ago.
const STALE_SIGN_IN: &str = "to change how you sign in, sign in again first";

impl<S: Backend> Asked<'_, S> {
    /// The session, if its owner showed only just now who they are; where to go otherwise.
    pub(super) fn fresh_session(&self) -> Result<Session, Output> {
        let session = self.open_session()?;
        if self.authority.is_fresh(&session) {
            return Ok(session);
        }
        Err(account_page(self, &session, StatusCode::FORBIDDEN, Some(STALE_SIGN_IN)))
    }

    /// The session, if everything was shown for it; where to go otherwise.
    pub(super) fn open_session(&self) -> Result<Session, Output> {
        let session = self.session().filter(|session| session.is_open());
        session.ok_or_else(|| away(self.input))
    }

    /// Leaves an access record of a change by the session's owner.
    pub(super) fn record_own(&self, what: &'static str, session: &Session, done: bool) {
        let who = session.active().and_then(|hat| hat.subject(None));
        self.record(what, who.as_ref(), done);
    }
}

pub(super) fn show<S: Backend>(asked: &Asked<'_, S>) -> Output {
    match asked.open_session() {
        Ok(session) => account_page(asked, &session, StatusCode::OK, None),
        Err(output) => output,
    }
}

fn account_page<S: Backend>(
    asked: &Asked<'_, S>,
    session: &Session,
    status: StatusCode,
    error: Option<&str>,
) -> Output {
    let Ok(Some(account)) = asked.authority.account(&session.login) else {
        return away(asked.input);
    };
    let role = session
        .active()
        .map_or_else(String::new, |hat| format!("<p class=\"hint\">{}</p>", escape(&hat.label())));
    let who = format!("<p>Signed in as <strong>{}</strong>.</p>{role}", escape(&account.name));
    let again = "<p class=\"note\">To change how you sign in, \
                 <a href=\"/auth/sign-in?next=/auth/account\">sign in again</a>.</p>";
    let content = if asked.authority.is_fresh(session) {
        who + &password_section(session)
            + &app_section(&account, session, true)
            + &passkey_section(&account, session, true)
    } else {
        who + again
            + &app_section(&account, session, false)
            + &passkey_section(&account, session, false)
    };
    Output::html(status, page::own(page::ACCOUNT, error, session, &content), "")
}

fn password_section(session: &Session) -> String {
    let fields = hidden("form", &session.form)
        + &field(
            "password",
            "New password",
            "password",
            "autocomplete=\"new-password\" minlength=\"12\" aria-describedby=\"rule\"",
        )
        + "<p class=\"hint\" id=\"rule\">At least 12 characters. You will be signed out \
           everywhere, and apps lose what you allowed them.</p>"
        + &button("Change password");
    format!("<section><h2>Password</h2>{}</section>", form("/auth/account/password", &fields))
}

fn app_section(account: &Account, session: &Session, fresh: bool) -> String {
    let (state, label) = if account.has_totp() {
        ("Set up.", "Set up another in its place")
    } else {
        ("Not set up. It makes your account much harder to break into.", "Set up")
    };
    let left = account.recovery_left();
    let codes = if account.has_totp() {
        format!("<p class=\"hint\">Recovery codes left: {left}</p>")
    } else {
        String::new()
    };
    let mut change = String::new();
    if fresh {
        change = format!("<p><a class=\"button\" href=\"/auth/account/app\">{label}</a></p>");
        if account.has_totp() {
            let fields = hidden("form", &session.form)
                + "<button type=\"submit\" class=\"second\">New recovery codes</button>";
            change += &form("/auth/account/recovery", &fields);
        }
    }
    format!("<section><h2>Authenticator app</h2><p>{state}</p>{codes}{change}</section>")
}

fn passkey_section(account: &Account, session: &Session, fresh: bool) -> String {
    let row = |(label, id): (&str, &str)| {
        let fields = hidden("form", &session.form)
            + &hidden("passkey", id)
            + &format!(
                "<button type=\"submit\" class=\"second\" aria-label=\"Remove {0}\">Remove</button>",
                escape(label)
            );
        let remove = if fresh { form("/auth/account/passkey", &fields) } else { String::new() };
        format!("<li>{}{remove}</li>", escape(label))
    };
    let keys: String = account.passkeys().map(row).collect();
    let none = if keys.is_empty() { "<p>None yet.</p>" } else { "" };
    let add = if fresh {
        format!(
            "<div id=\"passkey\" data-do=\"register\" data-form=\"{}\" hidden>\
             <label for=\"label\">Name of this device or key</label>\
             <input id=\"label\" type=\"text\" maxlength=\"40\" autocomplete=\"off\">\
             <button type=\"button\">Add a passkey</button>\
             <p class=\"error\" role=\"alert\"></p></div>\
             <script src=\"/auth/passkey.js\" defer></script>",
            escape(&session.form)
        )
    } else {
        String::new()
    };
    format!(
        "<section><h2>Passkeys</h2><p class=\"hint\">Sign in with your fingerprint, face, PIN or a \
         security key instead of a password.</p>{none}<ul class=\"rows\">{keys}</ul>{add}</section>"
    )
}

pub(super) fn password<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let session = match asked.fresh_session() {
        Ok(session) => session,
        Err(output) => return output,
    };
    let new = asked.input.field("password").unwrap_or_default();
    let changed = asked.authority.set_password(&session.login, new);
    asked.record_own("change-password", &session, changed.is_ok());
    match changed {
        Ok(()) => {
            let to = "/auth/sign-in?next=/auth/account";
            Output::redirect(to).cookie(asked.input, SESSION_COOKIE, "")
        }
        Err(fault) => {
            let text = fault.to_string();
            account_page(asked, &session, StatusCode::BAD_REQUEST, Some(&text))
        }
    }
}

pub(super) fn remove_passkey<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let session = match asked.fresh_session() {
        Ok(session) => session,
        Err(output) => return output,
    };
    let id = asked.input.field("passkey").unwrap_or_default();
    let removed = asked.authority.remove_passkey(&session.login, id);
    asked.record_own("change-passkey", &session, removed.is_ok());
    Output::redirect("/auth/account")
}
