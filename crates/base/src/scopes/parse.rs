//! From text to scopes.

use super::{Context, Named, ResourceScope, Rights, Scopes};

/// Longest scope text looked at, in bytes.
const MAX_BYTES: usize = 4096;
/// Most scopes in one text.
const MAX_SCOPES: usize = 100;

/// Why a text is not a set of scopes.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ScopeFault {
    /// It is too long, or holds too many.
    #[error("there are more scopes than this server looks at")]
    TooMany,
    /// It looks like a scope on resources and is not one.
    #[error("`{0}` is not a scope; letters stand in the order `cruds`")]
    Malformed(String),
    /// Nothing of the kind is known.
    #[error("the scope `{0}` is not known")]
    Unknown(String),
}

impl Scopes {
    /// Reads scopes that must all be known: those of a token, or of a client's registration.
    ///
    /// # Errors
    /// The first fault.
    pub fn parse(text: &str) -> Result<Scopes, ScopeFault> {
        Scopes::read(text, true)
    }

    /// Reads scopes that are asked for: those nobody knows are passed over (RFC 6749 §3.3), those
    /// that look like scopes on resources and are malformed are refused.
    ///
    /// # Errors
    /// The first fault.
    pub fn parse_known(text: &str) -> Result<Scopes, ScopeFault> {
        Scopes::read(text, false)
    }

    fn read(text: &str, strict: bool) -> Result<Scopes, ScopeFault> {
        let mut scopes = Scopes::default();
        let words = || text.split(' ').filter(|word| !word.is_empty());
        if text.len() > MAX_BYTES || words().count() > MAX_SCOPES {
            return Err(ScopeFault::TooMany);
        }
        for word in words() {
            if let Some((named, _)) = Named::ALL.iter().find(|(_, code)| *code == word) {
                if !scopes.has(*named) {
                    scopes.named.push(*named);
                }
            } else if let Some((context, rest)) = context(word) {
                let malformed = || ScopeFault::Malformed(shown(word));
                scopes.add(resource_scope(context, rest).ok_or_else(malformed)?);
            } else if strict {
                return Err(ScopeFault::Unknown(shown(word)));
            }
        }
        Ok(scopes)
    }
}

fn context(word: &str) -> Option<(Context, &str)> {
    let (front, rest) = word.split_once('/')?;
    let found = Context::ALL.iter().find(|(_, code)| *code == front);
    found.map(|(context, _)| (*context, rest))
}

fn resource_scope(context: Context, text: &str) -> Option<ResourceScope> {
    let (plain, query) = match text.split_once('?') {
        Some((plain, query)) => (plain, pairs(query)?),
        None => (text, Vec::new()),
    };
    let (on, letters) = plain.split_once('.')?;
    let (rights, v1) = Rights::parse(letters)?;
    let resource_type = match on {
        "*" => None,
        name if is_type_name(name) => Some(name.to_owned()),
        _ => return None,
    };
    // Search parameters belong to version 2, and to a type.
    if !query.is_empty() && (v1 || resource_type.is_none()) {
        return None;
    }
    Some(ResourceScope { context, resource_type, rights, query, v1 })
}

fn is_type_name(name: &str) -> bool {
    matches!(name.len(), 1..=64)
        && name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The parameters after a `?`: at least one, each with a name and a value.
fn pairs(query: &str) -> Option<Vec<(String, String)>> {
    let pair = |text: &str| {
        let (name, value) = text.split_once('=')?;
        let (name, value) = (unescape(name)?, unescape(value)?);
        (!name.is_empty() && !value.is_empty()).then_some((name, value))
    };
    query.split('&').map(pair).collect()
}

/// Percent-decoding (RFC 3986 §2.1); control characters are not let through.
fn unescape(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        out.push(u8::try_from(high << 4 | low).ok()?);
    }
    let text = String::from_utf8(out).ok()?;
    (!text.chars().any(char::is_control)).then_some(text)
}

/// Escapes what would end a name, a value or a scope.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' ' | '%' | '&' | '=' | '?' | '#' | '+' | '"' | '\\' => {
                out.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c if c.is_ascii() => out.push(c),
            c => {
                let mut buffer = [0; 4];
                for byte in c.encode_utf8(&mut buffer).bytes() {
                    out.push_str(&format!("%{byte:02X}"));
                }
            }
        }
    }
    out
}

fn shown(word: &str) -> String {
    word.chars().filter(|c| !c.is_control()).take(80).collect()
}
