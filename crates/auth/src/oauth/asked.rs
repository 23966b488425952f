//! A request for authorization, read and checked.

use accord_base::{Context, Named, Scopes};

use super::{OAuthFault, Params, Prompt, needed, one};
use crate::Authority;
use crate::client::Client;

/// Longest `state` and `nonce`, in bytes.
const MAX_ECHO_BYTES: usize = 1024;

/// A request for authorization whose client and addresses are known to be good.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The client.
    pub client: Client,
    /// What the person is to be asked.
    pub prompt: Prompt,
    pub(super) redirect_uri: String,
    pub(super) state: String,
    pub(super) challenge: String,
    pub(super) scopes: Scopes,
    pub(super) launch: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) purpose: Option<String>,
}

/// Why a request is not taken up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuthorizeFault {
    /// To be told to the person: where it came from is not known.
    Page(String),
    /// To be told to the client: where to send the browser.
    Redirect(String),
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
}

impl Asked {
    /// Whether its owner has to be asked before anything is granted. Apps of the product itself
    /// are registered as such by the operator, with the scopes that they may have.
    pub fn needs_consent(&self) -> bool {
        self.prompt.consent || !self.client.first_party
    }

    /// The address that tells the client that somebody would have to be asked, where nothing may be.
    pub fn unasked(&self, code: &'static str) -> AuthorizeFault {
        self.refusal(&OAuthFault::new(code, "somebody would have to be asked"))
    }

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
        prompt: Prompt::read(one(params, "prompt")?)?,
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
pub(super) fn address(uri: &str, pairs: &[(&str, Option<&str>)]) -> String {
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
