//! Which Subscriptions there are: read from the log, as everything else is.

use std::sync::Arc;

use accord_base::{Row, Subject};
use accord_engine::{Change, Failure};

use crate::hooks::{Hooks, Known};
use crate::kept::KeptFault;
use crate::state::{State, Status};
use crate::step::refused;
use crate::wanted::{Channel, Wanted};

/// Why Subscriptions cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum FollowFault {
    /// The store refuses.
    #[error("the store does not tell of subscriptions")]
    Engine(Failure),
    /// It cannot be kept.
    #[error(transparent)]
    Kept(#[from] KeptFault),
}

/// A subscription that can be served, and who wrote it.
type Served = (Wanted, Arc<Subject>);

/// What whoever reads Subscriptions for their delivery is called in access records.
fn reader() -> Arc<Subject> {
    Arc::new(Subject::system("subscriptions: who wants to hear of what"))
}

impl Hooks {
    /// Takes in what was written of Subscriptions since the last look. At the first look those
    /// that were known before are read again.
    ///
    /// # Errors
    /// If the store or the file of jobs cannot be read.
    pub fn follow(&self) -> Result<(), FollowFault> {
        let mut followed = self.followed.lock();
        if !followed.begun {
            let newest = *self.parts.engine.commits().borrow();
            let behind = followed.row > newest;
            if behind {
                // The log is of an earlier day than this file: everything is looked for again.
                tracing::error!("the log ends before what subscriptions were told of");
                followed.row = Row::default();
            }
            for (id, mut state) in self.parts.kept.all()? {
                if behind {
                    self.go_back(&id, &mut state, newest)?;
                }
                if state.status != Status::Off {
                    self.read_again(&id, state)?;
                }
            }
            followed.begun = true;
        }
        let criteria = ["Subscription".to_owned()];
        loop {
            let live = Hooks::live(&criteria, followed.row, true);
            let (from, concerned) = self.parts.engine.next_concerning(&live, followed.row);
            followed.row = from;
            if !concerned {
                return Ok(());
            }
            let live = Hooks::live(&criteria, from, true);
            let changes =
                self.ask(&reader(), live, "subscription-all").map_err(FollowFault::Engine)?;
            for change in &changes.entries {
                self.take_in(change)?;
            }
            followed.row = changes.upto;
            self.parts.kept.put_followed(changes.upto)?;
        }
    }

    /// Takes a subscription back to where the log ends.
    fn go_back(&self, id: &str, state: &mut State, newest: Row) -> Result<(), KeptFault> {
        state.since = state.since.min(newest);
        state.again = state.again.map(|row| row.min(newest));
        state.window = None;
        if state.row >= newest {
            // That version was never written: whichever there is begins where it was.
            return self.parts.kept.remove(id);
        }
        self.parts.kept.put(id, state, &[])
    }

    /// Reads the version of a Subscription that was known to count.
    fn read_again(&self, id: &str, mut state: State) -> Result<(), FollowFault> {
        let mut live = Hooks::live(&[format!("Subscription?_id={id}")], state.row, true);
        live.upto = Some(state.row.next());
        let request_id = format!("subscription-{id}");
        let changes = self.ask(&reader(), live, &request_id).map_err(FollowFault::Engine)?;
        let Some(change) = changes.entries.first() else { return Ok(()) };
        if let (Ok(Some(wanted)), Some(subject)) =
            (Wanted::read(&change.version.body), self.writer(change.row)?)
        {
            if let Err(error) = wanted.check_writer(&subject) {
                // It was served by rules before these: whoever looks is told why it is not now.
                (state.status, state.error) = (Status::Error, error);
                return Ok(self.parts.kept.put(id, &state, &[])?);
            }
            let known = Known::new(wanted, subject, state);
            self.known.lock().insert(id.to_owned(), Arc::new(known));
        }
        Ok(())
    }

    fn writer(&self, row: Row) -> Result<Option<Arc<Subject>>, FollowFault> {
        self.parts.engine.writer_of(row).map_err(FollowFault::Engine)
    }

    /// Takes in a version of a Subscription. It goes on where the one before it was.
    fn take_in(&self, change: &Change) -> Result<(), FollowFault> {
        let id = change.version.id.to_string();
        let before = self.known.lock().remove(&id);
        // What a step or a replay of the version before is keeping is kept first; from then on it
        // finds that the version does not count any more.
        let state = before.as_ref().map(|known| known.state.lock());
        // They were bound to the version before.
        self.lines.end(&id);
        if change.version.deleted {
            return Ok(self.parts.kept.remove(&id)?);
        }
        let now = self.parts.clock.now();
        let kept = match state {
            Some(state) => Some(state.clone()),
            None => self.parts.kept.one(&id)?,
        };
        let new = State::new(change.row, now);
        let mut state = match kept.filter(|state| state.status != Status::Off) {
            Some(state) => State {
                since: state.since,
                number: state.number,
                window: state.window,
                again: state.again,
                answered: state.answered,
                ..new
            },
            None => new,
        };
        match self.served(change)? {
            Ok(Some((wanted, subject))) => {
                if wanted.channel == Channel::WebSocket {
                    // There is nobody to greet before somebody comes.
                    state.status = Status::Active;
                }
                self.parts.kept.put(&id, &state, &[])?;
                let known = Known::new(wanted, subject, state);
                self.known.lock().insert(id, Arc::new(known));
                return Ok(());
            }
            Ok(None) => state.status = Status::Off,
            Err(error) => (state.status, state.error) = (Status::Error, error),
        }
        Ok(self.parts.kept.put(&id, &state, &[])?)
    }

    /// What a version asks for, and who wrote it; in words why it cannot be served.
    fn served(&self, change: &Change) -> Result<Result<Option<Served>, String>, FollowFault> {
        let checked = match self.checked(change) {
            Ok(Some(wanted)) => wanted,
            Ok(None) => return Ok(Ok(None)),
            Err(error) => return Ok(Err(error)),
        };
        let writer = self.writer(change.row)?.ok_or("it is not known who wrote it".to_owned());
        Ok(writer.and_then(|writer| {
            checked.check_writer(&writer)?;
            Ok(Some((checked, writer)))
        }))
    }

    /// What a version asks for, if it can be served.
    fn checked(&self, change: &Change) -> Result<Option<Wanted>, String> {
        let wanted = Wanted::read(&change.version.body)?;
        if let Some(Channel::RestHook { endpoint, .. }) = wanted.as_ref().map(|it| &it.channel) {
            self.parts.post.check(endpoint)?;
        }
        if let Some(wanted) = &wanted
            && let Err(failure) = self.parts.engine.check_live(&wanted.criteria)
            && let Some(why) = refused(failure.category)
        {
            return Err(why.to_owned());
        }
        Ok(wanted)
    }
}
