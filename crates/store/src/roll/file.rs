//! One roll on disk.

use std::io;
use std::sync::Arc;

use accord_base::LogTime;

use super::format::{
    FILE_HEADER, RUN_HEADER, block, block_at, body_bytes, directory, directory_bytes, file_header,
    path, run, run_header,
};
use super::{Entry, RUN_ENTRIES, RollError, Source, Span};
use crate::disk::{Disk, DiskFile};

/// A roll, open for reading and appending. Its runs' headers are held in memory, no entries are.
pub struct Roll {
    disk: Arc<dyn Disk>,
    path: String,
    head: Vec<u8>,
    /// `None`: there is no file, or not one that can be read.
    file: Option<Arc<dyn DiskFile>>,
    runs: Vec<Run>,
    /// Where the last good run ends.
    end: u64,
}

struct Run {
    /// Offset behind its header.
    at: u64,
    count: usize,
    span: Span,
}

impl Roll {
    /// Opens a roll. What a crash left behind its last whole run is passed over; a missing file,
    /// or one that is not of this format, covers nothing.
    ///
    /// # Errors
    /// Only those of the operating system.
    pub fn open(disk: &Arc<dyn Disk>, source: Source, number: u32) -> Result<Roll, RollError> {
        let path = path(source, number);
        let failed = RollError::io(&path);
        let head = file_header(source, number);
        let file = match disk.open_write(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            other => Some(other.map_err(&failed)?),
        };
        let mut roll =
            Roll { disk: disk.clone(), path, head, file: None, runs: Vec::new(), end: 0 };
        let Some(file) = file else { return Ok(roll) };
        if roll.take(file.as_ref(), 0, FILE_HEADER)?.as_deref() == Some(&roll.head) {
            roll.end = FILE_HEADER as u64;
            roll.read_runs(file.as_ref())?;
            roll.file = Some(file);
        }
        Ok(roll)
    }

    fn read_runs(&mut self, file: &dyn DiskFile) -> Result<(), RollError> {
        let size = file.size().map_err(RollError::io(&self.path))?;
        while let Some(bytes) = self.take(file, self.end, RUN_HEADER)? {
            let Some((count, span)) = run_header(&bytes) else { break };
            let at = self.end + RUN_HEADER as u64;
            let end = at + body_bytes(count) as u64;
            if end > size || self.covered().is_some_and(|covered| covered != span.from) {
                break;
            }
            self.runs.push(Run { at, count, span });
            self.end = end;
        }
        Ok(())
    }

    /// The first place that is not covered; `None` if nothing is.
    pub fn covered(&self) -> Option<u32> {
        self.runs.last().map(|run| run.span.to)
    }

    /// The first place that is covered.
    pub fn begins(&self) -> Option<u32> {
        self.runs.first().map(|run| run.span.from)
    }

    /// Appends a run, which begins where the last one ended. Not synced: what a crash takes of it
    /// is made again.
    ///
    /// # Errors
    /// If it does not fit, and those of the operating system.
    pub fn append(&mut self, span: Span, entries: &mut [Entry]) -> Result<(), RollError> {
        let follows = self.covered().is_none_or(|covered| covered == span.from);
        if entries.len() > RUN_ENTRIES || span.from > span.to || !follows {
            return Err(RollError::Misfit(self.path.clone()));
        }
        entries.sort_unstable();
        let failed = RollError::io(&self.path);
        let file = match &self.file {
            Some(file) => file.clone(),
            None => self.begin()?,
        };
        if file.size().map_err(&failed)? > self.end {
            file.truncate(self.end).map_err(&failed)?;
        }
        let bytes = run(&span, entries);
        file.append(&bytes).map_err(&failed)?;
        self.runs.push(Run { at: self.end + RUN_HEADER as u64, count: entries.len(), span });
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// A new file in the place of whatever is there.
    fn begin(&mut self) -> Result<Arc<dyn DiskFile>, RollError> {
        let failed = RollError::io(&self.path);
        match self.disk.remove(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let file = self.disk.create(&self.path).map_err(&failed)?;
        file.append(&self.head).map_err(&failed)?;
        self.end = FILE_HEADER as u64;
        self.file = Some(file.clone());
        Ok(file)
    }

    /// Forgets everything: the next run begins a new file.
    pub fn clear(&mut self) {
        self.file = None;
        self.runs.clear();
        self.end = 0;
    }

    /// Removes the file.
    ///
    /// # Errors
    /// Only those of the operating system.
    pub fn remove(mut self) -> Result<(), RollError> {
        self.clear();
        match self.disk.remove(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(RollError::io(&self.path)(error))
            }
            _ => Ok(()),
        }
    }

    /// Adds the places of the records that name someone, of runs with records in a stretch of
    /// time.
    ///
    /// # Errors
    /// [`RollError::Damaged`] if a checksum is wrong.
    pub fn find(
        &self,
        name: u64,
        between: (LogTime, LogTime),
        to: &mut Vec<u32>,
    ) -> Result<(), RollError> {
        for run in self.runs.iter().filter(|run| run.meets(between)) {
            let names = self.directory(run)?;
            // The name may begin in the block before the first that begins with it.
            let from = names.partition_point(|first| *first < name).saturating_sub(1);
            for (at, _) in names.iter().enumerate().skip(from).take_while(|(_, n)| **n <= name) {
                let of_name = self.block(run, at)?.into_iter().filter(|entry| entry.name == name);
                to.extend(of_name.map(|entry| entry.place));
            }
        }
        Ok(())
    }

    /// Hands every entry of runs with records in a stretch of time to `each`.
    ///
    /// # Errors
    /// [`RollError::Damaged`] if a checksum is wrong.
    pub fn each(
        &self,
        between: (LogTime, LogTime),
        each: &mut dyn FnMut(Entry),
    ) -> Result<(), RollError> {
        for run in self.runs.iter().filter(|run| run.meets(between)) {
            for at in 0..self.directory(run)?.len() {
                self.block(run, at)?.into_iter().for_each(&mut *each);
            }
        }
        Ok(())
    }

    fn directory(&self, run: &Run) -> Result<Vec<u64>, RollError> {
        let bytes = self.body(run.at, directory_bytes(run.count))?;
        directory(&bytes).ok_or_else(|| self.damaged())
    }

    fn block(&self, run: &Run, at: usize) -> Result<Vec<Entry>, RollError> {
        let (offset, len) = block_at(run.count, at);
        let bytes = self.body(run.at + (directory_bytes(run.count) + offset) as u64, len)?;
        block(&bytes).ok_or_else(|| self.damaged())
    }

    fn body(&self, at: u64, len: usize) -> Result<Vec<u8>, RollError> {
        let bytes = self.file.as_ref().map(|file| self.take(file.as_ref(), at, len)).transpose()?;
        bytes.flatten().ok_or_else(|| self.damaged())
    }

    /// Bytes of a file, if it has as many.
    fn take(&self, file: &dyn DiskFile, at: u64, len: usize) -> Result<Option<Vec<u8>>, RollError> {
        let mut bytes = vec![0; len];
        let read = file.read_at(at, &mut bytes).map_err(RollError::io(&self.path))?;
        Ok((read == len).then_some(bytes))
    }

    fn damaged(&self) -> RollError {
        RollError::Damaged(self.path.clone())
    }
}

impl Run {
    fn meets(&self, (from, to): (LogTime, LogTime)) -> bool {
        self.count > 0 && self.span.at.0 <= to && from <= self.span.at.1
    }
}
