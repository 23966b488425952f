//! What the emergency department needs beside its requests: timers, and which tickets were given.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use accord_emergency::{Kiosks, Rules, Timers};
use accord_engine::Engine;

use crate::fail::Fail;

/// Time between two looks at the clock.
const LOOK: Duration = Duration::from_secs(2);

/// The thread that runs them; dropped, it ends first.
pub struct Running {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the record tells of check-ins before the start.
pub fn kiosks(engine: &Arc<Engine>) -> Arc<Kiosks> {
    let known = Kiosks::after_restart(engine.now(), &|request| engine.handle_blocking(request));
    let unknown = |failure: accord_engine::Failure| {
        // A ticket that may come twice is no reason to keep the whole server from starting.
        let status = failure.category.status();
        tracing::warn!(status, "tickets of the last minutes are not known and may come again");
        Kiosks::default()
    };
    Arc::new(known.unwrap_or_else(unknown))
}

/// Starts them.
pub fn start(engine: Arc<Engine>, rules: Arc<Rules>) -> Result<Running, Fail> {
    let mut timers = Timers::new(rules);
    let (stop, stopped) = channel();
    let work = move || {
        let (mut looked, mut failed) = (None, 0);
        while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            let (rows, now) = (Some(engine.log_records()), engine.now());
            // Every look leaves access records: none where nothing can have become due.
            if looked == rows && timers.next().is_none_or(|at| at > now) {
                continue;
            }
            looked = rows;
            if let Err(failure) = timers.run(now, &|request| engine.handle_blocking(request)) {
                let status = failure.category.status();
                tracing::warn!(status, "timers of the emergency department try again");
                looked = None;
            }
            if timers.failed() > failed {
                failed = timers.failed();
                tracing::warn!(failed, "attendances whose timers failed are tried again");
            }
        }
    };
    let thread = std::thread::Builder::new().name("accord-timers".to_owned()).spawn(work)?;
    Ok(Running { stop: Some(stop), thread: Some(thread) })
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // What it made is in the log, whole or not at all.
            let _ = thread.join();
        }
    }
}
