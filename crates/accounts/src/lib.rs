//! Accounts, clients, sessions and grants in one SQLite file beside the log.
//!
//! - [`SqliteRecords`]: `accord_auth::Records` over `accounts.sqlite`
//!
//! **Invariant:** what was put is durable when the call returns; several processes may use the
//! file at once (the server and the operator's commands).
//!
//! **Absent:** what a record means; anything of the FHIR log.

mod sqlite;
#[cfg(test)]
mod tests;

pub use sqlite::{FILE, OpenFault, SqliteRecords};
