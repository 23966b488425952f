//! Signing in: password, second factor, role; and a patient's first log-in.

use accord_auth::SignInFault;
use accord_base::{Rng, SystemRng};
use hyper::StatusCode;

use super::Asked;
use super::input::{FORM_COOKIE, Input, SESSION_COOKIE};
use super::output::Output;
use super::page::{self, button, escape, field, form, hidden};
use crate::backend::Backend;

/// Sends someone who has not signed in there, and back afterwards.
pub(super) fn away(input: &Input) -> Output {
    let here = format!("{}?{}", input.path, input.raw_query);
    let next = if input.path == "/auth/authorize" { here } else { String::new() };
    Output::redirect(&format!("/auth/sign-in?next={}", in_query(&next)))
}

/// A text as the value of a parameter.
pub(super) fn in_query(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    let escaped = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    text.bytes().map(escaped).collect()
}

pub(super) fn show<S: Backend>(asked: &Asked<'_, S>) -> Output {
    sign_in_page(asked, StatusCode::OK, None)
}

fn sign_in_page<S: Backend>(
    asked: &Asked<'_, S>,
    status: StatusCode,
    error: Option<&str>,
) -> Output {
    let (secret, next) = (fresh_secret(), asked.input.next());
    let fields = hidden("form", &secret)
        + &hidden("next", &next)
        + &field(
            "login",
            "Login",
            "text",
            &format!(
                "autocomplete=\"username webauthn\" autocapitalize=\"none\" value=\"{}\"",
                escape(asked.input.field("login").unwrap_or_default())
            ),
        )
        + &field("password", "Password", "password", "autocomplete=\"current-password\"")
        + &button("Sign in");
    let content = form("/auth/sign-in", &fields)
        + &format!(
            "<div id=\"passkey\" data-do=\"sign-in\" data-next=\"{}\" hidden>\
             <button type=\"button\" class=\"second\">Sign in with a passkey</button>\
             <p class=\"error\" role=\"alert\"></p></div>\
             <p><a href=\"/auth/join\">I am a patient and have a code</a></p>\
             <script src=\"/auth/passkey.js\" defer></script>",
            escape(&next)
        );
    let html = page::html("Sign in", error, &content);
    Output::html(status, html, "").cookie(asked.input, FORM_COOKIE, &secret)
}

fn fresh_secret() -> String {
    let mut bytes = [0; 16];
    SystemRng::new().fill(&mut bytes);
    format!("{:032x}", u128::from_le_bytes(bytes))
}

/// Whether a form was sent from the page that this browser was given.
fn is_own_form(input: &Input) -> bool {
    let cookie = input.cookie(FORM_COOKIE).filter(|cookie| !cookie.is_empty());
    cookie.is_some() && cookie == input.field("form") && !input.is_foreign()
}

pub(super) fn password<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let input = asked.input;
    if !is_own_form(input) {
        return page::error(asked, StatusCode::FORBIDDEN, page::STALE);
    }
    let (login, typed) = (input.field("login"), input.field("password"));
    let (login, typed) = (login.unwrap_or_default(), typed.unwrap_or_default());
    match asked.authority.sign_in(login, typed, &input.address) {
        Ok(secret) => begun(asked, &secret),
        Err(fault) => refused(asked, fault),
    }
}

fn refused<S: Backend>(asked: &Asked<'_, S>, fault: SignInFault) -> Output {
    asked.record("sign-in", None, false);
    sign_in_page(asked, status_of(fault), Some(&fault.to_string()))
}

/// A session has begun: on to the second factor, the role, or where the person wanted to go.
fn begun<S: Backend>(asked: &Asked<'_, S>, secret: &str) -> Output {
    if let Err(fault) = replace(asked, secret) {
        return refused(asked, fault);
    }
    let to = next_step(asked, secret);
    let output = Output::redirect(&to).cookie(asked.input, SESSION_COOKIE, secret);
    output.cookie(asked.input, FORM_COOKIE, "")
}

/// Ends the session that this browser had, if it is somebody else's: whoever sits there now leaves
/// nobody signed in behind them.
///
/// # Errors
/// If that session cannot be ended; the browser is not to be given the new one then, which ends.
pub(super) fn replace<S: Backend>(asked: &Asked<'_, S>, secret: &str) -> Result<(), SignInFault> {
    let Some(cookie) = asked.input.cookie(SESSION_COOKIE) else { return Ok(()) };
    let Some(before) = asked.authority.session(cookie)? else { return Ok(()) };
    let new = asked.authority.session(secret)?;
    if new.as_ref().is_some_and(|new| new.login == before.login) {
        return Ok(());
    }
    let ended = asked.authority.end_session(&before.login, &before.id);
    asked.record_own("end-session", &before, ended.is_ok());
    if let (Err(_), Some(new)) = (&ended, new) {
        // As far as that works: nobody holds its secret.
        let _ = asked.authority.end_session(&new.login, &new.id);
    }
    Ok(ended?)
}

/// Where a session goes next.
pub(super) fn next_step<S: Backend>(asked: &Asked<'_, S>, secret: &str) -> String {
    let next = asked.input.next();
    let session = asked.authority.session(secret).ok().flatten();
    let on = |page: &str| format!("/auth/{page}?next={}", in_query(&next));
    match session {
        None => on("sign-in"),
        Some(session) if !session.is_open() => on("second-factor"),
        Some(session) => match session.active() {
            None => on("role"),
            Some(hat) => {
                asked.record("sign-in", hat.subject(None).as_ref(), true);
                next
            }
        },
    }
}

pub(super) fn show_second<S: Backend>(asked: &Asked<'_, S>) -> Output {
    second_page(asked, StatusCode::OK, None)
}

fn second_page<S: Backend>(
    asked: &Asked<'_, S>,
    status: StatusCode,
    error: Option<&str>,
) -> Output {
    let Some(session) = asked.session() else { return away(asked.input) };
    let fields = hidden("form", &session.form)
        + &hidden("next", &asked.input.next())
        + &field(
            "code",
            "Code of your authenticator app, or a recovery code",
            "text",
            "autocomplete=\"one-time-code\" autocapitalize=\"characters\" autofocus",
        )
        + &button("Go on");
    let html = page::html("Second step", error, &form("/auth/second-factor", &fields));
    Output::html(status, html, "")
}

pub(super) fn second<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let secret = asked.input.cookie(SESSION_COOKIE).unwrap_or_default();
    let code = asked.input.field("code").unwrap_or_default();
    match asked.authority.second_factor(secret, code, &asked.input.address) {
        Ok(()) => Output::redirect(&next_step(asked, secret)),
        Err(fault) => {
            asked.record("sign-in", None, false);
            second_page(asked, status_of(fault), Some(&fault.to_string()))
        }
    }
}

pub(super) fn show_roles<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let Some(session) = asked.session().filter(|session| session.is_open()) else {
        return away(asked.input);
    };
    let account = asked.authority.account(&session.login).ok().flatten();
    let hats = account.map(|account| account.hats).unwrap_or_default();
    let choices: String = hats
        .iter()
        .enumerate()
        .map(|(at, hat)| {
            format!(
                "<label><input type=\"radio\" name=\"role\" value=\"{at}\" required> {}</label>",
                escape(&hat.label())
            )
        })
        .collect();
    let fields = hidden("form", &session.form)
        + &hidden("next", &asked.input.next())
        + &format!("<fieldset><legend>In which role?</legend>{choices}</fieldset>")
        + &button("Go on");
    Output::html(
        StatusCode::OK,
        page::html("Choose a role", None, &form("/auth/role", &fields)),
        "",
    )
}

pub(super) fn choose<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let secret = asked.input.cookie(SESSION_COOKIE).unwrap_or_default();
    let open = asked.session().is_some_and(|session| session.is_open());
    let at = asked.input.field("role").and_then(|role| role.parse().ok()).filter(|_| open);
    let chosen = at.map(|at| asked.authority.choose(secret, at));
    match chosen {
        Some(Ok(())) => Output::redirect(&next_step(asked, secret)),
        _ => page::error(asked, StatusCode::BAD_REQUEST, "choose one of the roles"),
    }
}

pub(super) fn show_join<S: Backend>(asked: &Asked<'_, S>) -> Output {
    join_page(asked, StatusCode::OK, None)
}

fn join_page<S: Backend>(asked: &Asked<'_, S>, status: StatusCode, error: Option<&str>) -> Output {
    let secret = fresh_secret();
    let fields = hidden("form", &secret)
        + &field("code", "The code you were given", "text", "autocapitalize=\"characters\"")
        + &field(
            "login",
            "Choose a login",
            "text",
            "autocomplete=\"username\" autocapitalize=\"none\"",
        )
        + &field(
            "password",
            "Choose a password",
            "password",
            "autocomplete=\"new-password\" aria-describedby=\"rule\"",
        )
        + "<p class=\"hint\" id=\"rule\">At least 12 characters.</p>"
        + &button("Make my log-in");
    let html = page::html("Your log-in", error, &form("/auth/join", &fields));
    Output::html(status, html, "").cookie(asked.input, FORM_COOKIE, &secret)
}

pub(super) fn join<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let input = asked.input;
    if !is_own_form(input) {
        return page::error(asked, StatusCode::FORBIDDEN, page::STALE);
    }
    let value = |name: &str| input.field(name).unwrap_or_default();
    let (code, login, password) = (value("code"), value("login"), value("password"));
    let made = asked.authority.redeem_from(code, login, password, &input.address);
    asked.record("join", None, made.is_ok());
    match made {
        Ok(()) => Output::redirect("/auth/sign-in"),
        Err(fault) => join_page(asked, StatusCode::BAD_REQUEST, Some(&fault.to_string())),
    }
}

pub(super) fn status_of(fault: SignInFault) -> StatusCode {
    match fault {
        SignInFault::Wrong | SignInFault::NoSession => StatusCode::UNAUTHORIZED,
        SignInFault::Wait => StatusCode::TOO_MANY_REQUESTS,
        SignInFault::Fault => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
