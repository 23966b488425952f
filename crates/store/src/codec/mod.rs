//! The bytes of a log record: a plain header for `apply`, sealed parts for what it says.
//!
//! Bodies are compressed and sealed where requests are prepared ([`seal_body`]); the writer only
//! puts header and checksum around them ([`encode_record`]). Opening a document never touches the
//! values. The layout is in `docs/storage.md`, "Log records".
//!
//! **Invariant:** bytes that do not pass the CRC-32C are an error, never another record.

mod body;
mod columns;
mod header;
mod record;
#[cfg(test)]
mod tests;
mod values;
mod zip;

pub use body::{Doc, SealedBody, seal_body};
pub use header::{Header, TxPlace};
pub use record::{Record, decode_record, encode_changes, encode_hole, encode_record};
pub use zip::{CURRENT_DICTIONARY, plain_values, train_dictionary};
