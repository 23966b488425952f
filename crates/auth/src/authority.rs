//! The authority: what the routes of identity stand on.

use std::sync::Arc;

use accord_base::{Clock, Purpose, ResourceId, ResourceScope, Rng, Role};

use crate::foreign::Foreign;
use crate::oauth::GrantRecord;
use crate::origins::Origins;
use crate::records::{Kept, Records, Shelf};
use crate::secrets::Secrets;
use crate::{Gate, KeyRing, Retired, SigningKey, TokenError, Tokens};

/// What the access rules say about roles.
pub trait Rules: Send + Sync {
    /// What of a scope a role can be given.
    fn grantable(&self, role: Role, scope: &ResourceScope) -> Option<ResourceScope>;
    /// Whether the role may act for the purpose.
    fn may_purpose(&self, role: Role, purpose: Purpose) -> bool;
}

/// Accounts, sessions, clients and grants of one store.
pub struct Authority {
    pub(crate) shelf: Shelf,
    pub(crate) signing: Arc<KeyRing>,
    pub(crate) secrets: Secrets,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) rules: Arc<dyn Rules>,
    pub(crate) foreign: Option<Arc<Foreign>>,
    pub(crate) origins: Origins,
    /// Whether clients may register themselves.
    pub open_registration: bool,
    /// Whether connections may bring clients' certificates.
    pub mutual_tls: bool,
}

/// What an authority is made of.
pub struct Parts {
    /// Where everything is kept.
    pub records: Arc<dyn Records>,
    /// The server's key pairs.
    pub signing: Arc<KeyRing>,
    /// Key of the operator's tokens.
    pub token_key: [u8; 32],
    /// Whether the store takes test principals.
    pub test_principals: bool,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// What roles may do.
    pub rules: Arc<dyn Rules>,
    /// The identity provider in the place of this server's own sign-in.
    pub foreign: Option<Arc<Foreign>>,
}

struct Grants {
    shelf: Shelf,
    clock: Arc<dyn Clock>,
}

impl Gate for Grants {
    fn is_live(&self, grant: &str) -> bool {
        let now_s = self.clock.now().seconds();
        self.shelf.get::<GrantRecord>(grant, now_s).is_ok_and(|found| found.is_some())
    }
}

impl Authority {
    /// An authority over these parts.
    ///
    /// # Errors
    /// If a key cannot be used.
    pub fn new(parts: Parts) -> Result<Authority, TokenError> {
        let shelf = Shelf(parts.records);
        let gate = Grants { shelf: shelf.clone(), clock: parts.clock.clone() };
        let tokens = Tokens::new(parts.token_key, parts.clock.clone())
            .with_test_principals(parts.test_principals)
            .with_grants(parts.signing.clone(), Arc::new(gate))
            .with_foreign(parts.foreign.clone());
        let authority = Authority {
            shelf,
            signing: parts.signing,
            secrets: Secrets::new(&parts.token_key)?,
            tokens: Arc::new(tokens),
            clock: parts.clock,
            rng: parts.rng,
            rules: parts.rules,
            foreign: parts.foreign,
            origins: Origins::default(),
            open_registration: false,
            mutual_tls: false,
        };
        authority.read_origins().map_err(|_| TokenError::Key)?;
        Ok(authority)
    }

    /// What verifies the tokens it gives out, and the operator's.
    pub fn tokens(&self) -> Arc<Tokens> {
        self.tokens.clone()
    }

    /// The public halves of the key pairs, as a JWK Set.
    pub fn jwks(&self) -> serde_json::Value {
        self.signing.jwks(self.now_s())
    }

    /// Puts other key pairs in the place of those that are there; tokens of keys that are gone are
    /// refused from now on.
    pub fn replace_keys(&self, current: SigningKey, retired: Vec<Retired>) {
        self.signing.replace(current, retired);
        self.tokens.forget();
    }

    /// The identity provider in the place of this server's own sign-in.
    pub fn foreign(&self) -> Option<&Arc<Foreign>> {
        self.foreign.as_ref()
    }

    /// A number that differs from the last one if another process may have changed the records;
    /// verified tokens are then to be forgotten ([`Tokens::forget`]). Removes what is over.
    ///
    /// # Errors
    /// If the records cannot be used.
    pub fn sweep(&self) -> Kept<u64> {
        self.shelf.0.sweep(self.now_s())?;
        let version = self.shelf.0.version()?;
        self.follow_origins(version)?;
        Ok(version)
    }

    pub(crate) fn now_s(&self) -> u64 {
        self.clock.now().seconds()
    }

    pub(crate) fn fresh_id(&self) -> String {
        ResourceId::random(&*self.rng).to_string()
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority")
    }
}
