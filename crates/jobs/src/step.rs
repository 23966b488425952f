//! One step of one subscription: what is sent next, and what becomes of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use accord_base::{LogTime, Row};
use accord_engine::{Category, Changes};

use crate::backoff::{PATIENCE_US, wait_us};
use crate::hooks::{Hooks, Known, Outgoing};
use crate::kept::{KeptFault, State, Status};
use crate::notification::{Kind, Notice, notification};
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
        let Some(known) = self.known.lock().get(id).cloned() else { return Ok(()) };
        let (state, number) = {
            let state = known.state.lock();
            (state.clone(), known.turn.load(Ordering::SeqCst))
        };
        let mut turn = Turn { id, known, number, state };
        let now = self.parts.clock.now();
        if let Some(why) = self.ended(&turn.known, now) {
            (turn.state.status, turn.state.error) = (Status::Off, why.to_owned());
            return self.keep(&turn, &[]).map(drop);
        }
        if turn.state.status == Status::Requested {
            return self.send(turn, Kind::Handshake, None);
        }
        let wanted = &turn.known.wanted;
        let bodies = wanted.content == Content::Full;
        let mut live = Hooks::live(&wanted.criteria, turn.state.since, bodies);
        live.upto = turn.state.window;
        match self.ask(&turn.known.subject, live, &format!("subscription-{id}")) {
            Ok(changes) if changes.entries.is_empty() => self.nothing(turn, changes.upto),
            Ok(changes) => self.send(turn, Kind::Event, Some(changes)),
            Err(failure) if failure.category == Category::Busy => {
                turn.state.next = LogTime(now.0 + LogTime::SECOND_US);
                self.hold(&turn);
                Ok(())
            }
            Err(failure) => {
                turn.state.status = Status::Error;
                turn.state.failing.get_or_insert(now);
                let text = failure.issues.first().map(|issue| issue.diagnostics.to_string());
                turn.state.error = text.unwrap_or_default();
                self.keep(&turn, &[]).map(drop)
            }
        }
    }

    /// Why nothing more is told, if so.
    pub(crate) fn ended(&self, known: &Known, now: LogTime) -> Option<&'static str> {
        if known.wanted.end.is_some_and(|end| end <= now) {
            return Some("it has come to its end");
        }
        let stands = self.parts.standing.stands(&known.subject);
        (!stands).then_some("whoever wrote it may not ask any more")
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
        if state.attempts > 0 {
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
        let again = turn.state.attempts > 0;
        let known = Arc::clone(&turn.known);
        let Channel::RestHook { endpoint, headers } = &known.wanted.channel else {
            return self.hand_over(turn, (kind, changes.as_ref(), again));
        };
        if let Some(changes) = &changes {
            turn.state.window = Some(changes.upto);
            turn.state.attempts = turn.state.attempts.max(1);
            if !self.keep(&turn, &[])? {
                return Ok(());
            }
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
        let state = &mut turn.state;
        let since = *state.failing.get_or_insert(now);
        state.error = error;
        if now.0.saturating_sub(since.0) >= PATIENCE_US {
            state.status = Status::Error;
        } else {
            let tries = tries(state, changes.is_some(), again);
            state.next = LogTime(now.0 + wait_us(tries, &*self.parts.rng));
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

/// Counts an attempt that failed. Those of handshakes and heartbeats are counted for the wait, but
/// leave nothing that may have arrived.
fn tries(state: &mut State, event: bool, again: bool) -> u32 {
    if !event {
        // The wait is as long as it has failed so far, about.
        return 4;
    }
    if again {
        state.attempts = state.attempts.saturating_add(1);
    }
    state.attempts
}

/// What was sent has arrived.
fn arrived(state: &mut State, changes: Option<&Changes>, now: LogTime) {
    if let Some(changes) = changes {
        state.number += changes.entries.len() as u64;
        (state.since, state.window, state.attempts) = (changes.upto, None, 0);
    }
    (state.failing, state.told, state.next) = (None, now, now);
    (state.status, state.error) = (Status::Active, String::new());
}
