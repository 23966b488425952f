//! What a person is to be asked again, or not at all (OpenID Connect Core 1.0 §3.1.2.1).

use super::OAuthFault;

/// The parameter `prompt` of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Prompt {
    /// Nothing may be asked: what needs an answer is refused.
    pub none: bool,
    /// Who it is is asked, whoever has signed in before.
    pub login: bool,
    /// Whether the app may is asked, whatever was allowed before.
    pub consent: bool,
}

impl Prompt {
    /// Reads the words of the parameter.
    pub(super) fn read(text: Option<&str>) -> Result<Prompt, OAuthFault> {
        let mut read = Prompt::default();
        for word in text.unwrap_or_default().split(' ').filter(|word| !word.is_empty()) {
            match word {
                "none" => read.none = true,
                "login" | "select_account" => read.login = true,
                "consent" => read.consent = true,
                other => {
                    let text = format!("`prompt` has a word that is not known: `{other}`");
                    return Err(OAuthFault::new("invalid_request", text));
                }
            }
        }
        if read.none && (read.login || read.consent) {
            return Err(OAuthFault::new("invalid_request", "`prompt` has `none` and others"));
        }
        Ok(read)
    }
}
