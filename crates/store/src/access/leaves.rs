//! Reading the stream from the first record on.

use std::io;
use std::sync::Arc;

use super::StreamError;
use super::file::{FILE_HEADER, Header, path, read_header};
use super::reader::{FrameReader, Next};
use crate::disk::Disk;

/// The sealed records in their order, read file by file; changes nothing on disk.
pub struct Leaves {
    disk: Arc<dyn Disk>,
    /// The file being read.
    reader: Option<FrameReader>,
    number: u32,
    next: u64,
    floor: u64,
    /// Records to give in all.
    limit: u64,
    done: bool,
}

impl Leaves {
    /// Reads a stream that may be open elsewhere or has not been opened since a crash. It ends
    /// before the first record that is torn; below `floor`, the size that a checkpoint vouches
    /// for, such a one is an error.
    pub fn read(disk: Arc<dyn Disk>, floor: u64) -> Leaves {
        Leaves { disk, reader: None, number: 0, next: 0, floor, limit: u64::MAX, done: false }
    }

    /// Reads the first `size` records, which must be there.
    pub(super) fn bounded(disk: Arc<dyn Disk>, size: u64) -> Leaves {
        Leaves { limit: size, ..Leaves::read(disk, size) }
    }

    fn advance(&mut self) -> Result<Option<Vec<u8>>, StreamError> {
        while self.next < self.limit {
            let path = path(self.number);
            let failed = StreamError::io(&path);
            let Some(reader) = &mut self.reader else {
                match self.open(&path)? {
                    Some(reader) => self.reader = Some(reader),
                    None => return self.torn(),
                }
                continue;
            };
            match reader.next().map_err(failed)? {
                Next::Record(sealed) => {
                    self.next += 1;
                    return Ok(Some(sealed.to_vec()));
                }
                Next::End => {
                    self.reader = None;
                    self.number += 1;
                }
                Next::Torn => return self.torn(),
            }
        }
        Ok(None)
    }

    fn open(&self, path: &str) -> Result<Option<FrameReader>, StreamError> {
        let failed = StreamError::io(path);
        let file = match self.disk.open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(&failed)?,
        };
        match read_header(file.as_ref()).map_err(&failed)? {
            Header::Unknown => Err(StreamError::Format(path.to_owned())),
            Header::First(first) if first == self.next => {
                let end = file.size().map_err(&failed)?;
                Ok(Some(FrameReader::new(file, FILE_HEADER, end, first)))
            }
            Header::First(_) | Header::Torn => Ok(None),
        }
    }

    fn torn(&self) -> Result<Option<Vec<u8>>, StreamError> {
        if self.next < self.floor { Err(StreamError::Damaged(self.next)) } else { Ok(None) }
    }
}

impl Iterator for Leaves {
    type Item = Result<Vec<u8>, StreamError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let item = self.advance().transpose();
        self.done = !matches!(item, Some(Ok(_)));
        item
    }
}
