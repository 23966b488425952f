//! Merging segments, and indexing them anew (`own/job.rs`), beside everything else: slowly while there is other work, and never in its way.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use accord_base::Row;
use accord_index::{BlockCache, Merge, Segment, SegmentSource};
use parking_lot::Mutex;

use crate::segments::{Pace, Pause, SLOW_WRITE_BYTES, next_name, path, source, write_as};
use crate::{Engine, EngineError};

/// Rest after each piece while others have work: with pieces of a few milliseconds, merging takes
/// at most a third of a processor from them.
const REST: Duration = Duration::from_millis(if cfg!(test) { 1 } else { 10 });
/// Pieces without any activity after which no rest is taken: activity is seen when its records
/// are flushed, every 50 ms.
const QUIET_PIECES: u32 = 32;
/// How often it is looked whether there is something to merge.
const LOOK_EVERY: Duration = Duration::from_millis(if cfg!(test) { 20 } else { 200 });

/// Rows published and access records on disk.
type Activity = (Row, u64);

/// Activity when it was last looked, and the pieces without any since.
pub(crate) type Quiet = Mutex<(Activity, u32)>;

/// A file that the manifest does not name any more, and the segment that reads it.
pub(crate) struct Retired {
    file: String,
    segment: Weak<Segment>,
}

/// Merges until the engine closes, or merging fails: searches go on with the segments there are.
pub(crate) fn run(engine: &Weak<Engine>, cache: &BlockCache) {
    let mut indexes = true;
    while let Some(engine) = engine.upgrade().filter(|engine| !engine.is_closing()) {
        engine.remove_retired();
        let done = match engine.merge_one(cache) {
            Ok(false) if indexes => engine.index_one(cache).or_else(|error| {
                indexes = false;
                if !engine.is_closing() {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "indexing anew failed; what is not indexed yet is not searchable until the store is opened again"
                    );
                }
                Ok(false)
            }),
            done => done,
        };
        match done {
            Ok(true) => {}
            Ok(false) => engine.wait_for_segments(),
            Err(_) if engine.is_closing() => return,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "merging failed; segments stay as they are until the store is opened again"
                );
                return;
            }
        }
    }
}

impl Engine {
    /// Merges the segments that are due: file, then its name, then the manifest, then the index.
    /// False if there are none.
    fn merge_one(&self, cache: &BlockCache) -> Result<bool, EngineError> {
        let Some(merge) = self.index.due_merge(self.tiers) else { return Ok(false) };
        let quiet = self.quiet();
        let pause = || self.give_way(&quiet);
        self.replace(&merge, &pause, cache)?;
        self.state.merges.fetch_add(1, Ordering::Relaxed);
        Ok(true)
    }

    /// Puts one segment in the place of others: file, then its name, then the manifest, then the
    /// index.
    pub(crate) fn replace(
        &self,
        merge: &Merge,
        pause: &Pause<'_>,
        cache: &BlockCache,
    ) -> Result<(), EngineError> {
        let names = self.files_of(merge)?;
        let (first, rows) = (merge.first(), merge.rows());
        let file = match names.as_slice() {
            [only] => next_name(only),
            _ => format!("{first:010}-{:010}.seg", first + rows),
        };
        let contents = |out: &mut dyn io::Write| merge.write(out).map_err(io::Error::other);
        let entry = write_as(&*self.disk, (file, first, rows), Pace::Slow(pause), contents)?;
        let file = source(&self.disk, &entry.file)?;
        let paced = Paced { file: &*file, pause, read: AtomicUsize::new(0) };
        let opened = merge.check(&paced).and_then(|()| merge.open(file.clone(), cache));
        let segment = opened.inspect_err(|_| {
            // Nobody knows of it yet; what cannot be removed is at the next opening.
            let _ = self.disk.remove(&path(&entry.file));
        })?;
        self.log.put_segments(&names, std::slice::from_ref(&entry))?;
        self.index.install_merged(merge, segment)?;
        let segments = merge.inputs().iter().map(Arc::downgrade);
        let retired = names.into_iter().zip(segments);
        let retired = retired.map(|(file, segment)| Retired { file, segment });
        self.state.retired.lock().extend(retired);
        Ok(())
    }

    /// The files of the segments that are merged, in their order.
    fn files_of(&self, merge: &Merge) -> Result<Vec<String>, EngineError> {
        let manifest = self.log.segments()?;
        let file_of = |segment: &Arc<Segment>| {
            let rows = (Row(segment.first()), Row(segment.first() + segment.rows()));
            manifest.iter().find(|entry| (entry.first, entry.end) == rows)
        };
        let files = merge.inputs().iter().map(|input| Some(file_of(input)?.file.clone()));
        let files: Option<Vec<String>> = files.collect();
        files.ok_or(EngineError::Damaged("a segment is not in the manifest"))
    }

    /// Removes files that nobody reads any more. What cannot be removed is left to the next
    /// opening.
    pub(crate) fn remove_retired(&self) {
        self.state.retired.lock().retain(|old| {
            let held = old.segment.strong_count() > 0;
            if !held && let Err(error) = self.disk.remove(&path(&old.file)) {
                tracing::warn!(%error, "a segment file that was merged stays");
            }
            held
        });
    }

    /// What moves while anybody writes or reads.
    fn activity(&self) -> Activity {
        (self.watermark(), self.recorder.stream().durable().size())
    }

    /// What tells whether others have had work of late.
    pub(crate) fn quiet(&self) -> Quiet {
        Mutex::new((self.activity(), 0))
    }

    /// Lets others go first: a chunk that waits to be sealed, and requests if there were any of
    /// late.
    pub(crate) fn give_way(&self, quiet: &Quiet) -> io::Result<()> {
        let now = self.activity();
        let (last, pieces) = *quiet.lock();
        let pieces = if now == last { pieces.saturating_add(1) } else { 0 };
        *quiet.lock() = (now, pieces);
        if pieces < QUIET_PIECES {
            self.rest(REST);
        }
        while self.index.frozen().is_some() && !self.is_read_only() && !self.is_closing() {
            self.rest(REST);
        }
        if self.is_closing() {
            return Err(io::Error::other("the store is closing"));
        }
        Ok(())
    }

    /// Waits for a chunk to be sealed.
    fn wait_for_segments(&self) {
        let mut turn = self.state.turn.lock();
        if !self.is_closing() {
            self.state.room.wait_for(&mut turn, LOOK_EVERY);
        }
    }

    /// Does nothing for a while, unless the engine closes.
    fn rest(&self, time: Duration) {
        let mut turn = self.state.turn.lock();
        if !self.is_closing() {
            self.state.closed.wait_for(&mut turn, time);
        }
    }
}

/// A file that is read slowly.
struct Paced<'a> {
    file: &'a dyn SegmentSource,
    pause: &'a Pause<'a>,
    /// Bytes read since the last pause.
    read: AtomicUsize,
}

impl SegmentSource for Paced<'_> {
    fn len(&self) -> u64 {
        self.file.len()
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        let read = self.read.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len();
        if read >= SLOW_WRITE_BYTES {
            self.read.store(0, Ordering::Relaxed);
            (self.pause)()?;
        }
        self.file.read_at(offset, bytes)
    }
}
