//! Lines to clients that listen at websockets: who holds one for which subscription.
//!
//! Nothing is acknowledged on a line, so that nothing is sent again there: an event has its number
//! before it is handed over, and by the numbers a client sees what it missed. While nobody holds a
//! line nothing is looked up, and what happens meanwhile is told to whoever binds next.

use std::collections::BTreeMap;
use std::sync::Arc;

use accord_base::Subject;
use parking_lot::Mutex;

use crate::hooks::{Hooks, Known};
use crate::kept::{State, Status};
use crate::notification::{Kind, Notice, notification};
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
pub(crate) struct Lines(Mutex<BTreeMap<String, Vec<Arc<dyn Line>>>>);

impl Lines {
    /// Whether something can be told: somebody listens, and nobody is behind.
    pub fn have_room(&self, id: &str) -> bool {
        let lines = self.0.lock();
        lines.get(id).is_some_and(|of| !of.is_empty() && of.iter().all(|line| line.has_room()))
    }

    /// Hands a notification to all of a subscription.
    pub fn tell(&self, id: &str, notification: &str) {
        for line in self.0.lock().get(id).into_iter().flatten() {
            line.tell(notification);
        }
    }

    /// Ends all of a subscription.
    pub fn end(&self, id: &str) {
        for line in self.0.lock().remove(id).into_iter().flatten() {
            line.end();
        }
    }

    fn add(&self, id: &str, line: Arc<dyn Line>) {
        let mut lines = self.0.lock();
        let of = lines.entry(id.to_owned()).or_default();
        if !of.iter().any(|other| Arc::ptr_eq(other, &line)) {
            of.push(line);
        }
    }

    fn remove(&self, id: &str, line: &Arc<dyn Line>) {
        let mut lines = self.0.lock();
        if let Some(of) = lines.get_mut(id) {
            of.retain(|other| !Arc::ptr_eq(other, line));
            if of.is_empty() {
                lines.remove(id);
            }
        }
    }
}

impl Hooks {
    /// Whether somebody may listen to a subscription: it is one for websockets that is told, and
    /// they ask in all as they did who wrote it, with the same scopes. What is told is what the
    /// writer may see, so that anything less would widen what the asker may.
    pub fn may_bind(&self, id: &str, subject: &Subject) -> bool {
        let known = self.known.lock().get(id).cloned();
        known.is_some_and(|known| {
            let active = known.state.lock().status == Status::Active;
            active && known.wanted.channel == Channel::WebSocket && is_as(&known.subject, subject)
        })
    }

    /// Binds a line to a subscription. The line is first told a handshake, with the number of the
    /// last event; false if it cannot be bound.
    pub fn bind(&self, id: &str, subject: &Subject, line: &Arc<dyn Line>) -> bool {
        if !self.may_bind(id, subject) {
            return false;
        }
        let Some(known) = self.known.lock().get(id).cloned() else { return false };
        // What gets its number after this one finds the line: both are under the state's lock.
        let state = known.state.lock();
        if state.status != Status::Active || !self.is_known(id, &known) {
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
