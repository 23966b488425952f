//! Histories: versions, newest first.

use accord_base::{LogTime, Row};
use accord_spec::ResourceType;

use super::{ROWS_PER_LOOK, RowRef, View};
use crate::error::IndexError;

/// Which part of a history is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HistoryRange {
    /// Only versions born at this instant or later (`_since`).
    pub since: Option<LogTime>,
    /// Only rows before this one: where the last page ended.
    pub before: Option<Row>,
    /// Most versions on the page.
    pub count: usize,
    /// Whether to count all versions of the history; costs a look at each.
    pub total: bool,
}

/// A page of a history.
pub struct HistoryPage<'a> {
    /// Versions, newest first.
    pub rows: Vec<RowRef<'a>>,
    /// Number of versions in the whole history since `since`, if asked for.
    pub total: Option<u64>,
    /// What [`HistoryRange::before`] is for the next page; `None` if this is the last.
    pub next: Option<Row>,
}

impl View {
    /// The versions of one resource. `None` if it never existed, or its current version is not
    /// admitted.
    ///
    /// # Errors
    /// [`IndexError::Late`] only.
    pub fn history_of(
        &self,
        resource_type: ResourceType,
        id: &str,
        range: HistoryRange,
    ) -> Result<Option<HistoryPage<'_>>, IndexError> {
        let Some(newest) = self.newest_admitted(resource_type, id) else { return Ok(None) };
        let chain = std::iter::successors(Some(newest), |row| self.any(row.prior()?.0));
        let since = range.since.unwrap_or_default();
        let versions = chain.take_while(|row| row.born() >= since);
        let seen = |row| self.admit(row).map(|row| row.beside(newest));
        self.page(versions, seen, range).map(Some)
    }

    /// The versions of all resources of some types; of all types if `types` is empty.
    ///
    /// # Errors
    /// [`IndexError::Late`] only.
    pub fn history<'a>(
        &'a self,
        types: &[ResourceType],
        range: HistoryRange,
    ) -> Result<HistoryPage<'a>, IndexError> {
        let since = range.since.unwrap_or_default();
        // Rows before the last page's end need not be looked at unless all are counted.
        let end = match range.before {
            Some(before) if !range.total => before.0.min(self.snapshot.watermark().0),
            _ => self.snapshot.watermark().0,
        };
        let rows = (0..end).rev().filter_map(|row| self.any(row));
        let seen = |row: RowRef<'a>| {
            let of_type = types.is_empty() || types.contains(&row.resource_type());
            if of_type { self.beside_newest(self.admit(row)?) } else { None }
        };
        self.page(rows.take_while(|row| row.born() >= since), seen, range)
    }

    /// A row as the current version of its resource lets it be seen.
    pub(super) fn beside_newest<'a>(&'a self, row: RowRef<'a>) -> Option<RowRef<'a>> {
        if self.scope.is_unrestricted() || self.snapshot.is_newest(row.part, row.local) {
            return Some(row);
        }
        let newest = self.snapshot.newest_of(row.row().0)?;
        Some(row.beside(self.admitted(newest)?))
    }

    /// Takes a page of those versions that are in the history, as they are seen, newest first.
    fn page<'a>(
        &self,
        versions: impl Iterator<Item = RowRef<'a>>,
        seen: impl Fn(RowRef<'a>) -> Option<RowRef<'a>>,
        range: HistoryRange,
    ) -> Result<HistoryPage<'a>, IndexError> {
        let (mut rows, mut next, mut total) = (Vec::new(), None, 0);
        for (at, version) in versions.enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                self.check_deadline()?;
            }
            let Some(version) = seen(version) else { continue };
            total += 1;
            if range.before.is_some_and(|before| version.row() >= before) {
                continue;
            }
            if rows.len() < range.count {
                rows.push(version);
                continue;
            }
            if next.is_none() {
                next = rows.last().map(RowRef::row);
            }
            if !range.total {
                break;
            }
        }
        Ok(HistoryPage { rows, total: range.total.then_some(total), next })
    }
}
