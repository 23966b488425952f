//! Reading a section piece by piece, so that a large one is never in memory as a whole.

use crate::error::IndexError;

use super::format::Extent;
use super::source::SegmentSource;

/// Bytes read at a time.
const PIECE: usize = 1 << 18;

/// A section of a file from its first byte to its last. What it gives may be damaged until
/// [`Stream::finish`] has compared the checksum: nothing is to be used before.
pub(crate) struct Stream<'a> {
    source: &'a dyn SegmentSource,
    at: u64,
    left: u64,
    crc: u32,
    expected: u32,
    /// Bytes read and not taken yet, from `start` on.
    buffer: Vec<u8>,
    start: usize,
}

impl<'a> Stream<'a> {
    pub fn new(source: &'a dyn SegmentSource, extent: Extent) -> Stream<'a> {
        let Extent { at, length, crc: expected } = extent;
        Stream { source, at, left: length, crc: 0, expected, buffer: Vec::new(), start: 0 }
    }

    /// The next `length` bytes.
    pub fn take(&mut self, length: usize) -> Result<&[u8], IndexError> {
        while self.buffer.len() - self.start < length {
            self.read(length)?;
        }
        let taken = self.buffer.get(self.start..self.start + length).unwrap_or_default();
        self.start += length;
        Ok(taken)
    }

    fn read(&mut self, wanted: usize) -> Result<(), IndexError> {
        let next = (PIECE.max(wanted) as u64).min(self.left) as usize;
        if next == 0 {
            return Err(IndexError::Corrupt("a part ends too early"));
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let old = self.buffer.len();
        self.buffer.resize(old + next, 0);
        let fresh = self.buffer.get_mut(old..).unwrap_or_default();
        self.source.read_at(self.at, fresh)?;
        self.crc = crc32c::crc32c_append(self.crc, fresh);
        self.at += next as u64;
        self.left -= next as u64;
        Ok(())
    }

    /// Checks that everything was taken and is what was written.
    pub fn finish(self) -> Result<(), IndexError> {
        if self.left > 0 || self.start < self.buffer.len() {
            return Err(IndexError::Corrupt("a part goes on after its end"));
        }
        if self.crc != self.expected {
            return Err(IndexError::Corrupt("a checksum does not match"));
        }
        Ok(())
    }

    /// Reads to the end and compares the checksum.
    pub fn check(mut self) -> Result<(), IndexError> {
        while self.left > 0 {
            self.start = self.buffer.len();
            self.read(0)?;
        }
        self.start = self.buffer.len();
        self.finish()
    }
}
