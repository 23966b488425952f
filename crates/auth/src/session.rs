//! Sessions of people at a browser.

use serde::{Deserialize, Serialize};

use crate::Authority;
use crate::account::{Account, Hat};
use crate::records::{Kept, Stored, Table};
use crate::secrets::{hashed, random_text};
use crate::sign_in::SignInFault;

/// Longest session, in seconds.
pub const SESSION_S: u64 = 12 * 3600;
/// Longest pause in a session, in seconds.
pub const IDLE_S: u64 = 30 * 60;

/// A session. Its secret is in the browser alone.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq, Debug)]
pub struct Session {
    /// Names it in lists.
    pub id: String,
    /// Whose.
    pub login: String,
    /// Whether the second factor was given, where there is one.
    pub confirmed: bool,
    /// The role taken.
    pub hat: Option<Hat>,
    /// Stands in forms, so that no other page can send them.
    pub form: String,
    /// When it began, in seconds since 1970.
    pub begun_s: u64,
    /// When it was last used, to the minute.
    pub seen_s: u64,
}

impl Stored for Session {
    const TABLE: Table = Table::Session;

    fn until_s(&self) -> Option<u64> {
        Some((self.begun_s + SESSION_S).min(self.seen_s + IDLE_S))
    }
}

impl Session {
    /// Whether its owner has shown who they are in full.
    pub fn is_open(&self) -> bool {
        self.confirmed
    }

    /// The role taken, once everything was shown.
    pub fn active(&self) -> Option<&Hat> {
        self.hat.as_ref().filter(|_| self.confirmed)
    }
}

impl Authority {
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

    /// Keeps a session going at the word of an app that acts in it.
    pub(crate) fn touch(&self, id: &str) -> Kept<()> {
        let now_s = self.now_s();
        for (key, session) in self.shelf.list::<Session>(now_s)? {
            if session.id == id && now_s >= session.seen_s + 60 {
                self.shelf.change(&key, now_s, |session: &mut Session| session.seen_s = now_s)?;
            }
        }
        Ok(())
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
}
