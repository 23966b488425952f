//! What consents ask about rows beyond their columns: the codes in them, what they refer to and
//! what refers to them.
//!
//! Postings tell it, which are there as soon as a row is: nothing is made when a consent is
//! written. Sets of rows that are asked for are kept, and grow with the rows that come.
//!
//! **Invariant:** what cannot be read, or was written before codes were kept, cannot be told
//! (`None`), which denies. In an old state what holds by now counts too: where the two differ it
//! cannot be told.

mod closure;
mod content;
mod sets;
mod unwritten;

pub use content::RowContent;
pub(crate) use sets::{Sets, reference_params};
pub use unwritten::Unwritten;
