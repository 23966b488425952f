//! OAuth 2.0 and OpenID Connect as SMART App Launch 2.2 uses them.

mod asked;
mod authorize;
mod client_auth;
mod code;
mod discovery;
mod end;
mod grant;
mod launch;
mod prompt;
mod refresh;
mod system;
mod token;
mod told;

pub use asked::{Asked, AuthorizeFault};
pub use authorize::Authorized;
pub use client_auth::{ClientCertificate, Credentials};
pub use discovery::Addresses;
pub use grant::GrantRecord;
pub use prompt::Prompt;
pub use token::TokenReply;

use crate::TokenError;
use crate::records::RecordsFault;

/// Parameters of a request, decoded.
pub type Params = [(String, String)];

/// A refusal in the words of RFC 6749 §4.1.2.1 and §5.2.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{code}: {text}")]
pub struct OAuthFault {
    /// The error's code.
    pub code: &'static str,
    /// What is wrong, for developers.
    pub text: String,
}

impl OAuthFault {
    /// With this code and text.
    pub fn new(code: &'static str, text: impl Into<String>) -> OAuthFault {
        OAuthFault { code, text: text.into() }
    }

    pub(crate) fn invalid_grant() -> OAuthFault {
        OAuthFault::new("invalid_grant", "the code or token is not good, or no longer good")
    }
}

impl From<RecordsFault> for OAuthFault {
    fn from(_: RecordsFault) -> OAuthFault {
        OAuthFault::new("server_error", "the records cannot be used at the moment")
    }
}

impl From<TokenError> for OAuthFault {
    fn from(_: TokenError) -> OAuthFault {
        OAuthFault::new("server_error", "no token can be made at the moment")
    }
}

/// The one value of a parameter.
///
/// # Errors
/// If it stands there twice (RFC 6749 §3.1, §3.2).
pub(crate) fn one<'a>(params: &'a Params, name: &str) -> Result<Option<&'a str>, OAuthFault> {
    let mut values = params.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let value = values.next().filter(|value| !value.is_empty());
    if values.next().is_some() {
        let text = format!("the parameter `{name}` stands there twice");
        return Err(OAuthFault::new("invalid_request", text));
    }
    Ok(value)
}

/// The same, which must be there.
pub(crate) fn needed<'a>(params: &'a Params, name: &str) -> Result<&'a str, OAuthFault> {
    let missing = || OAuthFault::new("invalid_request", format!("`{name}` is needed"));
    one(params, name)?.ok_or_else(missing)
}
