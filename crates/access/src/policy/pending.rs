//! Facts that are not in force for others yet, and facts as one who knows them sees them.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use accord_base::{ActorOrd, LogTime, OrgOrd, PatientOrd, Row};

use super::audience::{Audience, Counted};
use super::lists::Lists;
use super::merges::Merged;
use super::stated::Stated;
use super::{Asking, Member, PolicyIndex};
use crate::consent::{ActorSet, Defaults, Rolls};
use crate::fact::{Fact, Mandate, Terms};
use crate::scope::Treating;
use crate::set::PatientSet;
use crate::statute::Regime;

/// What rows state, and end by replacing others, that are not published. Kept beside the index, so
/// that it decides for nobody but their writer; merged into it when they are published, dropped
/// if they never are.
///
/// **Invariant:** the sets of [`InForce::with`] equal those of the index after
/// [`merge`](PendingFacts::merge).
#[derive(Debug, Default)]
pub struct PendingFacts {
    /// What the pending rows state.
    added: PolicyIndex,
    /// What published rows state that pending ones replace.
    ended: PolicyIndex,
    /// Rows that pending ones replace.
    replaced: HashSet<Row>,
    changes: Vec<Change>,
}

#[derive(Debug)]
struct Change {
    row: Row,
    prior: Option<Row>,
    controller: OrgOrd,
    facts: Vec<Fact>,
}

impl PendingFacts {
    /// Whether merging would change nothing.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Takes in what a row states in the place of `prior`, or of itself; `base` is the published
    /// index.
    pub fn apply(
        &mut self,
        base: &PolicyIndex,
        (row, prior): (Row, Option<Row>),
        controller: OrgOrd,
        facts: &[Fact],
    ) {
        let replaced = prior.filter(|prior| self.holds(base, *prior));
        if replaced.is_none() && facts.is_empty() {
            return;
        }
        self.advance(base.now());
        if let Some(prior) = replaced {
            self.added.retire(prior);
            self.replaced.insert(prior);
            if let Some(Stated { controller, .. }) = base.rows.get(prior) {
                let standing: Vec<Fact> = base.stated(prior).collect();
                self.ended.apply(prior, *controller, &standing);
            }
        }
        self.added.apply(row, controller, facts);
        self.changes.push(Change { row, prior: replaced, controller, facts: facts.to_vec() });
    }

    /// Whether a row states anything, as the writer sees it.
    fn holds(&self, base: &PolicyIndex, row: Row) -> bool {
        self.added.rows.contains(row) || base.rows.contains(row)
    }

    /// What a row states that has not ended, pending or published.
    pub fn stated(&self, base: &PolicyIndex, row: Row) -> Vec<Fact> {
        // A row may be replaced by itself: another organisation answers for it.
        if self.added.rows.contains(row) || self.replaced.contains(&row) {
            return self.added.stated(row).collect();
        }
        base.stated(row).collect()
    }

    /// Takes into account that time has passed, as [`PolicyIndex::advance`] does.
    pub fn advance(&mut self, now: LogTime) {
        self.added.advance(now);
        self.ended.advance(now);
    }

    /// Puts everything in force.
    pub fn merge(self, base: &mut PolicyIndex) {
        for Change { row, prior, controller, facts } in self.changes {
            if let Some(prior) = prior {
                base.retire(prior);
            }
            base.apply(row, controller, &facts);
        }
    }

    /// The published set of an audience with what is pending in it.
    fn set(&self, base: &PolicyIndex, audience: Audience) -> PatientSet {
        let mut set = base.set(audience);
        let count = |index: &PolicyIndex, patient| {
            index.sets.get(&audience).map_or(0, |counted: &Counted| counted.count(patient))
        };
        let members = |index: &PolicyIndex| -> Vec<PatientOrd> {
            let counted = index.sets.get(&audience);
            counted.map(|counted| counted.set.iter().collect()).unwrap_or_default()
        };
        for patient in members(&self.added).into_iter().chain(members(&self.ended)) {
            let stated = count(base, patient) + count(&self.added, patient);
            if stated > count(&self.ended, patient) {
                set.insert(patient);
            } else {
                set.remove(patient);
            }
        }
        set
    }
}

/// The facts that a decision rests on: those in force, for the writer with those it is about to
/// put in force.
#[derive(Clone, Copy)]
pub struct InForce<'a> {
    base: &'a PolicyIndex,
    pending: Option<&'a PendingFacts>,
    /// The clock's instant, where that is behind the instant of the decision.
    clock: Option<LogTime>,
}

impl<'a> From<&'a PolicyIndex> for InForce<'a> {
    fn from(base: &'a PolicyIndex) -> InForce<'a> {
        InForce { base, pending: None, clock: None }
    }
}

impl<'a> InForce<'a> {
    /// The published facts with pending ones, which must have been advanced to the instant of the
    /// decision too.
    pub fn with(base: &'a PolicyIndex, pending: &'a PendingFacts) -> InForce<'a> {
        let pending = Some(pending).filter(|pending| !pending.is_empty());
        InForce { base, pending, clock: None }
    }

    /// The same where the clock stands at an instant before that of the decision, because it ran
    /// ahead and was set back: what consents say at both counts, the stricter of it.
    pub fn behind(self, clock: Option<LogTime>) -> InForce<'a> {
        InForce { clock, ..self }
    }

    /// The instant at which the clock stands, with the last edge before it, if a provision of a
    /// consent may have begun or ended between that and `now`.
    pub(crate) fn earlier(&self, now: LogTime) -> Option<(LogTime, Option<LogTime>)> {
        let clock = self.clock.filter(|clock| *clock < now)?;
        let edge = self.edge(clock);
        (self.pending.is_some() || edge != self.edge(now)).then_some((clock, edge))
    }

    /// The next instant at which time alone changes a set; `None` if none will.
    pub(crate) fn next_due(&self) -> Option<LogTime> {
        let pending = self.pending.and_then(|pending| pending.added.next_due());
        self.base.next_due().into_iter().chain(pending).min()
    }

    pub(crate) fn organization_cares(&self, organization: OrgOrd) -> PatientSet {
        self.set(Audience::Organization(organization))
    }

    pub(crate) fn actor_cares(&self, organization: OrgOrd, actor: ActorOrd) -> PatientSet {
        self.set(Audience::Actor(organization, actor))
    }

    pub(crate) fn denied(&self, organization: OrgOrd) -> PatientSet {
        self.set(Audience::Denied(organization))
    }

    pub(crate) fn denied_to_everyone(&self) -> PatientSet {
        self.set(Audience::DeniedToEveryone)
    }

    pub(crate) fn emergency(&self, organization: OrgOrd, actor: ActorOrd) -> PatientSet {
        self.set(Audience::Emergency(organization, actor))
    }

    /// The patients sealed at an organisation: to be opened in an emergency, and not.
    pub(crate) fn sealed(&self, at: OrgOrd) -> (PatientSet, PatientSet) {
        (self.set(Audience::Sealed(at)), self.set(Audience::Locked(at)))
    }

    /// The organisations at which anyone is sealed. Looks at every set: for rare questions.
    pub(crate) fn sealing(&self) -> Vec<OrgOrd> {
        let pending = self.pending.map(|pending| &pending.added);
        let indexes = [Some(self.base), pending].into_iter().flatten();
        let sets = indexes.flat_map(|index| index.sets.keys());
        let at = sets.filter_map(|audience| match audience {
            Audience::Sealed(at) | Audience::Locked(at) => Some(*at),
            _ => None,
        });
        at.collect()
    }

    /// The patients whose seals a person holds when acting for the organisation.
    pub(crate) fn unsealed(&self, at: OrgOrd, actor: ActorOrd) -> PatientSet {
        self.set(Audience::Unsealed(at, actor))
    }

    /// The patients whom an organisation referred to another.
    pub(crate) fn referred(&self, from: OrgOrd, to: OrgOrd) -> PatientSet {
        self.set(Audience::Referred(from, to))
    }

    /// The patients whom a payor covers by an organisation's word.
    pub(crate) fn covered(&self, by: OrgOrd, payor: OrgOrd) -> PatientSet {
        self.set(Audience::Covered(by, payor))
    }

    /// The agreements of which the organisation is the recipient, with who shares.
    pub(crate) fn shares(&self, to: OrgOrd) -> Vec<(OrgOrd, Terms)> {
        self.listed(|index| &index.shares, to)
    }

    /// For whom a person acts, and how far.
    pub(crate) fn mandates(&self, actor: ActorOrd) -> Vec<(PatientOrd, Mandate)> {
        self.listed(|index| &index.mandates, actor)
    }

    /// Whether a person signs consents for a patient, by leave that names any of their records.
    pub fn signs(&self, actor: ActorOrd, patient: PatientOrd) -> bool {
        let mut mandates = self.mandates(actor).into_iter();
        mandates.any(|(whom, mandate)| mandate.signs && self.is_one_person(whom, patient))
    }

    /// Whether two records are of one person.
    pub fn is_one_person(&self, one: PatientOrd, other: PatientOrd) -> bool {
        one == other || self.merged().with(one).contains(&other)
    }

    /// A member with every group they belong to.
    pub(crate) fn belonging(&self, member: Member) -> ActorSet {
        let changes = |pending: &PendingFacts| {
            !pending.added.groups.is_empty() || !pending.ended.groups.is_empty()
        };
        match self.pending {
            Some(pending) if changes(pending) => member.closure(|member| {
                let standing = self.base.groups.of(member);
                let standing = standing.filter(|(row, _)| !pending.replaced.contains(row));
                standing.chain(pending.added.groups.of(member)).map(|(_, group)| group)
            }),
            _ => self.base.groups.closure(member),
        }
    }

    /// Whether anybody belongs to any group.
    pub(crate) fn has_groups(&self) -> bool {
        let pending = self.pending.is_some_and(|pending| !pending.added.groups.is_empty());
        pending || !self.base.groups.is_empty()
    }

    fn listed<K: Eq + Hash + 'a, V: Copy + 'a>(
        &self,
        lists: impl Fn(&'a PolicyIndex) -> &'a Lists<K, V>,
        key: K,
    ) -> Vec<V> {
        let replaced =
            |row: &Row| self.pending.is_some_and(|pending| pending.replaced.contains(row));
        let standing = lists(self.base).of(&key).filter(|(row, _)| !replaced(row));
        let added = self.pending.into_iter().flat_map(|pending| lists(&pending.added).of(&key));
        standing.chain(added).map(|(_, value)| value).collect()
    }

    /// How far somebody reaches who treats: as kept, or as `find` finds out, together with whether
    /// memberships were followed of all who are named; `None` if it must not be kept.
    pub(crate) fn treating(
        &self,
        asking: Asking,
        now: LogTime,
        find: impl FnOnce() -> (Treating, Option<bool>),
    ) -> Arc<Treating> {
        // What is kept knows of one instant: where consents are asked at two, it is not it.
        if self.pending.is_some() || self.earlier(now).is_some() {
            return Arc::new(find().0);
        }
        if let Some(kept) = self.base.treating.get(&asking, now) {
            return kept;
        }
        let (treating, followed) = find();
        let treating = Arc::new(treating);
        if let Some(followed) = followed {
            let until = self.base.next_edge(now);
            self.base.treating.put(asking, &treating, (until, followed));
        }
        treating
    }

    /// The patients whose whereabouts are protected.
    pub(crate) fn protected(&self) -> PatientSet {
        self.set(Audience::Protected)
    }

    /// The patients who did not opt out, as a controller that honours the regime was told; `None`
    /// if it does not.
    pub(crate) fn cleared(&self, regime: Regime, at: OrgOrd) -> Option<PatientSet> {
        let honours = !self.set(Audience::Honours(regime, at)).is_empty();
        honours.then(|| self.set(Audience::Cleared(regime, at)))
    }

    /// Whether a PractitionerRole says that the person does not act for the organisation, and none
    /// that they do.
    pub(crate) fn left(&self, organization: OrgOrd, actor: ActorOrd) -> bool {
        self.set(Audience::ActsFor(organization, actor)).is_empty()
            && !self.set(Audience::ActsNotFor(organization, actor)).is_empty()
    }

    /// The consents that hold.
    pub(crate) fn consents(&self) -> Rolls {
        let mut rolls = self.base.rolls.clone();
        if let Some(pending) = self.pending {
            pending.ended.rolls.iter().for_each(|(row, _, rule)| rolls.remove(row, rule));
            for (row, keeper, rule) in pending.added.rolls.iter() {
                rolls.insert(row, keeper, rule.clone());
            }
        }
        rolls
    }

    /// The last instant up to `now` at which a provision of a published consent began or ceased
    /// to hold.
    pub(crate) fn edge(&self, now: LogTime) -> Option<LogTime> {
        self.base.edge(now)
    }

    /// Which records are of one person.
    pub(crate) fn merged(&self) -> Merged {
        match self.pending {
            Some(PendingFacts { added, ended, .. }) => {
                self.base.merges.with(&added.merges, &ended.merges)
            }
            None => self.base.merges.merged(),
        }
    }

    /// What holds where none speaks.
    pub(crate) fn defaults(&self) -> Arc<Defaults> {
        self.base.defaults.clone()
    }

    pub(super) fn set(&self, audience: Audience) -> PatientSet {
        match self.pending {
            Some(pending) => pending.set(self.base, audience),
            None => self.base.set(audience),
        }
    }
}
