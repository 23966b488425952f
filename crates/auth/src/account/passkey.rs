//! Passkeys (Web Authentication Level 2), as far as one server and attestation `none` need it.
//!
//! Attestation `none` proves nothing of the authenticator, so registration takes the authenticator
//! data as the browser gives it (`getAuthenticatorData()`); what counts is that each later
//! assertion is signed by the key in it, over a fresh challenge, for this origin.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::{Deserialize, Serialize};

use crate::crypto::sha256;

/// A registered passkey.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq, Debug)]
pub struct Passkey {
    /// Credential id, base64url.
    pub id: String,
    /// What its owner calls it.
    pub label: String,
    /// Public key: ES256 as an uncompressed point, RS256 as modulus and exponent 65537.
    key: PublicKey,
    /// The authenticator's counter when last seen; 0 where it does not count.
    counter: u32,
}

#[derive(Clone, Serialize, Deserialize, PartialEq, Eq, Debug)]
enum PublicKey {
    Es256(String),
    Rs256(String),
}

/// For whom a passkey is good.
#[derive(Clone, Copy, Debug)]
pub struct RelyingParty<'a> {
    /// Host name of the server.
    pub id: &'a str,
    /// Scheme, host and port.
    pub origin: &'a str,
}

/// What a browser sends, every field base64url.
#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Response {
    /// Credential id.
    pub id: String,
    /// Client data as signed.
    pub client_data: String,
    /// Authenticator data as signed.
    pub authenticator_data: String,
    /// Signature; empty at registration.
    #[serde(default)]
    pub signature: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

/// Flags of authenticator data (§6.1).
const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const HAS_KEY: u8 = 1 << 6;
/// A COSE key (RFC 9052 §7) of ES256 in the canonical form of CTAP2 up to x, and between x and y.
const COSE_ES256: (&[u8], &[u8]) =
    (&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32], &[0x22, 0x58, 32]);
/// The same of RS256 with 2,048 bits up to the modulus, and after it: exponent 65537.
const COSE_RS256: (&[u8], &[u8]) =
    (&[0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x59, 1, 0], &[0x21, 0x43, 1, 0, 1]);

impl Passkey {
    /// Takes a registration (§7.1) over this challenge; `None` if anything about it is wrong.
    pub fn register(
        response: &Response,
        label: &str,
        challenge: &str,
        party: RelyingParty<'_>,
    ) -> Option<Passkey> {
        check_client(&response.client_data, "webauthn.create", challenge, party)?;
        let data = decode(&response.authenticator_data)?;
        let (flags, counter) = check_head(&data, party)?;
        if flags & HAS_KEY == 0 {
            return None;
        }
        // AAGUID, length of the id, the id, the key (§6.5.1).
        let length = usize::from(u16::from_be_bytes(data.get(53..55)?.try_into().ok()?));
        let id = data.get(55..55 + length)?;
        if URL_SAFE_NO_PAD.encode(id) != response.id || length == 0 || length > 1023 {
            return None;
        }
        let key = cose_key(data.get(55 + length..)?)?;
        Some(Passkey { id: response.id.clone(), label: label.to_owned(), key, counter })
    }

    /// Whether an assertion (§7.2) over this challenge is the passkey's; if so the counter moves.
    pub fn accept(
        &mut self,
        response: &Response,
        challenge: &str,
        party: RelyingParty<'_>,
    ) -> Option<()> {
        let client = check_client(&response.client_data, "webauthn.get", challenge, party)?;
        let mut signed = decode(&response.authenticator_data)?;
        let (_, counter) = check_head(&signed, party)?;
        signed.extend_from_slice(&sha256(&client));
        let signature = decode(&response.signature)?;
        self.key.verify(&signed, &signature)?;
        // A counter that does not grow tells of a copy (§6.1.1).
        if (counter > 0 || self.counter > 0) && counter <= self.counter {
            return None;
        }
        self.counter = counter;
        Some(())
    }
}

impl PublicKey {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        match self {
            PublicKey::Es256(point) => {
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, decode(point)?);
                key.verify(message, signature).ok()
            }
            PublicKey::Rs256(modulus) => {
                let key = RsaPublicKeyComponents { n: decode(modulus)?, e: vec![1, 0, 1] };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).ok()
            }
        }
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    if text.len() > 8192 { None } else { URL_SAFE_NO_PAD.decode(text).ok() }
}

fn check_client(
    text: &str,
    kind: &str,
    challenge: &str,
    party: RelyingParty<'_>,
) -> Option<Vec<u8>> {
    let bytes = decode(text)?;
    let data: ClientData = serde_json::from_slice(&bytes).ok()?;
    let good = data.r#type == kind
        && data.challenge == challenge
        && data.origin == party.origin
        && !data.cross_origin;
    good.then_some(bytes)
}

/// Hash of the relying party's id, flags, counter (§6.1). The user must be present and verified.
fn check_head(data: &[u8], party: RelyingParty<'_>) -> Option<(u8, u32)> {
    let flags = *data.get(32)?;
    let counter = u32::from_be_bytes(data.get(33..37)?.try_into().ok()?);
    let verified = flags & USER_PRESENT != 0 && flags & USER_VERIFIED != 0;
    (data.get(..32)? == sha256(party.id.as_bytes()) && verified).then_some((flags, counter))
}

/// The key in one of the two forms that are taken; extensions may follow it.
fn cose_key(bytes: &[u8]) -> Option<PublicKey> {
    if let Some(rest) = bytes.strip_prefix(COSE_ES256.0) {
        let (x, rest) = rest.split_at_checked(32)?;
        let y = rest.strip_prefix(COSE_ES256.1)?.get(..32)?;
        let point = [&[4], x, y].concat();
        return Some(PublicKey::Es256(URL_SAFE_NO_PAD.encode(point)));
    }
    let rest = bytes.strip_prefix(COSE_RS256.0)?;
    let (modulus, rest) = rest.split_at_checked(256)?;
    rest.strip_prefix(COSE_RS256.1)?;
    Some(PublicKey::Rs256(URL_SAFE_NO_PAD.encode(modulus)))
}
