//! The subscriptions of a store, and what they stand on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use accord_base::{LogTime, Row, Subject};
use accord_engine::{Answer, Changes, Failure, Interaction, Live, Request, Since};
use parking_lot::Mutex;

use crate::backoff::LONGEST_US;
use crate::kept::KeptFault;
use crate::lanes::{Due, host};
use crate::lines::Lines;
use crate::parts::Parts;
use crate::state::{Passed, State, Status};
use crate::wanted::{Channel, Wanted};

/// The subscriptions of a store.
pub struct Hooks {
    pub(crate) parts: Parts,
    pub(crate) known: Mutex<BTreeMap<String, Arc<Known>>>,
    pub(crate) followed: Mutex<Followed>,
    pub(crate) lines: Lines,
    pub(crate) passed: Mutex<PassedBy>,
}

/// What was looked through in vain and is not kept yet.
#[derive(Default)]
pub(crate) struct PassedBy {
    /// When it was kept last.
    at: LogTime,
    by: BTreeMap<String, Passed>,
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
        Ok(Hooks {
            parts,
            known: Mutex::default(),
            followed,
            lines: Lines::default(),
            passed: Mutex::default(),
        })
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
            // What was sent before may come again.
            state.again = state.again.max(Some(state.since));
            (state.since, state.number) = (row, number.saturating_sub(1));
        }
        (state.attempts, state.window) = (0, None);
        (state.failing, state.error) = (None, String::new());
        state.next = LogTime::default();
        // Nothing is told to who has not answered yet.
        let greeted = state.greeted || known.wanted.channel == Channel::WebSocket;
        state.status = if greeted { Status::Active } else { Status::Requested };
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
        let due = |(id, known): &(String, Arc<Known>)| {
            // What is being kept at this moment is looked at the next time.
            let mut state = known.state.try_lock()?;
            // Nobody is looked for without whom it could be told to.
            if known.wanted.channel == Channel::WebSocket && !self.lines.have_room(id, now) {
                return None;
            }
            let since = state.since;
            let due = self.is_due(known, &mut state, (now, newest));
            if state.since > since {
                self.pass(id, &state);
            }
            due.then(|| known.due(id))
        };
        let all = self.all();
        let due = all.iter().filter_map(due).collect();
        self.keep_passed(now);
        due
    }

    /// All that are served.
    pub(crate) fn all(&self) -> Vec<(String, Arc<Known>)> {
        let known = self.known.lock();
        known.iter().map(|(id, known)| (id.clone(), Arc::clone(known))).collect()
    }

    /// Notes up to where was looked in vain.
    pub(crate) fn pass(&self, id: &str, state: &State) {
        if state.again.is_none() {
            let passed = Passed { row: state.row, number: state.number, since: state.since };
            self.passed.lock().by.insert(id.to_owned(), passed);
        }
    }

    /// Keeps that, once a second: what was passed by is not told after a restart, and need not be
    /// looked through again.
    fn keep_passed(&self, now: LogTime) {
        let mut passed = self.passed.lock();
        let long = now < passed.at || now.0 - passed.at.0 >= LogTime::SECOND_US;
        if !passed.by.is_empty() && long {
            passed.at = now;
            if let Err(error) = self.parts.kept.put_passed(&passed.by) {
                tracing::error!(%error, "up to where subscriptions were looked for is not kept");
                return;
            }
            passed.by.clear();
        }
    }

    fn is_due(&self, known: &Known, state: &mut State, (now, newest): (LogTime, Row)) -> bool {
        match state.status {
            Status::Error | Status::Off => false,
            // A clock that was set back holds nobody up.
            _ if state.next > now && state.next.0 - now.0 <= LONGEST_US => false,
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
        beat.is_some_and(|beat| now < state.told || now.0 - state.told.0 >= beat)
    }
}

impl Drop for Hooks {
    fn drop(&mut self) {
        let passed = self.passed.get_mut();
        if let Err(error) = self.parts.kept.put_passed(&passed.by) {
            tracing::error!(%error, "up to where subscriptions were looked for is not kept");
        }
    }
}
