//! Endpoints for apps.

use accord_auth::{AdminFault, Client, ClientProof, OAuthFault};
use accord_base::Principal;
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::Asked;
use super::output::Output;
use crate::backend::Backend;

pub(super) fn smart_configuration<S: Backend>(asked: &Asked<'_, S>) -> Output {
    Output::json(StatusCode::OK, &asked.authority.smart_configuration(&asked.input.addresses))
}

pub(super) fn openid_configuration<S: Backend>(asked: &Asked<'_, S>) -> Output {
    Output::json(StatusCode::OK, &asked.authority.openid_configuration(&asked.input.addresses))
}

pub(super) fn jwks<S: Backend>(asked: &Asked<'_, S>) -> Output {
    Output::json(StatusCode::OK, &asked.authority.jwks())
}

fn refused(fault: &OAuthFault) -> Output {
    let status = match fault.code {
        "invalid_client" => StatusCode::UNAUTHORIZED,
        "insufficient_scope" => StatusCode::FORBIDDEN,
        "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    Output::oauth(status, fault.code, &fault.text)
}

pub(super) fn token<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let input = asked.input;
    let made = asked.authority.token(&input.form, &input.credentials(), &input.addresses);
    asked.record("token", None, made.is_ok());
    match made {
        Ok(reply) => Output::json(StatusCode::OK, &reply),
        Err(fault) => refused(&fault),
    }
}

pub(super) fn introspect<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let input = asked.input;
    match asked.authority.introspect(&input.form, &input.credentials(), &input.addresses) {
        Ok(told) => Output::json(StatusCode::OK, &told),
        Err(fault) => refused(&fault),
    }
}

pub(super) fn revoke<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let input = asked.input;
    let ended = asked.authority.revoke(&input.form, &input.credentials(), &input.addresses);
    asked.record("revoke", None, ended.is_ok());
    match ended {
        Ok(()) => Output::json(StatusCode::OK, &json!({})),
        Err(fault) => refused(&fault),
    }
}

pub(super) fn userinfo<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let subject = match asked.subject() {
        Ok(subject) => subject,
        Err(refusal) => return refusal,
    };
    match asked.authority.userinfo(&subject, &asked.input.addresses) {
        Ok(told) => Output::json(StatusCode::OK, &told),
        Err(fault) => refused(&fault),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Launch {
    client_id: String,
    patient: String,
}

/// Begins a launch of an app in the name of a professional.
pub(super) fn launch<S: Backend>(asked: &Asked<'_, S>) -> Output {
    let subject = match asked.subject() {
        Ok(subject) => subject,
        Err(refusal) => return refusal,
    };
    let Ok(launch) = serde_json::from_slice::<Launch>(&asked.input.body) else {
        let text = "`client_id` and `patient` are needed, in JSON";
        return Output::oauth(StatusCode::BAD_REQUEST, "invalid_request", text);
    };
    let patient = launch.patient.strip_prefix("Patient/").unwrap_or(&launch.patient);
    let valid = accord_base::ResourceId::is_valid(patient);
    if !matches!(subject.principal, Principal::Practitioner(_)) || !valid {
        let text = "a professional launches an app for a patient";
        return Output::oauth(StatusCode::FORBIDDEN, "invalid_request", text);
    }
    let begun = asked.authority.launch(&launch.client_id, &subject.reference(), patient);
    asked.record("launch", Some(&subject), begun.is_ok());
    match begun {
        Ok((secret, uri)) => {
            let iss = &asked.input.addresses.fhir;
            Output::json(StatusCode::OK, &json!({"launch": secret, "iss": iss, "launch_uri": uri}))
        }
        Err(fault) => refused(&fault),
    }
}

/// What a client may say of itself (RFC 7591 §2), as far as it means anything here.
#[derive(Deserialize)]
struct Registration {
    client_name: String,
    redirect_uris: Vec<String>,
    #[serde(default)]
    scope: String,
}

/// The scopes of clients that register themselves: a person's own record, and no writing.
const OPEN_SCOPES: &str =
    "openid fhirUser launch launch/patient offline_access online_access patient/*.rs";

/// Dynamic registration (RFC 7591) of public clients, where it is switched on.
pub(super) fn register<S: Backend>(asked: &Asked<'_, S>) -> Output {
    if !asked.authority.open_registration {
        return Output::oauth(StatusCode::FORBIDDEN, "access_denied", "an administrator registers");
    }
    let Ok(asked_for) = serde_json::from_slice::<Registration>(&asked.input.body) else {
        let text = "`client_name` and `redirect_uris` are needed";
        return Output::oauth(StatusCode::BAD_REQUEST, "invalid_client_metadata", text);
    };
    let open = accord_base::Scopes::parse(OPEN_SCOPES).unwrap_or_default();
    let wanted = accord_base::Scopes::parse_known(&asked_for.scope).unwrap_or_default();
    let scopes = if wanted.is_empty() { open } else { wanted.within(&open) };
    let client = Client {
        id: String::new(),
        name: asked_for.client_name.clone(),
        redirect_uris: asked_for.redirect_uris.clone(),
        scopes: scopes.to_string(),
        proof: ClientProof::Public,
        launch_uri: None,
        origins: Vec::new(),
        first_party: false,
        service: None,
    };
    let made = asked.authority.add_client(client);
    asked.record("register", None, made.is_ok());
    match made {
        Ok(id) => Output::json(
            StatusCode::CREATED,
            &json!({"client_id": id, "client_name": asked_for.client_name,
                "redirect_uris": asked_for.redirect_uris, "scope": scopes.to_string(),
                "token_endpoint_auth_method": "none"}),
        ),
        Err(AdminFault::Records(_)) => {
            Output::oauth(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "not possible now")
        }
        Err(fault) => {
            Output::oauth(StatusCode::BAD_REQUEST, "invalid_client_metadata", &fault.to_string())
        }
    }
}
