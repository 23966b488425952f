//! Postings of a segment: keys in order, in small blocks, each with its rows.
//!
//! Rows of a rare key stand beside it; those of a common one in a bitmap of its own, written just
//! before the block. Only the shortest text that separates a block from its predecessor is held
//! in memory.

use crate::error::IndexError;
use crate::set::RowSet;

use super::BlockReader;
use super::bitmap::{bitmap, window_of};
use super::format::Extent;
use super::wire::Reader;

/// Most rows that stand beside their key.
pub(super) const INLINE_ROWS: usize = 32;

/// Where the rows of a key are.
#[derive(Clone, Debug)]
pub(crate) enum StoredRows {
    Inline(Vec<u32>),
    /// Number of rows, and the bitmap's place and length in the file.
    Bitmap {
        count: u32,
        at: u64,
        length: u32,
    },
}

impl StoredRows {
    /// Number of rows.
    pub fn count(&self) -> u64 {
        match self {
            StoredRows::Inline(rows) => rows.len() as u64,
            StoredRows::Bitmap { count, .. } => u64::from(*count),
        }
    }

    /// The rows `from..to`. Others may be among them.
    pub fn load(&self, blocks: &BlockReader, window: (u32, u32)) -> Result<RowSet, IndexError> {
        match self {
            StoredRows::Inline(rows) => Ok(RowSet::Few(rows.clone())),
            StoredRows::Bitmap { at, length, .. } => {
                let bytes = blocks.block(*at, *length as usize)?;
                Ok(RowSet::Many(match window_of(&bytes, window) {
                    Some(part) => bitmap(&part)?,
                    None => bitmap(&bytes)?,
                }))
            }
        }
    }
}

/// The sparse index: where blocks begin.
pub(crate) struct Dictionary {
    separators: Vec<u8>,
    blocks: Vec<Block>,
}

/// A block: its separator and its place in the file.
#[derive(Clone, Copy)]
struct Block {
    separator_at: u32,
    separator_length: u32,
    at: u64,
    length: u32,
}

impl Dictionary {
    /// Reads the index section; `extent` is where the blocks lie.
    pub fn decode(index: &[u8], extent: Extent) -> Result<Dictionary, IndexError> {
        let mut reader = Reader(index);
        let (mut separators, mut blocks) = (Vec::new(), Vec::new());
        while !reader.is_empty() {
            let separator = reader.bytes()?;
            let (at, length) = (reader.varint()?, reader.varint32()?);
            if at.checked_add(u64::from(length)).is_none_or(|end| end > extent.length) {
                return Err(IndexError::Corrupt("a block lies outside its section"));
            }
            blocks.push(Block {
                separator_at: separators.len() as u32,
                separator_length: separator.len() as u32,
                at: extent.at + at,
                length,
            });
            separators.extend_from_slice(separator);
        }
        Ok(Dictionary { separators, blocks })
    }

    fn separator(&self, block: &Block) -> &[u8] {
        let start = block.separator_at as usize;
        self.separators.get(start..start + block.separator_length as usize).unwrap_or_default()
    }

    /// Where a block lies in the file, and its length with its checksum.
    pub(super) fn extent(&self, block: usize) -> Option<(u64, usize)> {
        self.blocks.get(block).map(|block| (block.at, block.length as usize))
    }

    /// Number of blocks whose keys are all below `key` or that may hold it: the last is the one.
    fn until(&self, key: &[u8]) -> usize {
        self.blocks.partition_point(|block| self.separator(block) <= key)
    }

    /// The rows of a key.
    pub fn find(&self, key: &[u8], blocks: &BlockReader) -> Result<Option<StoredRows>, IndexError> {
        let Some(block) = self.until(key).checked_sub(1).and_then(|at| self.blocks.get(at)) else {
            return Ok(None);
        };
        find_in_block(&blocks.block(block.at, block.length as usize)?, key)
    }

    /// Hands every key that begins with `prefix`, with its rows, to `visit`.
    pub fn scan(
        &self,
        prefix: &[u8],
        blocks: &BlockReader,
        mut visit: impl FnMut(&[u8], StoredRows) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        let start = self.until(prefix).saturating_sub(1);
        for block in self.blocks.get(start..).unwrap_or_default() {
            let separator = self.separator(block);
            if separator > prefix && !separator.starts_with(prefix) {
                break;
            }
            let bytes = blocks.block(block.at, block.length as usize)?;
            let (mut reader, mut key) = (Reader(&bytes), Vec::new());
            while !reader.is_empty() {
                let (shared, suffix) = read_key(&mut reader)?;
                key.truncate(shared);
                key.extend_from_slice(suffix);
                let rows = read_rows(&mut reader)?;
                if key.starts_with(prefix) {
                    visit(&key, decode_rows(rows)?)?;
                }
            }
        }
        Ok(())
    }

    /// The first key that is not below `key`.
    pub fn first_from(
        &self,
        key: &[u8],
        blocks: &BlockReader,
    ) -> Result<Option<Vec<u8>>, IndexError> {
        let start = self.until(key).saturating_sub(1);
        for block in self.blocks.get(start..).unwrap_or_default() {
            let bytes = blocks.block(block.at, block.length as usize)?;
            let (mut reader, mut found) = (Reader(&bytes), Vec::new());
            while !reader.is_empty() {
                let (shared, suffix) = read_key(&mut reader)?;
                found.truncate(shared);
                found.extend_from_slice(suffix);
                read_rows(&mut reader)?;
                if found.as_slice() >= key {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        self.separators.capacity() + self.blocks.capacity() * size_of::<Block>()
    }
}

/// Rows as they stand beside a key.
pub(super) enum RawRows<'a> {
    Inline(u64, &'a [u8]),
    Bitmap { count: u32, at: u64, length: u32 },
}

pub(super) fn read_key<'a>(reader: &mut Reader<'a>) -> Result<(usize, &'a [u8]), IndexError> {
    Ok((reader.varint32()? as usize, reader.bytes()?))
}

pub(super) fn read_rows<'a>(reader: &mut Reader<'a>) -> Result<RawRows<'a>, IndexError> {
    let count = reader.varint32()?;
    if count as usize <= INLINE_ROWS {
        return Ok(RawRows::Inline(u64::from(count), reader.bytes()?));
    }
    Ok(RawRows::Bitmap { count, at: reader.varint()?, length: reader.varint32()? })
}

pub(super) fn decode_rows(raw: RawRows<'_>) -> Result<StoredRows, IndexError> {
    let (count, bytes) = match raw {
        RawRows::Bitmap { count, at, length } => {
            return Ok(StoredRows::Bitmap { count, at, length });
        }
        RawRows::Inline(count, bytes) => (count, bytes),
    };
    let (mut reader, mut row) = (Reader(bytes), 0u32);
    let rows = (0..count).map(|_| {
        row = row.saturating_add(reader.varint32()?);
        Ok(row)
    });
    Ok(StoredRows::Inline(rows.collect::<Result<_, IndexError>>()?))
}

/// Looks for a key among the front-coded keys of a block, without putting them together: it is
/// enough to know how many bytes the key before has in common with the one looked for.
fn find_in_block(block: &[u8], key: &[u8]) -> Result<Option<StoredRows>, IndexError> {
    let (mut reader, mut matched) = (Reader(block), 0usize);
    while !reader.is_empty() {
        let (shared, suffix) = read_key(&mut reader)?;
        let rows = read_rows(&mut reader)?;
        // This key differs from the one before earlier than that differs from ours: we are past.
        if shared < matched {
            return Ok(None);
        }
        if shared > matched {
            continue;
        }
        let rest = key.get(shared..).unwrap_or_default();
        if suffix == rest {
            return Ok(Some(decode_rows(rows)?));
        }
        if suffix > rest {
            return Ok(None);
        }
        matched = shared + common(suffix, rest);
    }
    Ok(None)
}

/// How many bytes two strings have in common at the front.
pub(super) fn common(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(x, y)| x == y).count()
}
