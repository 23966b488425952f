//! Writing the postings of a segment.

use std::io;

use roaring::RoaringBitmap;

use crate::set::RowSet;

use super::dictionary::{INLINE_ROWS, common};
use super::format::FileWriter;
use super::wire::{put_bytes, put_varint};

/// A block ends when it has this many bytes.
const BLOCK_BYTES: usize = 4096;

/// Writes the postings section; keys come in ascending order.
#[derive(Default)]
pub(crate) struct DictionaryWriter {
    block: Vec<u8>,
    last: Vec<u8>,
    separator: Vec<u8>,
    index: Vec<u8>,
}

impl DictionaryWriter {
    /// Adds a key with its rows.
    pub fn add(&mut self, file: &mut FileWriter<'_>, key: &[u8], rows: &RowSet) -> io::Result<()> {
        let count = rows.len();
        let bitmap =
            (count as usize > INLINE_ROWS).then(|| write_bitmap(file, rows)).transpose()?;
        let mut shared = common(&self.last, key);
        if self.block.is_empty() {
            let length = if self.last.is_empty() { 0 } else { (shared + 1).min(key.len()) };
            self.separator = key.get(..length).unwrap_or_default().to_vec();
            shared = 0;
        }
        put_varint(&mut self.block, shared as u64);
        put_bytes(&mut self.block, key.get(shared..).unwrap_or_default());
        put_varint(&mut self.block, count);
        match bitmap {
            Some((at, length)) => {
                put_varint(&mut self.block, at);
                put_varint(&mut self.block, length);
            }
            None => put_bytes(&mut self.block, &deltas(rows)),
        }
        self.last.clear();
        self.last.extend_from_slice(key);
        if self.block.len() >= BLOCK_BYTES { self.end_block(file) } else { Ok(()) }
    }

    fn end_block(&mut self, file: &mut FileWriter<'_>) -> io::Result<()> {
        if self.block.is_empty() {
            return Ok(());
        }
        let crc = crc32c::crc32c(&self.block);
        self.block.extend_from_slice(&crc.to_le_bytes());
        put_bytes(&mut self.index, &self.separator);
        put_varint(&mut self.index, file.section_length());
        put_varint(&mut self.index, self.block.len() as u64);
        file.write(&self.block)?;
        self.block.clear();
        Ok(())
    }

    /// Ends the section and gives the index section.
    pub fn finish(mut self, file: &mut FileWriter<'_>) -> io::Result<Vec<u8>> {
        self.end_block(file)?;
        Ok(self.index)
    }
}

/// Writes a bitmap with its checksum and gives its place in the file and its length.
fn write_bitmap(file: &mut FileWriter<'_>, rows: &RowSet) -> io::Result<(u64, u64)> {
    let mut bytes = Vec::new();
    match rows {
        RowSet::Many(bits) => bits.serialize_into(&mut bytes)?,
        RowSet::Few(rows) => {
            let bits: RoaringBitmap = rows.iter().copied().collect();
            bits.serialize_into(&mut bytes)?;
        }
    }
    bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
    let at = file.position();
    file.write(&bytes)?;
    Ok((at, bytes.len() as u64))
}

fn deltas(rows: &RowSet) -> Vec<u8> {
    let (mut out, mut last) = (Vec::new(), 0);
    for row in rows.to_vec() {
        put_varint(&mut out, u64::from(row - last));
        last = row;
    }
    out
}
