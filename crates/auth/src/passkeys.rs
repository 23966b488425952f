//! Registering passkeys and signing in with them.

use serde::{Deserialize, Serialize};

use crate::Authority;
use crate::account::Account;
use crate::account::passkey::{Passkey, RelyingParty, Response};
use crate::records::{Kept, Stored, Table};
use crate::secrets::random_text;
use crate::sign_in::SignInFault;

/// How long a ceremony may take, in seconds.
const CEREMONY_S: u64 = 300;
/// Most passkeys of an account.
const MOST_PASSKEYS: usize = 20;

/// A ceremony under way; its key is the challenge.
#[derive(Serialize, Deserialize)]
struct Challenge {
    /// Whose passkey is registered; empty for a sign-in.
    login: String,
    until_s: u64,
}

impl Stored for Challenge {
    const TABLE: Table = Table::Challenge;

    fn until_s(&self) -> Option<u64> {
        Some(self.until_s)
    }
}

impl Authority {
    /// Begins a ceremony: to register a passkey of this login, or to sign in. Gives the challenge.
    ///
    /// # Errors
    /// If the records cannot be used.
    pub fn passkey_challenge(&self, login: Option<&str>) -> Kept<String> {
        let challenge = random_text(&*self.rng);
        let login = login.unwrap_or_default().to_owned();
        let record = Challenge { login, until_s: self.now_s() + CEREMONY_S };
        self.shelf.add(&challenge, &record)?;
        Ok(challenge)
    }

    /// Ends a registration: the passkey belongs to the account from now on.
    ///
    /// # Errors
    /// If the ceremony is over or its result is not good.
    pub fn add_passkey(
        &self,
        login: &str,
        label: &str,
        challenge: &str,
        response: &Response,
        party: RelyingParty<'_>,
    ) -> Result<(), SignInFault> {
        let now_s = self.now_s();
        let begun: Option<Challenge> = self.shelf.take(challenge, now_s)?;
        if begun.is_none_or(|begun| begun.login != login) {
            return Err(SignInFault::Wrong);
        }
        let label: String = label.chars().filter(|c| !c.is_control()).take(40).collect();
        let key = Passkey::register(response, &label, challenge, party);
        let key = key.ok_or(SignInFault::Wrong)?;
        let taken = self.owner_of(&key.id)?.is_some();
        let added = self.shelf.change(login, now_s, |account: &mut Account| {
            let room = account.passkeys.len() < MOST_PASSKEYS && !taken;
            if room {
                account.passkeys.push(key.clone());
            }
            room
        })?;
        if added == Some(true) { Ok(()) } else { Err(SignInFault::Wrong) }
    }

    /// Removes a passkey of an account.
    ///
    /// # Errors
    /// If the records cannot be used.
    pub fn remove_passkey(&self, login: &str, id: &str) -> Kept<()> {
        let remove = |account: &mut Account| account.passkeys.retain(|key| key.id != id);
        self.shelf.change(login, self.now_s(), remove).map(drop)
    }

    /// Signs in with a passkey, which counts for both factors: the device verified its owner.
    /// Gives the session's secret.
    ///
    /// # Errors
    /// If the ceremony is over or its result is not good.
    pub fn sign_in_by_passkey(
        &self,
        challenge: &str,
        response: &Response,
        party: RelyingParty<'_>,
    ) -> Result<String, SignInFault> {
        let now_s = self.now_s();
        let begun: Option<Challenge> = self.shelf.take(challenge, now_s)?;
        if begun.is_none_or(|begun| !begun.login.is_empty()) {
            return Err(SignInFault::Wrong);
        }
        let owner = self.owner_of(&response.id)?.ok_or(SignInFault::Wrong)?;
        let accepted = self.shelf.change(&owner, now_s, |account: &mut Account| {
            let enabled = !account.disabled;
            let key = account.passkeys.iter_mut().find(|key| key.id == response.id)?;
            key.accept(response, challenge, party).filter(|()| enabled)?;
            Some(account.hats.clone())
        })?;
        let hats = accepted.flatten().ok_or(SignInFault::Wrong)?;
        self.begin(&owner, true, &hats)
    }

    fn owner_of(&self, id: &str) -> Kept<Option<String>> {
        let all = self.shelf.list::<Account>(self.now_s())?;
        let owner = all.into_iter().find(|(_, a)| a.passkeys.iter().any(|key| key.id == id));
        Ok(owner.map(|(login, _)| login))
    }
}
