//! What opens other controllers' rows, and what keeps rows from who has a relationship.

use std::sync::Arc;

use accord_base::{ActorOrd, OrgOrd, Role};
use smallvec::SmallVec;

use super::reach::Deciding;
use crate::consent::{ActorSet, Asker, Gate};
use crate::fact::{ANYONE, Action};
use crate::policy::Member;
use crate::scope::{
    Denied, Kept, PENDING_ACTOR, PENDING_ORG, Seals, SealsAt, Share, Shares, Statute,
};
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
        let mut controllers: SmallVec<[OrgOrd; 4]> = SmallVec::from_slice(&[own, OrgOrd::COMMONS]);
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
        let (now, merged, earlier) = (self.now, policy.merged(), policy.earlier(self.now));
        let gate = Gate { rolls, held, or_labels, asker, now, edge, earlier, merged };
        let gate = Arc::new(gate);
        let organization = own.map(|own| policy.denied(own)).unwrap_or_default();
        Denied { organization, everyone: policy.denied_to_everyone(), gate }
    }

    /// Whether all memberships were followed that may come to count for the subject, or any new one
    /// may; `None` while names are not known on which it rests how far they reach: it would change
    /// with no fact when they come to be known.
    pub(super) fn settled(&self, own: OrgOrd, actor: ActorOrd) -> Option<bool> {
        let organization = || {
            let id = self.subject.organization.as_ref()?;
            self.names.actor(&["Organization/", id.as_str()].concat())
        };
        let known = own != PENDING_ORG
            && actor != PENDING_ACTOR
            && self.policy.defaults().are_known(self.names);
        let followed = || {
            let anyone = self.names.actor(ANYONE);
            self.policy.has_groups() && anyone.is_some() && organization().is_some()
        };
        known.then(followed)
    }

    /// The subject with every group they belong to, by themselves or by their organisation, and
    /// the groups to which they may belong.
    fn belongs(&self, own: Option<OrgOrd>, actor: ActorOrd) -> (ActorSet, ActorSet) {
        if !self.policy.has_groups() {
            return ([actor].into_iter().collect(), ActorSet::default());
        }
        let organization = self.subject.organization.as_ref();
        let by_organization =
            organization.and_then(|id| self.names.actor(&["Organization/", id.as_str()].concat()));
        let of = |actor, by_organization| {
            self.policy.belonging(Member { actor, by_organization, acting_for: own })
        };
        let anyone = self.names.actor(ANYONE);
        (of(actor, by_organization), anyone.map(|anyone| of(anyone, None)).unwrap_or_default())
    }
}
