//! The token endpoint: which grant is asked for, and the answer.

use accord_base::Named;
use serde::Serialize;

use super::{Addresses, Credentials, GrantRecord, OAuthFault, Params, needed};
use crate::Authority;

/// A token response (RFC 6749 §5.1) with the context of a launch.
#[derive(Clone, Serialize, PartialEq, Eq, Debug)]
pub struct TokenReply {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patient: Option<String>,
}

impl Authority {
    /// Answers a request for a token.
    ///
    /// # Errors
    /// In the words of RFC 6749 §5.2.
    pub fn token(
        &self,
        params: &Params,
        credentials: &Credentials,
        addresses: &Addresses,
    ) -> Result<TokenReply, OAuthFault> {
        let kind = needed(params, "grant_type")?;
        let client = self.authenticate(params, credentials, addresses)?;
        let bound = client.bound_by(credentials);
        match kind {
            "authorization_code" => self.redeem_code(params, &client, bound, addresses),
            "refresh_token" => self.refresh(params, &client, bound, addresses),
            "client_credentials" => self.by_itself(params, &client, bound),
            _ => Err(OAuthFault::new("unsupported_grant_type", "this grant type is not supported")),
        }
    }

    pub(super) fn reply(
        &self,
        grant: &GrantRecord,
        lifetime_s: u64,
        refresh: Option<u32>,
        addresses: Option<&Addresses>,
    ) -> Result<TokenReply, OAuthFault> {
        let subject = grant.subject()?;
        let scopes = grant.scopes();
        let id_token = addresses
            .filter(|_| scopes.has(Named::OpenId))
            .map(|addresses| self.id_token(grant, &subject, &scopes, addresses))
            .transpose()?;
        Ok(TokenReply {
            access_token: self.tokens.mint_bound(
                &subject,
                Some(lifetime_s),
                grant.bound.as_deref(),
            )?,
            token_type: "Bearer",
            expires_in: lifetime_s,
            scope: grant.scopes.clone(),
            refresh_token: refresh.map(|n| self.secrets.signed(&format!("r.{}.{n}", grant.id))),
            id_token,
            patient: grant.patient.clone(),
        })
    }
}
