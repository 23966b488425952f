//! Sets of actors that are cheap to hold.

use std::sync::Arc;

use accord_base::ActorOrd;

/// Actors, ascending, without repeats. Cloning takes one reference count.
#[derive(Clone, Debug, Default)]
pub struct ActorSet(Arc<[ActorOrd]>);

impl ActorSet {
    /// Whether the actor is one of them.
    pub fn contains(&self, actor: &ActorOrd) -> bool {
        self.0.binary_search(actor).is_ok()
    }

    /// Whether both are the same list; `false` says nothing.
    pub(super) fn is_same(&self, other: &ActorSet) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The actors, ascending.
    pub fn iter(&self) -> impl Iterator<Item = ActorOrd> + '_ {
        self.0.iter().copied()
    }
}

impl From<Vec<ActorOrd>> for ActorSet {
    fn from(mut actors: Vec<ActorOrd>) -> ActorSet {
        actors.sort_unstable();
        actors.dedup();
        ActorSet(actors.into())
    }
}

impl FromIterator<ActorOrd> for ActorSet {
    fn from_iter<I: IntoIterator<Item = ActorOrd>>(actors: I) -> ActorSet {
        actors.into_iter().collect::<Vec<ActorOrd>>().into()
    }
}

impl PartialEq for ActorSet {
    fn eq(&self, other: &ActorSet) -> bool {
        self.is_same(other) || self.0 == other.0
    }
}

impl Eq for ActorSet {}
