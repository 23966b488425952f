//! Facts compiled to sets of patients, kept as facts come, end and fall due.

mod audience;
mod groups;
mod lists;
mod merges;
mod pending;
mod stated;
#[cfg(test)]
mod tests;
mod transfer;
mod treating;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use accord_base::{ActorOrd, LogTime, OrgOrd, PatientOrd, Row};
use hashbrown::HashMap;
use smallvec::SmallVec;

use crate::consent::{ConsentRule, Defaults, Rolls};
use crate::fact::{Fact, Mandate, StatedFact, Terms};
use crate::set::PatientSet;
use audience::{Audience, Counted};
use groups::Groups;
use lists::{Lists, Place};
use merges::Merges;
use stated::{Held, Phase, Stated, StatingRows};
use treating::KeptTreating;

pub(crate) use groups::Member;
pub use merges::Merged;
pub use pending::{InForce, PendingFacts};
pub(crate) use treating::Asking;

/// The facts in force, as sets of patients: one per organisation and one per person at an
/// organisation of those they care for, one per organisation of those who deny it, and one of
/// those who deny everyone.
///
/// Every change touches the sets it concerns and nothing else. A set that a [`Scope`](crate::Scope)
/// holds stays as it was.
///
/// **Invariant:** the sets equal those made afresh from the facts of live rows that hold at
/// [`now`](PolicyIndex::now).
#[derive(Clone, Debug, Default)]
pub struct PolicyIndex {
    now: LogTime,
    sets: HashMap<Audience, Counted>,
    /// Agreements by recipient, with the controller that shares.
    shares: Lists<OrgOrd, (OrgOrd, Terms)>,
    /// By the person, for whom they act and how far.
    mandates: Lists<ActorOrd, (PatientOrd, Mandate)>,
    /// Who belongs to which group.
    groups: Groups,
    /// Consents of patients.
    rolls: Rolls,
    /// How many provisions of consents begin or cease to hold at an instant.
    edges: BTreeMap<LogTime, u32>,
    /// What holds where no consent speaks.
    defaults: Arc<Defaults>,
    /// Which records are of one person.
    merges: Merges,
    /// How far those reach who asked lately.
    treating: KeptTreating,
    /// Facts that hold or will hold, by the row that states them.
    rows: StatingRows,
    /// When time alone changes a fact: the fact is named by its row and its place there.
    due: BTreeSet<(LogTime, Row, u32)>,
}

impl PolicyIndex {
    /// An index without facts, at the beginning of time.
    pub fn new() -> PolicyIndex {
        PolicyIndex::default()
    }

    /// Takes in what a row states. `controller` is the organisation that answers for the row: a
    /// person's relationship holds when they act for it. Facts already over are passed over.
    /// A row applied again replaces what it stated.
    pub fn apply(&mut self, row: Row, controller: OrgOrd, facts: &[Fact]) {
        self.retire(row);
        let now = self.now;
        let held = facts.iter().filter(|fact| fact.until() > now);
        let mut held: SmallVec<[Held; 1]> =
            held.map(|fact| Held { fact: fact.clone(), phase: Phase::Waiting }).collect();
        if held.is_empty() {
            return;
        }
        for (place, held) in (0u32..).zip(&mut held) {
            let (from, until) = (held.fact.from(), held.fact.until());
            if from > now {
                self.due.insert((from, row, place));
                continue;
            }
            held.phase = Phase::Holding;
            if until != LogTime::NEVER {
                self.due.insert((until, row, place));
            }
            self.count((row, place), controller, &held.fact, true);
        }
        self.rows.insert(row, Stated { controller, open: held.len(), facts: held });
    }

    /// Ends what a row states: its version died.
    pub fn retire(&mut self, row: Row) {
        let Some(stated) = self.rows.remove(row) else { return };
        for (place, held) in (0u32..).zip(&stated.facts) {
            match held.phase {
                Phase::Waiting => {
                    self.due.remove(&(held.fact.from(), row, place));
                }
                Phase::Holding => {
                    self.due.remove(&(held.fact.until(), row, place));
                    self.count((row, place), stated.controller, &held.fact, false);
                }
                Phase::Ended => {}
            }
        }
    }

    /// The next instant at which time alone changes a set; `None` if none will.
    pub fn next_due(&self) -> Option<LogTime> {
        self.due.first().map(|(at, ..)| *at)
    }

    /// The instant up to which time has been taken into account.
    pub fn now(&self) -> LogTime {
        self.now
    }

    /// Takes into account that time has passed. Never goes back.
    pub fn advance(&mut self, now: LogTime) {
        self.now = self.now.max(now);
        while let Some(entry) = self.due.first().copied()
            && entry.0 <= self.now
        {
            self.due.remove(&entry);
            self.step(entry.1, entry.2);
        }
    }

    /// Moves a fact that fell due to its next phase.
    fn step(&mut self, row: Row, place: u32) {
        let now = self.now;
        let Some(stated) = self.rows.get_mut(row) else { return };
        let controller = stated.controller;
        let Some(held) = stated.facts.get_mut(place as usize) else { return };
        let fact = held.fact.clone();
        let was = held.phase;
        held.phase = if fact.until() <= now { Phase::Ended } else { Phase::Holding };
        let phase = held.phase;
        if phase == Phase::Ended {
            stated.open -= 1;
            if stated.open == 0 {
                self.rows.remove(row);
            }
        } else if fact.until() != LogTime::NEVER {
            self.due.insert((fact.until(), row, place));
        }
        let (before, after) = (was == Phase::Holding, phase == Phase::Holding);
        if before != after {
            self.count((row, place), controller, &fact, after);
        }
    }

    /// Counts a fact in or out.
    fn count(&mut self, at: Place, controller: OrgOrd, fact: &Fact, holds: bool) {
        self.treating.drop_resting_on(fact);
        match *fact {
            Fact::Merged { patient, into, .. } => {
                return self.merges.set((at.0, at.1), (patient, into), holds);
            }
            Fact::Shares { organization, terms, .. } => {
                self.shares.set(organization, at, (controller, terms), holds);
            }
            Fact::ActsAs { patient, actor, mandate, .. } => {
                self.mandates.set(actor, at, (patient, mandate), holds);
            }
            Fact::Belongs { group, member, organization, .. } => {
                self.groups.set(member, at, (group, organization), holds);
            }
            Fact::Consent(ref consent) => {
                if holds {
                    self.rolls.insert(at.0, controller, consent.clone());
                } else {
                    self.rolls.remove(at.0, consent);
                }
                self.count_edges(consent, holds);
            }
            _ => {}
        }
        let Some(audience) = Audience::of(fact, controller) else { return };
        let counted = self.sets.entry(audience).or_default();
        if holds {
            counted.add(Audience::member(fact));
        } else {
            counted.take(Audience::member(fact));
            if counted.is_empty() {
                self.sets.remove(&audience);
            }
        }
    }

    /// The agreements of which the organisation is the recipient, with who shares, by the rows
    /// that state them.
    pub fn shares(&self, to: OrgOrd) -> Vec<(Row, OrgOrd, Terms)> {
        let shares = self.shares.of(&to);
        shares.map(|(row, (controller, terms))| (row, controller, terms)).collect()
    }

    fn count_edges(&mut self, consent: &ConsentRule, holds: bool) {
        for at in consent.provisions.iter().flat_map(|p| [p.from, p.until]) {
            if holds {
                *self.edges.entry(at).or_default() += 1;
            } else if let Some(count) = self.edges.get_mut(&at) {
                *count -= 1;
                if *count == 0 {
                    self.edges.remove(&at);
                }
            }
        }
    }

    /// The last instant up to `now` at which a provision of a consent began or ceased to hold.
    fn edge(&self, now: LogTime) -> Option<LogTime> {
        self.edges.range(..=now).next_back().map(|(at, _)| *at)
    }

    /// The first instant after `now` at which one does.
    fn next_edge(&self, now: LogTime) -> LogTime {
        let after = (Bound::Excluded(now), Bound::Unbounded);
        self.edges.range(after).next().map_or(LogTime::NEVER, |(at, _)| *at)
    }

    /// Which records are of one person.
    pub fn merged(&self) -> Merged {
        self.merges.merged()
    }

    /// The consents that hold or will hold.
    pub fn consents(&self) -> &Rolls {
        &self.rolls
    }

    /// Sets what holds where no consent speaks.
    pub fn set_defaults(&mut self, defaults: Defaults) {
        self.defaults = Arc::new(defaults);
        self.treating.clear();
    }

    /// The patients for whom the organisation cares.
    pub fn organization_cares(&self, organization: OrgOrd) -> PatientSet {
        self.set(Audience::Organization(organization))
    }

    /// The patients for whom the person cares when acting for the organisation.
    pub fn actor_cares(&self, organization: OrgOrd, actor: ActorOrd) -> PatientSet {
        self.set(Audience::Actor(organization, actor))
    }

    /// The patients who deny the organisation by name.
    pub fn denied(&self, organization: OrgOrd) -> PatientSet {
        self.set(Audience::Denied(organization))
    }

    /// The patients who deny everyone.
    pub fn denied_to_everyone(&self) -> PatientSet {
        self.set(Audience::DeniedToEveryone)
    }

    fn set(&self, audience: Audience) -> PatientSet {
        self.sets.get(&audience).map(|counted| counted.set.clone()).unwrap_or_default()
    }

    /// What a row states that has not ended: what an update by a role whose facts do not count
    /// may keep (see [`narrow`](crate::narrow)).
    pub fn stated(&self, row: Row) -> impl Iterator<Item = Fact> + '_ {
        let facts = self.rows.get(row).map(|stated| stated.facts.as_slice()).unwrap_or_default();
        facts.iter().filter(|held| held.phase != Phase::Ended).map(|held| held.fact.clone())
    }

    /// Every fact that has not ended, by the rows that state them.
    pub fn facts(&self) -> impl Iterator<Item = StatedFact> + '_ {
        self.rows.iter().flat_map(|row| self.stated(row).map(move |fact| StatedFact { row, fact }))
    }

    /// Where the patient stands for an organisation's record: whether it cares for them, whether
    /// they deny it. For explanations to those entitled to one.
    pub fn standing(&self, organization: OrgOrd, patient: PatientOrd) -> (bool, bool) {
        let has = |audience| {
            self.sets.get(&audience).is_some_and(|counted: &Counted| counted.set.contains(patient))
        };
        let cares = has(Audience::Organization(organization));
        (cares, has(Audience::Denied(organization)) || has(Audience::DeniedToEveryone))
    }
}
