//! A deterministic synthetic population for demonstrations, tests and benchmarks: two hospitals, a
//! general practice, a pharmacy and a payor, and patients whose records lie with several of them.
//!
//! ```
//! let population = accord_synth::Population { patients: 3, ..Default::default() };
//! for transaction in population.transactions() {
//!     // store `transaction.body` on behalf of `transaction.controller`
//! }
//! ```
//!
//! - [`Population`] → [`Transaction`]s: FHIR R4 transaction bundles of `PUT` entries, streamed
//! - [`Attendances`] → [`Transaction`]s: attendances of an emergency department that ended
//! - [`SIGN_INS`]: who can sign in to a demonstration, and what they see
//! - [`observation_body`], [`transaction_body`]: bodies for load generators
//!
//! **Invariant:** equal parameters give equal bytes on every machine: own seeded draws, integers
//! only, no hash order, no clock. Every name, number, address and postcode is invented and lies in
//! a range that is never issued; the facts (codes, usual values) are the tables of `data/`.
//!
//! **Absent:** storage, network, clocks, real persons.

mod attendances;
mod bundle;
mod chart;
mod code;
mod data;
mod datatype;
mod directory;
mod draw;
mod json;
mod later;
mod load;
mod moment;
mod nhs;
mod person;
mod population;
mod profile;
mod resource;
mod sign_in;
mod table;
#[cfg(test)]
mod tests;

pub use attendances::Attendances;
pub use load::{observation_body, transaction_body};
pub use population::{Population, Transaction, Transactions};
pub use sign_in::{SIGN_INS, SignIn};
