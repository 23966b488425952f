//! Keeping rolls up with what they belong to.

use std::sync::Arc;

use accord_base::{LogTime, ResourceId, Row};
use accord_store::access::{AccessStream, Frames, StreamError, file_size};
use accord_store::disk::Disk;
use accord_store::roll::{Entry, RUN_ENTRIES, RollError, Source};
use accord_store::{Log, StoreError, StoreKey, decode_record};
use parking_lot::Mutex;

use super::following::{Following, first_place};
use super::keys::{AccessKeys, Names};
use crate::EngineError;

/// Rows of the log that one roll covers; tests cross its end often.
pub(super) const ROLL_ROWS: u32 = if cfg!(test) { 16 } else { 1 << 20 };
/// Entries that are kept until they become a run.
const MOST_ENTRIES: usize = if cfg!(test) { 8 } else { RUN_ENTRIES };
/// Records that the thread that flushes reads at a time: it has other things to do.
const RECORDS_PER_TURN: usize = 8_192;
/// From the first instant to the last.
pub(super) const ALWAYS: (LogTime, LogTime) = (LogTime(0), LogTime(u64::MAX));

/// The rolls of a store, and what they are made from.
pub(crate) struct Who {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) log: Arc<dyn Log>,
    pub(super) keys: AccessKeys,
    pub(super) names: Names,
    newest: Mutex<[Following; 2]>,
}

impl Who {
    /// Over an open store. What a roll says about records that are not there is forgotten.
    ///
    /// # Errors
    /// Those of reading.
    pub fn open(
        store_key: &StoreKey,
        disk: &Arc<dyn Disk>,
        log: &Arc<dyn Log>,
        stream: &AccessStream,
    ) -> Result<Who, EngineError> {
        let (number, at) = stream.durable_end();
        let end = log.end()?.0;
        let newest = [
            Following::at_end(disk, Source::Stream, number, at)?,
            Following::at_end(disk, Source::Log, end / ROLL_ROWS, end)?,
        ];
        Ok(Who {
            disk: disk.clone(),
            log: log.clone(),
            keys: AccessKeys::new(store_key),
            names: Names::new(store_key),
            newest: Mutex::new(newest),
        })
    }

    /// Reads on, unless someone else does at this moment: for the thread that flushes.
    ///
    /// # Errors
    /// Those of reading and writing.
    pub fn follow(&self, stream: &AccessStream) -> Result<(), EngineError> {
        match self.newest.try_lock() {
            Some(mut newest) => self.catch_up(&mut newest, stream, RECORDS_PER_TURN),
            None => Ok(()),
        }
    }

    /// Writes what is not in a run yet, so that the next opening need not read it again.
    ///
    /// # Errors
    /// Those of reading and writing.
    pub fn close(&self, stream: &AccessStream) -> Result<(), EngineError> {
        let mut newest = self.newest.lock();
        self.catch_up(&mut newest, stream, usize::MAX)?;
        Ok(newest.iter_mut().try_for_each(Following::write)?)
    }

    /// Where the durable records of both sources end, file and place; everything before is in
    /// the rolls when this returns.
    ///
    /// # Errors
    /// Those of reading and writing.
    pub(super) fn ends(&self, stream: &AccessStream) -> Result<[(u32, u32); 2], EngineError> {
        stream.flush()?;
        let mut newest = self.newest.lock();
        self.catch_up(&mut newest, stream, usize::MAX)?;
        Ok([0, 1].map(|at| newest.get(at).map_or((0, 0), |f| (f.number, f.at))))
    }

    /// Places in one file of the records that name someone, or of all records if no name is
    /// given, ascending.
    ///
    /// # Errors
    /// Those of reading and writing.
    pub(super) fn places(
        &self,
        source: Source,
        number: u32,
        name: Option<u64>,
        between: (LogTime, LogTime),
    ) -> Result<Vec<u32>, EngineError> {
        let mut newest = self.newest.lock();
        let known = newest.iter_mut().find(|f| f.source == source && f.number == number);
        let mut older;
        let following = match known {
            Some(following) => following,
            None => {
                older = Following::open(&self.disk, source, number)?;
                self.complete(&mut older, &mut { usize::MAX })?;
                &mut older
            }
        };
        let found = match following.places(name, between) {
            Err(RollError::Damaged(path)) => {
                tracing::warn!(path, "a list of access records is damaged and is made anew");
                let end = following.at;
                following.begin_anew();
                self.read_on(following, end, &mut { usize::MAX })?;
                following.places(name, between)
            }
            found => found,
        };
        Ok(found?)
    }

    /// Reads what is durable, but no more than so many records of each source.
    fn catch_up(
        &self,
        newest: &mut [Following; 2],
        stream: &AccessStream,
        most: usize,
    ) -> Result<(), EngineError> {
        let (number, at) = stream.durable_end();
        let end = self.log.end()?.0;
        let [of_stream, of_log] = newest;
        self.catch_up_with(of_stream, (number, at), &mut { most })?;
        self.catch_up_with(of_log, (end / ROLL_ROWS, end), &mut { most })
    }

    fn catch_up_with(
        &self,
        f: &mut Following,
        (number, at): (u32, u32),
        most: &mut usize,
    ) -> Result<(), EngineError> {
        while f.number < number {
            if !self.complete(f, most)? {
                return Ok(());
            }
            *f = Following::open(&self.disk, f.source, f.number + 1)?;
        }
        self.read_on(f, at, most)
    }

    /// Brings the roll of a file that is complete to its end; whether it came there.
    fn complete(&self, f: &mut Following, most: &mut usize) -> Result<bool, EngineError> {
        let end = match f.source {
            Source::Stream => file_size(self.disk.as_ref(), f.number)?.unwrap_or(Frames::FIRST),
            Source::Log => first_place(Source::Log, f.number + 1),
        };
        self.read_on(f, end, most)?;
        if f.at < end {
            return Ok(false);
        }
        f.write()?;
        Ok(true)
    }

    /// Reads records up to a place, at most as many.
    fn read_on(&self, f: &mut Following, end: u32, most: &mut usize) -> Result<(), EngineError> {
        match f.source {
            Source::Stream => {
                let mut frames = Frames::between(self.disk.as_ref(), f.number, f.at, end)?;
                while *most > 0
                    && let Some(placed) = frames.step()?
                {
                    self.take(f, placed.at, placed.end, placed.sealed)?;
                    *most -= 1;
                }
                Ok(())
            }
            Source::Log => self.read_log(f, end, most),
        }
    }

    /// Only the last records of a transaction hold access records: the last of a version, and
    /// those without a version behind it.
    fn read_log(&self, f: &mut Following, end: u32, most: &mut usize) -> Result<(), EngineError> {
        while f.at < end && *most > 0 {
            *most -= 1;
            let from = f.at;
            let bytes = self.row(from)?;
            let (place, mut last) = (decode_record(&bytes)?.header().place, Some(bytes));
            let first = from.saturating_sub(place.index);
            let behind = first.saturating_add(place.size.max(place.index + 1));
            let mut found = Vec::new();
            for row in (from..behind).rev() {
                let bytes = if row == from { last.take() } else { None };
                let bytes = bytes.map_or_else(|| self.row(row), Ok)?;
                let record = decode_record(&bytes)?;
                if let Some(sealed) = record.access() {
                    found.push((row, sealed.to_vec()));
                }
                if record.header().has_version() {
                    break;
                }
            }
            for (row, sealed) in found.into_iter().rev().filter(|(row, _)| *row < end) {
                self.take(f, row, row + 1, &sealed)?;
            }
            f.at = behind.min(end);
        }
        Ok(())
    }

    fn row(&self, row: u32) -> Result<Vec<u8>, EngineError> {
        const MISSING: StoreError = StoreError::Damaged("a record is missing");
        Ok(self.log.read(Row(row))?.ok_or(MISSING)?)
    }

    fn take(
        &self,
        f: &mut Following,
        at: u32,
        behind: u32,
        sealed: &[u8],
    ) -> Result<(), EngineError> {
        let record = self.keys.skim(sealed)?;
        if f.entries.len() + record.patients.len().max(1) > MOST_ENTRIES {
            f.at = at;
            f.write()?;
        }
        f.times = (f.times.0.min(record.at), f.times.1.max(record.at));
        f.entries.extend(Who::entries_of(&self.names, &record.patients, at));
        f.at = behind;
        Ok(())
    }

    /// What a roll holds of a record: an entry for each patient, or one for nobody.
    pub(super) fn entries_of(names: &Names, patients: &[ResourceId], place: u32) -> Vec<Entry> {
        let nobody = patients.is_empty().then_some(None);
        let named = patients.iter().map(Some).chain(nobody);
        named.map(|patient| Entry { name: names.name(patient), place }).collect()
    }
}

impl From<RollError> for EngineError {
    fn from(error: RollError) -> EngineError {
        match error {
            RollError::Io { path, source } => StreamError::Io { path, source }.into(),
            RollError::Damaged(_) => EngineError::Damaged("a list of access records is damaged"),
            RollError::Misfit(_) => EngineError::Damaged("a list of access records does not fit"),
        }
    }
}
