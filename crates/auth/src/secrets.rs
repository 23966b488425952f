//! Random texts, their hashes, and what is sealed or signed for the server itself.

use accord_base::Rng;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hmac;

use crate::TokenError;
use crate::crypto::sha256;

/// Keys that belong to the accounts of one store, made of its token key.
pub(crate) struct Secrets {
    seal: LessSafeKey,
    sign: hmac::Key,
}

impl Secrets {
    pub fn new(token_key: &[u8; 32]) -> Result<Secrets, TokenError> {
        let root = hmac::Key::new(hmac::HMAC_SHA256, token_key);
        let derived = |label: &[u8]| hmac::sign(&root, label);
        let seal = UnboundKey::new(&AES_256_GCM, derived(b"accounts: seal").as_ref());
        Ok(Secrets {
            seal: LessSafeKey::new(seal.map_err(|_| TokenError::Key)?),
            sign: hmac::Key::new(hmac::HMAC_SHA256, derived(b"accounts: sign").as_ref()),
        })
    }

    /// Seals a secret for one account.
    pub fn seal(&self, secret: &[u8], login: &str, rng: &dyn Rng) -> Option<String> {
        let mut nonce = [0; 12];
        rng.fill(&mut nonce);
        let mut sealed = secret.to_vec();
        let aad = Aad::from(login.as_bytes());
        let unique = Nonce::assume_unique_for_key(nonce);
        self.seal.seal_in_place_append_tag(unique, aad, &mut sealed).ok()?;
        Some(URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// Opens what was sealed for the account.
    pub fn open(&self, text: &str, login: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(12)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let opened = self.seal.open_in_place(nonce, Aad::from(login.as_bytes()), &mut sealed);
        opened.ok().map(|bytes| bytes.to_vec())
    }

    /// `text` with a tag that only this server makes.
    pub fn signed(&self, text: &str) -> String {
        let tag = hmac::sign(&self.sign, text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// The text, if the tag is this server's.
    pub fn verified<'a>(&self, signed: &'a str) -> Option<&'a str> {
        let (text, tag) = signed.rsplit_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        hmac::verify(&self.sign, text.as_bytes(), &tag).ok().map(|()| text)
    }
}

/// A text of 256 random bits.
pub(crate) fn random_text(rng: &dyn Rng) -> String {
    let mut bytes = [0; 32];
    rng.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Under which a random text is kept: whoever reads the records cannot use it.
pub(crate) fn hashed(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(text.as_bytes()))
}

/// Ten characters that people can copy, in two groups: 50 random bits.
pub(crate) fn spoken_code(rng: &dyn Rng) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut bytes = [0; 10];
    rng.fill(&mut bytes);
    let letter = |byte: &u8| LETTERS.get(usize::from(byte & 31)).map_or('A', |l| char::from(*l));
    let code: String = bytes.iter().map(letter).collect();
    let (front, back) = code.split_at(5);
    format!("{front}-{back}")
}

/// A code as it was given out, however it was typed.
pub(crate) fn typed_code(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase()
}
