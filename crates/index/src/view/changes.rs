//! What changed between two states, for one asker and one search.

use accord_base::Row;
use accord_query::Query;
use accord_spec::ResourceType;

use super::{ROWS_PER_LOOK, RowRef, View};
use crate::error::IndexError;
use crate::plan::Holding;

/// A version that a search concerns.
#[derive(Clone, Copy)]
pub struct Changed<'a> {
    /// The version, or the deletion.
    pub row: RowRef<'a>,
    /// Whether it matches; if not, the version before it did.
    pub matches: bool,
}

impl View {
    /// The versions of a type among the rows `from..to` that exist for the asker, oldest first:
    /// at most `most`, and the row after the last one looked at.
    ///
    /// # Errors
    /// [`IndexError::Late`] only.
    pub fn versions_between(
        &self,
        resource_type: ResourceType,
        (from, to): (Row, Row),
        most: usize,
    ) -> Result<(Vec<RowRef<'_>>, Row), IndexError> {
        let to = to.0.min(self.snapshot.watermark().0);
        let mut rows = Vec::new();
        for (at, number) in (from.0..to).enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                self.check_deadline()?;
            }
            let of_type = |row: &RowRef<'_>| row.resource_type() == resource_type;
            let Some(row) = self.any(number).filter(of_type) else { continue };
            if let Some(row) = self.seen(row) {
                rows.push(row);
                if rows.len() >= most {
                    return Ok((rows, Row(number + 1)));
                }
            }
        }
        Ok((rows, Row(to.max(from.0))))
    }

    /// Those of some versions that match a search, or follow on a version that did, of those that
    /// exist for the asker: by what each says itself.
    ///
    /// # Errors
    /// Those of [`View::search`].
    pub fn concerned<'a>(
        &'a self,
        query: &Query,
        rows: &[RowRef<'a>],
    ) -> Result<Vec<Changed<'a>>, IndexError> {
        let mut search = Holding::of(self, query)?;
        let mut changed = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                self.check_deadline()?;
            }
            let matches = search.holds(self, row)?;
            let before = if matches { None } else { self.seen_before(row) };
            let matched = before.map(|before| search.holds(self, &before)).transpose()?;
            if matches || matched == Some(true) {
                changed.push(Changed { row: *row, matches });
            }
        }
        Ok(changed)
    }

    /// A version as it exists for the asker, if it does.
    fn seen<'a>(&'a self, row: RowRef<'a>) -> Option<RowRef<'a>> {
        self.admit(row).and_then(|row| self.beside_newest(row))
    }

    /// The last version before one that exists for the asker.
    fn seen_before<'a>(&'a self, row: &RowRef<'a>) -> Option<RowRef<'a>> {
        let before = |row: &RowRef<'a>| self.any(row.prior()?.0);
        std::iter::successors(before(row), before).find_map(|row| self.seen(row))
    }
}
