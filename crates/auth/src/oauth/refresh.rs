//! Refresh tokens: each good once, and less scope for the asking.

use accord_base::Scopes;

use super::grant::ACCESS_S;
use super::{Addresses, GrantRecord, OAuthFault, Params, TokenReply, needed, one};
use crate::Authority;
use crate::client::Client;

impl Authority {
    pub(super) fn refresh(
        &self,
        params: &Params,
        client: &Client,
        bound: Option<&str>,
        addresses: &Addresses,
    ) -> Result<TokenReply, OAuthFault> {
        let (id, number) = self.read_refresh(needed(params, "refresh_token")?)?;
        let turned = self.shelf.change(&id, self.now_s(), |grant: &mut GrantRecord| {
            if grant.client != client.id {
                return None;
            }
            let good = grant.refresh == number;
            if good {
                grant.refresh += 1;
            }
            Some((good, grant.clone()))
        })?;
        let (good, mut grant) = turned.flatten().ok_or_else(OAuthFault::invalid_grant)?;
        if !good {
            // Two have it, and one of them should not (RFC 9700 §4.14.2).
            self.end_grants(|ended| ended.id == id)?;
            return Err(OAuthFault::invalid_grant());
        }
        self.check_standing(&grant)?;
        if !grant.outlives_session {
            // Whoever works in an app uses the session in which they let it in.
            self.touch(&grant.session)?;
        }
        // Certificates are renewed; the client has just shown the one it has now.
        grant.bound = bound.map(str::to_owned);
        let held = grant.scopes();
        if let Some(asked) = one(params, "scope")? {
            let asked = Scopes::parse_known(asked)
                .map_err(|fault| OAuthFault::new("invalid_scope", fault.to_string()))?;
            let narrowed = asked.within(&held);
            if narrowed.is_empty() {
                return Err(OAuthFault::new("invalid_scope", "nothing of this was granted"));
            }
            // The grant keeps what it has (RFC 6749 §6); this token gets less.
            grant.scopes = narrowed.to_string();
        }
        self.reply(&grant, ACCESS_S, Some(grant.refresh), Some(addresses))
    }

    /// Whether client, account, role and session of a grant are still what they were; ends it if
    /// they are not.
    pub(super) fn check_standing(&self, grant: &GrantRecord) -> Result<(), OAuthFault> {
        if self.has_standing(grant)? {
            return Ok(());
        }
        if grant.login.is_none() {
            return Err(OAuthFault::invalid_grant());
        }
        self.end_grants(|ended| ended.id == grant.id)?;
        Err(OAuthFault::invalid_grant())
    }

    /// Whether a grant goes on.
    pub(crate) fn has_standing(&self, grant: &GrantRecord) -> Result<bool, OAuthFault> {
        let Some(login) = &grant.login else { return Ok(false) };
        let account = self.account(login)?.filter(|account| !account.disabled);
        let same = account.is_some_and(|account| account.hats.contains(&grant.hat));
        let in_session = grant.outlives_session
            || self.sessions_of(login)?.iter().any(|session| session.id == grant.session);
        Ok(same && in_session && self.client(&grant.client)?.is_some())
    }

    pub(super) fn read_refresh(&self, token: &str) -> Result<(String, u32), OAuthFault> {
        let text = self.secrets.verified(token).and_then(|text| text.strip_prefix("r."));
        let parts = text.and_then(|text| text.split_once('.'));
        let read = parts.and_then(|(id, number)| Some((id.to_owned(), number.parse().ok()?)));
        read.ok_or_else(OAuthFault::invalid_grant)
    }
}
