//! The authorization endpoint: from a request to a code.

use accord_base::{Context, Named, ResourceId, ResourceScope, Role, Scopes};
use serde::{Deserialize, Serialize};

use super::grant::{ACCESS_S, OFFLINE_S};
use super::{GrantRecord, OAuthFault, Params, needed, one};
use crate::Authority;
use crate::client::Client;
use crate::records::{Stored, Table};
use crate::secrets::{hashed, random_text};
use crate::session::{SESSION_S, Session};

/// How long a code is good, in seconds.
const CODE_S: u64 = 60;
/// Longest `state` and `nonce`, in bytes.
const MAX_ECHO_BYTES: usize = 1024;

/// A request for authorization whose client and addresses are known to be good.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The client.
    pub client: Client,
    redirect_uri: String,
    state: String,
    challenge: String,
    scopes: Scopes,
    launch: Option<String>,
    nonce: Option<String>,
    purpose: Option<String>,
}

/// Why a request is not taken up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuthorizeFault {
    /// To be told to the person: where it came from is not known.
    Page(String),
    /// To be told to the client: where to send the browser.
    Redirect(String),
}

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
    /// Reads a request for authorization; `base` is the address of the FHIR interface.
    ///
    /// # Errors
    /// To be told on a page as long as client and redirect address are not known to belong
    /// together, to the client from then on.
    pub fn read_authorize(&self, params: &Params, base: &str) -> Result<Asked, AuthorizeFault> {
        let page = |fault: OAuthFault| AuthorizeFault::Page(fault.text);
        let client_id = needed(params, "client_id").map_err(page)?;
        let redirect_uri = needed(params, "redirect_uri").map_err(page)?;
        let client = self.client(client_id).map_err(|fault| page(fault.into()))?;
        let unknown = || AuthorizeFault::Page("this app is not registered here".to_owned());
        let client = client.ok_or_else(unknown)?;
        if !client.redirect_uris.iter().any(|uri| uri == redirect_uri) {
            let text = "this app is not registered with the address it gave".to_owned();
            return Err(AuthorizeFault::Page(text));
        }
        let redirect = |fault: OAuthFault| {
            let state = one(params, "state").ok().flatten();
            let pairs = [
                ("error", Some(fault.code)),
                ("error_description", Some(&*fault.text)),
                ("state", state),
            ];
            AuthorizeFault::Redirect(address(redirect_uri, &pairs))
        };
        read_rest(params, base, client.clone(), redirect_uri).map_err(redirect)
    }

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
        let own = hat.principal.strip_prefix("Patient/");
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
    pub(super) fn grantable(&self, scopes: &Scopes, role: Role) -> Scopes {
        let resources: Vec<ResourceScope> =
            scopes.resources.iter().filter_map(|s| self.rules.grantable(role, s)).collect();
        Scopes { resources, named: scopes.named.clone() }
    }
}

impl Asked {
    /// The address that tells the client of a refusal.
    pub fn refusal(&self, fault: &OAuthFault) -> AuthorizeFault {
        let pairs = [
            ("error", Some(fault.code)),
            ("error_description", Some(&*fault.text)),
            ("state", Some(&*self.state)),
        ];
        AuthorizeFault::Redirect(address(&self.redirect_uri, &pairs))
    }

    /// The address that tells the client that the person did not agree.
    pub fn declined(&self) -> String {
        match self.refusal(&OAuthFault::new("access_denied", "the person did not agree")) {
            AuthorizeFault::Redirect(address) => address,
            AuthorizeFault::Page(text) => text,
        }
    }
}

fn denied() -> OAuthFault {
    OAuthFault::new("access_denied", "no role is active in this session")
}

fn read_rest(
    params: &Params,
    base: &str,
    client: Client,
    redirect_uri: &str,
) -> Result<Asked, OAuthFault> {
    let invalid = |text: &str| OAuthFault::new("invalid_request", text);
    if needed(params, "response_type")? != "code" {
        return Err(OAuthFault::new("unsupported_response_type", "the response type is `code`"));
    }
    let state = needed(params, "state")?;
    let nonce = one(params, "nonce")?;
    if state.len() > MAX_ECHO_BYTES || nonce.is_some_and(|n| n.len() > MAX_ECHO_BYTES) {
        return Err(invalid("`state` or `nonce` is too long"));
    }
    // SMART App Launch 2.2, "Obtain authorization code": S256 is required, plain is not allowed.
    let challenge = needed(params, "code_challenge")?;
    if needed(params, "code_challenge_method")? != "S256" || challenge.len() != 43 {
        return Err(invalid("the code challenge is one of S256"));
    }
    if needed(params, "aud")?.trim_end_matches('/') != base.trim_end_matches('/') {
        return Err(invalid("`aud` is not the address of this server"));
    }
    let scopes = Scopes::parse_known(needed(params, "scope")?);
    let scopes = scopes.map_err(|fault| OAuthFault::new("invalid_scope", fault.to_string()))?;
    let launch = one(params, "launch")?.map(str::to_owned);
    if launch.is_some() != scopes.has(Named::Launch) {
        return Err(invalid("the scope `launch` goes with the parameter `launch`"));
    }
    let mut scopes = scopes;
    // What a client may do by itself, no person grants.
    scopes.resources.retain(|scope| scope.context != Context::System);
    Ok(Asked {
        client,
        redirect_uri: redirect_uri.to_owned(),
        state: state.to_owned(),
        challenge: challenge.to_owned(),
        scopes,
        launch,
        nonce: nonce.map(str::to_owned),
        purpose: one(params, "purpose_of_use")?.map(str::to_owned),
    })
}

/// An address with more parameters, each escaped.
fn address(uri: &str, pairs: &[(&str, Option<&str>)]) -> String {
    let mut out = uri.to_owned();
    let mut before = if uri.contains('?') { '&' } else { '?' };
    for (name, value) in pairs {
        if let Some(value) = value {
            out.push(before);
            out.push_str(&format!("{name}={}", escape(value)));
            before = '&';
        }
    }
    out
}

/// Percent-encoding of everything but unreserved characters (RFC 3986 §2.3).
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
