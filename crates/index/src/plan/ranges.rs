//! Range columns of a part, whichever form it has.

use crate::error::IndexError;
use crate::key::{self, tag};
use crate::measured::Measured;
use crate::part::Part;
use crate::range::RangeTest;
use crate::segment::{RangeColumn, Segment};
use crate::set::RowSet;
use crate::tail::{Keys, TailRange};

use super::evaluate::Window;

/// The columns of the tail whose ranges may pass, each with the comparison in terms of its unit.
fn tail_columns<'a>(
    keys: &'a Keys,
    prefix: &'a [u8],
    test: &'a Measured,
) -> impl Iterator<Item = (&'a TailRange, RangeTest)> {
    let single = key::value_kind(prefix).is_some_and(|kind| kind != tag::QUANTITY);
    let one = single.then(|| Some((keys.range(prefix)?, test.of(prefix)?))).flatten();
    let ranges = keys.ranges().filter(move |(key, _)| !single && key.starts_with(prefix));
    let many = ranges.filter_map(|(key, column)| Some((column, test.of(key)?)));
    one.into_iter().chain(many)
}

/// The same in a segment.
fn columns<'a>(
    segment: &'a Segment,
    prefix: &'a [u8],
    test: &'a Measured,
) -> impl Iterator<Item = (&'a RangeColumn, RangeTest)> {
    let columns = segment.range_index().0.columns(prefix);
    columns.filter_map(|column| Some((column, test.of(column.key())?)))
}

/// About how many ranges pass; never too few.
pub(super) fn estimate(part: &Part, prefix: &[u8], test: &Measured) -> u64 {
    match part {
        Part::Chunk(chunk) => {
            let keys = chunk.keys();
            tail_columns(&keys, prefix, test).map(|(column, _)| column.len() as u64).sum()
        }
        Part::Segment(segment) => {
            columns(segment, prefix, test).map(|(column, test)| column.estimate(&test)).sum()
        }
    }
}

/// The rows with a range that passes, those of a window; rows outside of it may be among them.
pub(super) fn in_range(
    part: &Part,
    prefix: &[u8],
    test: &Measured,
    window: Window,
) -> Result<RowSet, IndexError> {
    let mut rows = Vec::new();
    match part {
        Part::Chunk(chunk) => {
            let keys = chunk.keys();
            tail_columns(&keys, prefix, test)
                .for_each(|(column, test)| column.collect(&test, &mut rows));
        }
        Part::Segment(segment) => {
            let blocks = segment.range_index().1;
            for (column, test) in columns(segment, prefix, test) {
                if column.estimate(&test) <= column.estimate_of_rows(window) {
                    column.collect(&test, blocks, &mut rows)?;
                } else {
                    column.collect_rows(&test, window, blocks, &mut rows)?;
                }
            }
        }
    }
    Ok(RowSet::collect(rows))
}

/// Whether one of a row's ranges passes.
pub(super) fn probe(
    part: &Part,
    prefix: &[u8],
    test: &Measured,
    row: u32,
) -> Result<bool, IndexError> {
    match part {
        Part::Chunk(chunk) => {
            let keys = chunk.keys();
            let mut columns = tail_columns(&keys, prefix, test);
            Ok(columns.any(|(column, test)| column.probe(row as u16, &test)))
        }
        Part::Segment(segment) => {
            let blocks = segment.range_index().1;
            for (column, test) in columns(segment, prefix, test) {
                if column.probe(row, &test, blocks)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

/// The number of each of some rows of a part, ascending, in the column with this key.
pub(super) fn numbers(
    part: &Part,
    column: &[u8],
    rows: &[u32],
) -> Result<Vec<Option<u128>>, IndexError> {
    let mut found = vec![None; rows.len()];
    let mut take = |at: usize, low: u128, _: u128| {
        if let Some(place) = found.get_mut(at) {
            *place = Some(low);
        }
    };
    match part {
        Part::Chunk(chunk) => {
            if let Some(column) = chunk.keys().range(column) {
                column.of_rows(rows, &mut take);
            }
        }
        Part::Segment(segment) => {
            let (index, blocks) = segment.range_index();
            for column in index.columns(column) {
                column.of_rows(rows, blocks, &mut take)?;
            }
        }
    }
    Ok(found)
}
