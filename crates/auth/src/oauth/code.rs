//! A code becomes a grant, once.

use accord_base::Named;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::authorize::Code;
use super::grant::ACCESS_S;
use super::{Addresses, GrantRecord, OAuthFault, Params, TokenReply, needed};
use crate::Authority;
use crate::client::Client;
use crate::crypto::sha256;
use crate::records::{Stored, Table};
use crate::secrets::hashed;

/// What became of a code: kept a while, so that a second use ends what the first one gave.
#[derive(Deserialize, Serialize)]
struct Spent {
    grant: String,
    until_s: u64,
}

impl Stored for Spent {
    const TABLE: Table = Table::Spent;

    fn until_s(&self) -> Option<u64> {
        Some(self.until_s)
    }
}

impl Authority {
    pub(super) fn redeem_code(
        &self,
        params: &Params,
        client: &Client,
        bound: Option<&str>,
        addresses: &Addresses,
    ) -> Result<TokenReply, OAuthFault> {
        let key = hashed(needed(params, "code")?);
        let now_s = self.now_s();
        let Some(code) = self.shelf.take::<Code>(&key, now_s)? else {
            // A code that comes twice was stolen once (RFC 6749 §4.1.2).
            if let Some(spent) = self.shelf.get::<Spent>(&key, now_s)? {
                self.end_grants(|grant| grant.id == spent.grant)?;
            }
            return Err(OAuthFault::invalid_grant());
        };
        let mut grant = code.grant;
        let spent = Spent { grant: grant.id.clone(), until_s: now_s + 3600 };
        self.shelf.put(&key, &spent)?;
        let verifier = needed(params, "code_verifier")?;
        let fits = matches!(verifier.len(), 43..=128)
            && URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes())) == code.challenge
            && needed(params, "redirect_uri")? == code.redirect_uri
            && grant.client == client.id;
        if !fits {
            return Err(OAuthFault::invalid_grant());
        }
        grant.bound = bound.map(str::to_owned);
        let renewed = self.is_renewable(&grant);
        if !renewed {
            grant.until_s = now_s + ACCESS_S;
        }
        self.check_standing(&grant)?;
        self.shelf.add(&grant.id, &grant)?;
        // A session that ended just now did not find this grant to end.
        self.check_standing(&grant)?;
        self.reply(&grant, ACCESS_S, renewed.then_some(0), Some(addresses))
    }

    fn is_renewable(&self, grant: &GrantRecord) -> bool {
        let scopes = grant.scopes();
        scopes.has(Named::OfflineAccess) || scopes.has(Named::OnlineAccess)
    }
}
