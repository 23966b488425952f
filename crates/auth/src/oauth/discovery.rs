//! What clients are told about the endpoints.

use serde_json::{Value, json};

use crate::Authority;
use crate::foreign::Foreign;

/// Public addresses of a server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Addresses {
    /// Where everything begins, without a slash at the end; the issuer of id tokens.
    pub issuer: String,
    /// Address of the FHIR interface.
    pub fhir: String,
}

impl Addresses {
    /// The token endpoint.
    pub fn token(&self) -> String {
        format!("{}/auth/token", self.issuer)
    }
}

impl Authority {
    /// `.well-known/smart-configuration` (SMART App Launch 2.2, "Conformance").
    pub fn smart_configuration(&self, addresses: &Addresses) -> Value {
        if let Some(foreign) = &self.foreign {
            return of_foreign(foreign);
        }
        let mut told = self.openid_configuration(addresses);
        let capabilities = json!([
            "launch-ehr",
            "launch-standalone",
            "authorize-post",
            "client-public",
            "client-confidential-symmetric",
            "client-confidential-asymmetric",
            "context-ehr-patient",
            "context-standalone-patient",
            "permission-offline",
            "permission-online",
            "permission-patient",
            "permission-user",
            "permission-v1",
            "permission-v2",
            "sso-openid-connect"
        ]);
        if let Some(object) = told.as_object_mut() {
            object.insert("capabilities".to_owned(), capabilities);
        }
        told
    }

    /// `.well-known/openid-configuration` (OpenID Connect Discovery 1.0 §3).
    pub fn openid_configuration(&self, addresses: &Addresses) -> Value {
        let at = |path: &str| format!("{}/auth/{path}", addresses.issuer);
        let mut told = json!({
            "issuer": addresses.issuer,
            "jwks_uri": at("jwks"),
            "authorization_endpoint": at("authorize"),
            "token_endpoint": at("token"),
            "introspection_endpoint": at("introspect"),
            "revocation_endpoint": at("revoke"),
            "userinfo_endpoint": at("userinfo"),
            "management_endpoint": at("sessions"),
            "end_session_endpoint": at("end-session"),
            "grant_types_supported":
                ["authorization_code", "refresh_token", "client_credentials"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported":
                ["none", "client_secret_basic", "private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
            "scopes_supported": ["openid", "fhirUser", "launch", "launch/patient",
                "offline_access", "online_access", "patient/*.cruds", "user/*.cruds",
                "system/*.cruds"],
            "claims_supported": ["iss", "sub", "aud", "exp", "iat", "nonce", "auth_time",
                "fhirUser"]
        });
        if let Some(object) = told.as_object_mut().filter(|_| self.mutual_tls) {
            // RFC 8705 §2.1.1, §2.2.1 and §3.3.
            let methods = json!([
                "none",
                "client_secret_basic",
                "private_key_jwt",
                "tls_client_auth",
                "self_signed_tls_client_auth"
            ]);
            object.insert("token_endpoint_auth_methods_supported".to_owned(), methods);
            object.insert("tls_client_certificate_bound_access_tokens".to_owned(), true.into());
        }
        if let Some(object) = told.as_object_mut().filter(|_| self.open_registration) {
            object.insert("registration_endpoint".to_owned(), at("register").into());
        }
        told
    }
}

/// What is told where another provider stands in the place of this server's own sign-in: its
/// endpoints in its words, and what holds here whoever signs people in.
fn of_foreign(foreign: &Foreign) -> Value {
    const REPEATED: [&str; 13] = [
        "jwks_uri",
        "authorization_endpoint",
        "token_endpoint",
        "introspection_endpoint",
        "revocation_endpoint",
        "userinfo_endpoint",
        "end_session_endpoint",
        "grant_types_supported",
        "response_types_supported",
        "code_challenge_methods_supported",
        "token_endpoint_auth_methods_supported",
        "token_endpoint_auth_signing_alg_values_supported",
        "scopes_supported",
    ];
    let mut told = json!({
        "issuer": foreign.issuer(),
        "capabilities": ["permission-patient", "permission-user", "permission-v1", "permission-v2"],
    });
    let metadata = foreign.metadata();
    for name in REPEATED {
        let value = metadata.as_ref().and_then(|metadata| metadata.get(name));
        if let (Some(object), Some(value)) = (told.as_object_mut(), value) {
            object.insert(name.to_owned(), value.clone());
        }
    }
    told
}
