//! One step of one subscription: what is sent next, and what becomes of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use accord_base::{LogTime, Row};
use accord_engine::{Category, Changes, Failure};

use crate::backoff::{LEAST_TRIES, PATIENCE_US, wait_us};
use crate::hooks::{Hooks, Known};
use crate::kept::KeptFault;
use crate::notification::{Kind, Notice, notification};
use crate::parts::Outgoing;
use crate::state::{State, Status};
use crate::wanted::{Channel, Content};

/// Who takes longer than this to answer does not answer well, in microseconds.
const WELL_US: u64 = 2 * LogTime::SECOND_US;

/// A subscription while a step is done. Nothing is locked meanwhile: what it comes to counts only
/// if the subscription is still the same then.
struct Turn<'a> {
    id: &'a str,
    known: Arc<Known>,
    number: u64,
    state: State,
}

impl Hooks {
    /// Does what is due for a subscription. What is to be sent is noted as attempted before it is
    /// sent, and as told after its receiver said so: whatever comes between, it is sent again and
    /// says that it may have arrived before. For one subscription not to be called twice at a time.
    ///
    /// # Errors
    /// If it cannot be kept how far was told; nothing is sent then.
    pub fn step(&self, id: &str) -> Result<(), KeptFault> {
        let done = self.try_step(id);
        if let (Err(_), Some(known)) = (&done, self.known.lock().get(id)) {
            known.state.lock().next = self.soon();
        }
        done
    }

    /// In a second.
    fn soon(&self) -> LogTime {
        self.parts.clock.now().plus_us(LogTime::SECOND_US)
    }

    fn try_step(&self, id: &str) -> Result<(), KeptFault> {
        let Some(known) = self.known.lock().get(id).cloned() else { return Ok(()) };
        let (state, number) = {
            let state = known.state.lock();
            (state.clone(), known.turn.load(Ordering::SeqCst))
        };
        let mut turn = Turn { id, known, number, state };
        let now = self.parts.clock.now();
        match self.goes_on(&turn.known, now) {
            Err(why) => {
                (turn.state.status, turn.state.error) = (Status::Off, why.to_owned());
                return self.keep(&turn, &[]).map(drop);
            }
            Ok(false) => {
                turn.state.next = self.soon();
                self.hold(&turn);
                return Ok(());
            }
            Ok(true) => {}
        }
        // Others at the same socket may have filled it meanwhile.
        let at_socket = turn.known.wanted.channel == Channel::WebSocket;
        if at_socket && !self.lines.have_room(id, now) {
            return Ok(());
        }
        if turn.state.status == Status::Requested {
            return self.send(turn, Kind::Handshake, None);
        }
        match self.look(&turn) {
            Ok(changes) if changes.entries.is_empty() => self.nothing(turn, changes.upto),
            Ok(changes) => self.send(turn, Kind::Event, Some(changes)),
            Err(failure) if failure.category == Category::Busy => {
                turn.state.next = self.soon();
                self.hold(&turn);
                Ok(())
            }
            Err(failure) => match refused(failure.category) {
                Some(why) => {
                    turn.state.status = Status::Error;
                    turn.state.failing.get_or_insert(now);
                    why.clone_into(&mut turn.state.error);
                    self.keep(&turn, &[]).map(drop)
                }
                None => {
                    turn.state.attempts = turn.state.attempts.saturating_add(1);
                    self.failed(turn, "the server met a fault of its own".to_owned())
                }
            },
        }
    }

    /// What is to be told next. What concerns nobody is looked through to its end.
    fn look(&self, turn: &Turn<'_>) -> Result<Changes, Failure> {
        let wanted = &turn.known.wanted;
        let bodies = wanted.content == Content::Full;
        let mut since = turn.state.since;
        loop {
            let mut live = Hooks::live(&wanted.criteria, since, bodies);
            (live.upto, live.most) = (turn.state.window, wanted.most);
            let request_id = format!("subscription-{}", turn.id);
            let changes = self.ask(&turn.known.subject, live, &request_id)?;
            if !changes.entries.is_empty() || !changes.more || changes.upto <= since {
                return Ok(changes);
            }
            since = changes.upto;
        }
    }

    /// Whether something may be told at this moment: no where it cannot be known whether whoever
    /// wrote it may still ask.
    ///
    /// # Errors
    /// Why nothing is told any more.
    fn goes_on(&self, known: &Known, now: LogTime) -> Result<bool, &'static str> {
        if known.wanted.end.is_some_and(|end| end <= now) {
            return Err("it has come to its end");
        }
        match self.parts.standing.stands(&known.subject) {
            Some(false) => Err("whoever wrote it may not ask any more"),
            stands => Ok(stands.is_some()),
        }
    }

    /// Whether nothing more is told.
    pub(crate) fn has_ended(&self, known: &Known, now: LogTime) -> bool {
        self.goes_on(known, now).is_err()
    }

    /// Keeps how a subscription stands, and what was acknowledged; says whether it is still the
    /// same.
    fn keep(&self, turn: &Turn<'_>, acknowledged: &[Row]) -> Result<bool, KeptFault> {
        self.keep_then(turn, acknowledged, || ())
    }

    /// The same, and does something before another version can come between.
    fn keep_then(
        &self,
        turn: &Turn<'_>,
        acknowledged: &[Row],
        then: impl FnOnce(),
    ) -> Result<bool, KeptFault> {
        let mut state = turn.known.state.lock();
        if !self.is_current(turn) {
            return Ok(false);
        }
        self.parts.kept.put(turn.id, &turn.state, acknowledged)?;
        state.clone_from(&turn.state);
        if matches!(state.status, Status::Off | Status::Error) {
            self.lines.end(turn.id);
        }
        then();
        Ok(true)
    }

    /// The same in memory alone.
    fn hold(&self, turn: &Turn<'_>) {
        let mut state = turn.known.state.lock();
        if self.is_current(turn) {
            if turn.state.since > state.since {
                self.pass(turn.id, &turn.state);
            }
            state.clone_from(&turn.state);
        }
    }

    /// Whether neither another version of the Subscription nor a replay has come between. To be
    /// asked while its state is locked.
    fn is_current(&self, turn: &Turn<'_>) -> bool {
        self.is_known(turn.id, &turn.known) && turn.known.turn.load(Ordering::SeqCst) == turn.number
    }

    /// There is nothing to tell, or no longer.
    fn nothing(&self, mut turn: Turn<'_>, upto: Row) -> Result<(), KeptFault> {
        let state = &mut turn.state;
        state.since = upto;
        let was_told_again = state.again.is_some();
        come_to(state);
        if state.attempts > 0 || was_told_again {
            (state.attempts, state.window, state.failing) = (0, None, None);
            state.error.clear();
            if !self.keep(&turn, &[])? {
                return Ok(());
            }
        } else {
            self.hold(&turn);
        }
        if Hooks::is_silent(&turn.known, &turn.state, self.parts.clock.now()) {
            return self.send(turn, Kind::Heartbeat, None);
        }
        Ok(())
    }

    fn send(
        &self,
        mut turn: Turn<'_>,
        kind: Kind,
        changes: Option<Changes>,
    ) -> Result<(), KeptFault> {
        let again = turn.state.may_have_arrived();
        let known = Arc::clone(&turn.known);
        let Channel::RestHook { endpoint, headers } = &known.wanted.channel else {
            return self.hand_over(turn, (kind, changes.as_ref(), again));
        };
        turn.state.attempts = turn.state.attempts.saturating_add(1);
        if let Some(changes) = &changes {
            turn.state.window = Some(changes.upto);
            turn.state.again = turn.state.again.max(turn.state.window);
        }
        if !self.keep(&turn, &[])? {
            return Ok(());
        }
        let outgoing = Outgoing {
            endpoint: endpoint.clone(),
            headers: headers.clone(),
            body: self.notice(&turn, (kind, changes.as_ref(), again)),
            timeout_s: known.wanted.timeout_s,
        };
        let begun = self.parts.clock.now();
        let sent = self.parts.post.post(&outgoing);
        let now = self.parts.clock.now();
        let well = matches!(sent, Ok(200..=299)) && now.0.saturating_sub(begun.0) < WELL_US;
        turn.known.well.store(well, Ordering::Relaxed);
        let error = match sent {
            Ok(200..=299) => {
                arrived(&mut turn.state, changes.as_ref(), now);
                return self.keep(&turn, &rows(changes.as_ref())).map(drop);
            }
            Ok(status) => format!("the receiver answers with status {status}"),
            Err(error) => error,
        };
        self.failed(turn, error)
    }

    /// An attempt failed: another is made later, or it is given up.
    fn failed(&self, mut turn: Turn<'_>, error: String) -> Result<(), KeptFault> {
        let now = self.parts.clock.now();
        let state = &mut turn.state;
        let since = *state.failing.get_or_insert(now);
        state.error = error;
        let long = now.0.saturating_sub(since.0) >= PATIENCE_US;
        if long && state.attempts >= LEAST_TRIES {
            state.status = Status::Error;
        } else {
            state.next = now.plus_us(wait_us(state.attempts, &*self.parts.rng));
        }
        self.keep(&turn, &[]).map(drop)
    }

    /// Hands a notification to whoever holds a line. Nothing is acknowledged there: what is told has
    /// its number, and is kept as told, before.
    fn hand_over(
        &self,
        mut turn: Turn<'_>,
        (kind, changes, again): (Kind, Option<&Changes>, bool),
    ) -> Result<(), KeptFault> {
        let body = self.notice(&turn, (kind, changes, again));
        arrived(&mut turn.state, changes, self.parts.clock.now());
        // Whoever binds to another version is not told what this one found.
        self.keep_then(&turn, &rows(changes), || self.lines.tell(turn.id, &body)).map(drop)
    }

    /// The notification that is due.
    fn notice(
        &self,
        turn: &Turn<'_>,
        (kind, changes, again): (Kind, Option<&Changes>, bool),
    ) -> String {
        let (wanted, state) = (&turn.known.wanted, &turn.state);
        notification(&Notice {
            kind,
            base: &self.parts.base,
            subscription: &format!("Subscription/{}", turn.id),
            topic: Some(&wanted.topic),
            status: state.status.code(),
            error: None,
            before: state.number,
            changes: changes.map_or(&[], |changes| &changes.entries),
            content: wanted.content,
            again: again && kind == Kind::Event,
            at: self.parts.clock.now(),
            state: None,
            recalled: None,
        })
    }
}

/// The rows of what was told.
fn rows(changes: Option<&Changes>) -> Vec<Row> {
    changes.iter().flat_map(|changes| &changes.entries).map(|change| change.row).collect()
}

/// Why a subscription can never be told, if that is what a refusal means. What was asked for is not
/// repeated: it may name somebody.
pub(crate) fn refused(category: Category) -> Option<&'static str> {
    match category {
        Category::Busy | Category::Fault => None,
        Category::Forbidden | Category::Unauthenticated => {
            Some("its writer may not search for that")
        }
        Category::TooCostly => Some("its filters are too costly to ask"),
        _ => Some("its filters cannot be asked: asked as a search they say why"),
    }
}

/// What may have arrived has been told again.
fn come_to(state: &mut State) {
    if !state.may_have_arrived() {
        state.again = None;
    }
}

/// What was sent has arrived.
fn arrived(state: &mut State, changes: Option<&Changes>, now: LogTime) {
    if let Some(changes) = changes {
        state.number += changes.entries.len() as u64;
        (state.since, state.window) = (changes.upto, None);
        come_to(state);
    }
    (state.attempts, state.failing, state.next) = (0, None, LogTime::default());
    (state.told, state.answered, state.greeted) = (now, Some(now), true);
    (state.status, state.error) = (Status::Active, String::new());
}
