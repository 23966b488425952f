//! Decoded parameters to a query.

use accord_fhir::{Issue, IssueCode};
use accord_spec::ResourceType;

use crate::context::Context;
use crate::query::Query;

/// A query and what was set aside to get it.
#[derive(Clone, PartialEq, Debug)]
pub struct Parsed {
    /// The query.
    pub query: Query,
    /// Warnings for parameters that lenient handling ignored.
    pub ignored: Vec<Issue>,
}

/// Reads the parameters of a search on a type, or at system level, in their order, names and
/// values decoded. On error: every fault found, each with `http.` and the parameter's name as its
/// expression.
pub fn parse<N: AsRef<str>, V: AsRef<str>>(
    resource_type: Option<ResourceType>,
    params: impl IntoIterator<Item = (N, V)>,
    context: &Context<'_>,
) -> Result<Parsed, Vec<Issue>> {
    let _ = (resource_type, context, params.into_iter().count());
    Err(vec![Issue::error(IssueCode::NotSupported, "search is not supported")])
}
