//! Launches from a record system: context that a signed-in person hands to an app.

use serde::{Deserialize, Serialize};

use super::OAuthFault;
use crate::Authority;
use crate::records::{Stored, Table};
use crate::secrets::{hashed, random_text};

/// How long a launch may take, in seconds.
const LAUNCH_S: u64 = 300;

/// A launch under way.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Launch {
    pub client: String,
    /// Who launched: nobody else may use it.
    pub principal: String,
    pub patient: String,
    until_s: u64,
}

impl Stored for Launch {
    const TABLE: Table = Table::Launch;

    fn until_s(&self) -> Option<u64> {
        Some(self.until_s)
    }
}

impl Authority {
    /// Begins a launch of an app for a patient; `principal` is who launches. Gives the value of
    /// `launch`, and where the app begins, if it says.
    ///
    /// # Errors
    /// If there is no such app.
    pub fn launch(
        &self,
        client: &str,
        principal: &str,
        patient: &str,
    ) -> Result<(String, Option<String>), OAuthFault> {
        let known = self.client(client)?;
        let known = known.ok_or_else(|| OAuthFault::new("invalid_request", "no such client"))?;
        let secret = random_text(&*self.rng);
        let launch = Launch {
            client: client.to_owned(),
            principal: principal.to_owned(),
            patient: patient.to_owned(),
            until_s: self.now_s() + LAUNCH_S,
        };
        self.shelf.add(&hashed(&secret), &launch)?;
        Ok((secret, known.launch_uri))
    }

    /// The launch of this value, for this app and person.
    pub(super) fn launched(
        &self,
        secret: &str,
        client: &str,
        principal: &str,
    ) -> Result<Option<Launch>, OAuthFault> {
        let found: Option<Launch> = self.shelf.get(&hashed(secret), self.now_s())?;
        Ok(found.filter(|launch| launch.client == client && launch.principal == principal))
    }
}
