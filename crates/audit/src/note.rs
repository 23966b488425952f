//! Signed notes (C2SP signed-note v1.0.0) with Ed25519 (RFC 8032).
//!
//! A text that ends in a newline, an empty line, then signature lines of the form
//! `— name base64(key id ‖ signature)`.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{Context, SHA256};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::AuditError;

/// Longest note taken: sixteen post-quantum signatures fit, floods do not.
const MAX_NOTE_BYTES: usize = 128 * 1024;
const MAX_SIGNATURES: usize = 100;
/// Signature type of Ed25519 in key ids and verifier keys.
const ED25519_TYPE: u8 = 0x01;
const SIGNATURE_MARK: &str = "\u{2014} ";

/// A private key with the name under which it signs.
pub struct SigningKey {
    verifier: VerifierKey,
    pair: Ed25519KeyPair,
}

/// A public key as a verifier holds it: `name+key id in hex+base64(type ‖ public key)`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    key: [u8; 32],
}

impl SigningKey {
    /// The key of this name from its 32-byte RFC 8032 private key.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<SigningKey, AuditError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed)
            .map_err(|_| AuditError::Note("its private key is not usable"))?;
        let key = <[u8; 32]>::try_from(pair.public_key().as_ref())
            .map_err(|_| AuditError::Note("its public key has not 32 bytes"))?;
        Ok(SigningKey { verifier: VerifierKey::new(name, key)?, pair })
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The signed note of a text, which must end in a newline, be at least one more character
    /// long and hold no control characters but newlines.
    pub fn sign(&self, text: &str) -> Result<String, AuditError> {
        if !text.ends_with('\n') || text.len() < 2 {
            return Err(AuditError::Note("its text does not end in a newline"));
        }
        check_characters(text)?;
        let mut signature = self.verifier.id.to_vec();
        signature.extend_from_slice(self.pair.sign(text.as_bytes()).as_ref());
        let (name, signature) = (&self.verifier.name, STANDARD.encode(signature));
        Ok(format!("{text}\n{SIGNATURE_MARK}{name} {signature}\n"))
    }
}

impl VerifierKey {
    fn new(name: &str, key: [u8; 32]) -> Result<VerifierKey, AuditError> {
        if !is_key_name(name) {
            return Err(AuditError::Note("a key's name is empty or has a space or `+`"));
        }
        let mut context = Context::new(&SHA256);
        context.update(name.as_bytes());
        context.update(&[b'\n', ED25519_TYPE]);
        context.update(&key);
        let mut id = [0; 4];
        for (to, from) in id.iter_mut().zip(context.finish().as_ref()) {
            *to = *from;
        }
        Ok(VerifierKey { name: name.to_owned(), id, key })
    }

    /// Reads the text form.
    pub fn parse(text: &str) -> Result<VerifierKey, AuditError> {
        const BAD: AuditError = AuditError::Note("a verifier key is not name+id+key");
        let (name, rest) = text.split_once('+').ok_or(BAD)?;
        let (id, key) = rest.split_once('+').ok_or(BAD)?;
        let key = STANDARD.decode(key).map_err(|_| BAD)?;
        let key = match key.split_first() {
            Some((&ED25519_TYPE, key)) => <[u8; 32]>::try_from(key).map_err(|_| BAD)?,
            _ => return Err(AuditError::Note("a verifier key is not of the type Ed25519")),
        };
        let parsed = VerifierKey::new(name, key)?;
        if parsed.hex_id() != id {
            return Err(AuditError::Note("a verifier key's id does not belong to its key"));
        }
        Ok(parsed)
    }

    /// The name under which the key signs.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn hex_id(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.id))
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519_TYPE];
        key.extend_from_slice(&self.key);
        write!(f, "{}+{}+{}", self.name, self.hex_id(), STANDARD.encode(key))
    }
}

/// Takes an untrusted note and gives its text if a known key signed it. Lines of unknown keys are
/// passed over; a line of a known key that does not fit condemns the note.
pub fn open<'n>(note: &'n [u8], keys: &[VerifierKey]) -> Result<&'n str, AuditError> {
    let (text, lines) = split(note)?;
    let mut signed = false;
    for line in lines.split_terminator('\n') {
        let (name, id, signature) = signature_line(line)?;
        let Some(key) = keys.iter().find(|key| key.name == name && key.id == id) else { continue };
        UnparsedPublicKey::new(&ED25519, &key.key)
            .verify(text.as_bytes(), &signature)
            .map_err(|_| AuditError::Signature(key.name.clone()))?;
        signed = true;
    }
    if signed { Ok(text) } else { Err(AuditError::Unsigned) }
}

/// The text with its final newline, and the signature lines.
fn split(note: &[u8]) -> Result<(&str, &str), AuditError> {
    if note.len() > MAX_NOTE_BYTES {
        return Err(AuditError::Note("it is too long"));
    }
    let note = str::from_utf8(note).map_err(|_| AuditError::Note("it is not UTF-8"))?;
    check_characters(note)?;
    let at = note.rfind("\n\n").ok_or(AuditError::Note("it has no signatures"))?;
    let (text, rest) = note.split_at(at + 1);
    let lines = rest.strip_prefix('\n').unwrap_or_default();
    if !lines.ends_with('\n') {
        return Err(AuditError::Note("it does not end in a signature line"));
    }
    if lines.split_terminator('\n').count() > MAX_SIGNATURES {
        return Err(AuditError::Note("it has too many signatures"));
    }
    Ok((text, lines))
}

/// Key name, key id and signature of a line.
fn signature_line(line: &str) -> Result<(&str, [u8; 4], Vec<u8>), AuditError> {
    const BAD: AuditError = AuditError::Note("a signature line is malformed");
    let (name, signature) =
        line.strip_prefix(SIGNATURE_MARK).and_then(|line| line.split_once(' ')).ok_or(BAD)?;
    let bytes = STANDARD.decode(signature).map_err(|_| BAD)?;
    match bytes.split_first_chunk::<4>() {
        Some((id, signature)) if is_key_name(name) && !signature.is_empty() => {
            Ok((name, *id, signature.to_vec()))
        }
        _ => Err(BAD),
    }
}

fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c == '+' || c.is_whitespace() || c.is_control())
}

fn check_characters(text: &str) -> Result<(), AuditError> {
    if text.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        return Err(AuditError::Note("it holds a control character"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
