//! What opens other controllers' rows, and what keeps rows from who has a relationship.

use std::sync::Arc;

use accord_base::{ActorOrd, OrgOrd, Role};
use smallvec::SmallVec;

use super::reach::Deciding;
use crate::consent::{Asker, Gate};
use crate::fact::{ANYONE, Action};
use crate::scope::{Denied, Kept, Seals, SealsAt, Share, Shares, Statute};
use crate::set::PatientSet;
use crate::statute::Regime;

impl Deciding<'_> {
    /// What agreements share with the subject's organisation for reading in their role and for
    /// their purpose. `sent` gives the patients whom a controller sent there.
    pub(super) fn shares(&self, to: OrgOrd, sent: impl Fn(OrgOrd) -> PatientSet) -> Shares {
        let mut shares: Vec<Share> = Vec::new();
        for (controller, terms) in self.policy.shares(to) {
            if !terms.permit(self.subject.role, self.subject.purpose, Action::Read) {
                continue;
            }
            let (types, limits) = (terms.shared.types(), terms.limits);
            let same = shares.iter_mut().find(|s| s.controller == controller && s.limits == limits);
            match same {
                Some(share) => share.types = share.types.union(types),
                None => shares.push(Share { controller, types, limits, sent: sent(controller) }),
            }
        }
        Shares(shares)
    }

    /// Consents, seals and statute of the own organisation, of the commons, and of other
    /// controllers that the asker may reach.
    pub(super) fn kept(
        &self,
        own: OrgOrd,
        actor: ActorOrd,
        others: impl IntoIterator<Item = OrgOrd>,
    ) -> Kept {
        let mut controllers: Vec<OrgOrd> = vec![own, OrgOrd::COMMONS];
        controllers.extend(others);
        controllers.sort_unstable();
        controllers.dedup();
        Kept {
            denied: self.denied(Some(own), actor),
            seals: self.seals(own, actor, &controllers),
            statute: self.statute(own, &controllers),
        }
    }

    /// The seals of controllers; those of the own organisation and of the commons may be held.
    fn seals(&self, own: OrgOrd, actor: ActorOrd, controllers: &[OrgOrd]) -> Seals {
        let of = |controller: &OrgOrd| {
            let controller = *controller;
            let (sealed, locked) = self.policy.sealed(controller);
            if sealed.is_empty() && locked.is_empty() {
                return None;
            }
            let home = controller == own || controller == OrgOrd::COMMONS;
            let held =
                if home { self.policy.unsealed(controller, actor) } else { PatientSet::default() };
            Some(SealsAt { controller, sealed, locked, held })
        };
        Seals(controllers.iter().filter_map(of).collect())
    }

    fn statute(&self, own: OrgOrd, controllers: &[OrgOrd]) -> Statute {
        let covering = Regime::covering(self.subject.purpose);
        let cleared = covering.flat_map(|regime| {
            let at = controllers.iter();
            at.filter_map(move |at| Some((*at, self.policy.cleared(regime, *at)?)))
        });
        Statute { own, protected: self.policy.protected(), cleared: cleared.collect() }
    }

    pub(super) fn denied(&self, own: Option<OrgOrd>, actor: ActorOrd) -> Denied {
        let policy = self.policy;
        let (actors, perhaps) = self.belongs(own, actor);
        let asker = Asker {
            organizations: own.into_iter().collect(),
            actors,
            perhaps,
            treats: matches!(self.subject.role, Role::Clinician | Role::Pharmacist),
            purpose: self.subject.purpose.into(),
        };
        let (rolls, edge, defaults) = (policy.consents(), policy.edge(self.now), policy.defaults());
        let (held, or_labels) = (defaults.held(&asker.purpose, self.names), defaults.or_labels);
        let (now, merged) = (self.now, policy.merged());
        let gate = Arc::new(Gate { rolls, held, or_labels, asker, now, edge, merged });
        let organization = own.map(|own| policy.denied(own)).unwrap_or_default();
        Denied { organization, everyone: policy.denied_to_everyone(), gate }
    }

    /// The subject with every group they belong to, by themselves or by their organisation, and
    /// the groups to which they may belong.
    fn belongs(
        &self,
        own: Option<OrgOrd>,
        actor: ActorOrd,
    ) -> (SmallVec<[ActorOrd; 2]>, SmallVec<[ActorOrd; 2]>) {
        if !self.policy.has_groups() {
            return (SmallVec::from_slice(&[actor]), SmallVec::new());
        }
        let organization = self.subject.organization.as_ref();
        let organization =
            organization.and_then(|id| self.names.actor(&format!("Organization/{id}")));
        let closure = |seeds: &[ActorOrd]| {
            let mut found: SmallVec<[ActorOrd; 2]> = SmallVec::from_slice(seeds);
            let mut at = 0;
            while let Some(member) = found.get(at).copied() {
                at += 1;
                for (group, acting_for) in self.policy.groups(member) {
                    if acting_for.is_none_or(|to| Some(to) == own) && !found.contains(&group) {
                        found.push(group);
                    }
                }
            }
            found
        };
        let mut seeds = vec![actor];
        seeds.extend(organization);
        let anyone: Vec<ActorOrd> = self.names.actor(ANYONE).into_iter().collect();
        (closure(&seeds), closure(&anyone))
    }
}
