//! The threads that look for what is due and do it.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;

use crate::Hooks;

/// How often is looked whether something is due.
const LOOK: Duration = Duration::from_millis(100);
/// Receivers that are sent to at a time.
const SENDERS: usize = 8;

/// Delivery under way; stops when told to.
pub struct Running {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Running {
    /// Stops when what is being sent has been sent.
    pub fn stop(self) {
        self.stop.store(true, Ordering::SeqCst);
        for thread in self.threads {
            thread.thread().unpark();
            // One that panicked has stopped.
            let _ = thread.join();
        }
    }
}

/// Delivers until told to stop.
///
/// # Errors
/// If a thread cannot be started.
pub fn run(hooks: Arc<Hooks>) -> io::Result<Running> {
    let stop = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = channel::<String>();
    let receiver = Arc::new(Mutex::new(receiver));
    let busy: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let mut threads = Vec::new();
    for _ in 0..SENDERS {
        let (hooks, receiver, busy) = (hooks.clone(), receiver.clone(), busy.clone());
        let name = Builder::new().name("accord-hook".to_owned());
        threads.push(name.spawn(move || work(&hooks, &receiver, &busy))?);
    }
    let stopped = stop.clone();
    let name = Builder::new().name("accord-hooks".to_owned());
    threads.insert(0, name.spawn(move || look(&hooks, &sender, &busy, &stopped))?);
    Ok(Running { stop, threads })
}

fn look(hooks: &Hooks, sender: &Sender<String>, busy: &Mutex<BTreeSet<String>>, stop: &AtomicBool) {
    while !stop.load(Ordering::SeqCst) {
        if let Err(error) = hooks.follow() {
            tracing::error!(%error, "subscriptions cannot be followed");
        }
        for id in hooks.due() {
            if busy.lock().insert(id.clone()) && sender.send(id).is_err() {
                return;
            }
        }
        std::thread::park_timeout(LOOK);
    }
}

/// Sends what is due, one after another; ends when whoever looks has.
fn work(hooks: &Hooks, due: &Mutex<Receiver<String>>, busy: &Mutex<BTreeSet<String>>) {
    loop {
        let next = due.lock().recv();
        let Ok(id) = next else { return };
        if let Err(error) = hooks.step(&id) {
            tracing::error!(%error, "a subscription cannot be told");
        }
        busy.lock().remove(&id);
    }
}
