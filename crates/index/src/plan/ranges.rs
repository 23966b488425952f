//! Range columns of a part, whichever form it has.

use accord_query::Unit;

use crate::error::IndexError;
use crate::key::{self, tag};
use crate::part::Part;
use crate::range::RangeTest;
use crate::segment::Segment;
use crate::set::RowSet;
use crate::tail::{Keys, TailRange};

use super::evaluate::Window;

/// Whether a column's key has the unit asked for.
fn unit_fits(key: &[u8], unit: &Unit) -> bool {
    if *unit == Unit::Any {
        return true;
    }
    key::unit_of(key).is_some_and(|of| match unit {
        Unit::Any => true,
        Unit::CodeOrText(text) => of.code == Some(text) || of.unit == Some(text),
        Unit::Coded { system, code } => of.system == Some(system) && of.code == Some(code),
    })
}

fn tail_columns<'a>(
    keys: &'a Keys,
    prefix: &'a [u8],
    unit: &'a Unit,
) -> impl Iterator<Item = &'a TailRange> {
    let single = key::kind_of(prefix).is_some_and(|(_, tag)| tag != tag::QUANTITY);
    let one = single.then(|| keys.range(prefix)).flatten();
    let many = keys
        .ranges()
        .filter(move |(key, _)| !single && key.starts_with(prefix) && unit_fits(key, unit));
    one.into_iter().chain(many.map(|(_, column)| column))
}

/// About how many ranges pass; never too few.
pub(super) fn estimate(part: &Part, prefix: &[u8], unit: &Unit, test: &RangeTest) -> u64 {
    match part {
        Part::Chunk(chunk) => {
            let keys = chunk.keys();
            tail_columns(&keys, prefix, unit).map(|column| column.len() as u64).sum()
        }
        Part::Segment(segment) => {
            let columns = segment.range_index().0.columns(prefix);
            let fitting = columns.filter(|column| unit_fits(column.key(), unit));
            fitting.map(|column| column.estimate(test)).sum()
        }
    }
}

/// The rows with a range that passes, those of a window; rows outside of it may be among them.
pub(super) fn in_range(
    part: &Part,
    (prefix, unit): (&[u8], &Unit),
    test: &RangeTest,
    window: Window,
) -> Result<RowSet, IndexError> {
    let mut rows = Vec::new();
    match part {
        Part::Chunk(chunk) => {
            let keys = chunk.keys();
            tail_columns(&keys, prefix, unit).for_each(|column| column.collect(test, &mut rows));
        }
        Part::Segment(segment) => {
            let (index, blocks) = segment.range_index();
            for column in index.columns(prefix).filter(|column| unit_fits(column.key(), unit)) {
                if column.estimate(test) <= column.estimate_of_rows(window) {
                    column.collect(test, blocks, &mut rows)?;
                } else {
                    column.collect_rows(test, window, blocks, &mut rows)?;
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
    unit: &Unit,
    test: &RangeTest,
    row: u32,
) -> Result<bool, IndexError> {
    match part {
        Part::Chunk(chunk) => {
            let keys = chunk.keys();
            Ok(tail_columns(&keys, prefix, unit).any(|column| column.probe(row as u16, test)))
        }
        Part::Segment(segment) => probe_segment(segment, prefix, unit, test, row),
    }
}

fn probe_segment(
    segment: &Segment,
    prefix: &[u8],
    unit: &Unit,
    test: &RangeTest,
    row: u32,
) -> Result<bool, IndexError> {
    let (index, blocks) = segment.range_index();
    for column in index.columns(prefix).filter(|column| unit_fits(column.key(), unit)) {
        if column.probe(row, test, blocks)? {
            return Ok(true);
        }
    }
    Ok(false)
}
