//! Token checks: a bearer token to a [`Subject`](accord_base::Subject).
//!
//! - [`Tokens`]: mints and verifies signed tokens (JWT, RFC 7519): the operator's by HMAC SHA-256,
//!   those of grants by ECDSA P-256
//! - [`SigningKey`]: the server's own key pair, and its public half for others
//! - [`TokenError`]: why a token is refused; tells nothing of its text
//!
//! **Invariant:** a `Subject` comes out only for an unexpired token whose every byte the key
//! signed and whose claims form one coherent person or process.
//!
//! **Absent:** HTTP, accounts, sessions, IO.

mod claims;
mod crypto;
mod error;
mod signing;
mod tokens;

#[cfg(test)]
mod tests;

pub use error::TokenError;
pub use signing::SigningKey;
pub use tokens::{Gate, MAX_TOKEN_BYTES, Tokens, default_lifetime_s};
