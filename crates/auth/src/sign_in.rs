//! Signing in, and what sessions then do.

use crate::account::{Account, Hat, password, totp};
use crate::admin::AdminFault;
use crate::records::{Kept, RecordsFault, Stored, Table};
use crate::secrets::{hashed, random_text, typed_code};
use crate::session::Session;
use crate::{Authority, TokenError};
use serde::{Deserialize, Serialize};

/// Failures before an account is locked for a while.
const FREE_FAILURES: u32 = 5;
/// The first lock, in seconds; each further failure doubles it.
const FIRST_LOCK_S: u64 = 30;
/// The longest lock, in seconds.
const LONGEST_LOCK_S: u64 = 3600;
/// Failures from one network address within [`ADDRESS_S`] before it is refused.
const ADDRESS_FAILURES: u32 = 30;
/// How long failures from an address count, in seconds.
const ADDRESS_S: u64 = 600;

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

/// Failures by login (of accounts that do not exist) or by address.
#[derive(Serialize, Deserialize)]
struct Failures {
    count: u32,
    until_s: u64,
}

impl Stored for Failures {
    const TABLE: Table = Table::Address;

    fn until_s(&self) -> Option<u64> {
        Some(self.until_s)
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

    /// Begins a session of an account whose owner has shown who they are.
    pub(crate) fn begin(
        &self,
        login: &str,
        confirmed: bool,
        hats: &[Hat],
    ) -> Result<String, SignInFault> {
        let (secret, now_s) = (random_text(&*self.rng), self.now_s());
        let session = Session {
            id: self.fresh_id(),
            login: login.to_owned(),
            confirmed,
            hat: hats.first().filter(|_| hats.len() == 1).cloned(),
            form: random_text(&*self.rng),
            begun_s: now_s,
            seen_s: now_s,
        };
        self.shelf.add(&hashed(&secret), &session)?;
        Ok(secret)
    }

    /// The session of a secret, if it goes on. Using it keeps it going.
    ///
    /// # Errors
    /// If the records cannot be used.
    pub fn session(&self, secret: &str) -> Kept<Option<Session>> {
        let (key, now_s) = (hashed(secret), self.now_s());
        let Some(session) = self.shelf.get::<Session>(&key, now_s)? else { return Ok(None) };
        if now_s >= session.seen_s + 60 {
            self.shelf.change(&key, now_s, |session: &mut Session| session.seen_s = now_s)?;
        }
        Ok(Some(session))
    }

    /// Takes one of the account's roles.
    ///
    /// # Errors
    /// If the session is over or the account has no such role.
    pub fn choose(&self, secret: &str, at: usize) -> Result<(), SignInFault> {
        let (key, now_s) = (hashed(secret), self.now_s());
        let session = self.session(secret)?.ok_or(SignInFault::NoSession)?;
        let account: Option<Account> = self.shelf.get(&session.login, now_s)?;
        let hat = account.and_then(|account| account.hats.get(at).cloned());
        let hat = hat.ok_or(SignInFault::Wrong)?;
        let chosen = self.shelf.change(&key, now_s, |s: &mut Session| s.hat = Some(hat.clone()))?;
        chosen.ok_or(SignInFault::NoSession)
    }

    /// The sessions of an account, newest first.
    ///
    /// # Errors
    /// If the records cannot be used.
    pub fn sessions_of(&self, login: &str) -> Kept<Vec<Session>> {
        let all = self.shelf.list::<Session>(self.now_s())?;
        let mut own: Vec<Session> =
            all.into_iter().map(|(_, s)| s).filter(|s| s.login == login).collect();
        own.sort_by_key(|session| std::cmp::Reverse(session.begun_s));
        Ok(own)
    }

    /// Ends a session of the account, and every grant that was given in it and not for longer.
    ///
    /// # Errors
    /// If the records cannot be used.
    pub fn end_session(&self, login: &str, id: &str) -> Kept<()> {
        for (key, session) in self.shelf.list::<Session>(self.now_s())? {
            if session.login == login && session.id == id {
                self.shelf.0.take(Table::Session, &key)?;
            }
        }
        self.end_grants(|grant| grant.session == id && !grant.outlives_session)
    }

    /// Makes a patient's log-in ([`Authority::redeem`]) for someone at this network address, who may
    /// not try codes without end.
    ///
    /// # Errors
    /// As there, and [`AdminFault::Code`] for an address that failed too often.
    pub fn redeem_from(
        &self,
        code: &str,
        login: &str,
        password: &str,
        address: &str,
    ) -> Result<(), AdminFault> {
        let now_s = self.now_s();
        self.check_address(address, now_s).map_err(|_| AdminFault::Code)?;
        let made = self.redeem(code, login, password);
        if made == Err(AdminFault::Code) {
            self.failed_from(address, now_s)?;
        }
        made
    }

    fn check_address(&self, address: &str, now_s: u64) -> Result<(), SignInFault> {
        let found: Option<Failures> = self.shelf.get(address, now_s)?;
        let many = found.is_some_and(|failures| failures.count >= ADDRESS_FAILURES);
        if many { Err(SignInFault::Wait) } else { Ok(()) }
    }

    fn failed_from(&self, address: &str, now_s: u64) -> Kept<()> {
        let count = |failures: &mut Failures| failures.count = failures.count.saturating_add(1);
        if self.shelf.change(address, now_s, count)?.is_none() {
            self.shelf.put(address, &Failures { count: 1, until_s: now_s + ADDRESS_S })?;
        }
        Ok(())
    }

    fn failed_at(&self, login: &str, now_s: u64) -> Kept<()> {
        self.shelf.change(login, now_s, |account: &mut Account| fail(account, now_s)).map(drop)
    }

    /// What nobody has is locked like what somebody has.
    fn failed_unknown(&self, key: &str, now_s: u64) -> Kept<()> {
        let found: Option<Failures> = self.shelf.get(key, now_s)?;
        let count = found.map_or(0, |failures| failures.count).saturating_add(1);
        let until_s = now_s + lock_s(count).max(ADDRESS_S);
        self.shelf.put(key, &Failures { count, until_s })
    }

    fn is_waiting(&self, key: &str, now_s: u64) -> Kept<bool> {
        let found: Option<Failures> = self.shelf.get(key, now_s)?;
        Ok(found.is_some_and(|failures| lock_s(failures.count) > 0))
    }

    fn forgive(&self, login: &str, now_s: u64) -> Kept<()> {
        self.shelf.change(login, now_s, |account: &mut Account| account.failures = 0).map(drop)
    }
}

/// How long an account is locked after so many failures in a row, in seconds.
fn lock_s(failures: u32) -> u64 {
    let beyond = failures.saturating_sub(FREE_FAILURES);
    if failures < FREE_FAILURES { 0 } else { (FIRST_LOCK_S << beyond.min(10)).min(LONGEST_LOCK_S) }
}

fn fail(account: &mut Account, now_s: u64) {
    account.failures = account.failures.saturating_add(1);
    let lock = lock_s(account.failures);
    if lock > 0 {
        account.locked_until_s = now_s + lock;
    }
}

/// Uses up a recovery code.
fn use_recovery(account: &mut Account, typed: &str) -> bool {
    let hash = hashed(&typed_code(typed));
    let place = account.recovery.iter().position(|kept| *kept == hash);
    place.map(|at| account.recovery.remove(at)).is_some()
}
