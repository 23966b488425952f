//! Frames on their way in.

use std::io;
use std::sync::Arc;

use super::MAX_SEALED_BYTES;
use super::file::FRAME_HEADER;
use crate::disk::DiskFile;

/// Bytes read at a time.
const CHUNK: usize = 256 * 1024;

/// Reads the frames of one file between two offsets, in memory that does not depend on how many.
pub(super) struct FrameReader {
    file: Arc<dyn DiskFile>,
    /// Offset in the file of the first byte of `buffer` after `used`.
    at: u64,
    end: u64,
    /// The number the next frame must have.
    expected: u64,
    buffer: Vec<u8>,
    used: usize,
}

/// What comes next in a file.
pub(super) enum Next<'a> {
    /// A sealed record.
    Record(&'a [u8]),
    /// The offset given as the end.
    End,
    /// Bytes that are no frame, or not the expected one.
    Torn,
}

impl FrameReader {
    /// Reads from `at`, where the frame `expected` begins, up to `end`.
    pub(super) fn new(file: Arc<dyn DiskFile>, at: u64, end: u64, expected: u64) -> FrameReader {
        FrameReader { file, at, end, expected, buffer: Vec::new(), used: 0 }
    }

    /// The offset behind the last record given.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// The number of the next record.
    pub(super) fn expected(&self) -> u64 {
        self.expected
    }

    /// The next record, if there is one.
    pub(super) fn next(&mut self) -> io::Result<Next<'_>> {
        if self.at >= self.end {
            return Ok(Next::End);
        }
        self.fill(FRAME_HEADER)?;
        let Some((len, crc)) = self.head() else { return Ok(Next::Torn) };
        if len == 0 || len > MAX_SEALED_BYTES {
            return Ok(Next::Torn);
        }
        self.fill(FRAME_HEADER + len)?;
        let unread = self.buffer.get(self.used..).unwrap_or_default();
        let Some((head, sealed)) =
            unread.get(..FRAME_HEADER + len).and_then(|f| f.split_at_checked(FRAME_HEADER))
        else {
            return Ok(Next::Torn);
        };
        let (Some(length), Some(sequence)) = (head.first_chunk::<4>(), head.last_chunk::<8>())
        else {
            return Ok(Next::Torn);
        };
        let found = crc32c::crc32c_append(crc32c::crc32c(length), sealed);
        let found = crc32c::crc32c_append(found, sequence);
        if found != crc || u64::from_le_bytes(*sequence) != self.expected {
            return Ok(Next::Torn);
        }
        self.used += FRAME_HEADER + len;
        self.at += (FRAME_HEADER + len) as u64;
        self.expected += 1;
        Ok(Next::Record(sealed))
    }

    /// Length and checksum of the next frame.
    fn head(&self) -> Option<(usize, u32)> {
        let unread = self.buffer.get(self.used..)?;
        let (len, rest) = unread.split_first_chunk::<4>()?;
        let (crc, _) = rest.split_first_chunk::<4>()?;
        Some((u32::from_le_bytes(*len) as usize, u32::from_le_bytes(*crc)))
    }

    /// Brings `need` unread bytes into the buffer, or all there are.
    fn fill(&mut self, need: usize) -> io::Result<()> {
        let have = self.buffer.len() - self.used;
        if have >= need {
            return Ok(());
        }
        self.buffer.drain(..self.used);
        self.used = 0;
        let left = self.end.saturating_sub(self.at + have as u64);
        let more = left.min((need - have).max(CHUNK) as u64) as usize;
        self.buffer.resize(have + more, 0);
        let to = self.buffer.get_mut(have..).unwrap_or_default();
        let read = self.file.read_at(self.at + have as u64, to)?;
        self.buffer.truncate(have + read);
        Ok(())
    }
}
