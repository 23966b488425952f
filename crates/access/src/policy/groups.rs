//! To which groups somebody belongs, by themselves or through groups.

use std::sync::{PoisonError, RwLock};

use accord_base::{ActorOrd, OrgOrd, Row};
use hashbrown::{HashMap, HashSet};

use super::lists::{Lists, Place};
use crate::consent::ActorSet;

/// Most answers that are kept.
const KEPT: usize = 4096;

/// Whose groups are asked for: somebody, the organisation they act for as a member of groups, and
/// that organisation as one for which members act.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Member {
    pub actor: ActorOrd,
    pub by_organization: Option<ActorOrd>,
    pub acting_for: Option<OrgOrd>,
}

impl Member {
    /// The member with every group to which `groups` say that one belongs. People belong to a
    /// thousand teams: groups are looked for by their hashes.
    pub fn closure<I>(self, groups: impl Fn(ActorOrd) -> I) -> ActorSet
    where
        I: IntoIterator<Item = (ActorOrd, Option<OrgOrd>)>,
    {
        let mut found: Vec<ActorOrd> = vec![self.actor];
        found.extend(self.by_organization);
        let mut seen: HashSet<ActorOrd> = found.iter().copied().collect();
        let mut at = 0;
        while let Some(member) = found.get(at).copied() {
            at += 1;
            for (group, acting_for) in groups(member) {
                let acts = acting_for.is_none_or(|to| Some(to) == self.acting_for);
                if acts && seen.insert(group) {
                    found.push(group);
                }
            }
        }
        found.into_iter().collect()
    }
}

/// Memberships, with what was found out by following them.
///
/// **Invariant:** a kept answer is that of following the memberships anew: it is dropped when one
/// of anybody in it changes, and rests on no other.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// By the member, to which group they belong, and for whom they must act to do so.
    lists: Lists<ActorOrd, (ActorOrd, Option<OrgOrd>)>,
    found: RwLock<HashMap<Member, ActorSet>>,
}

impl Clone for Groups {
    fn clone(&self) -> Groups {
        Groups { lists: self.lists.clone(), found: RwLock::default() }
    }
}

impl Groups {
    /// Takes a membership in, or out.
    pub fn set(&mut self, member: ActorOrd, at: Place, to: (ActorOrd, Option<OrgOrd>), on: bool) {
        self.lists.set(member, at, to, on);
        let found = self.found.get_mut().unwrap_or_else(PoisonError::into_inner);
        found.retain(|_, actors| !actors.contains(&member));
    }

    /// Whether nobody belongs to any.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// The groups that a member belongs to directly, by the rows that state it.
    pub fn of(
        &self,
        member: ActorOrd,
    ) -> impl Iterator<Item = (Row, (ActorOrd, Option<OrgOrd>))> + '_ {
        self.lists.of(&member)
    }

    /// The member with every group they belong to.
    pub fn closure(&self, member: Member) -> ActorSet {
        let known = self.found.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(actors) = known.get(&member) {
            return actors.clone();
        }
        drop(known);
        let direct = |member: ActorOrd| self.of(member).map(|(_, group)| group);
        let actors = member.closure(direct);
        let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
        if found.len() >= KEPT {
            found.clear();
        }
        found.insert(member, actors.clone());
        actors
    }
}
