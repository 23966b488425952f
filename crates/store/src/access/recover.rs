//! Finding the end of the stream.

use std::sync::Arc;

use accord_audit::tree::{Frontier, leaf_hash};

use super::file::{FILE_HEADER, Header, header, number, path, read_header};
use super::reader::{FrameReader, Next};
use super::{FOLDER, StreamError};
use crate::disk::{Disk, DiskFile};

/// What is known about the stream before it is opened.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Floor {
    /// Number of records that the last checkpoint vouches for; these must be there.
    pub size: u64,
    /// A tree of the stream kept earlier, so that opening reads what came after it only. Without
    /// one (the empty tree) opening reads every record. Its root should have been compared with
    /// a signed one.
    pub frontier: Frontier,
}

/// What opening cut off: the end of what was written and not flushed before a crash.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Recovered {
    /// Bytes that were no whole record, or came after such.
    pub bytes: u64,
    /// Files removed.
    pub files: u32,
}

impl From<Frontier> for Floor {
    fn from(frontier: Frontier) -> Floor {
        Floor { size: frontier.size(), frontier }
    }
}

/// The end of the stream, which is durable.
pub(super) struct End {
    pub file: Arc<dyn DiskFile>,
    pub number: u32,
    pub at: u64,
    pub frontier: Frontier,
    pub recovered: Recovered,
}

/// A place behind the last readable record: file and offset.
struct Cut {
    number: u32,
    at: u64,
}

/// Reads the stream from the floor's tree on, cuts off what a crash left behind, and syncs.
pub(super) fn recover(disk: &dyn Disk, floor: Floor) -> Result<End, StreamError> {
    let failed = StreamError::io(FOLDER);
    let need = floor.size.max(floor.frontier.size());
    let mut frontier = floor.frontier;
    let names = disk.list(FOLDER).map_err(&failed)?;
    let mut numbers: Vec<u32> = names.iter().filter_map(|name| number(name)).collect();
    numbers.sort_unstable();
    let cut = match start(disk, &numbers, frontier.size())? {
        Some((from, first)) => {
            let (cut, have) = scan(disk, &numbers, from, first, &mut frontier)?;
            if have < need {
                return Err(StreamError::Lost { have, need });
            }
            Some(cut)
        }
        None if need > 0 => return Err(StreamError::Lost { have: 0, need }),
        None => None,
    };
    check_later(disk, &numbers, cut.as_ref(), frontier.size())?;
    let recovered = drop_after(disk, &numbers, cut.as_ref())?;
    let (file, number, at) = match cut {
        Some(cut) => (truncated(disk, &cut)?, cut.number, cut.at),
        None => (begin(disk)?, 0, FILE_HEADER),
    };
    Ok(End { file, number, at, frontier, recovered })
}

/// The file to read from, with the number of its first record: the last one that begins at or
/// before `size`. None where not even the first file is usable.
fn start(disk: &dyn Disk, numbers: &[u32], size: u64) -> Result<Option<(u32, u64)>, StreamError> {
    let mut start = None;
    for (expected, number) in (0..).zip(numbers) {
        let path = path(*number);
        let file = disk.open(&path).map_err(StreamError::io(&path))?;
        match read_header(file.as_ref()).map_err(StreamError::io(&path))? {
            Header::Unknown => return Err(StreamError::Format(path)),
            Header::First(first) if *number == expected && first <= size => {
                start = Some((*number, first));
            }
            Header::First(_) | Header::Torn => break,
        }
    }
    // The first file begins with the first record, or it is not ours to continue.
    Ok(start.filter(|(number, first)| (*number == 0) == (*first == 0)))
}

/// Reads on from a file's first record, hashing what the tree does not have, and gives the place
/// behind the last whole record and how many there are up to it.
fn scan(
    disk: &dyn Disk,
    numbers: &[u32],
    from: u32,
    first: u64,
    frontier: &mut Frontier,
) -> Result<(Cut, u64), StreamError> {
    let (mut number, mut next) = (from, first);
    loop {
        let path = path(number);
        let failed = StreamError::io(&path);
        let file = disk.open_write(&path).map_err(&failed)?;
        // What is counted as durable from here on must be so.
        file.sync().map_err(&failed)?;
        let end = file.size().map_err(&failed)?;
        let mut reader = FrameReader::new(file, FILE_HEADER, end, next);
        let whole = loop {
            let hashed = frontier.size();
            let new = reader.expected() >= hashed;
            match reader.next().map_err(&failed)? {
                Next::Record(sealed) if new => frontier.append(leaf_hash(sealed)),
                Next::Record(_) => {}
                Next::End => break true,
                Next::Torn => break false,
            }
        };
        let cut = Cut { number, at: reader.at() };
        next = reader.expected();
        if !whole || !numbers.contains(&(number + 1)) || !continues(disk, number + 1, next)? {
            return Ok((cut, next));
        }
        number += 1;
    }
}

/// Whether a file begins with the given record.
fn continues(disk: &dyn Disk, number: u32, next: u64) -> Result<bool, StreamError> {
    let path = path(number);
    let failed = StreamError::io(&path);
    let file = disk.open(&path).map_err(&failed)?;
    match read_header(file.as_ref()).map_err(&failed)? {
        Header::Unknown => Err(StreamError::Format(path)),
        Header::First(first) => Ok(first == next),
        Header::Torn => Ok(false),
    }
}

/// Refuses to cut what no crash can explain: a file is begun only when all but its predecessor
/// are whole and synced, and the first file only when there is no other.
fn check_later(
    disk: &dyn Disk,
    numbers: &[u32],
    cut: Option<&Cut>,
    next: u64,
) -> Result<(), StreamError> {
    let crash = match (cut, numbers) {
        (None, []) => true,
        (None, [0]) => {
            let path = path(0);
            let file = disk.open(&path).and_then(|file| file.size());
            file.map_err(StreamError::io(&path))? <= FILE_HEADER
        }
        (None, _) => false,
        (Some(cut), _) => numbers.iter().filter(|n| **n > cut.number).all(|n| *n == cut.number + 1),
    };
    if crash { Ok(()) } else { Err(StreamError::Damaged(next)) }
}

/// Removes the file behind the cut.
fn drop_after(
    disk: &dyn Disk,
    numbers: &[u32],
    cut: Option<&Cut>,
) -> Result<Recovered, StreamError> {
    let mut recovered = Recovered::default();
    for number in numbers.iter().filter(|n| cut.is_none_or(|cut| **n > cut.number)) {
        let path = path(*number);
        let failed = StreamError::io(&path);
        recovered.bytes += disk.open(&path).and_then(|file| file.size()).map_err(&failed)?;
        recovered.files += 1;
        disk.remove(&path).map_err(&failed)?;
        disk.sync_dir(FOLDER).map_err(&failed)?;
    }
    if let Some(cut) = cut {
        let path = path(cut.number);
        let size = disk.open(&path).and_then(|file| file.size()).map_err(StreamError::io(&path))?;
        recovered.bytes += size.saturating_sub(cut.at);
    }
    Ok(recovered)
}

/// The last file, cut behind its last whole record.
fn truncated(disk: &dyn Disk, cut: &Cut) -> Result<Arc<dyn DiskFile>, StreamError> {
    let path = path(cut.number);
    let failed = StreamError::io(&path);
    let file = disk.open_write(&path).map_err(&failed)?;
    if file.size().map_err(&failed)? > cut.at {
        file.truncate(cut.at).map_err(&failed)?;
        file.sync().map_err(&failed)?;
    }
    disk.sync_dir(FOLDER).map_err(&failed)?;
    Ok(file)
}

/// The first file of a new stream.
fn begin(disk: &dyn Disk) -> Result<Arc<dyn DiskFile>, StreamError> {
    let path = path(0);
    let failed = StreamError::io(&path);
    disk.create_dir(FOLDER).map_err(&failed)?;
    let file = disk.create(&path).map_err(&failed)?;
    file.append(&header(0)).map_err(&failed)?;
    file.sync().map_err(&failed)?;
    disk.sync_dir(FOLDER).map_err(&failed)?;
    Ok(file)
}
