//! Signing in: password, then second factor.

use crate::account::{Account, password, totp};
use crate::attempts::fail;
use crate::records::RecordsFault;
use crate::secrets::{hashed, typed_code};
use crate::session::Session;
use crate::{Authority, TokenError};

/// Why a sign-in is refused. Whether an account exists is not told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SignInFault {
    /// Login, password or code is wrong.
    #[error("that did not match; check what you typed and try again")]
    Wrong,
    /// Too many failures; also told for accounts that do not exist.
    #[error("too many attempts; wait a while and try again")]
    Wait,
    /// The session is over, or not there yet.
    #[error("please sign in")]
    NoSession,
    /// The records cannot be used.
    #[error("sign-in is not possible at the moment")]
    Fault,
}

impl From<RecordsFault> for SignInFault {
    fn from(_: RecordsFault) -> SignInFault {
        SignInFault::Fault
    }
}

impl From<TokenError> for SignInFault {
    fn from(_: TokenError) -> SignInFault {
        SignInFault::Fault
    }
}

impl Authority {
    /// Checks a password and begins a session; gives its secret. If the account has a second
    /// factor the session is not confirmed yet. Takes tens of milliseconds whoever asks.
    ///
    /// # Errors
    /// The same ones whether the account exists or not.
    pub fn sign_in(&self, login: &str, typed: &str, address: &str) -> Result<String, SignInFault> {
        let (login, now_s) = (login.trim().to_lowercase(), self.now_s());
        self.check_address(address, now_s)?;
        let account = self.shelf.get::<Account>(&login, now_s)?.filter(|a| !a.disabled);
        let locked = account.as_ref().is_some_and(|account| account.locked_until_s > now_s);
        let hash = account.as_ref().and_then(|account| account.password.as_deref());
        let matches = password::matches(typed, hash);
        let unknown = format!("login:{}", hashed(&login));
        if locked || self.is_waiting(&unknown, now_s)? {
            self.failed_from(address, now_s)?;
            return Err(SignInFault::Wait);
        }
        match account {
            Some(account) if matches => {
                if account.totp.is_none() {
                    self.forgive(&login, now_s)?;
                }
                self.begin(&login, account.totp.is_none(), &account.hats)
            }
            Some(_) => {
                self.failed_at(&login, now_s)?;
                self.failed_from(address, now_s)?;
                Err(SignInFault::Wrong)
            }
            None => {
                self.failed_unknown(&unknown, now_s)?;
                self.failed_from(address, now_s)?;
                Err(SignInFault::Wrong)
            }
        }
    }

    /// Checks the code of an authenticator app, or a recovery code, and confirms the session.
    ///
    /// # Errors
    /// If it is wrong, or was used before, or there were too many.
    pub fn second_factor(
        &self,
        secret: &str,
        typed: &str,
        address: &str,
    ) -> Result<(), SignInFault> {
        let now_s = self.now_s();
        self.check_address(address, now_s)?;
        let session = self.session(secret)?.ok_or(SignInFault::NoSession)?;
        let login = &session.login;
        let accepted = self.shelf.change(login, now_s, |account: &mut Account| {
            if account.locked_until_s > now_s || account.disabled {
                return Err(SignInFault::Wait);
            }
            let right = self.use_totp(account, typed, now_s) || use_recovery(account, typed);
            if right {
                account.failures = 0;
                Ok(())
            } else {
                fail(account, now_s);
                Err(SignInFault::Wrong)
            }
        })?;
        let outcome = accepted.unwrap_or(Err(SignInFault::NoSession));
        if outcome.is_err() {
            self.failed_from(address, now_s)?;
            return outcome;
        }
        let confirm = |session: &mut Session| session.confirmed = true;
        self.shelf.change(&hashed(secret), now_s, confirm)?.ok_or(SignInFault::NoSession)
    }

    fn use_totp(&self, account: &mut Account, typed: &str, now_s: u64) -> bool {
        let login = account.login.clone();
        let Some(totp) = &mut account.totp else { return false };
        let Some(secret) = self.secrets.open(&totp.secret, &login) else { return false };
        let step = totp::matching_step(&secret, typed, now_s, totp.last_step);
        step.inspect(|step| totp.last_step = *step).is_some()
    }
}

/// Uses up a recovery code.
fn use_recovery(account: &mut Account, typed: &str) -> bool {
    let hash = hashed(&typed_code(typed));
    let place = account.recovery.iter().position(|kept| *kept == hash);
    place.map(|at| account.recovery.remove(at)).is_some()
}
