//! All keys of a segment in order, read past the cache: for merging, which needs each block once.

use crate::error::IndexError;

use super::bitmap::bitmap;
use super::dictionary::{Dictionary, StoredRows, decode_rows, read_key, read_rows};
use super::wire::Reader;
use super::{BlockReader, Segment};

/// A place among the keys of a segment.
pub(super) struct Walk<'a> {
    dictionary: &'a Dictionary,
    blocks: &'a BlockReader,
    next_block: usize,
    /// Entries of the block at hand that are not read yet, from `at` on.
    block: Vec<u8>,
    at: usize,
    key: Vec<u8>,
    rows: StoredRows,
}

impl<'a> Walk<'a> {
    /// Before the first key.
    pub fn new(segment: &'a Segment) -> Walk<'a> {
        let (dictionary, blocks) = segment.dictionary();
        let (block, key, rows) = (Vec::new(), Vec::new(), StoredRows::Inline(Vec::new()));
        Walk { dictionary, blocks, next_block: 0, block, at: 0, key, rows }
    }

    /// Goes on to the next key. False after the last.
    pub fn advance(&mut self) -> Result<bool, IndexError> {
        while self.at >= self.block.len() {
            let Some((at, length)) = self.dictionary.extent(self.next_block) else {
                return Ok(false);
            };
            self.block = self.blocks.fresh(at, length)?;
            (self.at, self.next_block) = (0, self.next_block + 1);
        }
        let mut reader = Reader(self.block.get(self.at..).unwrap_or_default());
        let (shared, suffix) = read_key(&mut reader)?;
        self.key.truncate(shared);
        self.key.extend_from_slice(suffix);
        self.rows = decode_rows(read_rows(&mut reader)?)?;
        self.at = self.block.len() - reader.0.len();
        Ok(true)
    }

    /// The key at hand.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// Hands the rows of the key at hand to `take`, ascending.
    pub fn rows(&self, mut take: impl FnMut(u32)) -> Result<(), IndexError> {
        match &self.rows {
            StoredRows::Inline(rows) => rows.iter().for_each(|row| take(*row)),
            StoredRows::Bitmap { at, length, .. } => {
                let bytes = self.blocks.fresh(*at, *length as usize)?;
                bitmap(&bytes)?.iter().for_each(take);
            }
        }
        Ok(())
    }
}
