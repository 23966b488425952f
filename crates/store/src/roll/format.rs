//! The bytes of headers, directories and blocks.

use accord_base::LogTime;

use super::{Entry, RUN_ENTRIES, Source, Span};

const MAGIC: &[u8; 8] = b"accordAW";
const VERSION: u16 = 1;
pub(super) const FILE_HEADER: usize = 20;
pub(super) const RUN_HEADER: usize = 32;
const BLOCK_ENTRIES: usize = 256;
const ENTRY: usize = 12;
const CRC: usize = 4;

/// The path of a roll.
pub(super) fn path(source: Source, number: u32) -> String {
    match source {
        Source::Stream => format!("access/{number:08}.who"),
        Source::Log => format!("access/log-{number:08}.who"),
    }
}

/// The header of a file.
pub(super) fn file_header(source: Source, number: u32) -> Vec<u8> {
    let source: u16 = match source {
        Source::Stream => 1,
        Source::Log => 2,
    };
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&source.to_le_bytes());
    bytes.extend_from_slice(&number.to_le_bytes());
    checked(bytes)
}

/// The bytes of a run; its entries are sorted.
pub(super) fn run(span: &Span, entries: &[Entry]) -> Vec<u8> {
    let mut bytes = (entries.len() as u32).to_le_bytes().to_vec();
    bytes.extend_from_slice(&span.from.to_le_bytes());
    bytes.extend_from_slice(&span.to.to_le_bytes());
    bytes.extend_from_slice(&span.at.0.0.to_le_bytes());
    bytes.extend_from_slice(&span.at.1.0.to_le_bytes());
    let mut bytes = checked(bytes);
    let blocks = entries.chunks(BLOCK_ENTRIES);
    let firsts = blocks.clone().filter_map(|block| block.first());
    bytes.extend(checked(firsts.flat_map(|entry| entry.name.to_le_bytes()).collect()));
    for block in blocks {
        let of_entry =
            |entry: &Entry| entry.name.to_le_bytes().into_iter().chain(entry.place.to_le_bytes());
        bytes.extend(checked(block.iter().flat_map(of_entry).collect()));
    }
    bytes
}

/// Reads the header of a run.
pub(super) fn run_header(bytes: &[u8]) -> Option<(usize, Span)> {
    let mut from = Fields(unchecked(bytes)?);
    let count = usize::try_from(from.u32()?).ok().filter(|count| *count <= RUN_ENTRIES)?;
    let (first, end) = (from.u32()?, from.u32()?);
    let at = (LogTime(from.u64()?), LogTime(from.u64()?));
    let span = Span { from: first, to: end, at };
    (first <= end && from.0.is_empty()).then_some((count, span))
}

/// Bytes of a run's directory, its checksum included.
pub(super) fn directory_bytes(count: usize) -> usize {
    8 * count.div_ceil(BLOCK_ENTRIES) + CRC
}

/// Where a block begins behind the directory, and its length, for a run of `count` entries.
pub(super) fn block_at(count: usize, block: usize) -> (usize, usize) {
    let entries = count.saturating_sub(block * BLOCK_ENTRIES).min(BLOCK_ENTRIES);
    (block * (BLOCK_ENTRIES * ENTRY + CRC), entries * ENTRY + CRC)
}

/// Bytes of a run behind its header.
pub(super) fn body_bytes(count: usize) -> usize {
    directory_bytes(count) + count * ENTRY + CRC * count.div_ceil(BLOCK_ENTRIES)
}

/// The first name of each block.
pub(super) fn directory(bytes: &[u8]) -> Option<Vec<u64>> {
    let (names, rest) = unchecked(bytes)?.as_chunks::<8>();
    rest.is_empty().then(|| names.iter().map(|name| u64::from_le_bytes(*name)).collect())
}

/// The entries of a block.
pub(super) fn block(bytes: &[u8]) -> Option<Vec<Entry>> {
    let (entries, rest) = unchecked(bytes)?.as_chunks::<ENTRY>();
    let read = |bytes: &[u8; ENTRY]| {
        let mut from = Fields(bytes);
        Some(Entry { name: from.u64()?, place: from.u32()? })
    };
    rest.is_empty().then(|| entries.iter().map(read).collect()).flatten()
}

/// Appends the checksum.
fn checked(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
    bytes
}

/// Takes the checksum off, if it is right.
fn unchecked(bytes: &[u8]) -> Option<&[u8]> {
    let (bytes, crc) = bytes.split_last_chunk::<CRC>()?;
    (crc32c::crc32c(bytes) == u32::from_le_bytes(*crc)).then_some(bytes)
}

struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn u32(&mut self) -> Option<u32> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*head))
    }

    fn u64(&mut self) -> Option<u64> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*head))
    }
}
