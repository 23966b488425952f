//! Whose set a fact goes into, and how often each member is stated.

use hashbrown::HashMap;

use accord_base::{ActorOrd, OrgOrd, PatientOrd};

use crate::fact::Fact;
use crate::set::PatientSet;
use crate::statute::Regime;

/// Whose set of patients it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Audience {
    /// Cared for by an organisation.
    Organization(OrgOrd),
    /// Cared for by a person acting for an organisation.
    Actor(OrgOrd, ActorOrd),
    /// Denying an organisation.
    Denied(OrgOrd),
    /// Denying everyone.
    DeniedToEveryone,
    /// Referred, by the first organisation, to the second.
    Referred(OrgOrd, OrgOrd),
    /// Covered, by the first organisation's word, by the second.
    Covered(OrgOrd, OrgOrd),
    /// Seen in an emergency by a person acting for an organisation.
    Emergency(OrgOrd, ActorOrd),
    /// Sealed at an organisation, to be opened in an emergency.
    Sealed(OrgOrd),
    /// Sealed at an organisation, emergency or not.
    Locked(OrgOrd),
    /// Whose seals a person acting for an organisation holds there.
    Unsealed(OrgOrd, ActorOrd),
    /// No patients: whether a person is said to act for an organisation.
    ActsFor(OrgOrd, ActorOrd),
    /// Whose whereabouts are protected.
    Protected,
    /// No patients: whether an organisation honours a regime of opt-outs.
    Honours(Regime, OrgOrd),
    /// Who did not opt out, as an organisation was told.
    Cleared(Regime, OrgOrd),
    /// No patients: whether a person is said not to act for an organisation.
    ActsNotFor(OrgOrd, ActorOrd),
}

impl Audience {
    /// The set a fact goes into when a row of this controller states it; `None` of what is kept
    /// in lists.
    pub fn of(fact: &Fact, controller: OrgOrd) -> Option<Audience> {
        Some(match *fact {
            Fact::Shares { .. }
            | Fact::Consent(_)
            | Fact::ActsAs { .. }
            | Fact::Belongs { .. }
            | Fact::Merged { .. } => return None,
            Fact::OrganizationCares { organization, .. } => Audience::Organization(organization),
            Fact::ActorCares { actor, .. } => Audience::Actor(controller, actor),
            Fact::ConsentDenies { organization: Some(organization), .. } => {
                Audience::Denied(organization)
            }
            Fact::ConsentDenies { organization: None, .. } => Audience::DeniedToEveryone,
            Fact::Referred { organization, .. } => Audience::Referred(controller, organization),
            Fact::Covers { organization, .. } => Audience::Covered(controller, organization),
            Fact::Emergency { actor, .. } => Audience::Emergency(controller, actor),
            Fact::Sealed { locked: false, .. } => Audience::Sealed(controller),
            Fact::Sealed { locked: true, .. } => Audience::Locked(controller),
            Fact::Unsealed { actor, .. } => Audience::Unsealed(controller, actor),
            Fact::Protected { .. } => Audience::Protected,
            Fact::Honours { regime, .. } => Audience::Honours(regime, controller),
            Fact::Cleared { regime, .. } => Audience::Cleared(regime, controller),
            Fact::ActsFor { organization, actor, held: true, .. } => {
                Audience::ActsFor(organization, actor)
            }
            Fact::ActsFor { organization, actor, held: false, .. } => {
                Audience::ActsNotFor(organization, actor)
            }
        })
    }

    /// The member that a fact puts into its set; the set of an audience without patients has one
    /// member while anything is stated.
    pub fn member(fact: &Fact) -> PatientOrd {
        fact.patient().unwrap_or(PatientOrd(0))
    }
}

/// A set whose members are stated one or more times: a member leaves with the last statement.
#[derive(Clone, Debug, Default)]
pub(super) struct Counted {
    pub set: PatientSet,
    members: usize,
    /// Statements beyond the first.
    more: HashMap<PatientOrd, u32>,
}

impl Counted {
    pub fn add(&mut self, patient: PatientOrd) {
        if self.set.insert(patient) {
            self.members += 1;
        } else {
            *self.more.entry(patient).or_default() += 1;
        }
    }

    pub fn take(&mut self, patient: PatientOrd) {
        match self.more.get_mut(&patient) {
            Some(1) => {
                self.more.remove(&patient);
            }
            Some(more) => *more -= 1,
            None => {
                if self.set.remove(patient) {
                    self.members -= 1;
                }
            }
        }
    }

    /// How often a patient is stated.
    pub fn count(&self, patient: PatientOrd) -> u32 {
        let more = self.more.get(&patient).copied().unwrap_or_default();
        if self.set.contains(patient) { more + 1 } else { 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.members == 0
    }
}
