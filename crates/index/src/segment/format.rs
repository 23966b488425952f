//! Header, footer and sections of a segment file (docs/storage.md, "Segment files").

use std::io::{self, Write};

use crate::error::IndexError;

use super::source::SegmentSource;
use super::stream::Stream;
use super::wire::{Reader, checked};

const MAGIC: &[u8; 8] = b"ACCRDSEG";
const END_MAGIC: &[u8; 8] = b"GESDRCCA";
/// Version of the format that this release writes, and the only one it reads.
pub(crate) const FORMAT: u16 = 1;
/// The sealing byte: nothing in the file is encrypted.
const SEALING_NONE: u8 = 0;
pub(crate) const HEADER_BYTES: usize = 64;
const TRAILER_BYTES: usize = 24;
const ENTRY_BYTES: usize = 21;

/// What the file says about itself at its beginning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Header {
    pub extractor: u16,
    pub chunk_rows: u32,
    pub first: u32,
    pub rows: u32,
    /// Births of the first and the last row with a version; 0 if there is none.
    pub first_time: u64,
    pub last_time: u64,
}

impl Header {
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut out = Vec::with_capacity(HEADER_BYTES);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&FORMAT.to_le_bytes());
        out.extend_from_slice(&[SEALING_NONE, 0]);
        out.extend_from_slice(&self.extractor.to_le_bytes());
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(&self.chunk_rows.to_le_bytes());
        out.extend_from_slice(&self.first.to_le_bytes());
        out.extend_from_slice(&self.rows.to_le_bytes());
        out.extend_from_slice(&self.first_time.to_le_bytes());
        out.extend_from_slice(&self.last_time.to_le_bytes());
        out.resize(HEADER_BYTES - 4, 0);
        let crc = crc32c::crc32c(&out);
        out.extend_from_slice(&crc.to_le_bytes());
        out.try_into().unwrap_or([0; HEADER_BYTES])
    }

    fn decode(bytes: &[u8]) -> Result<Header, IndexError> {
        let mut reader = Reader(checked(bytes)?);
        if &reader.array()? != MAGIC {
            return Err(IndexError::Corrupt("it does not begin as a segment file does"));
        }
        let format = reader.u16()?;
        if format != FORMAT {
            return Err(IndexError::Format(format));
        }
        if reader.u8()? != SEALING_NONE {
            return Err(IndexError::Corrupt("it is sealed in a way this release does not know"));
        }
        reader.u8()?;
        let extractor = reader.u16()?;
        reader.u16()?;
        let (chunk_rows, first, rows) = (reader.u32()?, reader.u32()?, reader.u32()?);
        let (first_time, last_time) = (reader.u64()?, reader.u64()?);
        let whole = |rows: u32| chunk_rows.is_power_of_two() && rows.is_multiple_of(chunk_rows);
        if rows == 0 || !whole(rows) || !whole(first) {
            return Err(IndexError::Corrupt("its rows are not whole chunks"));
        }
        first.checked_add(rows).ok_or(IndexError::Corrupt("its rows go beyond the last"))?;
        Ok(Header { extractor, chunk_rows, first, rows, first_time, last_time })
    }
}

/// The sections in the order in which they stand in the file. The number is the one on disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Section {
    Rows = 1,
    Ids = 2,
    Lists = 3,
    Names = 4,
    Facts = 5,
    Changes = 6,
    Postings = 7,
    PostingIndex = 8,
    Ranges = 9,
    RangeIndex = 10,
    Filter = 11,
}

impl Section {
    pub const ALL: [Section; 11] = [
        Section::Rows,
        Section::Ids,
        Section::Lists,
        Section::Names,
        Section::Facts,
        Section::Changes,
        Section::Postings,
        Section::PostingIndex,
        Section::Ranges,
        Section::RangeIndex,
        Section::Filter,
    ];
}

/// Where a section lies, and the checksum of all of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Extent {
    pub at: u64,
    pub length: u64,
    pub crc: u32,
}

/// Where all sections lie.
pub(crate) struct Layout([Extent; Section::ALL.len()]);

impl Layout {
    /// Where a section lies.
    pub fn of(&self, section: Section) -> Extent {
        self.0.get(section as usize - 1).copied().unwrap_or_default()
    }

    /// Reads and checks header and footer. Sections must fill the file without gaps, so that
    /// every byte of it is under some checksum.
    pub fn read(source: &dyn SegmentSource) -> Result<(Header, Layout), IndexError> {
        let too_short = IndexError::Corrupt("it is too short");
        let length = source.len();
        let trailer_at = length.checked_sub(TRAILER_BYTES as u64).ok_or(too_short)?;
        let mut header = [0; HEADER_BYTES];
        source.read_at(0, &mut header)?;
        let header = Header::decode(&header)?;
        let mut trailer = [0; TRAILER_BYTES];
        source.read_at(trailer_at, &mut trailer)?;
        let mut reader = Reader(&trailer);
        let (footer_at, footer_length) = (reader.u64()?, reader.u32()?);
        let footer_crc = reader.u32()?;
        let whole = footer_at.checked_add(u64::from(footer_length)) == Some(trailer_at);
        let entries = Section::ALL.len() * ENTRY_BYTES;
        if &reader.array()? != END_MAGIC || !whole || footer_length as usize != entries {
            return Err(IndexError::Corrupt("it does not end as a segment file does"));
        }
        let mut footer = vec![0; entries];
        source.read_at(footer_at, &mut footer)?;
        if crc32c::crc32c(&footer) != footer_crc {
            return Err(IndexError::Corrupt("a checksum does not match"));
        }
        Ok((header, Layout::decode(&footer, footer_at)?))
    }

    /// Reads every section and compares its checksum.
    pub fn check(&self, source: &dyn SegmentSource) -> Result<(), IndexError> {
        self.0.iter().try_for_each(|extent| Stream::new(source, *extent).check())
    }

    fn decode(footer: &[u8], footer_at: u64) -> Result<Layout, IndexError> {
        let mut reader = Reader(footer);
        let mut extents = [Extent::default(); Section::ALL.len()];
        let mut end = HEADER_BYTES as u64;
        for (extent, section) in extents.iter_mut().zip(Section::ALL) {
            let kind = reader.u8()?;
            *extent = Extent { at: reader.u64()?, length: reader.u64()?, crc: reader.u32()? };
            let fits = extent.at == end && extent.length <= footer_at - end;
            if kind != section as u8 || !fits {
                return Err(IndexError::Corrupt("its sections do not follow each other"));
            }
            end += extent.length;
        }
        if end != footer_at {
            return Err(IndexError::Corrupt("its sections do not fill it"));
        }
        Ok(Layout(extents))
    }
}

/// Writes a segment file from front to back.
pub(crate) struct FileWriter<'a> {
    out: &'a mut dyn Write,
    at: u64,
    extents: Vec<Extent>,
}

impl<'a> FileWriter<'a> {
    pub fn new(out: &'a mut dyn Write, header: &Header) -> io::Result<FileWriter<'a>> {
        out.write_all(&header.encode())?;
        Ok(FileWriter { out, at: HEADER_BYTES as u64, extents: Vec::new() })
    }

    /// Writes the next section from one buffer.
    pub fn section(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.begin();
        self.write(bytes)
    }

    /// Begins the next section, to be written in pieces.
    pub fn begin(&mut self) {
        self.extents.push(Extent { at: self.at, length: 0, crc: 0 });
    }

    /// Writes the next piece of the section.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.at += bytes.len() as u64;
        if let Some(extent) = self.extents.last_mut() {
            extent.length += bytes.len() as u64;
            extent.crc = crc32c::crc32c_append(extent.crc, bytes);
        }
        Ok(())
    }

    /// Place in the file.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// Length of the section so far.
    pub fn section_length(&self) -> u64 {
        self.extents.last().map_or(0, |extent| extent.length)
    }

    /// Ends the file.
    pub fn finish(self) -> io::Result<()> {
        let mut footer = Vec::new();
        for (extent, section) in self.extents.iter().zip(Section::ALL) {
            footer.push(section as u8);
            footer.extend_from_slice(&extent.at.to_le_bytes());
            footer.extend_from_slice(&extent.length.to_le_bytes());
            footer.extend_from_slice(&extent.crc.to_le_bytes());
        }
        self.out.write_all(&footer)?;
        self.out.write_all(&self.at.to_le_bytes())?;
        self.out.write_all(&(footer.len() as u32).to_le_bytes())?;
        self.out.write_all(&crc32c::crc32c(&footer).to_le_bytes())?;
        self.out.write_all(END_MAGIC)?;
        self.out.flush()
    }
}
