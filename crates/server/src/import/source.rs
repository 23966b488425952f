//! Where imports come from: files, folders and archives as a stream of documents.
//!
//! Compression and archives are told by their first bytes, not by their names, and may be nested:
//! a `.tar.zst` of `.json.gz` files is read in one pass, holding one document at a time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lines::documents;

/// Largest single document, a line of NDJSON among them, in bytes.
const MOST_DOCUMENT_BYTES: u64 = 256 << 20;
/// How deep archives and compression may be nested.
const MOST_LAYERS: usize = 6;
/// Largest window of a zstd frame, log2 of bytes: what `zstd --long=31` may have used.
const ZSTD_WINDOW_LOG_MAX: u32 = 31;

/// A document with the name to call it by.
pub struct Document {
    /// Path of the file; inside archives `archive!member`; in NDJSON `…:line`.
    pub name: String,
    /// JSON text.
    pub bytes: Vec<u8>,
}

/// What the reader hands on.
pub enum Item {
    /// A document.
    Document(Document),
    /// A place that could not be read; the rest goes on.
    Fault {
        /// Name of the file or member.
        name: String,
        /// Why.
        reason: String,
    },
}

/// Files below the paths, folders opened, in order of their names.
pub fn files(paths: &[PathBuf]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        collect(path, &mut found)?;
    }
    Ok(found)
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("`{}`: {error}", path.display()));
    if !std::fs::metadata(path).map_err(named)?.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    let mut inside: Vec<PathBuf> = std::fs::read_dir(path)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .map_err(named)?;
    inside.sort();
    inside.iter().try_for_each(|path| collect(path, found))
}

/// Reads a file and gives every document in it to `sink`, which says whether to go on. `consumed`
/// counts the bytes read from disk, for the progress bar.
pub fn read_file(
    path: &Path,
    consumed: &Arc<AtomicU64>,
    sink: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let name = path.display().to_string();
    match File::open(path) {
        Ok(file) => {
            let counted = Counted { inner: file, count: consumed.clone() };
            layer(&name, Box::new(BufReader::with_capacity(1 << 18, counted)), 0, sink)
        }
        Err(error) => sink(Item::Fault { name, reason: error.to_string() }),
    }
}

/// Reads one layer: unpacks compression and archives, else takes JSON.
fn layer(
    name: &str,
    mut reader: Box<dyn BufRead + '_>,
    depth: usize,
    sink: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let fault = |reason: String| Item::Fault { name: name.to_owned(), reason };
    if depth > MOST_LAYERS {
        return sink(fault("archives are nested too deep".into()));
    }
    let mut head = Vec::with_capacity(512);
    if let Err(error) = reader.by_ref().take(512).read_to_end(&mut head) {
        return sink(fault(error.to_string()));
    }
    let format = Format::of(&head);
    let whole: Box<dyn Read + '_> = Box::new(io::Cursor::new(head).chain(reader));
    match format {
        Format::Empty => true,
        Format::Gzip => {
            let inner = Box::new(flate2::read::MultiGzDecoder::new(whole));
            layer(name, buffered(inner), depth + 1, sink)
        }
        Format::Zstd => match zstd_reader(whole) {
            Ok(inner) => layer(name, buffered(inner), depth + 1, sink),
            Err(error) => sink(fault(error.to_string())),
        },
        Format::Tar => archive(name, whole, depth, sink),
        Format::Json => documents(name, buffered(whole), MOST_DOCUMENT_BYTES, sink),
    }
}

fn buffered<'a>(inner: Box<dyn Read + 'a>) -> Box<dyn BufRead + 'a> {
    Box::new(BufReader::with_capacity(1 << 16, inner))
}

fn zstd_reader<'a>(inner: Box<dyn Read + 'a>) -> io::Result<Box<dyn Read + 'a>> {
    let mut decoder = zstd::stream::read::Decoder::new(inner)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
    Ok(Box::new(decoder))
}

fn archive<'a>(
    name: &str,
    reader: Box<dyn Read + 'a>,
    depth: usize,
    sink: &mut dyn FnMut(Item) -> bool,
) -> bool {
    let fault = |reason: String| Item::Fault { name: name.to_owned(), reason };
    let mut archive = tar::Archive::new(reader);
    let entries = match archive.entries() {
        Ok(entries) => entries,
        Err(error) => return sink(fault(error.to_string())),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return sink(fault(error.to_string())),
        };
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let member = format!("{name}!{}", String::from_utf8_lossy(&entry.path_bytes()));
        let reader = Box::new(BufReader::with_capacity(1 << 16, entry));
        if !layer(&member, reader, depth + 1, sink) {
            return false;
        }
    }
    true
}

enum Format {
    Empty,
    Gzip,
    Zstd,
    Tar,
    Json,
}

impl Format {
    /// RFC 1952 §2.3.1; RFC 8878 §3.1.1; POSIX ustar interchange format.
    fn of(head: &[u8]) -> Format {
        match head {
            [] => Format::Empty,
            [0x1f, 0x8b, ..] => Format::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Format::Zstd,
            _ if head.get(257..262) == Some(b"ustar") => Format::Tar,
            _ => Format::Json,
        }
    }
}

struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

mod lines;
#[cfg(test)]
mod tests;
