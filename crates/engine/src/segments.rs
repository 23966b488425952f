//! Segment files: written beside the store's work, named by a manifest row once they are whole.

use std::io::{self, Write};
use std::sync::Arc;

use accord_base::Row;
use accord_index::{BlockCache, Chunk, Segment, SegmentSource};
use accord_store::SegmentEntry;
use accord_store::disk::{Disk, DiskFile};

use crate::{Engine, EngineError};

/// Folder of the segment files.
const FOLDER: &str = "segments";
/// Bytes written at a time.
const WRITE_BYTES: usize = 1 << 20;

/// A segment file as the index reads it.
struct File(Arc<dyn DiskFile>, u64);

impl SegmentSource for File {
    fn len(&self) -> u64 {
        self.1
    }

    fn read_at(&self, offset: u64, to: &mut [u8]) -> io::Result<()> {
        let mut done = 0;
        while let Some(rest) = to.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.0.read_at(offset + done as u64, rest)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => done += read,
            }
        }
        Ok(())
    }
}

/// Opens a segment file of the manifest.
pub(crate) fn source(
    disk: &Arc<dyn Disk>,
    file: &str,
) -> Result<Arc<dyn SegmentSource>, EngineError> {
    let opened = disk.open(&format!("{FOLDER}/{file}"));
    let opened = opened.map_err(EngineError::io("a segment file cannot be opened"))?;
    let size = opened.size().map_err(EngineError::io("a segment file cannot be read"))?;
    Ok(Arc::new(File(opened, size)))
}

/// Writes to a disk file in large pieces, with the checksum of all.
struct Out {
    file: Arc<dyn DiskFile>,
    waiting: Vec<u8>,
    crc: u32,
    bytes: u64,
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        self.crc = crc32c::crc32c_append(self.crc, bytes);
        self.bytes += bytes.len() as u64;
        if self.waiting.len() >= WRITE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.append(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }
}

impl Engine {
    /// Seals the oldest full chunk: file, then its name, then the manifest, then the index. False
    /// if there is none.
    pub(crate) fn seal_one(&self, cache: &BlockCache) -> Result<bool, EngineError> {
        let Some(chunk) = self.index.frozen() else { return Ok(false) };
        let entry = write(&*self.disk, &chunk)?;
        self.log.put_segments(&[], std::slice::from_ref(&entry))?;
        self.index.install(Segment::open(source(&self.disk, &entry.file)?, cache)?)?;
        Ok(true)
    }
}

fn write(disk: &dyn Disk, chunk: &Chunk) -> Result<SegmentEntry, EngineError> {
    let failed = |error| EngineError::io("a segment file cannot be written")(error);
    let (first, end) = (Row(chunk.first()), Row(chunk.first() + chunk.rows()));
    let file = format!("{:010}-{:010}.seg", first.0, end.0);
    let (draft, whole) = (format!("{FOLDER}/{file}.draft"), format!("{FOLDER}/{file}"));
    disk.create_dir(FOLDER).map_err(failed)?;
    // A draft or an unlisted file is what a crash left before the manifest knew of it.
    for left in [&draft, &whole] {
        match disk.remove(left) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    let opened = disk.create(&draft).map_err(failed)?;
    let mut out = Out { file: opened, waiting: Vec::new(), crc: 0, bytes: 0 };
    chunk.write_segment(&mut out).map_err(failed)?;
    out.flush().map_err(failed)?;
    out.file.sync().map_err(failed)?;
    disk.rename(&draft, &whole).map_err(failed)?;
    disk.sync_dir(FOLDER).map_err(failed)?;
    Ok(SegmentEntry { first, end, file, crc: out.crc, bytes: out.bytes })
}
