//! The subscriptions of a store, and what they stand on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use accord_base::{Clock, LogTime, Rng, Row, Subject};
use accord_engine::{Answer, Changes, Engine, Failure, Interaction, Live, Request, Since};
use parking_lot::Mutex;

use crate::kept::{Kept, KeptFault, State, Status};
use crate::lanes::{Due, host};
use crate::lines::Lines;
use crate::wanted::{Channel, Wanted};

/// What is sent to a receiver.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outgoing {
    /// Where to.
    pub endpoint: String,
    /// Headers besides the content type.
    pub headers: Vec<(String, String)>,
    /// A notification, `application/fhir+json`.
    pub body: String,
    /// How long the receiver may take, in seconds.
    pub timeout_s: u64,
}

/// Sends to receivers.
pub trait Post: Send + Sync {
    /// Sends, and gives the status of the answer.
    ///
    /// # Errors
    /// In words why it was not sent or not answered: they are told to whoever may see the
    /// Subscription.
    fn post(&self, outgoing: &Outgoing) -> Result<u16, String>;

    /// Whether there may be sent there at all.
    ///
    /// # Errors
    /// In words why not.
    fn check(&self, endpoint: &str) -> Result<(), String>;
}

/// Knows whether somebody may still ask as they did.
pub trait Standing: Send + Sync {
    /// Whether they could be given the same token now. What cannot be told is no.
    fn stands(&self, subject: &Subject) -> bool;
}

/// What subscriptions stand on.
pub struct Parts {
    /// The store.
    pub engine: Arc<Engine>,
    /// How far was told.
    pub kept: Kept,
    /// The way out.
    pub post: Box<dyn Post>,
    /// Who may still ask.
    pub standing: Box<dyn Standing>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// Base address of the FHIR interface, without a slash at the end.
    pub base: String,
}

/// The subscriptions of a store.
pub struct Hooks {
    pub(crate) parts: Parts,
    pub(crate) known: Mutex<BTreeMap<String, Arc<Known>>>,
    pub(crate) followed: Mutex<Followed>,
    pub(crate) lines: Lines,
}

/// How far Subscriptions were followed.
pub(crate) struct Followed {
    /// Up to this row.
    pub row: Row,
    /// Whether those known before were read again.
    pub begun: bool,
}

/// A subscription that is served.
pub(crate) struct Known {
    pub wanted: Wanted,
    /// Who wrote it.
    pub subject: Arc<Subject>,
    /// Never locked while something is sent.
    pub state: Mutex<State>,
    /// Counts replays: what a step began before one does not count. Changed under the state's lock.
    pub turn: AtomicU64,
    /// Whether the receiver answered well the last time.
    pub well: AtomicBool,
}

impl Known {
    /// A subscription whose receiver was not sent to yet.
    pub fn new(wanted: Wanted, subject: Arc<Subject>, state: State) -> Known {
        let (turn, well) = (AtomicU64::new(0), AtomicBool::new(false));
        Known { wanted, subject, state: Mutex::new(state), turn, well }
    }

    /// That something is to be done for it, under its id.
    pub fn due(&self, id: &str) -> Due {
        let id = id.to_owned();
        match &self.wanted.channel {
            Channel::RestHook { endpoint, .. } => {
                Due { id, host: Some(host(endpoint)), slow: !self.well.load(Ordering::Relaxed) }
            }
            Channel::WebSocket => Due { id, host: None, slow: false },
        }
    }
}

/// How a subscription stands, for whoever may see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// The state.
    pub state: State,
    /// The topic.
    pub topic: Option<String>,
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hooks")
    }
}

impl Hooks {
    /// Over these parts; what was told before is known again at the first look.
    ///
    /// # Errors
    /// If it cannot be read how far was told.
    pub fn open(parts: Parts) -> Result<Hooks, KeptFault> {
        let followed = Mutex::new(Followed { row: parts.kept.followed()?, begun: false });
        Ok(Hooks { parts, known: Mutex::default(), followed, lines: Lines::default() })
    }

    /// How a subscription stands; `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn told(&self, id: &str) -> Result<Option<Told>, KeptFault> {
        let topic = self.known.lock().get(id).map(|known| known.wanted.topic.clone());
        Ok(self.parts.kept.one(id)?.map(|state| Told { state, topic }))
    }

    /// Whether somebody wrote a subscription, in the same role and for the same organisation.
    pub fn is_of(&self, id: &str, subject: &Subject) -> bool {
        self.known.lock().get(id).is_some_and(|known| {
            let owner = &known.subject;
            owner.principal == subject.principal
                && owner.role == subject.role
                && owner.organization == subject.organization
        })
    }

    /// Tells again from an event on, or what was given up; false if there is no such
    /// subscription that is wanted, or no such event is kept.
    ///
    /// # Errors
    /// If it cannot be kept.
    pub fn replay(&self, id: &str, from: Option<u64>) -> Result<bool, KeptFault> {
        let Some(known) = self.known.lock().get(id).cloned() else { return Ok(false) };
        let mut state = known.state.lock();
        if !self.is_known(id, &known) {
            return Ok(false);
        }
        if let Some(number) = from {
            let Some(row) = self.parts.kept.event(id, number)? else { return Ok(false) };
            (state.since, state.number) = (row, number.saturating_sub(1));
        }
        // What was sent before may come again.
        (state.attempts, state.window) = (1, None);
        (state.failing, state.error) = (None, String::new());
        (state.status, state.next) = (Status::Active, self.parts.clock.now());
        self.parts.kept.put(id, &state, &[])?;
        known.turn.fetch_add(1, Ordering::SeqCst);
        Ok(true)
    }

    /// Whether this is the version of a subscription that counts. To be asked while its state is
    /// locked: whatever takes its place comes into force after the lock is given back.
    pub(crate) fn is_known(&self, id: &str, known: &Arc<Known>) -> bool {
        self.known.lock().get(id).is_some_and(|current| Arc::ptr_eq(current, known))
    }

    /// What changed for somebody.
    pub(crate) fn ask(
        &self,
        subject: &Arc<Subject>,
        live: Live,
        request_id: &str,
    ) -> Result<Changes, Failure> {
        let request = Request {
            subject: Arc::clone(subject),
            interaction: Interaction::Live(Box::new(live)),
            request_id: request_id.to_owned(),
            controller: None,
            deadline: accord_base::Deadline::NEVER,
        };
        match self.parts.engine.handle_blocking(request)? {
            Answer::Changes(changes) => Ok(changes),
            _ => Ok(Changes {
                entries: Vec::new(),
                begins: String::new(),
                position: String::new(),
                upto: Row::default(),
                more: false,
                reset: false,
            }),
        }
    }

    /// A search that goes on from a row.
    pub(crate) fn live(criteria: &[String], since: Row, bodies: bool) -> Live {
        let (criteria, since) = (criteria.to_vec(), Since::Row(since));
        Live { criteria, since, bodies, ..Live::default() }
    }

    /// The subscriptions for which something is to be done now, in the order of their ids.
    pub fn due(&self) -> Vec<Due> {
        let (now, commits) = (self.parts.clock.now(), self.parts.engine.commits());
        let newest = *commits.borrow();
        let known = self.known.lock();
        let due = |(id, known): (&String, &Arc<Known>)| {
            // What is being kept at this moment is looked at the next time.
            let mut state = known.state.try_lock()?;
            // Nobody is looked for without whom it could be told to.
            if known.wanted.channel == Channel::WebSocket && !self.lines.have_room(id) {
                return None;
            }
            let due = self.is_due(known, &mut state, (now, newest));
            due.then(|| known.due(id))
        };
        known.iter().filter_map(due).collect()
    }

    fn is_due(&self, known: &Known, state: &mut State, (now, newest): (LogTime, Row)) -> bool {
        match state.status {
            Status::Error | Status::Off => false,
            _ if state.next > now => false,
            Status::Requested => true,
            Status::Active if state.attempts > 0 || Hooks::is_silent(known, state, now) => true,
            Status::Active if known.wanted.end.is_some_and(|end| end <= now) => true,
            // Nothing was written since the last look: with most, most of the time.
            Status::Active if state.since >= newest => false,
            Status::Active => {
                let live = Hooks::live(&known.wanted.criteria, state.since, false);
                let (from, concerned) = self.parts.engine.next_concerning(&live, state.since);
                state.since = from;
                concerned
            }
        }
    }

    /// Whether a heartbeat is due.
    pub(crate) fn is_silent(known: &Known, state: &State, now: LogTime) -> bool {
        let beat = known.wanted.heartbeat_s.map(|seconds| seconds * LogTime::SECOND_US);
        beat.is_some_and(|beat| now.0.saturating_sub(state.told.0) >= beat)
    }
}
