//! The authorization endpoint: what a session's owner would agree to, and the code for it.

use accord_base::{Context, Named, ResourceId, ResourceScope, Role, Scopes};
use serde::{Deserialize, Serialize};

use super::asked::address;
use super::grant::{ACCESS_S, OFFLINE_S};
use super::{Asked, AuthorizeFault, GrantRecord, OAuthFault};
use crate::Authority;
use crate::records::{Stored, Table};
use crate::secrets::{hashed, random_text};
use crate::session::{SESSION_S, Session};

/// How long a code is good, in seconds.
const CODE_S: u64 = 60;
/// A request in a session.
#[derive(Clone, Debug)]
pub enum Authorized {
    /// A patient must be picked.
    PickPatient,
    /// Its owner may agree to this.
    Ready {
        /// What would be granted.
        scopes: Scopes,
        /// The patient in context.
        patient: Option<ResourceId>,
    },
}

/// What a code stands for.
#[derive(Serialize, Deserialize)]
pub(super) struct Code {
    pub grant: GrantRecord,
    pub redirect_uri: String,
    pub challenge: String,
    until_s: u64,
}

impl Stored for Code {
    const TABLE: Table = Table::Code;

    fn until_s(&self) -> Option<u64> {
        Some(self.until_s)
    }
}

impl Authority {
    /// What a session's owner would agree to.
    ///
    /// # Errors
    /// If nothing of what was asked for can be granted to the role, or the launch is not good.
    pub fn offer(
        &self,
        asked: &Asked,
        session: &Session,
        picked: Option<ResourceId>,
    ) -> Result<Authorized, AuthorizeFault> {
        self.offered(asked, session, picked).map_err(|fault| asked.refusal(&fault))
    }

    fn offered(
        &self,
        asked: &Asked,
        session: &Session,
        picked: Option<ResourceId>,
    ) -> Result<Authorized, OAuthFault> {
        let hat = session.active().ok_or_else(denied)?;
        let role = hat.role().ok_or_else(denied)?;
        hat.subject(asked.purpose.as_deref()).ok_or_else(|| {
            OAuthFault::new("invalid_request", "the role has no such purpose of use")
        })?;
        let scopes = self.grantable(&asked.scopes.within(&asked.client.may_have()), role);
        if scopes.resources.is_empty() && !scopes.has(Named::OpenId) {
            return Err(OAuthFault::new("invalid_scope", "none of the scopes can be granted"));
        }
        let in_context = scopes.speaks_of(Context::Patient)
            || scopes.has(Named::LaunchPatient)
            || scopes.has(Named::Launch);
        let launched = match &asked.launch {
            None => None,
            Some(launch) => {
                let found = self.launched(launch, &asked.client.id, &hat.principal)?;
                let wrong = || OAuthFault::new("invalid_request", "the launch is not good");
                Some(found.ok_or_else(wrong)?.patient)
            }
        };
        // Who acts for somebody else has them in context, not themselves.
        let own = hat.principal.strip_prefix("Patient/").filter(|_| role != Role::Proxy);
        let known = own.or(launched.as_deref()).and_then(|id| ResourceId::new(id).ok());
        // People who are patients have no one else in context but by a launch of their own.
        let patient = known.or(picked.filter(|_| own.is_none()));
        if in_context && patient.is_none() {
            return Ok(Authorized::PickPatient);
        }
        Ok(Authorized::Ready { scopes, patient: patient.filter(|_| in_context) })
    }

    /// Grants what was offered: gives the address with the code to which the browser goes.
    ///
    /// # Errors
    /// If the records cannot be used.
    pub fn grant(
        &self,
        asked: &Asked,
        session: &Session,
        scopes: &Scopes,
        patient: Option<&ResourceId>,
    ) -> Result<String, AuthorizeFault> {
        let code = self.code(asked, session, scopes, patient).map_err(|f| asked.refusal(&f))?;
        let pairs = [("code", Some(&*code)), ("state", Some(&*asked.state))];
        Ok(address(&asked.redirect_uri, &pairs))
    }

    fn code(
        &self,
        asked: &Asked,
        session: &Session,
        scopes: &Scopes,
        patient: Option<&ResourceId>,
    ) -> Result<String, OAuthFault> {
        let hat = session.active().ok_or_else(denied)?.clone();
        let subject = hat.subject(asked.purpose.as_deref()).ok_or_else(denied)?;
        let (code, now_s) = (random_text(&*self.rng), self.now_s());
        let outlives_session = scopes.has(Named::OfflineAccess);
        let lasts = match (outlives_session, scopes.has(Named::OnlineAccess)) {
            (true, _) => OFFLINE_S,
            (false, true) => SESSION_S,
            (false, false) => ACCESS_S,
        };
        let grant = GrantRecord {
            id: self.fresh_id(),
            client: asked.client.id.clone(),
            login: Some(session.login.clone()),
            purpose: subject.purpose.code().to_owned(),
            hat,
            scopes: scopes.to_string(),
            patient: patient.map(ToString::to_string),
            session: session.id.clone(),
            outlives_session,
            refresh: 0,
            nonce: asked.nonce.clone(),
            signed_in_s: session.begun_s,
            until_s: now_s + lasts,
            bound: None,
        };
        let record = Code {
            grant,
            redirect_uri: asked.redirect_uri.clone(),
            challenge: asked.challenge.clone(),
            until_s: now_s + CODE_S,
        };
        self.shelf.add(&hashed(&code), &record)?;
        Ok(code)
    }

    /// What of the scopes the role can be given.
    pub(crate) fn grantable(&self, scopes: &Scopes, role: Role) -> Scopes {
        let resources: Vec<ResourceScope> =
            scopes.resources.iter().filter_map(|s| self.rules.grantable(role, s)).collect();
        Scopes { resources, named: scopes.named.clone() }
    }
}

fn denied() -> OAuthFault {
    OAuthFault::new("access_denied", "no role is active in this session")
}
