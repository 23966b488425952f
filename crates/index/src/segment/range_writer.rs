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
    mut ranges: Vec<RangeRow>,
) -> io::Result<()> {
    let narrow = ranges.iter().all(|range| range.low.max(range.high) <= u128::from(u64::MAX));
    let width = if narrow { 8 } else { 16 };
    put_bytes(index, key);
    index.push(width);
    put_varint(index, ranges.len() as u64);
    let rows: Vec<u32> =
        ranges.chunks(BLOCK_RANGES).filter_map(|b| b.first()).map(|r| r.row).collect();
    let by_row = ranges.clone();
    ranges.sort_by_key(|range| (range.low, range.row, range.high));
    for (block, row) in ranges.chunks(BLOCK_RANGES).zip(rows) {
        let low = block.first().map_or(0, |range| range.low);
        let high = block.iter().map(|range| range.high).max().unwrap_or(0);
        index.extend_from_slice(&low.to_le_bytes());
        index.extend_from_slice(&high.to_le_bytes());
        index.extend_from_slice(&row.to_le_bytes());
        write_block(file, block, narrow)?;
    }
    by_row.chunks(BLOCK_RANGES).try_for_each(|block| write_block(file, block, narrow))
}

fn write_block(file: &mut FileWriter<'_>, block: &[RangeRow], narrow: bool) -> io::Result<()> {
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
