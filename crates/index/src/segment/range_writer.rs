//! Writing the range columns of a segment.

use std::io;

use super::format::FileWriter;
use super::ranges::{BLOCK_RANGES, RangeRow};
use super::wire::{put_bytes, put_varint};

/// Writes one column, whose ranges come in the order of rows, and adds it to the index section.
pub(crate) fn write_column(
    file: &mut FileWriter<'_>,
    index: &mut Vec<u8>,
    key: &[u8],
    by_row: &[RangeRow],
) -> io::Result<()> {
    let narrow = by_row.iter().all(|range| range.low.max(range.high) <= u128::from(u64::MAX));
    let mut column = ColumnIndex::default();
    let mut sorted = by_row.to_vec();
    sorted.sort_by_key(|range| (range.low, range.row, range.high));
    for block in sorted.chunks(BLOCK_RANGES) {
        column.sorted(block);
        write_block(file, block, narrow)?;
    }
    for block in by_row.chunks(BLOCK_RANGES) {
        column.by_row(block);
        write_block(file, block, narrow)?;
    }
    column.write(index, key, narrow);
    Ok(())
}

/// What the index section says of a column, gathered while its blocks are written.
#[derive(Default)]
pub(crate) struct ColumnIndex {
    count: u64,
    bounds: Vec<(u128, u128)>,
    rows: Vec<u32>,
}

impl ColumnIndex {
    /// Notes a block of those sorted by low end.
    pub fn sorted(&mut self, block: &[RangeRow]) {
        let low = block.first().map_or(0, |range| range.low);
        let high = block.iter().map(|range| range.high).max().unwrap_or(0);
        self.bounds.push((low, high));
        self.count += block.len() as u64;
    }

    /// Notes a block of those sorted by row.
    pub fn by_row(&mut self, block: &[RangeRow]) {
        self.rows.push(block.first().map_or(0, |range| range.row));
    }

    /// Appends the column to the index section.
    pub fn write(&self, index: &mut Vec<u8>, key: &[u8], narrow: bool) {
        put_bytes(index, key);
        index.push(if narrow { 8 } else { 16 });
        put_varint(index, self.count);
        for ((low, high), row) in self.bounds.iter().zip(&self.rows) {
            index.extend_from_slice(&low.to_le_bytes());
            index.extend_from_slice(&high.to_le_bytes());
            index.extend_from_slice(&row.to_le_bytes());
        }
    }
}

/// Writes a block with its checksum.
pub(crate) fn write_block(
    file: &mut FileWriter<'_>,
    block: &[RangeRow],
    narrow: bool,
) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(block.len() * 36 + 4);
    for range in block {
        for bound in [range.low, range.high] {
            if narrow {
                bytes.extend_from_slice(&(bound as u64).to_le_bytes());
            } else {
                bytes.extend_from_slice(&bound.to_le_bytes());
            }
        }
        bytes.extend_from_slice(&range.row.to_le_bytes());
    }
    bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
    file.write(&bytes)
}
