//! Sessions of people at a browser.

use serde::{Deserialize, Serialize};

use crate::account::Hat;
use crate::records::{Stored, Table};

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
