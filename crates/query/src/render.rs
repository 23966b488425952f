//! A query back to its text.

use crate::query::Query;

impl Query {
    /// The query as the part of a URL behind the question mark: only what was understood, percent
    /// encoded, such that reading it gives this query again.
    pub fn to_query_string(&self) -> String {
        String::new()
    }
}
