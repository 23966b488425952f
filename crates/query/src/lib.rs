//! A FHIR search URL as a typed query.
//!
//! [`parse`] reads decoded name–value pairs into a [`Query`] or into every fault found in them;
//! [`Query::to_query_string`] writes the understood part back, for self and next links.
//!
//! **Invariant:** whatever the input, the answer is a query or issues, never a panic, and the
//! work is bounded by [`Limits`].
//!
//! **Absent:** storage, access, HTTP. `_format` and `_pretty` are for `http` and passed over here.

mod coded;
mod context;
mod escape;
mod normalise;
mod own;
mod parse;
mod query;
mod render;
mod value;
mod words;

#[cfg(test)]
mod tests;

pub use coded::Coded;
pub use context::{Context, DEFAULT_COUNT, Handling, Limits, MAX_COUNT};
pub use normalise::normalise;
pub use own::OwnParams;
pub use parse::{Parsed, parse};
pub use query::{
    Chain, Clause, Contained, Include, Link, Member, Query, Record, Shape, Sort, SortKey, Target,
    Test, Total,
};
pub use value::{
    DateValue, NearValue, NumberValue, OfType, Prefix, QuantityValue, ReferenceValue, Text,
    TextMode, Token, TokenSystem, Unit,
};
pub use words::{Words, each_word, words_of};
