//! How subscriptions stand, for who looks after them.

use crate::hooks::{Hooks, Known, Told};
use crate::kept::KeptFault;
use crate::lanes::Due;
use crate::state::{State, Status};

/// How many subscriptions there are, by how they stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Whose receiver has not answered yet.
    pub requested: u64,
    /// That are told.
    pub active: u64,
    /// Of these and the ones before: whose last attempt failed, so that something waits.
    pub failing: u64,
    /// That were given up, or cannot be served.
    pub error: u64,
    /// That are not wanted any more.
    pub off: u64,
}

impl Counts {
    /// Counts them.
    pub fn of<'a>(all: impl Iterator<Item = &'a State>) -> Counts {
        let mut counts = Counts::default();
        for state in all {
            match state.status {
                Status::Requested => counts.requested += 1,
                Status::Active => counts.active += 1,
                Status::Error => counts.error += 1,
                Status::Off => counts.off += 1,
            }
            counts.failing += u64::from(is_failing(state));
        }
        counts
    }
}

/// Whether the last attempt failed, and another will be made.
pub fn is_failing(state: &State) -> bool {
    state.failing.is_some() && matches!(state.status, Status::Requested | Status::Active)
}

/// The order in which they are looked after: those given up first, then those that fail, whichever
/// has failed for longest first.
pub fn order(a: &(String, State), b: &(String, State)) -> std::cmp::Ordering {
    let rank = |state: &State| match state.status {
        Status::Error => 0,
        _ if is_failing(state) => 1,
        Status::Requested => 2,
        Status::Active => 3,
        Status::Off => 4,
    };
    let since = |state: &State| state.failing.unwrap_or(state.told);
    rank(&a.1)
        .cmp(&rank(&b.1))
        .then_with(|| since(&a.1).cmp(&since(&b.1)))
        .then_with(|| a.0.cmp(&b.0))
}

impl Hooks {
    /// How each subscription stands, in the order in which they are looked after.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn all_told(&self) -> Result<Vec<(String, Told)>, KeptFault> {
        let mut all = self.parts.kept.all()?;
        all.sort_by(order);
        let known = self.known.lock();
        let topic = |id: &str| known.get(id).map(|known| known.wanted.topic.clone());
        Ok(all
            .into_iter()
            .map(|(id, state)| {
                let topic = topic(&id);
                (id, Told { state, topic })
            })
            .collect())
    }

    /// How many there are.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn counts(&self) -> Result<Counts, KeptFault> {
        Ok(Counts::of(self.parts.kept.all()?.iter().map(|(_, state)| state)))
    }

    /// The subscriptions that are at their end, or whose writer may not ask any more: the next step
    /// ends them, though nobody may hear of them any more.
    pub fn over(&self) -> Vec<Due> {
        let now = self.parts.clock.now();
        let known = self.all();
        let is_told =
            |known: &Known| matches!(known.state.lock().status, Status::Requested | Status::Active);
        let over = known.iter().filter(|(_, of)| is_told(of) && self.has_ended(of, now));
        over.map(|(id, known)| known.due(id)).collect()
    }

    /// Does what the operator's command asked for: replays.
    ///
    /// # Errors
    /// If it cannot be kept.
    pub fn replay_asked(&self) -> Result<(), KeptFault> {
        for (id, event) in self.parts.kept.asked()? {
            if !self.replay(&id, event)? {
                tracing::warn!("a subscription that is not served was to be told again");
            }
            self.parts.kept.answered(&id, event)?;
        }
        Ok(())
    }
}
