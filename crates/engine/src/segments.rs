//! Segment files: written beside the store's work, named by a manifest row once they are whole.

use std::io::{self, Write};
use std::sync::Arc;

use accord_base::Row;
use accord_index::{BlockCache, Segment, SegmentSource};
use accord_store::SegmentEntry;
use accord_store::disk::{Disk, DiskFile};

use crate::{Engine, EngineError};

/// Folder of the segment files.
const FOLDER: &str = "segments";
/// What the name of an unfinished file ends with.
const DRAFT: &str = ".draft";
/// Bytes written at a time.
const WRITE_BYTES: usize = 1 << 20;
/// Bytes written at a time where nobody waits for them.
pub(crate) const SLOW_WRITE_BYTES: usize = 1 << 18;
/// Bytes after which a file is flushed, so that nobody else's flush waits for many of them.
const SYNC_BYTES: u64 = 1 << 22;

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
    opened(disk, &path(file))
}

fn opened(disk: &Arc<dyn Disk>, path: &str) -> Result<Arc<dyn SegmentSource>, EngineError> {
    let opened = disk.open(path);
    let opened = opened.map_err(EngineError::io("a segment file cannot be opened"))?;
    let size = opened.size().map_err(EngineError::io("a segment file cannot be read"))?;
    Ok(Arc::new(File(opened, size)))
}

/// Writes to a disk file in large pieces, with the checksum of all.
struct Out<'a> {
    file: Arc<dyn DiskFile>,
    waiting: Vec<u8>,
    crc: u32,
    bytes: u64,
    pace: Pace<'a>,
}

/// How a file is written.
pub(crate) enum Pace<'a> {
    /// As fast as it goes: writers wait for it.
    Fast,
    /// In small pieces; this is asked between them, and ends the work by an error.
    Slow(&'a Pause<'a>),
}

/// Asked between two pieces of work; an error ends it.
pub(crate) type Pause<'a> = dyn Fn() -> io::Result<()> + Sync + 'a;

impl Pace<'_> {
    fn piece(&self) -> usize {
        match self {
            Pace::Fast => WRITE_BYTES,
            Pace::Slow(_) => SLOW_WRITE_BYTES,
        }
    }
}

impl Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        self.crc = crc32c::crc32c_append(self.crc, bytes);
        self.bytes += bytes.len() as u64;
        if self.waiting.len() >= self.pace.piece() {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.append(&self.waiting)?;
        let old = self.bytes - self.waiting.len() as u64;
        let full = self.waiting.len() >= self.pace.piece();
        self.waiting.clear();
        if full && old / SYNC_BYTES != self.bytes / SYNC_BYTES {
            self.file.sync()?;
        }
        match &self.pace {
            Pace::Slow(pause) if full => pause(),
            _ => Ok(()),
        }
    }
}

impl Engine {
    /// Seals the oldest full chunk: file, then its name, then the manifest, then the index. False
    /// if there is none.
    pub(crate) fn seal_one(&self, cache: &BlockCache) -> Result<bool, EngineError> {
        let Some(chunk) = self.index.frozen() else { return Ok(false) };
        let rows = (chunk.first(), chunk.rows());
        let entry = write(&*self.disk, rows, Pace::Fast, |out| chunk.write_segment(out))?;
        self.log.put_segments(&[], std::slice::from_ref(&entry))?;
        self.index.install(Segment::open(source(&self.disk, &entry.file)?, cache)?)?;
        Ok(true)
    }
}

/// Writes a segment file under a draft name, makes it durable and gives it its name.
pub(crate) fn write(
    disk: &dyn Disk,
    (first, rows): (u32, u32),
    pace: Pace<'_>,
    contents: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<SegmentEntry, EngineError> {
    let file = format!("{first:010}-{:010}.seg", first + rows);
    write_as(disk, (file, first, rows), pace, contents)
}

/// The same under a name of its own.
pub(crate) fn write_as(
    disk: &dyn Disk,
    (file, first, rows): (String, u32, u32),
    pace: Pace<'_>,
    contents: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<SegmentEntry, EngineError> {
    let whole = path(&file);
    let draft = Draft::write(disk, &file, pace, contents)?;
    // An unlisted file is what a crash left before the manifest knew of it.
    remove(disk, &whole).map_err(failed)?;
    disk.rename(&draft.path, &whole).map_err(failed)?;
    disk.sync_dir(FOLDER).map_err(failed)?;
    let (first, end) = (Row(first), Row(first + rows));
    Ok(SegmentEntry { first, end, file, crc: draft.crc, bytes: draft.bytes })
}

/// The name of a file that takes the place of one with the same rows.
pub(crate) fn next_name(file: &str) -> String {
    let stem = file.strip_suffix(".seg").unwrap_or(file);
    let mut parts = stem.splitn(3, '-');
    let (first, end) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let before: u32 = parts.next().and_then(|number| number.parse().ok()).unwrap_or_default();
    format!("{first}-{end}-{}.seg", before.wrapping_add(1))
}

/// A durable file that has no name of its own; it goes when nobody needs it any more, or with the
/// next opening.
pub(crate) struct Draft<'a> {
    disk: &'a dyn Disk,
    path: String,
    crc: u32,
    bytes: u64,
}

impl<'a> Draft<'a> {
    /// Writes one.
    pub fn write(
        disk: &'a dyn Disk,
        name: &str,
        pace: Pace<'_>,
        contents: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Draft<'a>, EngineError> {
        let path = format!("{FOLDER}/{name}{DRAFT}");
        disk.create_dir(FOLDER).map_err(failed)?;
        remove(disk, &path).map_err(failed)?;
        let mut draft = Draft { disk, path, crc: 0, bytes: 0 };
        let opened = disk.create(&draft.path).map_err(failed)?;
        let mut out = Out { file: opened, waiting: Vec::new(), crc: 0, bytes: 0, pace };
        let written = contents(&mut out).and_then(|()| out.flush());
        // What room a draft takes that is not whole goes to others.
        written.and_then(|()| out.file.sync()).map_err(failed)?;
        (draft.crc, draft.bytes) = (out.crc, out.bytes);
        Ok(draft)
    }

    /// The file as the index reads it.
    pub fn source(&self, disk: &Arc<dyn Disk>) -> Result<Arc<dyn SegmentSource>, EngineError> {
        opened(disk, &self.path)
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        // It may have got its name; what cannot be removed is at the next opening.
        let _ = self.disk.remove(&self.path);
    }
}

fn failed(error: io::Error) -> EngineError {
    EngineError::io("a segment file cannot be written")(error)
}

/// Removes a file that may not be there.
fn remove(disk: &dyn Disk, path: &str) -> io::Result<()> {
    match disk.remove(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Where a segment file lies on the store's disk.
pub(crate) fn path(file: &str) -> String {
    format!("{FOLDER}/{file}")
}

/// Removes the files that the manifest does not name: drafts, and segments that were merged or
/// never listed, left by a crash or by the end of a process whose readers still held them.
pub(crate) fn sweep(disk: &dyn Disk, manifest: &[SegmentEntry]) -> Result<(), EngineError> {
    let failed = |error| EngineError::io("segment files that are left over stay")(error);
    let listed = |name: &String| manifest.iter().any(|entry| entry.file == *name);
    for name in disk.list(FOLDER).map_err(failed)? {
        let ours = name.ends_with(DRAFT) || name.ends_with(".seg") && !listed(&name);
        if ours {
            disk.remove(&path(&name)).map_err(failed)?;
        }
    }
    Ok(())
}
