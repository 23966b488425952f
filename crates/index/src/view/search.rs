//! Searches.

use accord_base::Row;
use accord_query::Query;
use accord_spec::{ParamId, ResourceType};

use super::{RowRef, View};
use crate::error::IndexError;
use crate::value::Datum;

/// Which page of a search is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paging {
    /// Only matches after this one: the last of the page before.
    pub after: Option<Key>,
    /// Most matches on the page.
    pub count: usize,
    /// Whether to count all matches.
    pub total: bool,
}

/// The place of a match in the order of a search: what a cursor carries besides the instant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Key {
    /// In the order of rows, either way.
    Row(Row),
    /// In an order that ids decide: the id, and the number of the type, which tells equal ids
    /// apart.
    Id(String, u8),
    /// In the order of rows, and of what each contains: the place in the row.
    Place(Row, u32),
}

/// A page of matches.
pub struct Page<'a> {
    /// The matches in order; of contained ones, what contains them.
    pub rows: Vec<RowRef<'a>>,
    /// Of each match which contained resource it is, by its place among those that the row
    /// contains, if it is one. Empty where rows alone are asked for.
    pub contained: Vec<Option<u32>>,
    /// Number of all matches, if asked for.
    pub total: Option<u64>,
    /// What [`Paging::after`] is for the next page; `None` if this is the last.
    pub next: Option<Key>,
}

impl View {
    /// Finds the resources whose current version matches a query.
    ///
    /// # Errors
    /// Those of reading segments, and [`IndexError::Late`].
    pub fn search(&self, query: &Query, paging: &Paging) -> Result<Page<'_>, IndexError> {
        crate::plan::search(self, query, paging)
    }

    /// About how many rows a search would have to look at, if keys lead to them; `None` if texts
    /// or ranges, or all rows of a type, would have to be gone through.
    ///
    /// # Errors
    /// Only those of reading segments.
    pub fn cost(&self, query: &Query) -> Result<Option<u64>, IndexError> {
        crate::plan::cost(self, query)
    }

    /// The distinct tokens or uris that current versions, of one type or of any, have as values of
    /// a parameter common to all types; a search by each finds one of them. In no order; more than
    /// `most` if there are more, and then not all. Values of more than a kilobyte are left out.
    ///
    /// # Errors
    /// Those of reading segments, and [`IndexError::Late`].
    pub fn in_use(
        &self,
        param: ParamId,
        of: Option<ResourceType>,
        most: usize,
    ) -> Result<Vec<Datum>, IndexError> {
        crate::plan::in_use(self, param, of, most)
    }
}
