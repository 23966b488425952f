//! Sealed segments: immutable, checksummed files (docs/storage.md, "Segment files").
//!
//! Row columns and sparse indexes are held in memory; postings and ranges are read by block
//! through a cache.
//!
//! **Invariant:** no byte of a file is used before its checksum was checked: damage is an error,
//! never a wrong answer.

mod bitmap;
mod columns;
mod dictionary;
mod dictionary_writer;
mod filter;
mod format;
mod merge;
mod patients;
mod range_writer;
mod ranges;
mod sort;
mod source;
mod stated;
mod stream;
#[cfg(test)]
mod tests;
mod walk;
mod wire;
mod write;

use std::sync::{Arc, OnceLock};

use accord_access::{Fact, PatientSet};
use accord_base::LogTime;

use crate::effect::{NewName, RowChange};
use crate::error::IndexError;
use crate::key::SearchKey;
use crate::row::{Marks, RowColumns};

use columns::Columns;
pub(crate) use dictionary::{Dictionary, StoredRows};
use filter::Filter;
pub(crate) use format::Section;
use format::{Extent, Header, Layout};
pub(crate) use merge::Kept;
pub use merge::Merge;
use patients::ByPatient;
pub(crate) use ranges::{RangeColumn, RangeIndex};
pub use source::{BlockCache, SegmentSource};

/// A sealed segment, opened.
pub struct Segment {
    header: Header,
    layout: Layout,
    columns: Columns,
    by_patient: OnceLock<ByPatient>,
    marks: Arc<Marks>,
    dictionary: Dictionary,
    ranges: RangeIndex,
    filter: Filter,
    blocks: BlockReader,
}

/// Reads checked blocks of one segment.
pub(crate) struct BlockReader {
    source: Arc<dyn SegmentSource>,
    cache: BlockCache,
    number: u64,
}

impl BlockReader {
    /// The block of `length` bytes, its checksum included, at an offset of the file.
    pub fn block(&self, at: u64, length: usize) -> Result<Arc<[u8]>, IndexError> {
        self.cache.block(self.number, &*self.source, at, length)
    }

    /// The same, past the cache: for work that needs each block once.
    pub fn fresh(&self, at: u64, length: usize) -> Result<Vec<u8>, IndexError> {
        let mut bytes = vec![0; length];
        self.source.read_at(at, &mut bytes)?;
        let checked = wire::checked(&bytes)?.len();
        bytes.truncate(checked);
        Ok(bytes)
    }
}

impl Segment {
    /// Opens a segment file. Its blocks will be kept in `cache`.
    ///
    /// # Errors
    /// If any part that is held in memory does not match its checksum.
    pub fn open(source: Arc<dyn SegmentSource>, cache: &BlockCache) -> Result<Segment, IndexError> {
        let (header, layout) = Layout::read(&*source)?;
        let columns = Columns::read(&*source, &layout, &header)?;
        let marks = Marks::new(header.rows, header.chunk_rows);
        Segment::of((header, layout), (columns, marks), source, cache)
    }

    /// Opens the keys of a segment file alone: those that are added to another segment.
    pub(crate) fn open_keys(
        source: Arc<dyn SegmentSource>,
        cache: &BlockCache,
    ) -> Result<Segment, IndexError> {
        let (header, layout) = Layout::read(&*source)?;
        let none = (Columns::none(&header), Marks::new(0, header.chunk_rows));
        Segment::of((header, layout), none, source, cache)
    }

    /// Opens what is not about rows, and puts these columns and marks to it.
    fn of(
        (header, layout): (Header, Layout),
        (columns, marks): (Columns, Marks),
        source: Arc<dyn SegmentSource>,
        cache: &BlockCache,
    ) -> Result<Segment, IndexError> {
        let read = |section| read_section(&*source, layout.of(section));
        let dictionary =
            Dictionary::decode(&read(Section::PostingIndex)?, layout.of(Section::Postings))?;
        let ranges = RangeIndex::decode(&read(Section::RangeIndex)?, layout.of(Section::Ranges))?;
        let filter = Filter::decode(&read(Section::Filter)?)?;
        let marks = Arc::new(marks);
        let blocks = BlockReader { number: cache.register(), source, cache: cache.clone() };
        let by_patient = OnceLock::new();
        Ok(Segment {
            header,
            layout,
            columns,
            by_patient,
            marks,
            dictionary,
            ranges,
            filter,
            blocks,
        })
    }

    /// Reads the whole file and checks every checksum in it.
    pub fn verify(&self) -> Result<(), IndexError> {
        self.layout.check(&*self.blocks.source)
    }

    /// First row.
    pub fn first(&self) -> u32 {
        self.header.first
    }

    /// Number of rows.
    pub fn rows(&self) -> u32 {
        self.header.rows
    }

    /// Of how many chunks it is made.
    pub(crate) fn chunks(&self) -> u32 {
        self.header.rows / self.header.chunk_rows.max(1)
    }

    /// Version of the extractor whose values it holds.
    pub fn extractor_version(&self) -> u16 {
        self.header.extractor
    }

    /// When its first version was born.
    pub fn first_time(&self) -> LogTime {
        LogTime(self.header.first_time)
    }

    /// When its last version was born.
    pub fn last_time(&self) -> LogTime {
        LogTime(self.header.last_time)
    }

    /// Size of the file in bytes.
    pub fn file_bytes(&self) -> u64 {
        self.blocks.source.len()
    }

    /// Bytes of memory, without cached blocks.
    pub fn memory(&self) -> usize {
        let index = self.dictionary.memory() + self.ranges.memory() + self.filter.memory();
        let by_patient = self.by_patient.get().map_or(0, ByPatient::memory);
        self.columns.memory() + by_patient + self.marks.memory() + index
    }

    pub(crate) fn columns(&self, local: u32) -> Option<RowColumns<'_>> {
        self.columns.get(local)
    }

    /// The patients whom the rows around one name; [`Columns::patients_around`].
    pub(crate) fn patients_around(&self, local: u32) -> Option<(u32, &[u32])> {
        self.columns.patients_around(local)
    }

    /// Rows that name, as they were written, any of these patients, in no order.
    pub(crate) fn naming(&self, whom: &PatientSet) -> Vec<u32> {
        let by_patient = self.by_patient.get_or_init(|| ByPatient::of(&self.columns));
        by_patient.naming(&self.columns, whom)
    }

    pub(crate) fn with_id<T>(&self, local: u32, with: impl FnOnce(&str) -> T) -> T {
        self.columns.with_id(local, with)
    }

    pub(crate) fn marks(&self) -> &Arc<Marks> {
        &self.marks
    }

    /// Takes over the marks of the chunk that the segment was written from.
    pub(crate) fn share_marks(&mut self, marks: Arc<Marks>) -> Result<(), IndexError> {
        if marks.rows() != self.header.rows as usize {
            return Err(IndexError::Misplaced("it has another number of rows than its chunk"));
        }
        self.marks = marks;
        Ok(())
    }

    /// The rows of a key.
    pub(crate) fn find(&self, key: &SearchKey) -> Result<Option<StoredRows>, IndexError> {
        if !self.filter.may_hold(key.filter_hash) {
            return Ok(None);
        }
        self.dictionary.find(&key.bytes, &self.blocks)
    }

    /// The postings, and the blocks to read them from.
    pub(crate) fn dictionary(&self) -> (&Dictionary, &BlockReader) {
        (&self.dictionary, &self.blocks)
    }

    /// The range columns, and the blocks to read them from.
    pub(crate) fn range_index(&self) -> (&RangeIndex, &BlockReader) {
        (&self.ranges, &self.blocks)
    }

    /// Names that its rows introduced, read from the file.
    pub(crate) fn names(&self) -> Result<Vec<(u32, NewName)>, IndexError> {
        stated::names(&self.section(Section::Names)?)
    }

    /// Facts that its rows state, read from the file.
    pub(crate) fn facts(&self) -> Result<Vec<(u32, Fact)>, IndexError> {
        stated::facts(&self.section(Section::Facts)?)
    }

    /// Changes that its rows made to others, read from the file.
    pub(crate) fn changes(&self) -> Result<Vec<(u32, RowChange)>, IndexError> {
        stated::changes(&self.section(Section::Changes)?)
    }

    /// Bytes on disk of every section, by number.
    pub(crate) fn section_bytes(&self) -> impl Iterator<Item = (Section, u64)> {
        Section::ALL.into_iter().map(|section| (section, self.layout.of(section).length))
    }

    fn section(&self, section: Section) -> Result<Vec<u8>, IndexError> {
        read_section(&*self.blocks.source, self.layout.of(section))
    }
}

fn read_section(source: &dyn SegmentSource, extent: Extent) -> Result<Vec<u8>, IndexError> {
    let length = usize::try_from(extent.length)
        .map_err(|_| IndexError::Corrupt("a section is larger than memory"))?;
    let mut bytes = vec![0; length];
    source.read_at(extent.at, &mut bytes)?;
    if crc32c::crc32c(&bytes) != extent.crc {
        return Err(IndexError::Corrupt("a checksum does not match"));
    }
    Ok(bytes)
}
