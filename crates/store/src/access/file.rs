//! Names and headers of access files, and frames on their way out.

use std::io;

use super::{FOLDER, MAX_SEALED_BYTES, StreamError};
use crate::disk::DiskFile;

const MAGIC: &[u8; 8] = b"accordAS";
const VERSION: u16 = 1;
pub(super) const FILE_HEADER: u64 = 24;
pub(super) const FRAME_HEADER: usize = 16;

/// The path of a file.
pub(super) fn path(number: u32) -> String {
    format!("{FOLDER}/{number:08}.acc")
}

/// The number in a file's name; `None` for other files.
pub(super) fn number(name: &str) -> Option<u32> {
    let digits = name.strip_suffix(".acc")?;
    (digits.len() >= 8).then(|| digits.parse().ok()).flatten().filter(|n| path(*n).ends_with(name))
}

/// The header of a file.
pub(super) fn header(first: u64) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&[0; 2]);
    bytes.extend_from_slice(&first.to_le_bytes());
    bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
    bytes
}

/// What stands at the start of a file.
pub(super) enum Header {
    /// The sequence number of its first frame.
    First(u64),
    /// Cut short or damaged.
    Torn,
    /// Whole, and of another version.
    Unknown,
}

/// Reads the header of a file.
pub(super) fn read_header(file: &dyn DiskFile) -> io::Result<Header> {
    let mut bytes = [0; FILE_HEADER as usize];
    if file.read_at(0, &mut bytes)? < bytes.len() {
        return Ok(Header::Torn);
    }
    let Some((head, crc)) = bytes.split_last_chunk::<4>() else { return Ok(Header::Torn) };
    if crc32c::crc32c(head) != u32::from_le_bytes(*crc) {
        return Ok(Header::Torn);
    }
    let Some((lead, first)) = head.split_last_chunk::<8>() else { return Ok(Header::Torn) };
    let known = header(0);
    if known.starts_with(lead) {
        Ok(Header::First(u64::from_le_bytes(*first)))
    } else {
        Ok(Header::Unknown)
    }
}

/// A frame but for its number, which only the stream can give: made outside its lock.
pub(super) struct Frame {
    bytes: Vec<u8>,
    crc: u32,
}

impl Frame {
    pub(super) fn new(sealed: &[u8]) -> Result<Frame, StreamError> {
        let len = match u32::try_from(sealed.len()) {
            Ok(len) if (1..=MAX_SEALED_BYTES).contains(&sealed.len()) => len.to_le_bytes(),
            _ => return Err(StreamError::Length(sealed.len())),
        };
        let mut bytes = Vec::with_capacity(FRAME_HEADER + sealed.len());
        bytes.extend_from_slice(&len);
        bytes.extend_from_slice(&[0; FRAME_HEADER - 4]);
        bytes.extend_from_slice(sealed);
        Ok(Frame { bytes, crc: crc32c::crc32c_append(crc32c::crc32c(&len), sealed) })
    }

    /// The bytes with number and checksum filled in.
    pub(super) fn numbered(&mut self, sequence: u64) -> &[u8] {
        let sequence = sequence.to_le_bytes();
        let crc = crc32c::crc32c_append(self.crc, &sequence).to_le_bytes();
        let filled = crc.into_iter().chain(sequence);
        for (to, from) in self.bytes.iter_mut().skip(4).zip(filled) {
            *to = from;
        }
        &self.bytes
    }
}
