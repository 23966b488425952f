//! Clients that act by themselves.

use accord_base::{Context, Scopes};

use super::grant::SYSTEM_ACCESS_S;
use super::{GrantRecord, OAuthFault, Params, TokenReply, needed, one};
use crate::Authority;
use crate::client::Client;

impl Authority {
    /// A client that acts by itself (SMART App Launch 2.2, "Backend Services").
    pub(super) fn by_itself(
        &self,
        params: &Params,
        client: &Client,
        bound: Option<&str>,
    ) -> Result<TokenReply, OAuthFault> {
        let refused =
            || OAuthFault::new("unauthorized_client", "the client does not act by itself");
        let hat = client.service.clone().ok_or_else(refused)?;
        let role = hat.role().ok_or_else(refused)?;
        let purpose = one(params, "purpose_of_use")?;
        let no_purpose = || OAuthFault::new("invalid_request", "the client has no such purpose");
        let subject = hat.subject(purpose).ok_or_else(no_purpose)?;
        let asked = Scopes::parse_known(needed(params, "scope")?)
            .map_err(|fault| OAuthFault::new("invalid_scope", fault.to_string()))?;
        let mut scopes = self.grantable(&asked.within(&client.may_have()), role);
        scopes.resources.retain(|scope| scope.context == Context::System);
        scopes.named.clear();
        if scopes.is_empty() {
            return Err(OAuthFault::new("invalid_scope", "none of the scopes can be granted"));
        }
        let now_s = self.now_s();
        let grant = GrantRecord {
            id: self.fresh_id(),
            client: client.id.clone(),
            login: None,
            hat,
            purpose: subject.purpose.code().to_owned(),
            scopes: scopes.to_string(),
            patient: None,
            session: String::new(),
            outlives_session: true,
            refresh: 0,
            nonce: None,
            signed_in_s: now_s,
            until_s: now_s + SYSTEM_ACCESS_S,
            bound: bound.map(str::to_owned),
        };
        self.shelf.add(&grant.id, &grant)?;
        self.reply(&grant, SYSTEM_ACCESS_S, None, None)
    }
}
