//! What is told of tokens and their owners: introspection, revocation, id tokens, user info.

use accord_base::{Named, Scopes, Subject};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::grant::ACCESS_S;
use super::{Addresses, Credentials, GrantRecord, OAuthFault, Params, needed};
use crate::Authority;
use crate::crypto::sha256;

impl Authority {
    pub(super) fn id_token(
        &self,
        grant: &GrantRecord,
        subject: &Subject,
        scopes: &Scopes,
        addresses: &Addresses,
    ) -> Result<String, OAuthFault> {
        let now_s = self.now_s();
        let mut claims = json!({
            "iss": addresses.issuer, "sub": subject_id(grant), "aud": grant.client,
            "iat": now_s, "exp": now_s + ACCESS_S, "auth_time": grant.signed_in_s
        });
        if let Some(object) = claims.as_object_mut() {
            if scopes.has(Named::FhirUser) || scopes.has(Named::Profile) {
                let user = format!("{}/{}", addresses.fhir, subject.reference());
                object.insert("fhirUser".to_owned(), user.into());
            }
            if let Some(nonce) = &grant.nonce {
                object.insert("nonce".to_owned(), nonce.as_str().into());
            }
        }
        Ok(self.signing.sign(&claims)?)
    }

    /// Whether a token is good and what it allows (RFC 7662), for a client that can keep a
    /// secret.
    ///
    /// # Errors
    /// If the client does not show who it is.
    pub fn introspect(
        &self,
        params: &Params,
        credentials: &Credentials,
        addresses: &Addresses,
    ) -> Result<Value, OAuthFault> {
        let client = self.authenticate(params, credentials, addresses)?;
        if !client.is_confidential() {
            let text = "only a client that can keep a secret may ask";
            return Err(OAuthFault::new("invalid_client", text));
        }
        let Ok(found) = self.tokens.look(needed(params, "token")?) else {
            return Ok(json!({"active": false}));
        };
        let subject = &found.subject;
        let mut told = json!({
            "active": true, "sub": subject.reference(), "token_type": "Bearer",
            "accord_role": subject.role.code(), "accord_purpose": subject.purpose.code()
        });
        if let (Some(object), Some(grant)) = (told.as_object_mut(), &subject.grant) {
            object.insert("client_id".to_owned(), grant.client.as_str().into());
            object.insert("scope".to_owned(), grant.scopes.to_string().into());
            if let Some(patient) = &grant.patient {
                object.insert("patient".to_owned(), patient.as_str().into());
            }
        }
        if let (Some(object), Some(bound)) = (told.as_object_mut(), &found.bound) {
            object.insert("cnf".to_owned(), json!({ "x5t#S256": &**bound }));
        }
        Ok(told)
    }

    /// Ends the grant of a token (RFC 7009), if it is the client's own. Tokens that are not good
    /// need no ending.
    ///
    /// # Errors
    /// If the client does not show who it is.
    pub fn revoke(
        &self,
        params: &Params,
        credentials: &Credentials,
        addresses: &Addresses,
    ) -> Result<(), OAuthFault> {
        let client = self.authenticate(params, credentials, addresses)?;
        let token = needed(params, "token")?;
        let id = match (self.read_refresh(token), self.tokens.look(token)) {
            (Ok((id, _)), _) => Some(id),
            (_, Ok(found)) => found.subject.grant.as_ref().map(|grant| grant.id.clone()),
            _ => None,
        };
        if let Some(id) = id {
            self.end_grants(|grant| grant.id == id && grant.client == client.id)?;
        }
        Ok(())
    }

    /// What is told of the owner of a token (OpenID Connect Core §5.3).
    ///
    /// # Errors
    /// If the token is not one for this.
    pub fn userinfo(&self, subject: &Subject, addresses: &Addresses) -> Result<Value, OAuthFault> {
        let scope = || OAuthFault::new("insufficient_scope", "the scope `openid` is needed");
        let grant = subject.grant.as_ref().filter(|grant| grant.scopes.has(Named::OpenId));
        let grant = grant.ok_or_else(scope)?;
        let record: Option<GrantRecord> = self.shelf.get(&grant.id, self.now_s())?;
        let record = record.ok_or_else(OAuthFault::invalid_grant)?;
        let user = format!("{}/{}", addresses.fhir, subject.reference());
        Ok(json!({"sub": subject_id(&record), "fhirUser": user}))
    }
}

/// Names an account to clients: the same always, and nothing that says who it is.
fn subject_id(grant: &GrantRecord) -> String {
    account_id(grant.login.as_deref().unwrap_or(&grant.client))
}

/// The same of a login.
pub(super) fn account_id(of: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(format!("subject\n{of}").as_bytes()))
}
