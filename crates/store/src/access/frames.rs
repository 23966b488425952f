//! Single records and stretches of a file, by offset.

use std::sync::Arc;

use super::file::{FILE_HEADER, FRAME_HEADER, path};
use super::reader::{FrameReader, Next};
use super::{MAX_SEALED_BYTES, StreamError};
use crate::disk::{Disk, DiskFile};

/// Sealed records of one file with the offsets of their frames, from one offset to another.
pub struct Frames {
    path: String,
    /// `None` where there is nothing to read.
    reader: Option<FrameReader>,
}

/// A sealed record in its file.
pub struct Placed<'a> {
    /// Offset of its frame.
    pub at: u32,
    /// Offset behind it.
    pub end: u32,
    /// The record.
    pub sealed: &'a [u8],
}

impl Frames {
    /// Offset of the first frame of a file.
    pub const FIRST: u32 = FILE_HEADER as u32;

    /// Reads from a frame's offset to where a frame ends.
    ///
    /// # Errors
    /// If the file is not there or cannot be read.
    pub fn between(
        disk: &dyn Disk,
        number: u32,
        from: u32,
        to: u32,
    ) -> Result<Frames, StreamError> {
        let path = path(number);
        let failed = StreamError::io(&path);
        if from >= to {
            return Ok(Frames { path, reader: None });
        }
        let file = disk.open(&path).map_err(&failed)?;
        let (_, sequence) = head(file.as_ref(), from).map_err(&failed)?;
        let reader = FrameReader::new(file, u64::from(from), u64::from(to), sequence);
        Ok(Frames { path, reader: Some(reader) })
    }

    /// The next record.
    ///
    /// # Errors
    /// If what is there is not a frame.
    pub fn step(&mut self) -> Result<Option<Placed<'_>>, StreamError> {
        let Some(reader) = &mut self.reader else { return Ok(None) };
        let (at, sequence) = (reader.at() as u32, reader.expected());
        match reader.next().map_err(StreamError::io(&self.path))? {
            Next::Record(sealed) => {
                let end = at.saturating_add((FRAME_HEADER + sealed.len()) as u32);
                Ok(Some(Placed { at, end, sealed }))
            }
            Next::End => Ok(None),
            Next::Torn => Err(StreamError::Damaged(sequence)),
        }
    }
}

/// The sealed record whose frame begins at an offset; `None` if there is no whole one.
///
/// # Errors
/// Only those of the operating system.
pub fn record_at(
    disk: &Arc<dyn Disk>,
    number: u32,
    offset: u32,
) -> Result<Option<Vec<u8>>, StreamError> {
    let path = path(number);
    let failed = StreamError::io(&path);
    let file = match disk.open(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(&failed)?,
    };
    let (len, sequence) = head(file.as_ref(), offset).map_err(&failed)?;
    if len > MAX_SEALED_BYTES || u64::from(offset) < FILE_HEADER {
        return Ok(None);
    }
    let end = u64::from(offset) + (FRAME_HEADER + len) as u64;
    let mut reader = FrameReader::new(file, u64::from(offset), end, sequence);
    match reader.next().map_err(&failed)? {
        Next::Record(sealed) => Ok(Some(sealed.to_vec())),
        Next::End | Next::Torn => Ok(None),
    }
}

/// Length and sequence number in the header of a frame; zeros where the file ends before.
fn head(file: &dyn DiskFile, offset: u32) -> std::io::Result<(usize, u64)> {
    let mut bytes = [0; FRAME_HEADER];
    file.read_at(u64::from(offset), &mut bytes)?;
    let len = bytes.first_chunk().map_or(0, |len| u32::from_le_bytes(*len));
    Ok((len as usize, bytes.last_chunk().map_or(0, |n| u64::from_le_bytes(*n))))
}

/// Length of a file in bytes; `None` if it is not there.
///
/// # Errors
/// Only those of the operating system.
pub fn file_size(disk: &dyn Disk, number: u32) -> Result<Option<u32>, StreamError> {
    let path = path(number);
    match disk.open(&path).and_then(|file| file.size()) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        size => Ok(Some(u32::try_from(size.map_err(StreamError::io(&path))?).unwrap_or(u32::MAX))),
    }
}
