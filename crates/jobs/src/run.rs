//! The threads that look for what is due and do it: one that looks, one for each receiver that is
//! being sent to, and one for what is handed over to websockets. A receiver may take its time, so
//! that a fixed number of threads would leave others waiting.

use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::Hooks;
use crate::lanes::{Bounds, Due, Lanes, Turns};

/// How often is looked whether something is due.
const LOOK: Duration = Duration::from_millis(100);
/// Looks between two at what the operator's command asked for.
const ASKED_EVERY: u32 = 10;
/// Looks between two at who may not ask any more: a minute.
const OVER_EVERY: u32 = 600;
/// How long is waited at the end for what is being sent: somewhat longer than a receiver may take.
const LAST_WAIT: Duration = Duration::from_secs(35);

/// Delivery under way; stops when told to.
pub struct Running {
    shared: Arc<Shared>,
    looker: JoinHandle<()>,
}

struct Shared {
    hooks: Arc<Hooks>,
    lanes: Mutex<Lanes>,
    /// Tells that a place was given back.
    left: Condvar,
    stop: AtomicBool,
}

impl Running {
    /// Stops when what is being sent has been sent.
    pub fn stop(self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.looker.thread().unpark();
        // One that panicked has stopped.
        let _ = self.looker.join();
        let mut lanes = self.shared.lanes.lock();
        while !lanes.is_empty() {
            if self.shared.left.wait_for(&mut lanes, LAST_WAIT).timed_out() {
                return;
            }
        }
    }
}

/// Delivers until told to stop.
///
/// # Errors
/// If the thread that looks cannot be started.
pub fn run(hooks: Arc<Hooks>) -> io::Result<Running> {
    run_within(hooks, Bounds::default())
}

/// The same within other bounds.
///
/// # Errors
/// As of [`run`].
pub fn run_within(hooks: Arc<Hooks>, bounds: Bounds) -> io::Result<Running> {
    let lanes = Mutex::new(Lanes::new(bounds));
    let (left, stop) = (Condvar::new(), AtomicBool::new(false));
    let shared = Arc::new(Shared { hooks, lanes, left, stop });
    let looking = shared.clone();
    let looker = Builder::new().name("accord-hooks".to_owned()).spawn(move || look(&looking))?;
    Ok(Running { shared, looker })
}

fn look(shared: &Arc<Shared>) {
    let mut looks = Looks::default();
    while !shared.stop.load(Ordering::SeqCst) {
        // Whatever goes wrong with one look, there is another.
        if std::panic::catch_unwind(AssertUnwindSafe(|| looks.look(shared))).is_err() {
            tracing::error!("a look for what is due was broken off");
        }
        std::thread::park_timeout(LOOK);
    }
}

/// Looks, one after the other.
#[derive(Default)]
struct Looks {
    turn: u32,
    turns: Turns,
}

impl Looks {
    fn look(&mut self, shared: &Arc<Shared>) {
        if let Err(error) = shared.hooks.follow() {
            tracing::error!(%error, "subscriptions cannot be followed");
        }
        if self.turn.is_multiple_of(ASKED_EVERY)
            && let Err(error) = shared.hooks.replay_asked()
        {
            tracing::error!(%error, "what is to be told again cannot be read");
        }
        let mut due = shared.hooks.due();
        if self.turn.is_multiple_of(OVER_EVERY) {
            due.extend(shared.hooks.over());
            due.sort_by(|a, b| a.id.cmp(&b.id));
        }
        self.turn = self.turn.wrapping_add(1);
        let mut at_sockets = Vec::new();
        for due in self.turns.let_in(due, &mut shared.lanes.lock()) {
            match due.host {
                Some(_) => begin(Places { shared: shared.clone(), due: vec![due] }),
                None => at_sockets.push(due),
            }
        }
        // Handing over waits for nobody, so that one thread does it for all.
        if !at_sockets.is_empty() {
            begin(Places { shared: shared.clone(), due: at_sockets });
        }
    }
}

/// Does what is due in a thread of its own, one after the other.
fn begin(mut places: Places) {
    let steps = move || {
        while let Some(due) = places.due.last() {
            if let Err(error) = places.shared.hooks.step(&due.id) {
                tracing::error!(%error, "a subscription cannot be told");
            }
            places.leave();
        }
    };
    // It is due again at the next look.
    if let Err(error) = Builder::new().name("accord-hook".to_owned()).spawn(steps) {
        tracing::error!(%error, "a thread for subscriptions cannot be started");
    }
}

/// The places of what is being told, the last one first; free again when dropped.
struct Places {
    shared: Arc<Shared>,
    due: Vec<Due>,
}

impl Places {
    fn leave(&mut self) {
        if let Some(due) = self.due.pop() {
            self.shared.lanes.lock().leave(&due);
            self.shared.left.notify_all();
        }
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        while !self.due.is_empty() {
            self.leave();
        }
    }
}
