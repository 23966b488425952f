//! Range columns of a segment: each sorted twice, by low end to find rows and by row to test them.

use std::sync::Arc;

use crate::error::IndexError;
use crate::range::RangeTest;

use super::BlockReader;
use super::format::Extent;
use super::wire::Reader;

/// Ranges in a full block.
pub(crate) const BLOCK_RANGES: usize = 256;

/// A range with its row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RangeRow {
    pub low: u128,
    pub high: u128,
    pub row: u32,
}

/// The columns of a segment, by key.
pub(crate) struct RangeIndex {
    columns: Vec<RangeColumn>,
}

/// One column: what is known of its blocks.
pub(crate) struct RangeColumn {
    key: Box<[u8]>,
    /// Bytes of a bound on disk, 8 or 16.
    width: usize,
    count: usize,
    at: u64,
    /// Lowest low end and highest high end of each block sorted by low end.
    lows: Vec<u128>,
    highs: Vec<u128>,
    /// First row of each block sorted by row.
    rows: Vec<u32>,
}

impl RangeIndex {
    /// Reads the index section; `extent` is where the blocks lie.
    pub fn decode(index: &[u8], extent: Extent) -> Result<RangeIndex, IndexError> {
        let (mut reader, mut columns, mut at) = (Reader(index), Vec::new(), extent.at);
        let end = extent.at + extent.length;
        while !reader.is_empty() {
            let column = RangeColumn::decode(&mut reader, at)?;
            at = column.end().filter(|at| *at <= end).ok_or(OUTSIDE)?;
            columns.push(column);
        }
        if at == end { Ok(RangeIndex { columns }) } else { Err(OUTSIDE) }
    }

    /// The columns whose keys begin with `prefix`.
    pub fn columns(&self, prefix: &[u8]) -> impl Iterator<Item = &RangeColumn> {
        let start = self.columns.partition_point(|column| &*column.key < prefix);
        let from = self.columns.get(start..).unwrap_or_default();
        from.iter().take_while(move |column| column.key.starts_with(prefix))
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        let column = |column: &RangeColumn| {
            size_of::<RangeColumn>() + column.key.len() + column.lows.len() * 36
        };
        self.columns.iter().map(column).sum()
    }
}

const OUTSIDE: IndexError = IndexError::Corrupt("a column lies outside its section");

impl RangeColumn {
    fn decode(reader: &mut Reader<'_>, at: u64) -> Result<RangeColumn, IndexError> {
        let key = Box::from(reader.bytes()?);
        let width = usize::from(reader.u8()?);
        let count = reader.varint32()? as usize;
        if !matches!(width, 8 | 16) || count == 0 {
            return Err(IndexError::Corrupt("a column is of no known form"));
        }
        let blocks = count.div_ceil(BLOCK_RANGES);
        let (mut lows, mut highs, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..blocks {
            lows.push(reader.u128()?);
            highs.push(reader.u128()?);
            rows.push(reader.u32()?);
        }
        Ok(RangeColumn { key, width, count, at, lows, highs, rows })
    }

    /// Its key.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    fn range_bytes(&self) -> usize {
        self.width * 2 + 4
    }

    /// Bytes of all blocks in one order.
    fn order_bytes(&self) -> usize {
        self.count * self.range_bytes() + self.count.div_ceil(BLOCK_RANGES) * 4
    }

    fn end(&self) -> Option<u64> {
        self.at.checked_add(self.order_bytes() as u64 * 2)
    }

    /// Reads block `at`, of those sorted by low end or by row.
    fn block(&self, at: usize, by_row: bool, blocks: &BlockReader) -> Result<Block, IndexError> {
        let (at, length) = self.extent(at, by_row);
        Ok(Block { bytes: blocks.block(at, length)?, width: self.width })
    }

    /// Where block `at` lies in the file, and its length with its checksum.
    fn extent(&self, at: usize, by_row: bool) -> (u64, usize) {
        let ranges = self.count.saturating_sub(at * BLOCK_RANGES).min(BLOCK_RANGES);
        let start = at * (BLOCK_RANGES * self.range_bytes() + 4);
        let order = if by_row { self.order_bytes() } else { 0 };
        (self.at + (order + start) as u64, ranges * self.range_bytes() + 4)
    }

    /// How many blocks there are in either order.
    pub fn blocks(&self) -> usize {
        self.lows.len()
    }

    /// The lowest low end and the highest high end of a block sorted by low end; the highest there
    /// are behind the last.
    pub fn bounds(&self, at: usize) -> (u128, u128) {
        let of = |ends: &[u128]| ends.get(at).copied().unwrap_or(u128::MAX);
        (of(&self.lows), of(&self.highs))
    }

    /// Hands on the ranges of a block sorted by low end.
    pub fn each_in(
        &self,
        at: usize,
        blocks: &BlockReader,
        mut take: impl FnMut(RangeRow),
    ) -> Result<(), IndexError> {
        self.block(at, false, blocks)?.iter().for_each(&mut take);
        Ok(())
    }

    /// Blocks sorted by low end that may hold a range that passes.
    fn candidates(&self, test: &RangeTest) -> impl Iterator<Item = usize> + use<'_> {
        let (low, high) = test.low_bounds();
        let least_high = test.least_high();
        // Ranges that begin exactly at `low` can end the block before the first that begins there.
        let start = self.lows.partition_point(|block| *block < low).saturating_sub(1);
        let end = self.lows.partition_point(|block| *block <= high);
        let reaches = move |at: &usize| self.highs.get(*at).is_some_and(|high| *high >= least_high);
        (start..end).filter(reaches)
    }

    /// About how many ranges pass; never too few.
    pub fn estimate(&self, test: &RangeTest) -> u64 {
        (self.candidates(test).count() * BLOCK_RANGES).min(self.count) as u64
    }

    /// Adds the rows with a range that passes to `rows`.
    pub fn collect(
        &self,
        test: &RangeTest,
        blocks: &BlockReader,
        rows: &mut Vec<u32>,
    ) -> Result<(), IndexError> {
        for at in self.candidates(test) {
            let block = self.block(at, false, blocks)?;
            let passing = block.iter().filter(|range| test.passes(range.low, range.high));
            rows.extend(passing.map(|range| range.row));
        }
        Ok(())
    }

    /// Blocks sorted by row that may hold ranges of the rows `from..to`.
    fn blocks_of(&self, (from, to): (u32, u32)) -> std::ops::Range<usize> {
        let start = self.rows.partition_point(|first| *first < from).saturating_sub(1);
        start..self.rows.partition_point(|first| *first < to)
    }

    /// About how many ranges rows have; never too few.
    pub fn estimate_of_rows(&self, rows: (u32, u32)) -> u64 {
        (self.blocks_of(rows).len() * BLOCK_RANGES).min(self.count) as u64
    }

    /// Adds those of the rows `from..to` that have a range that passes to `out`.
    pub fn collect_rows(
        &self,
        test: &RangeTest,
        (from, to): (u32, u32),
        blocks: &BlockReader,
        out: &mut Vec<u32>,
    ) -> Result<(), IndexError> {
        for at in self.blocks_of((from, to)) {
            let block = self.block(at, true, blocks)?;
            let within = block.iter().filter(|range| (from..to).contains(&range.row));
            let passing = within.filter(|range| test.passes(range.low, range.high));
            out.extend(passing.map(|range| range.row));
        }
        Ok(())
    }

    /// Whether one of the row's ranges passes.
    pub fn probe(
        &self,
        row: u32,
        test: &RangeTest,
        blocks: &BlockReader,
    ) -> Result<bool, IndexError> {
        for at in self.blocks_of((row, row.saturating_add(1))) {
            let block = self.block(at, true, blocks)?;
            if block.of_row(row).any(|range| test.passes(range.low, range.high)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Hands on the ranges of some rows, ascending, with the place of the row among them. Reads the
    /// blocks alone that may have some.
    pub fn of_rows(
        &self,
        rows: &[u32],
        blocks: &BlockReader,
        take: &mut impl FnMut(usize, u128, u128),
    ) -> Result<(), IndexError> {
        let mut from = 0;
        for (block, first) in self.rows.iter().enumerate() {
            let rest = rows.get(from..).unwrap_or_default();
            from += rest.partition_point(|row| row < first);
            // A row's ranges may go on in the next block, whose first row it then is.
            let last = self.rows.get(block + 1).copied().unwrap_or(u32::MAX);
            match rows.get(from) {
                None => break,
                Some(row) if *row > last => continue,
                Some(_) => {}
            }
            let mut at = from;
            for range in self.block(block, true, blocks)?.iter() {
                while rows.get(at).is_some_and(|row| *row < range.row) {
                    at += 1;
                }
                if rows.get(at) == Some(&range.row) {
                    take(at, range.low, range.high);
                }
            }
        }
        Ok(())
    }

    /// Whether bounds have 8 bytes.
    pub fn is_narrow(&self) -> bool {
        self.width == 8
    }

    /// Every range, in the order of rows or of low ends, read past the cache.
    pub fn walk<'a>(&'a self, by_row: bool, blocks: &'a BlockReader) -> RangeWalk<'a> {
        let block = Block { bytes: Arc::from([]), width: self.width };
        RangeWalk { column: self, by_row, blocks, next_block: 0, block, at: 0 }
    }
}

/// A place among the ranges of a column.
pub(crate) struct RangeWalk<'a> {
    column: &'a RangeColumn,
    by_row: bool,
    blocks: &'a BlockReader,
    next_block: usize,
    block: Block,
    at: usize,
}

impl RangeWalk<'_> {
    /// The next range.
    pub fn next(&mut self) -> Result<Option<RangeRow>, IndexError> {
        if self.at >= self.block.len() {
            if self.next_block >= self.column.rows.len() {
                return Ok(None);
            }
            let (at, length) = self.column.extent(self.next_block, self.by_row);
            self.block.bytes = self.blocks.fresh(at, length)?.into();
            (self.at, self.next_block) = (0, self.next_block + 1);
        }
        self.at += 1;
        Ok(self.block.get(self.at - 1))
    }
}

/// A block of ranges as it stands in the file.
struct Block {
    bytes: Arc<[u8]>,
    width: usize,
}

impl Block {
    fn len(&self) -> usize {
        self.bytes.len() / (self.width * 2 + 4)
    }

    fn get(&self, at: usize) -> Option<RangeRow> {
        let size = self.width * 2 + 4;
        decode_range(self.bytes.get(at * size..(at + 1) * size)?)
    }

    fn iter(&self) -> impl Iterator<Item = RangeRow> + '_ {
        self.bytes.chunks_exact(self.width * 2 + 4).filter_map(decode_range)
    }

    /// The ranges of a row, in a block sorted by row.
    fn of_row(&self, row: u32) -> impl Iterator<Item = RangeRow> + '_ {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle).is_some_and(|range| range.row < row) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low..self.len()).map_while(move |at| self.get(at).filter(|range| range.row == row))
    }
}

/// Reads a range of 20 or 36 bytes.
fn decode_range(bytes: &[u8]) -> Option<RangeRow> {
    let (rest, row) = bytes.split_last_chunk::<4>()?;
    let (low, high) = if let Ok(narrow) = <&[u8; 16]>::try_from(rest) {
        let (low, high) = narrow.split_first_chunk::<8>()?;
        (u64::from_le_bytes(*low).into(), u64::from_le_bytes(high.try_into().ok()?).into())
    } else {
        let (low, high) = rest.split_first_chunk::<16>()?;
        (u128::from_le_bytes(*low), u128::from_le_bytes(high.try_into().ok()?))
    };
    Some(RangeRow { low, high, row: u32::from_le_bytes(*row) })
}
