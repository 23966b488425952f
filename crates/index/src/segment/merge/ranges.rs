//! Merging range columns, in both orders.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use crate::error::IndexError;
use crate::segment::format::FileWriter;
use crate::segment::range_writer::{ColumnIndex, write_block};
use crate::segment::ranges::{BLOCK_RANGES, RangeColumn, RangeRow, RangeWalk};

use super::Merge;

/// Writes the sections of ranges.
pub(super) fn merge(file: &mut FileWriter<'_>, merge: &Merge) -> Result<(), IndexError> {
    let columns = merge.keyed().flat_map(|(_, input, kept)| {
        let keys = input.ranges.columns(&[]).map(RangeColumn::key);
        keys.filter(move |key| kept.has(key))
    });
    let keys: BTreeSet<&[u8]> = columns.collect();
    file.begin();
    let mut index = Vec::new();
    for key in keys {
        merge_column(file, merge, key, &mut index)?;
    }
    Ok(file.section(&index)?)
}

fn merge_column(
    file: &mut FileWriter<'_>,
    merge: &Merge,
    key: &[u8],
    index: &mut Vec<u8>,
) -> Result<(), IndexError> {
    let columns = || {
        merge.keyed().filter(|(_, _, kept)| kept.has(key)).filter_map(|(first, input, _)| {
            let column = input.ranges.columns(key).next().filter(|column| column.key() == key)?;
            Some((first, column, &input.blocks))
        })
    };
    let narrow = columns().all(|(_, column, _)| column.is_narrow());
    let mut of_column = ColumnIndex::default();
    let mut out = Blocks { narrow, block: Vec::new() };
    let mut heads = BinaryHeap::new();
    let mut walks: Vec<(u32, RangeWalk<'_>)> = Vec::new();
    for (first, column, blocks) in columns() {
        let mut walk = column.walk(false, blocks);
        if let Some(range) = walk.next()? {
            heads.push(Reverse((order(first, range), walks.len())));
        }
        walks.push((first, walk));
    }
    while let Some(Reverse(((low, row, high), at))) = heads.pop() {
        out.push(file, RangeRow { low, high, row }, |block| of_column.sorted(block))?;
        let Some((first, walk)) = walks.get_mut(at) else { continue };
        if let Some(range) = walk.next()? {
            heads.push(Reverse((order(*first, range), at)));
        }
    }
    out.end(file, |block| of_column.sorted(block))?;
    for (first, column, blocks) in columns() {
        let mut walk = column.walk(true, blocks);
        while let Some(range) = walk.next()? {
            let range = RangeRow { row: first + range.row, ..range };
            out.push(file, range, |block| of_column.by_row(block))?;
        }
    }
    out.end(file, |block| of_column.by_row(block))?;
    of_column.write(index, key, narrow);
    Ok(())
}

/// What ranges are sorted by, the row being counted from the first of all.
fn order(first: u32, range: RangeRow) -> (u128, u32, u128) {
    (range.low, first + range.row, range.high)
}

/// Ranges on their way into a block.
struct Blocks {
    narrow: bool,
    block: Vec<RangeRow>,
}

impl Blocks {
    fn push(
        &mut self,
        file: &mut FileWriter<'_>,
        range: RangeRow,
        note: impl FnOnce(&[RangeRow]),
    ) -> Result<(), IndexError> {
        self.block.push(range);
        if self.block.len() < BLOCK_RANGES { Ok(()) } else { self.end(file, note) }
    }

    fn end(
        &mut self,
        file: &mut FileWriter<'_>,
        note: impl FnOnce(&[RangeRow]),
    ) -> Result<(), IndexError> {
        if !self.block.is_empty() {
            note(&self.block);
            write_block(file, &self.block, self.narrow)?;
            self.block.clear();
        }
        Ok(())
    }
}
