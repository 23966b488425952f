//! Token checks: a bearer token to a [`Subject`](accord_base::Subject).
//!
//! - [`Tokens`]: mints and verifies signed tokens (JWT, RFC 7519): the operator's by HMAC SHA-256,
//!   those of grants by ECDSA P-256
//! - [`SigningKey`]: the server's own key pair, and its public half for others
//! - [`TokenError`]: why a token is refused; tells nothing of its text
//!
//! - [`Authority`]: accounts, sessions, registered clients, grants; what the routes of identity do
//! - [`Foreign`]: tokens of an identity provider in the place of this server's own sign-in
//! - [`Records`]: where these are kept; [`MemoryRecords`] for tests
//! - [`Rules`]: what the access rules say of roles and scopes
//!
//! **Invariant:** a `Subject` comes out only for an unexpired token whose every byte the key
//! signed and whose claims form one coherent person or process.
//!
//! **Absent:** HTTP, files, databases; which rows a role may see.

mod account;
mod admin;
mod attempts;
mod authority;
mod claims;
mod client;
mod crypto;
mod error;
mod foreign;
mod keyring;
mod mint;
mod oauth;
mod origins;
mod own;
mod passkeys;
mod proofing;
mod records;
mod secrets;
mod session;
mod sign_in;
mod signing;
mod standing;
mod tokens;

#[cfg(test)]
mod authority_tests;
#[cfg(test)]
mod tests;

pub use account::passkey::{RelyingParty, Response as PasskeyResponse};
pub use account::{Account, Hat};
pub use admin::{AdminFault, TotpSetup};
pub use authority::{Authority, Parts, Rules};
pub use client::{CertificateProof, Client, ClientProof};
pub use error::TokenError;
pub use foreign::{Fetch, FetchFault, Foreign, ForeignParts, Mapping, MappingFault};
pub use keyring::{KeyRing, RETIRED_S, Retired};
pub use mint::default_lifetime_s;
pub use oauth::{
    Addresses, Asked, AuthorizeFault, Authorized, ClientCertificate, Credentials, GrantRecord,
    OAuthFault, Params, Prompt, TokenReply,
};
pub use records::{Kept, MemoryRecords, Records, RecordsFault, Table};
pub use session::Session;
pub use sign_in::SignInFault;
pub use signing::SigningKey;
pub use tokens::{Gate, MAX_TOKEN_BYTES, Tokens};
