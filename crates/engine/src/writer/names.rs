//! Ordinals for names, given by the writer at first mention.

use std::collections::HashMap;

use accord_access::Names;
use accord_base::{ActorOrd, NameSpace, OrgOrd, PatientOrd};
use accord_index::{NewName, Writer};

/// The names known plus those that the transaction at hand introduces. Dropped without effect if
/// the transaction is refused.
pub(super) struct Naming<'a> {
    index: &'a Writer,
    fresh: HashMap<(NameSpace, String), u32>,
    /// Names given since the last [`take_new`](Naming::take_new).
    new: Vec<NewName>,
    next: [u32; 3],
}

impl<'a> Naming<'a> {
    /// Over the writer's index.
    pub fn new(index: &'a Writer) -> Naming<'a> {
        let next = [NameSpace::Patient, NameSpace::Organization, NameSpace::Actor]
            .map(|space| index.next_ordinal(space));
        Naming { index, fresh: HashMap::new(), new: Vec::new(), next }
    }

    /// The ordinal of a name, given now if it has none.
    pub fn give(&mut self, space: NameSpace, name: &str) -> u32 {
        if let Some(ordinal) = self.find(space, name) {
            return ordinal;
        }
        let place = match space {
            NameSpace::Patient => 0,
            NameSpace::Organization => 1,
            NameSpace::Actor => 2,
        };
        let mut ordinal = 0;
        if let Some(next) = self.next.get_mut(place) {
            ordinal = *next;
            *next += 1;
        }
        self.fresh.insert((space, name.to_owned()), ordinal);
        self.new.push(NewName { space, ordinal, name: name.to_owned() });
        ordinal
    }

    /// The ordinal a name has, if it has one.
    pub fn find(&self, space: NameSpace, name: &str) -> Option<u32> {
        if let Some(known) = self.index.ordinal(space, name) {
            return Some(known);
        }
        if self.fresh.is_empty() {
            return None;
        }
        self.fresh.get(&(space, name.to_owned())).copied()
    }

    /// Whether the transaction at hand gave the name its ordinal.
    pub fn is_new(&self, space: NameSpace, name: &str) -> bool {
        self.index.ordinal(space, name).is_none()
    }

    /// The names given since the last call, to be logged with the row that mentions them first.
    pub fn take_new(&mut self) -> Vec<NewName> {
        std::mem::take(&mut self.new)
    }
}

impl Names for Naming<'_> {
    fn patient(&self, id: &str) -> Option<PatientOrd> {
        self.find(NameSpace::Patient, id).map(PatientOrd)
    }

    fn organization(&self, id: &str) -> Option<OrgOrd> {
        self.find(NameSpace::Organization, id).map(OrgOrd)
    }

    fn actor(&self, reference: &str) -> Option<ActorOrd> {
        self.find(NameSpace::Actor, reference).map(ActorOrd)
    }
}
