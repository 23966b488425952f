//! The first matches in an order of ranges, without a look at all of them: a column keeps its
//! ranges in the order of their low ends, and of each block the bounds.

use accord_query::{Sort, SortKey};
use accord_spec::ParamKind;
use hashbrown::HashMap;

use crate::error::IndexError;
use crate::key::{self, tag};
use crate::part::Part;
use crate::segment::{BlockReader, RangeColumn};
use crate::set::RowSet;
use crate::view::View;

use super::places;
use super::values::Value;

/// A share of a chunk's rows: fewer matches are all looked at.
const MANY: u64 = 16;
/// A share of the blocks: where more have to be read, all matches are looked at instead.
const MOST: usize = 8;

/// Blocks of ranges, from the one where the first value may stand on.
pub(super) struct Front<'a> {
    descending: bool,
    reader: &'a BlockReader,
    /// Each with the best value that may stand in it.
    blocks: Vec<(u128, &'a RangeColumn, usize)>,
    read: usize,
    /// When to count again: each count looks at all that was found.
    count_at: usize,
    /// The best value of each match found in what was read.
    best: HashMap<u32, u128>,
}

impl<'a> Front<'a> {
    /// The blocks of a part in the order of a criterion, from a value on; `None` where all
    /// matches have to be looked at.
    pub fn of(
        view: &View,
        part: &'a Part,
        set: &RowSet,
        (sort, after): (&Sort, Option<&Option<Value>>),
    ) -> Option<Front<'a>> {
        let (Part::Segment(segment), SortKey::Param(id)) = (part, sort.key) else { return None };
        let kind = match view.snapshot().param(id)?.kind {
            ParamKind::Date => tag::DATE,
            ParamKind::Number => tag::NUMBER,
            ParamKind::Quantity => tag::QUANTITY,
            _ => return None,
        };
        let from = match after {
            Some(Some(Value::Number(from))) => Some(*from),
            // What has no value comes last.
            Some(_) => return None,
            None => None,
        };
        let hidden = view.scope().hides_places() && places::are_values_of(view.snapshot(), id);
        if set.len() < u64::from(view.snapshot().chunk_rows()) / MANY || hidden {
            return None;
        }
        let (index, reader) = segment.range_index();
        let descending = sort.descending;
        let mut blocks = Vec::new();
        for column in index.columns(&key::front(id.0, kind)) {
            for at in 0..column.blocks() {
                let ((low, high), next) = (column.bounds(at), column.bounds(at + 1).0);
                let before =
                    from.is_some_and(|from| if descending { low > from } else { next < from });
                if !before {
                    blocks.push((if descending { high } else { low }, column, at));
                }
            }
        }
        // Mostly in order as they are, or in reverse.
        if descending {
            blocks.reverse();
        }
        blocks.sort_by(|(a, ..), (b, ..)| if descending { b.cmp(a) } else { a.cmp(b) });
        Some(Front { descending, reader, blocks, read: 0, count_at: 0, best: HashMap::new() })
    }

    /// Reads on until so many matches stand before all that is unread; whether they do.
    pub fn reach(&mut self, view: &View, set: &RowSet, wanted: usize) -> Result<bool, IndexError> {
        self.count_at = self.read;
        loop {
            let next = self.blocks.get(self.read);
            if self.read >= self.count_at || next.is_none() {
                if self.best.values().filter(|value| self.is_before(**value)).count() >= wanted {
                    return Ok(true);
                }
                self.count_at = self.read + self.read / 2 + 1;
            }
            let Some((_, column, at)) = next else { return Ok(false) };
            if self.read > self.blocks.len() / MOST + MOST {
                return Ok(false);
            }
            view.check_deadline()?;
            self.read += 1;
            let (best, descending) = (&mut self.best, self.descending);
            column.each_in(*at, self.reader, |range| {
                if set.contains(range.row) {
                    let value = if descending { range.high } else { range.low };
                    let known = best.entry(range.row).or_insert(value);
                    *known = if descending { value.max(*known) } else { value.min(*known) };
                }
            })?;
        }
    }

    /// Whether a value stands before all that is unread.
    pub fn is_before(&self, value: u128) -> bool {
        match self.blocks.get(self.read) {
            Some((next, ..)) if self.descending => value > *next,
            Some((next, ..)) => value < *next,
            None => true,
        }
    }

    /// The matches found so far, ascending.
    pub fn rows(&self) -> Vec<u32> {
        let mut rows: Vec<u32> = self.best.keys().copied().collect();
        rows.sort_unstable();
        rows
    }
}
