//! Grants: what a client was given, for as long as it lasts.

use std::sync::Arc;

use accord_base::{Grant, ResourceId, Scopes, Subject};
use serde::{Deserialize, Serialize};

use super::OAuthFault;
use crate::Authority;
use crate::account::Hat;
use crate::records::{Kept, Stored, Table};

/// How long access tokens of people are good, in seconds.
pub(crate) const ACCESS_S: u64 = 600;
/// How long access tokens of systems are good, in seconds (SMART App Launch 2.2, "Backend
/// Services": at most 300).
pub(crate) const SYSTEM_ACCESS_S: u64 = 300;
/// How long a grant lasts that outlives its session, in seconds.
pub(crate) const OFFLINE_S: u64 = 90 * 86_400;

/// What a client was given.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq, Debug)]
pub struct GrantRecord {
    /// Its id, which every token of it names.
    pub id: String,
    /// The client.
    pub client: String,
    /// Whose account; `None` for clients that act by themselves.
    pub login: Option<String>,
    /// As whom.
    pub hat: Hat,
    /// The purpose of use.
    pub purpose: String,
    /// What was granted.
    pub scopes: String,
    /// Id of the patient in context.
    pub patient: Option<String>,
    /// The session in which it was given; empty for none.
    pub session: String,
    /// Whether it outlives the session.
    pub outlives_session: bool,
    /// Number of the refresh token that is good.
    pub refresh: u32,
    /// What the client wants repeated in its id token.
    pub nonce: Option<String>,
    /// When its owner signed in.
    pub signed_in_s: u64,
    /// From when it no longer counts.
    pub until_s: u64,
    /// SHA-256 of the certificate that its tokens are bound to, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<String>,
}

impl Stored for GrantRecord {
    const TABLE: Table = Table::Grant;

    fn until_s(&self) -> Option<u64> {
        Some(self.until_s)
    }
}

impl GrantRecord {
    pub(crate) fn scopes(&self) -> Scopes {
        Scopes::parse(&self.scopes).unwrap_or_default()
    }

    /// The subject of its tokens.
    pub(crate) fn subject(&self) -> Result<Subject, OAuthFault> {
        let subject =
            self.hat.subject(Some(&self.purpose)).ok_or_else(OAuthFault::invalid_grant)?;
        let patient = self.patient.as_deref().map(ResourceId::new).transpose();
        let grant = Grant {
            id: self.id.clone(),
            client: self.client.clone(),
            scopes: self.scopes(),
            patient: patient.map_err(|_| OAuthFault::invalid_grant())?,
        };
        Ok(Subject { grant: Some(Arc::new(grant)), ..subject })
    }
}

impl Authority {
    /// Ends the grants that `which` picks: their tokens are refused from now on.
    pub(crate) fn end_grants(&self, which: impl Fn(&GrantRecord) -> bool) -> Kept<()> {
        for (key, grant) in self.shelf.list::<GrantRecord>(self.now_s())? {
            if which(&grant) {
                self.shelf.0.take(Table::Grant, &key)?;
            }
        }
        self.tokens.forget();
        Ok(())
    }

    /// The grants of an account, for its owner to see.
    ///
    /// # Errors
    /// If the records cannot be used.
    pub fn grants_of(&self, login: &str) -> Kept<Vec<GrantRecord>> {
        let all = self.shelf.list::<GrantRecord>(self.now_s())?.into_iter().map(|(_, grant)| grant);
        Ok(all.filter(|grant| grant.login.as_deref() == Some(login)).collect())
    }

    /// Ends one grant of an account.
    ///
    /// # Errors
    /// If the records cannot be used.
    pub fn end_grant(&self, login: &str, id: &str) -> Kept<()> {
        self.end_grants(|grant| grant.id == id && grant.login.as_deref() == Some(login))
    }
}
