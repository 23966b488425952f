//! Work beside the requests: sealing full chunks, flushing access records, signing checkpoints.
//! Merging segments is in `merge.rs`.

use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::sync::{Arc, Weak};
use std::time::Duration;

use accord_index::BlockCache;

use crate::open::spawn;
use crate::writer::Job;
use crate::{Engine, EngineError};

/// Chunks in memory at which writers wait: one that grows and one that is being sealed.
const MOST_CHUNKS: usize = 2;
/// Longest time that access records of reads stay unflushed.
const FLUSH_EVERY: Duration = Duration::from_millis(50);
/// Flushes between two checkpoints.
const FLUSHES_PER_CHECKPOINT: u32 = 20;

/// Starts the threads. They hold the engine weakly: an engine that nobody uses ends them.
pub(crate) fn start(engine: &Arc<Engine>, cache: BlockCache) -> Result<(), EngineError> {
    let sealer = Arc::downgrade(engine);
    let of_merger = cache.clone();
    let sealer = spawn("accord-sealer", move || seal(&sealer, &cache))?;
    let merger = Arc::downgrade(engine);
    let merger = spawn("accord-merger", move || crate::merge::run(&merger, &of_merger))?;
    let flusher = Arc::downgrade(engine);
    let flusher = spawn("accord-audit", move || flush(&flusher))?;
    engine.state.threads.lock().extend([sealer, merger, flusher]);
    Ok(())
}

/// Ends writing if the thread that holds it panics: writers must not wait for chunks that nobody
/// seals, nor write where nobody flushes access records.
struct Watch<'a>(&'a Weak<Engine>);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if let Some(engine) = self.0.upgrade().filter(|_| std::thread::panicking()) {
            engine.stop_writing();
            engine.state.room.notify_all();
        }
    }
}

fn seal(engine: &Weak<Engine>, cache: &BlockCache) {
    let _watch = Watch(engine);
    while let Some(engine) = open(engine) {
        match engine.seal_one(cache) {
            Ok(true) => {
                engine.state.room.notify_all();
            }
            Ok(false) => {
                let mut turn = engine.state.turn.lock();
                if !engine.is_closing() {
                    engine.state.work.wait_for(&mut turn, Duration::from_millis(200));
                }
            }
            Err(error) => {
                // Without sealing, memory would grow: writers stop, readers go on.
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "sealing failed; writes stop"
                );
                engine.stop_writing();
                engine.state.room.notify_all();
                return;
            }
        }
    }
}

fn flush(engine: &Weak<Engine>) {
    let _watch = Watch(engine);
    let mut flushes = 0;
    while let Some(engine) = open(engine) {
        {
            let mut turn = engine.state.turn.lock();
            if !engine.is_closing() {
                engine.state.closed.wait_for(&mut turn, FLUSH_EVERY);
            }
        }
        flushes += 1;
        let result = if flushes % FLUSHES_PER_CHECKPOINT == 0 {
            engine.checkpoint().map(drop)
        } else {
            engine.recorder.stream().flush().map(drop).map_err(EngineError::from)
        };
        if let Err(error) = result {
            // The stream takes nothing more by itself; every request fails from here on.
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "access records cannot be kept"
            );
            engine.stop_writing();
            return;
        }
        // Who asks tries again, and is told if it fails again.
        if let Err(error) = engine.who.follow(engine.recorder.stream()) {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "access records cannot be listed"
            );
        }
    }
}

/// The engine, unless it is closing or gone.
fn open(engine: &Weak<Engine>) -> Option<Arc<Engine>> {
    engine.upgrade().filter(|engine| !engine.is_closing())
}

impl Engine {
    /// Holds the writer while too many chunks wait to be sealed.
    pub(crate) fn wait_for_room(&self) {
        let mut turn = self.state.turn.lock();
        while self.index.unsealed_chunks() > MOST_CHUNKS && !self.is_read_only() {
            self.state.work.notify_all();
            self.state.room.wait_for(&mut turn, Duration::from_millis(200));
        }
    }

    /// Tells the sealer that there may be something to do.
    pub(crate) fn wake_sealer(&self) {
        if self.index.unsealed_chunks() > 1 {
            self.state.work.notify_all();
        }
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.state.closing.load(Ordering::SeqCst)
    }

    /// Finishes what is queued, signs a last checkpoint and stops. Requests that come later are
    /// refused. Nothing touches the store any more when this returns: whoever opens it next must
    /// not meet a segment half sealed.
    pub fn close(&self) {
        let jobs = self.jobs.lock().take();
        if let Some(jobs) = jobs {
            let (stopped, wait) = mpsc::channel();
            if jobs.send(Job::Stop(stopped)).is_ok() {
                // An error means that the writer is gone already.
                let _ = wait.recv();
            }
        }
        self.stop_writing();
        self.labels.wake();
        if let Err(error) = self.checkpoint() {
            tracing::error!(error = &error as &dyn std::error::Error, "the last checkpoint failed");
        }
        // What is not listed now is read again when the store is opened.
        if let Err(error) = self.who.close(self.recorder.stream()) {
            tracing::warn!(%error, "the lists of access records are not up to date");
        }
        {
            let _turn = self.state.turn.lock();
            self.state.closing.store(true, Ordering::SeqCst);
            self.state.work.notify_all();
            self.state.room.notify_all();
            self.state.closed.notify_all();
        }
        let threads = std::mem::take(&mut *self.state.threads.lock());
        for thread in threads {
            // One that panicked has told so itself.
            let _ = thread.join();
        }
        self.remove_retired();
    }
}
