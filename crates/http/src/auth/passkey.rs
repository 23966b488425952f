//! Passkeys, between the page's script and the authority.

use accord_auth::{PasskeyResponse, RelyingParty};
use hyper::StatusCode;
use serde_json::json;

use super::Asked;
use super::input::{Input, SESSION_COOKIE};
use super::output::Output;
use super::sign_in::{next_step, replace, status_of};
use crate::backend::Backend;

/// The relying party that this server is, from the address it is reached at.
fn with_party<T>(input: &Input, with: impl FnOnce(RelyingParty<'_>) -> T) -> T {
    let origin = input.origin();
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    let id = host.rsplit_once(':').map_or(host, |(name, _)| name);
    with(RelyingParty { id, origin: &origin })
}

fn failed<S: Backend>(asked: &Asked<'_, S>, status: StatusCode, text: &str) -> Output {
    asked.record("sign-in", None, false);
    Output::oauth(status, "failed", text)
}

pub(super) fn challenge<S: Backend>(asked: &Asked<'_, S>) -> Output {
    if asked.input.is_foreign() {
        return Output::oauth(StatusCode::FORBIDDEN, "failed", "not from here");
    }
    // Registering needs a session; its form's secret is looked at when the ceremony ends.
    let session = asked.session().filter(|session| session.is_open());
    let session = session.filter(|_| asked.input.field("do") == Some("register"));
    let login = session.as_ref().map(|session| session.login.as_str());
    let account = login.and_then(|login| asked.authority.account(login).ok().flatten());
    let have: Vec<String> =
        account.iter().flat_map(|a| a.passkeys()).map(|(_, id)| id.to_owned()).collect();
    let Ok(challenge) = asked.authority.passkey_challenge(login) else {
        return Output::oauth(StatusCode::INTERNAL_SERVER_ERROR, "failed", "not possible now");
    };
    with_party(asked.input, |party| {
        Output::json(
            StatusCode::OK,
            &json!({"challenge": challenge, "rpId": party.id, "name": login.unwrap_or_default(),
                "have": have}),
        )
    })
}

fn response(input: &Input) -> Option<(&str, PasskeyResponse)> {
    Some((input.field("challenge")?, serde_json::from_str(input.field("response")?).ok()?))
}

pub(super) fn sign_in<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let Some((challenge, response)) = response(asked.input).filter(|_| !asked.input.is_foreign())
    else {
        return failed(asked, StatusCode::BAD_REQUEST, "that cannot be read");
    };
    let signed = with_party(asked.input, |party| {
        asked.authority.sign_in_by_passkey(challenge, &response, party)
    });
    match signed.and_then(|secret| replace(asked, &secret).map(|()| secret)) {
        Ok(secret) => {
            let next = next_step(asked, &secret);
            let told = Output::json(StatusCode::OK, &json!({ "next": next }));
            told.cookie(asked.input, SESSION_COOKIE, &secret)
        }
        Err(fault) => failed(asked, status_of(fault), &fault.to_string()),
    }
}

pub(super) fn register<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let Ok(session) = asked.fresh_session() else {
        return failed(asked, StatusCode::FORBIDDEN, "sign in again first");
    };
    let Some((challenge, response)) = response(asked.input) else {
        return failed(asked, StatusCode::BAD_REQUEST, "that cannot be read");
    };
    let label = asked.input.field("label").map(str::trim).filter(|label| !label.is_empty());
    let label = label.unwrap_or("Passkey");
    let added = with_party(asked.input, |party| {
        asked.authority.add_passkey(&session.login, label, challenge, &response, party)
    });
    asked.record_own("change-passkey", &session, added.is_ok());
    match added {
        Ok(()) => Output::json(StatusCode::OK, &json!({"next": "/auth/account"})),
        Err(fault) => failed(asked, status_of(fault), &fault.to_string()),
    }
}
