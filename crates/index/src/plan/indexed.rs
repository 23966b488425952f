//! Searches by the store's own parameters, which are answered once every row has been asked for
//! them.

use accord_query::{Query, SortKey, Target};
use accord_spec::ParamId;

use crate::error::IndexError;
use crate::snapshot::Snapshot;

/// Refuses a query by a parameter that some rows of the state have not been asked for. Conditions
/// behind references are queries of their own.
///
/// # Errors
/// [`IndexError::Indexing`], and [`IndexError::Withdrawn`] where it went after the query was read.
pub(super) fn check(snapshot: &Snapshot, query: &Query) -> Result<(), IndexError> {
    let of_clauses = query.clauses.iter().filter_map(|clause| match clause.target {
        Target::Param(id) | Target::Referrer(id) => Some(id),
        Target::Id | Target::LastUpdated | Target::Narrative | Target::Content => None,
    });
    let of_order = query.sort.iter().filter_map(|sort| match sort.key {
        SortKey::Param(id) => Some(id),
        SortKey::Id | SortKey::LastUpdated => None,
    });
    let beside = query.includes.iter().filter_map(|include| include.param);
    let mut named = of_clauses.chain(of_order).chain(beside).filter(|id| id.is_own());
    named.try_for_each(|id| told(snapshot, id))
}

fn told(snapshot: &Snapshot, id: ParamId) -> Result<(), IndexError> {
    let param = snapshot.param(id).ok_or(IndexError::Withdrawn)?;
    let percent = snapshot.percent_indexed(id.0)?;
    if percent == 100 {
        return Ok(());
    }
    Err(IndexError::Indexing(param.code.to_owned(), percent))
}
