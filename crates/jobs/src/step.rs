//! One step of one subscription: what is sent next, and what becomes of it.

use accord_base::{LogTime, Row};
use accord_engine::{Category, Changes};

use crate::backoff::{PATIENCE_US, wait_us};
use crate::hooks::{Hooks, Known, Outgoing};
use crate::kept::{KeptFault, State, Status};
use crate::notification::{Kind, Notice, notification};
use crate::wanted::Content;

impl Hooks {
    /// Does what is due for a subscription. What is to be sent is noted as attempted before it is
    /// sent, and as told after its receiver said so: whatever comes between, it is sent again and
    /// says that it may have arrived before.
    ///
    /// # Errors
    /// If it cannot be kept how far was told; nothing is sent then.
    pub fn step(&self, id: &str) -> Result<(), KeptFault> {
        let Some(known) = self.known.lock().get(id).cloned() else { return Ok(()) };
        let mut state = known.state.lock();
        let now = self.parts.clock.now();
        let off = if known.wanted.end.is_some_and(|end| end <= now) {
            Some("it has come to its end")
        } else if !self.parts.standing.stands(&known.subject) {
            Some("whoever wrote it may not ask any more")
        } else {
            None
        };
        if let Some(why) = off {
            (state.status, state.error) = (Status::Off, why.to_owned());
            return self.parts.kept.put(id, &state, &[]);
        }
        if state.status == Status::Requested {
            return self.send(id, &known, &mut state, (Kind::Handshake, None));
        }
        let mut live =
            Hooks::live(&known.wanted.criteria, state.since, known.wanted.content == Content::Full);
        live.upto = state.window;
        match self.ask(&known.subject, live, id) {
            Ok(changes) if changes.entries.is_empty() => {
                self.nothing(id, &known, &mut state, changes.upto)
            }
            Ok(changes) => self.send(id, &known, &mut state, (Kind::Event, Some(changes))),
            Err(failure) if failure.category == Category::Busy => {
                state.next = LogTime(now.0 + LogTime::SECOND_US);
                Ok(())
            }
            Err(failure) => {
                state.status = Status::Error;
                let text = failure.issues.first().map(|issue| issue.diagnostics.to_string());
                state.error = text.unwrap_or_default();
                self.parts.kept.put(id, &state, &[])
            }
        }
    }

    /// There is nothing to tell, or no longer.
    fn nothing(
        &self,
        id: &str,
        known: &Known,
        state: &mut State,
        upto: Row,
    ) -> Result<(), KeptFault> {
        state.since = upto;
        if state.attempts > 0 {
            (state.attempts, state.window, state.failing) = (0, None, None);
            self.parts.kept.put(id, state, &[])?;
        }
        if Hooks::is_silent(known, state, self.parts.clock.now()) {
            return self.send(id, known, state, (Kind::Heartbeat, None));
        }
        Ok(())
    }

    fn send(
        &self,
        id: &str,
        known: &Known,
        state: &mut State,
        (kind, changes): (Kind, Option<Changes>),
    ) -> Result<(), KeptFault> {
        let again = state.attempts > 0;
        if let Some(changes) = &changes {
            (state.window, state.attempts) = (Some(changes.upto), state.attempts.max(1));
            self.parts.kept.put(id, state, &[])?;
        }
        let outgoing = self.outgoing(id, known, state, (kind, changes.as_ref(), again));
        let sent = self.parts.post.post(&outgoing);
        let now = self.parts.clock.now();
        let error = match sent {
            Ok(200..=299) => {
                let rows: Vec<Row> =
                    changes.iter().flat_map(|c| &c.entries).map(|c| c.row).collect();
                arrived(state, changes.as_ref(), now);
                return self.parts.kept.put(id, state, &rows);
            }
            Ok(status) => format!("the receiver answers with status {status}"),
            Err(error) => error,
        };
        let since = *state.failing.get_or_insert(now);
        state.error = error;
        if now.0.saturating_sub(since.0) >= PATIENCE_US {
            state.status = Status::Error;
        } else {
            state.next =
                LogTime(now.0 + wait_us(tries(state, changes.is_some(), again), &*self.parts.rng));
        }
        self.parts.kept.put(id, state, &[])
    }

    fn outgoing(
        &self,
        id: &str,
        known: &Known,
        state: &State,
        (kind, changes, again): (Kind, Option<&Changes>, bool),
    ) -> Outgoing {
        let wanted = &known.wanted;
        let body = notification(&Notice {
            kind,
            base: &self.parts.base,
            subscription: &format!("Subscription/{id}"),
            topic: Some(&wanted.topic),
            status: state.status.code(),
            error: None,
            before: state.number,
            changes: changes.map_or(&[], |changes| &changes.entries),
            content: wanted.content,
            again: again && kind == Kind::Event,
            at: self.parts.clock.now(),
        });
        let (endpoint, headers) = (wanted.endpoint.clone(), wanted.headers.clone());
        Outgoing { endpoint, headers, body, timeout_s: wanted.timeout_s }
    }
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
