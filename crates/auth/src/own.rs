//! What people change themselves about how they sign in.

use serde::{Deserialize, Serialize};

use crate::Authority;
use crate::account::{Account, Totp, totp};
use crate::admin::TotpSetup;
use crate::records::{Kept, RecordsFault, Stored, Table};
use crate::session::Session;
use crate::sign_in::SignInFault;

/// How long after signing in a session may change how its owner signs in, in seconds: whoever
/// finds a screen left alone later may not.
const FRESH_S: u64 = 600;
/// How long an authenticator app may take to be set up, in seconds.
const SETUP_S: u64 = 900;

/// An authenticator app whose first code has not been typed yet.
#[derive(Serialize, Deserialize)]
struct Setup {
    /// Sealed.
    secret: String,
    until_s: u64,
}

impl Stored for Setup {
    const TABLE: Table = Table::Setup;

    fn until_s(&self) -> Option<u64> {
        Some(self.until_s)
    }
}

impl Authority {
    /// Whether a session's owner showed only just now, and in full, who they are.
    pub fn is_fresh(&self, session: &Session) -> bool {
        session.is_open() && self.now_s() < session.begun_s + FRESH_S
    }

    /// The secret of an authenticator app that is being set up; nothing changes until its first
    /// code is typed ([`Authority::end_totp_setup`]).
    ///
    /// # Errors
    /// If the records cannot be used.
    pub fn totp_setup(&self, login: &str) -> Kept<TotpSetup> {
        let now_s = self.now_s();
        if let Some(begun) = self.shelf.get::<Setup>(login, now_s)? {
            let secret = self.secrets.open(&begun.secret, login).ok_or(RecordsFault)?;
            return Ok(TotpSetup::of(login, &secret));
        }
        let (secret, sealed) = self.totp_secret(login)?;
        self.shelf.put(login, &Setup { secret: sealed, until_s: now_s + SETUP_S })?;
        Ok(TotpSetup::of(login, &secret))
    }

    /// Takes the first code of the app: from now on it is the account's second factor, in the
    /// place of any other. Gives new recovery codes, shown once.
    ///
    /// # Errors
    /// If the code is wrong or setting up was not begun.
    pub fn end_totp_setup(&self, login: &str, typed: &str) -> Result<Vec<String>, SignInFault> {
        let now_s = self.now_s();
        let begun = self.shelf.get::<Setup>(login, now_s)?.ok_or(SignInFault::Wrong)?;
        let secret = self.secrets.open(&begun.secret, login).ok_or(SignInFault::Fault)?;
        let step = totp::matching_step(&secret, typed, now_s, 0).ok_or(SignInFault::Wrong)?;
        // Of two who end it at once, one does.
        self.shelf.take::<Setup>(login, now_s)?.ok_or(SignInFault::Wrong)?;
        let changed = self.shelf.change(login, now_s, |account: &mut Account| {
            account.totp = Some(Totp { secret: begun.secret.clone(), last_step: step });
        })?;
        changed.ok_or(SignInFault::NoSession)?;
        self.recovery_codes(login).map_err(|_| SignInFault::Fault)
    }
}
