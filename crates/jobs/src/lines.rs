//! Lines to clients that listen at websockets: who holds one for which subscription.
//!
//! Nothing is acknowledged on a line, so that nothing is sent again there: an event has its number
//! before it is handed over, and by the numbers a client sees what it missed. While nobody holds a
//! line nothing is looked up, and what happens meanwhile is told to whoever binds next.

use std::collections::BTreeMap;
use std::sync::Arc;

use accord_base::{LogTime, Subject};
use parking_lot::Mutex;

use crate::hooks::{Hooks, Known};
use crate::notification::{Kind, Notice, notification};
use crate::state::{State, Status};
use crate::wanted::Channel;

/// A line to a client.
pub trait Line: Send + Sync {
    /// Whether another notification can be handed over.
    fn has_room(&self) -> bool;

    /// Hands a notification over, if there is room.
    fn tell(&self, notification: &str);

    /// Ends it: the subscription is no longer what it was bound to.
    fn end(&self);
}

/// The lines there are, by subscription.
#[derive(Default)]
pub(crate) struct Lines(Mutex<BTreeMap<String, Vec<Held>>>);

/// A line that is bound.
struct Held {
    line: Arc<dyn Line>,
    /// Since when it has no room.
    full: Option<LogTime>,
}

impl Held {
    /// Whether others wait for it: a moment, not longer.
    fn is_waited_for(&mut self, now: LogTime) -> bool {
        if self.line.has_room() {
            self.full = None;
            return false;
        }
        let since = *self.full.get_or_insert(now);
        now >= since && now.0 - since.0 < WAITED_US
    }
}

/// How long a line without room holds up others, in microseconds. After that it is passed over: its
/// client sees by the numbers what it missed.
const WAITED_US: u64 = 2 * LogTime::SECOND_US;

impl Lines {
    /// Whether something can be told: somebody listens who can take it, and nobody is waited for.
    pub fn have_room(&self, id: &str, now: LogTime) -> bool {
        let mut lines = self.0.lock();
        let Some(of) = lines.get_mut(id) else { return false };
        let waited_for =
            of.iter_mut().filter_map(|held| held.is_waited_for(now).then_some(())).count();
        waited_for == 0 && of.iter().any(|held| held.full.is_none())
    }

    /// Hands a notification to all of a subscription.
    pub fn tell(&self, id: &str, notification: &str) {
        for held in self.0.lock().get(id).into_iter().flatten() {
            // One that has no room is ahead of nobody: the number tells what is missing.
            if held.full.is_none() {
                held.line.tell(notification);
            }
        }
    }

    /// Ends all of a subscription.
    pub fn end(&self, id: &str) {
        for held in self.0.lock().remove(id).into_iter().flatten() {
            held.line.end();
        }
    }

    fn add(&self, id: &str, line: Arc<dyn Line>) {
        let mut lines = self.0.lock();
        let of = lines.entry(id.to_owned()).or_default();
        if !of.iter().any(|other| Arc::ptr_eq(&other.line, &line)) {
            of.push(Held { line, full: None });
        }
    }

    fn remove(&self, id: &str, line: &Arc<dyn Line>) {
        let mut lines = self.0.lock();
        if let Some(of) = lines.get_mut(id) {
            of.retain(|other| !Arc::ptr_eq(&other.line, line));
            if of.is_empty() {
                lines.remove(id);
            }
        }
    }
}

impl Known {
    /// Whether somebody may listen to it, as it stands.
    fn is_for(&self, subject: &Subject, state: &State) -> bool {
        let at_sockets = self.wanted.channel == Channel::WebSocket;
        state.status == Status::Active && at_sockets && is_as(&self.subject, subject)
    }
}

impl Hooks {
    /// Whether somebody may listen to a subscription: it is one for websockets that is told, and
    /// they ask in all as they did who wrote it, with the same scopes. What is told is what the
    /// writer may see, so that anything less would widen what the asker may.
    pub fn may_bind(&self, id: &str, subject: &Subject) -> bool {
        let known = self.known.lock().get(id).cloned();
        known.is_some_and(|known| known.is_for(subject, &known.state.lock()))
    }

    /// Binds a line to a subscription. The line is first told a handshake, with the number of the
    /// last event; false if it cannot be bound.
    pub fn bind(&self, id: &str, subject: &Subject, line: &Arc<dyn Line>) -> bool {
        let Some(known) = self.known.lock().get(id).cloned() else { return false };
        // What gets its number after this one finds the line: both are under the state's lock. All
        // is asked of the one version that the line will hear of.
        let state = known.state.lock();
        if !known.is_for(subject, &state) || !self.is_known(id, &known) {
            return false;
        }
        line.tell(&self.greeting(id, &known, &state));
        self.lines.add(id, Arc::clone(line));
        true
    }

    /// Lets go of a line.
    pub fn unbind(&self, id: &str, line: &Arc<dyn Line>) {
        self.lines.remove(id, line);
    }

    fn greeting(&self, id: &str, known: &Known, state: &State) -> String {
        notification(&Notice {
            kind: Kind::Handshake,
            base: &self.parts.base,
            subscription: &format!("Subscription/{id}"),
            topic: Some(&known.wanted.topic),
            status: state.status.code(),
            error: None,
            before: state.number,
            changes: &[],
            content: known.wanted.content,
            again: false,
            at: self.parts.clock.now(),
            state: None,
            recalled: None,
        })
    }
}

/// Whether somebody asks in all as another did: also with the same scopes, of the same client.
fn is_as(writer: &Subject, asker: &Subject) -> bool {
    let same = writer.principal == asker.principal
        && writer.role == asker.role
        && writer.organization == asker.organization
        && writer.purpose == asker.purpose;
    same && match (&writer.grant, &asker.grant) {
        (None, None) => true,
        (Some(writer), Some(asker)) => {
            writer.client == asker.client
                && writer.scopes.resources == asker.scopes.resources
                && writer.patient == asker.patient
        }
        _ => false,
    }
}
