//! The job: what a part of the index lacks is read from the documents of its rows.
//!
//! It runs in the thread that merges segments, slowly while there is other work. A segment is
//! written anew beside the one there is and takes its place in the manifest, so that a crash costs
//! the segment at hand; rows in memory are asked again when the store is opened in any case.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use accord_base::Row;
use accord_index::extract::Source;
use accord_index::{Addition, BlockCache, Lacking, Own, Prepared, SegmentSource};
use accord_spec::ResourceType;
use accord_store::{Record, decode_record};
use parking_lot::{Condvar, Mutex};

use crate::replay::{extracted, served};
use crate::segments::{Draft, Pace, Pause};
use crate::{Engine, EngineError};

/// Rows read at a time.
const BATCH: usize = if cfg!(test) { 8 } else { 256 };

/// Tells those who wait how the job stands.
#[derive(Default)]
pub(crate) struct Progress {
    /// Whether there was something to do when it was last looked.
    busy: AtomicBool,
    turn: Mutex<()>,
    changed: Condvar,
    /// A test lets the job rest after so many batches.
    #[cfg(test)]
    pub rest_after: Mutex<Option<u32>>,
}

impl Engine {
    /// Waits until all rows have been asked for the store's own search parameters, or the store
    /// closes; whether they have.
    pub fn wait_until_indexed(&self) -> bool {
        let progress = &self.own.progress;
        let mut turn = progress.turn.lock();
        loop {
            let left = self.index.indexing().map_or(1, |(_, _, waiting)| waiting);
            if left == 0 || self.is_closing() {
                return left == 0;
            }
            progress.changed.wait_for(&mut turn, Duration::from_millis(20));
        }
    }

    /// Gives the first part of the index that lacks something what it lacks. False if none does.
    pub(crate) fn index_one(&self, cache: &BlockCache) -> Result<bool, EngineError> {
        let progress = &self.own.progress;
        let lacking = self.index.lacking()?;
        let busy = lacking.is_some();
        if busy != progress.busy.swap(busy, Ordering::Relaxed) && !busy {
            tracing::info!(
                "every row is indexed as this release does, by the store's search parameters too"
            );
        }
        let Some(lacking) = lacking else { return Ok(false) };
        let quiet = self.quiet();
        let pause = || self.give_way(&quiet);
        let own = self.index.own();
        let done = match lacking.segment() {
            Some(_) => self.index_segment(&lacking, &own, &pause, cache)?,
            // It becomes a segment: whoever writes that is not to wait, nor to be waited for.
            None if self.index.frozen().is_some() => false,
            None => {
                let add = |row: Row, keys: &Prepared| {
                    lacking.add(row, keys);
                };
                let done = self.ask(lacking.rows(), (&lacking, &own), &pause, &add)?;
                if done {
                    lacking.finish();
                }
                done
            }
        };
        let _turn = progress.turn.lock();
        progress.changed.notify_all();
        Ok(done)
    }

    /// Asks rows for what a part lacks. False if the job is to rest.
    fn ask(
        &self,
        rows: Range<Row>,
        (lacking, own): (&Lacking, &Own),
        pause: &Pause<'_>,
        add: &dyn Fn(Row, &Prepared),
    ) -> Result<bool, EngineError> {
        let mut next = rows.start;
        while next < rows.end {
            #[cfg(test)]
            if self.own.progress.is_spent() {
                return Ok(false);
            }
            let records = self.log.scan(next, BATCH)?;
            let Some((last, _)) = records.last() else { break };
            let after = last.next();
            for (row, bytes) in records.iter().filter(|(row, _)| *row < rows.end) {
                let record = decode_record(bytes)?;
                if record.header().has_version() {
                    add(*row, &self.lacking_keys(&record, lacking, own)?);
                }
            }
            next = after;
            lacking.note(next);
            pause().map_err(EngineError::io("the store is closing"))?;
        }
        Ok(true)
    }

    /// The keys that a record lacks.
    fn lacking_keys(
        &self,
        record: &Record<'_>,
        lacking: &Lacking,
        own: &Own,
    ) -> Result<Prepared, EngineError> {
        let mut keys = Prepared::default();
        let resource_type = ResourceType(record.header().resource_type);
        if !lacking.is_older() && !own.reads(resource_type) {
            return Ok(keys);
        }
        if let Some(tape) = served(record, &self.keys)? {
            let resource = tape.root();
            if lacking.is_older() {
                let values = extracted(record, Some(&tape));
                keys = Prepared::new(resource_type.0, &values).with_document(resource);
            }
            let source = Source { resource, resource_type, resolve: &|_| None, base: None };
            let (values, failed) = own.values(&source, |number| lacking.wants(number));
            self.own.note_failed(failed);
            keys.add(&values);
        }
        Ok(keys)
    }

    /// Writes a segment anew: a file of keys for each of its chunks, and all of them with those
    /// that it had.
    fn index_segment(
        &self,
        lacking: &Lacking,
        own: &Own,
        pause: &Pause<'_>,
        cache: &BlockCache,
    ) -> Result<bool, EngineError> {
        let mut files: Vec<(Draft<'_>, Arc<dyn SegmentSource>)> = Vec::new();
        for rows in lacking.chunks() {
            let addition = lacking.addition(rows.start);
            let add = |row: Row, keys: &Prepared| addition.add(row, keys);
            if !self.ask(rows.clone(), (lacking, own), pause, &add)? {
                return Ok(false);
            }
            files.push(self.write_addition(&rows, &addition, pause)?);
        }
        let sources: Vec<_> = files.iter().map(|(_, source)| source.clone()).collect();
        let merge = lacking.merge(sources, cache)?;
        self.replace(&merge, pause, cache)?;
        lacking.finish();
        Ok(true)
    }

    fn write_addition(
        &self,
        rows: &Range<Row>,
        addition: &Addition,
        pause: &Pause<'_>,
    ) -> Result<(Draft<'_>, Arc<dyn SegmentSource>), EngineError> {
        let name = format!("{:010}-{:010}.keys", rows.start.0, rows.end.0);
        let contents = |out: &mut dyn io::Write| addition.chunk().write_segment(out);
        let draft = Draft::write(&*self.disk, &name, Pace::Slow(pause), contents)?;
        let source = draft.source(&self.disk)?;
        Ok((draft, source))
    }
}

#[cfg(test)]
impl Engine {
    /// Lets the job rest after so many batches, until it is told otherwise.
    pub(crate) fn rest_indexing_after(&self, batches: Option<u32>) {
        *self.own.progress.rest_after.lock() = batches;
    }

    /// Whether the job rests, or has nothing to do.
    pub(crate) fn indexing_rests(&self) -> bool {
        let spent = *self.own.progress.rest_after.lock() == Some(0);
        spent || self.index.indexing().is_ok_and(|(_, _, waiting)| waiting == 0)
    }
}

#[cfg(test)]
impl Progress {
    fn is_spent(&self) -> bool {
        match &mut *self.rest_after.lock() {
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        }
    }
}
