//! What administrators do: accounts and their ways to sign in.

use accord_base::{Purpose, Role};

use crate::Authority;
use crate::account::{Account, Hat, Totp, password, totp};
use crate::oauth::GrantRecord;
use crate::records::{Kept, RecordsFault, Table};
use crate::secrets::{hashed, spoken_code, typed_code};
use crate::session::Session;

/// Recovery codes given out at a time.
const RECOVERY_CODES: usize = 8;
/// Most roles of an account.
const MOST_HATS: usize = 20;

/// Why something about accounts is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AdminFault {
    /// A login that cannot be one.
    #[error("a login has 3 to 64 letters, digits or any of `.-_@`")]
    Login,
    /// Taken.
    #[error("the login is taken")]
    Taken,
    /// There is no such thing.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// A role that cannot be.
    #[error("`{0}` is not a role that exists: person, role, organisation and purposes must fit")]
    Hat(String),
    /// Too short or too long.
    #[error("a password has at least 12 characters and at most 256 bytes")]
    Password,
    /// Wrong or over.
    #[error("the code is not good, or is no longer good")]
    Code,
    /// Something about a client.
    #[error("{0}")]
    Client(String),
    /// The records cannot be used.
    #[error(transparent)]
    Records(#[from] RecordsFault),
}

/// A new authenticator app: shown once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TotpSetup {
    /// The secret as people type it.
    pub secret: String,
    /// The same as an address that authenticator apps read from a picture.
    pub uri: String,
}

impl TotpSetup {
    pub(crate) fn of(login: &str, secret: &[u8]) -> TotpSetup {
        let secret = totp::base32(secret);
        let uri = format!("otpauth://totp/Accord:{login}?secret={secret}&issuer=Accord");
        TotpSetup { secret, uri }
    }
}

impl Authority {
    /// Makes an account with these roles and, if given, a password.
    ///
    /// # Errors
    /// If the login cannot be one or is taken, a role cannot be, or the password is too short.
    pub fn add_account(
        &self,
        login: &str,
        name: &str,
        hats: Vec<Hat>,
        password: Option<&str>,
    ) -> Result<(), AdminFault> {
        let known = |c: char| c.is_ascii_alphanumeric() || ".-_@".contains(c);
        if !matches!(login.len(), 3..=64) || !login.chars().all(known) {
            return Err(AdminFault::Login);
        }
        self.check_hats(&hats)?;
        let mut account = Account::new(login, name, hats);
        if let Some(password) = password {
            account.password = Some(self.hash(password)?);
        }
        let free = self.shelf.add(&account.login, &account)?;
        if free { Ok(()) } else { Err(AdminFault::Taken) }
    }

    /// Every account.
    ///
    /// # Errors
    /// If the records cannot be used.
    pub fn accounts(&self) -> Kept<Vec<Account>> {
        Ok(self.shelf.list(self.now_s())?.into_iter().map(|(_, account)| account).collect())
    }

    /// One account.
    ///
    /// # Errors
    /// If the records cannot be used.
    pub fn account(&self, login: &str) -> Kept<Option<Account>> {
        self.shelf.get(&login.to_lowercase(), self.now_s())
    }

    /// Gives an account these roles in the place of those it has; whatever it had signed in for
    /// ends.
    ///
    /// # Errors
    /// If there is no such account, or a role cannot be.
    pub fn set_hats(&self, login: &str, hats: Vec<Hat>) -> Result<(), AdminFault> {
        self.check_hats(&hats)?;
        self.change(login, |account| account.hats.clone_from(&hats))?;
        Ok(self.end_everything(login)?)
    }

    /// Lets an account sign in, or not; if not, whatever it had signed in for ends.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn disable(&self, login: &str, disabled: bool) -> Result<(), AdminFault> {
        self.change(login, |account| account.disabled = disabled)?;
        if disabled { Ok(self.end_everything(login)?) } else { Ok(()) }
    }

    /// Removes an account and ends whatever it had signed in for.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn remove_account(&self, login: &str) -> Result<(), AdminFault> {
        let taken = self.shelf.0.take(Table::Account, &login.to_lowercase())?;
        taken.ok_or(AdminFault::Missing("account"))?;
        Ok(self.end_everything(login)?)
    }

    /// Sets a password and unlocks the account; its sessions end.
    ///
    /// # Errors
    /// If there is no such account, or the password is too short.
    pub fn set_password(&self, login: &str, password: &str) -> Result<(), AdminFault> {
        let hash = self.hash(password)?;
        self.change(login, |account| {
            account.password = Some(hash.clone());
            (account.failures, account.locked_until_s) = (0, 0);
        })?;
        Ok(self.end_everything(login)?)
    }

    /// Sets up an authenticator app in the place of any other.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn set_up_totp(&self, login: &str) -> Result<TotpSetup, AdminFault> {
        let login = login.to_lowercase();
        let (secret, sealed) = self.totp_secret(&login)?;
        self.change(&login, |account| {
            account.totp = Some(Totp { secret: sealed.clone(), last_step: 0 });
        })?;
        Ok(TotpSetup::of(&login, &secret))
    }

    /// A new secret for an authenticator app of this login, and the same sealed.
    pub(crate) fn totp_secret(&self, login: &str) -> Kept<([u8; 20], String)> {
        let mut secret = [0; 20];
        self.rng.fill(&mut secret);
        let sealed = self.secrets.seal(&secret, login, &*self.rng).ok_or(RecordsFault)?;
        Ok((secret, sealed))
    }

    /// Makes recovery codes in the place of any others; shown once.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn recovery_codes(&self, login: &str) -> Result<Vec<String>, AdminFault> {
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| spoken_code(&*self.rng)).collect();
        let hashes: Vec<String> = codes.iter().map(|code| hashed(&typed_code(code))).collect();
        self.change(login, |account| account.recovery.clone_from(&hashes))?;
        Ok(codes)
    }

    /// Ends the sessions and grants of an account.
    ///
    /// # Errors
    /// If the records cannot be used.
    pub fn end_everything(&self, login: &str) -> Kept<()> {
        let login = login.to_lowercase();
        for (key, session) in self.shelf.list::<Session>(self.now_s())? {
            if session.login == login {
                self.shelf.0.take(Table::Session, &key)?;
            }
        }
        self.end_grants(|grant: &GrantRecord| grant.login.as_deref() == Some(&*login))
    }

    fn check_hats(&self, hats: &[Hat]) -> Result<(), AdminFault> {
        if hats.is_empty() || hats.len() > MOST_HATS {
            return Err(AdminFault::Hat(String::new()));
        }
        hats.iter().try_for_each(|hat| self.check_hat(hat))
    }

    /// Whether the hat exists, for people and systems, with purposes that its role may have.
    pub(crate) fn check_hat(&self, hat: &Hat) -> Result<(), AdminFault> {
        let fault = || AdminFault::Hat(hat.label());
        let role = hat.role().filter(|role| *role != Role::System).ok_or_else(fault)?;
        let fits = hat.purposes.iter().all(|code| {
            let purpose = Purpose::from_code(code);
            purpose.is_some_and(|purpose| self.rules.may_purpose(role, purpose))
                && hat.subject(Some(code)).is_some()
        });
        if fits && !hat.purposes.is_empty() { Ok(()) } else { Err(fault()) }
    }

    fn hash(&self, password: &str) -> Result<String, AdminFault> {
        password::hash(password, &*self.rng).ok_or(AdminFault::Password)
    }

    fn change(&self, login: &str, change: impl Fn(&mut Account)) -> Result<(), AdminFault> {
        let changed = self.shelf.change(&login.to_lowercase(), self.now_s(), change)?;
        changed.ok_or(AdminFault::Missing("account"))
    }
}
