//! Ending a session at an app's word (OpenID Connect RP-Initiated Logout 1.0).

use jsonwebtoken::{Algorithm, Validation};
use serde::Deserialize;

use super::told::account_id;
use crate::Authority;
use crate::session::Session;

/// What counts of an id token that is shown again.
#[derive(Deserialize)]
struct Hint {
    sub: String,
}

impl Authority {
    /// Whether an id token is one of this server's for the owner of the session. That it is over
    /// does not count (§2 of the standard): it only tells that an app of theirs asks.
    pub fn is_hint_of(&self, id_token: &str, issuer: &str, session: &Session) -> bool {
        let Ok(header) = jsonwebtoken::decode_header(id_token) else { return false };
        let key = header.kid.and_then(|kid| self.signing.find(&kid, self.now_s()));
        let Some(key) = key.filter(|_| header.alg == Algorithm::ES256) else { return false };
        let mut rules = Validation::new(Algorithm::ES256);
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.set_issuer(&[issuer]);
        rules.set_required_spec_claims(&["iss", "sub", "aud"]);
        let hint = jsonwebtoken::decode::<Hint>(id_token, &key, &rules);
        hint.is_ok_and(|hint| hint.claims.sub == account_id(&session.login))
    }

    /// The address to which a person is sent after signing out: one that the app is registered
    /// with, compared as texts.
    pub fn after_sign_out(&self, client: &str, uri: &str) -> Option<String> {
        let client = self.client(client).ok().flatten()?;
        client.redirect_uris.iter().find(|known| *known == uri).cloned()
    }
}
