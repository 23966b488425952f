//! Facts before the writer has given ordinals.

use std::sync::Arc;

use accord_base::{ActorOrd, LogTime, NameSpace, OrgOrd, PatientOrd};

use super::claim;
use crate::consent::NamedConsent;
use crate::fact::{Fact, Mandate, Terms};
use crate::statute::Regime;

/// A [`Fact`] by names: the writer has not given the ordinals yet.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum NamedFact {
    /// As [`Fact::OrganizationCares`].
    OrganizationCares {
        /// Id of the patient.
        patient: String,
        /// Id of the organisation.
        organization: String,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// As [`Fact::ActorCares`].
    ActorCares {
        /// Id of the patient.
        patient: String,
        /// The professional as a relative reference.
        actor: String,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// As [`Fact::Consent`].
    Consent(Box<NamedConsent>),
    /// As [`Fact::ActsFor`].
    ActsFor {
        /// Id of the organisation.
        organization: String,
        /// The professional as a relative reference.
        actor: String,
        /// Whether they act for it.
        held: bool,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// As [`Fact::Referred`].
    Referred {
        /// Id of the patient.
        patient: String,
        /// Id of the organisation referred to.
        organization: String,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// As [`Fact::Covers`].
    Covers {
        /// Id of the patient.
        patient: String,
        /// Id of the payor.
        organization: String,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// As [`Fact::Shares`].
    Shares {
        /// Id of the recipient.
        organization: String,
        /// What, with whom there, and for what.
        terms: Terms,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// As [`Fact::Sealed`].
    Sealed {
        /// Id of the patient.
        patient: String,
        /// Whether an emergency does not open it.
        locked: bool,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// As [`Fact::Unsealed`].
    Unsealed {
        /// Id of the patient.
        patient: String,
        /// The professional as a relative reference.
        actor: String,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// As [`Fact::ActsAs`].
    ActsAs {
        /// Id of the patient.
        patient: String,
        /// The person as a relative reference.
        actor: String,
        /// How far.
        mandate: Mandate,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// As [`Fact::Protected`], for as long as the version lives.
    Protected {
        /// Id of the patient.
        patient: String,
    },
    /// As [`Fact::Honours`], for as long as the version lives.
    Honours {
        /// The regime.
        regime: Regime,
    },
    /// As [`Fact::Cleared`].
    Cleared {
        /// Id of the patient.
        patient: String,
        /// Of what.
        regime: Regime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// As [`Fact::Belongs`].
    Belongs {
        /// The group as a relative reference.
        group: String,
        /// The member as a relative reference, or [`ANYONE`](crate::ANYONE).
        member: String,
        /// Id of the organisation for which they must act.
        organization: Option<String>,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// Access that its author takes: a [`Fact::ActorCares`], or a [`Fact::Emergency`]. Begins when
    /// it is written and lasts as long as such access may at most.
    Claim {
        /// Id of the patient.
        patient: String,
        /// The professional as a relative reference.
        actor: String,
        /// Whether it is an emergency.
        emergency: bool,
        /// First instant at which it holds no longer, if it ends earlier than it must.
        until: LogTime,
    },
}

impl NamedFact {
    /// The fact with the ordinals that `ordinal` gives: ids of patients and organisations, relative
    /// references of actors. `at` is when it is written.
    pub fn resolve(&self, at: LogTime, ordinal: impl FnMut(NameSpace, &str) -> u32) -> Fact {
        let mut names = Ordinals(ordinal);
        match self {
            NamedFact::OrganizationCares { patient, organization, from, until } => {
                let (patient, organization) = names.both(patient, organization);
                Fact::OrganizationCares { patient, organization, from: *from, until: *until }
            }
            NamedFact::ActorCares { patient, actor, from, until } => {
                let (patient, actor) = (names.patient(patient), names.actor(actor));
                Fact::ActorCares { patient, actor, from: *from, until: *until }
            }
            NamedFact::Consent(consent) => {
                Fact::Consent(Arc::new(consent.resolve(|space, name| (names.0)(space, name))))
            }
            NamedFact::ActsFor { organization, actor, held, from, until } => {
                let (organization, actor) = (names.organization(organization), names.actor(actor));
                Fact::ActsFor { organization, actor, held: *held, from: *from, until: *until }
            }
            NamedFact::Referred { patient, organization, from, until } => {
                let (patient, organization) = names.both(patient, organization);
                Fact::Referred { patient, organization, from: *from, until: *until }
            }
            NamedFact::Covers { patient, organization, from, until } => {
                let (patient, organization) = names.both(patient, organization);
                Fact::Covers { patient, organization, from: *from, until: *until }
            }
            NamedFact::Shares { organization, terms, from, until } => {
                let organization = names.organization(organization);
                Fact::Shares { organization, terms: *terms, from: *from, until: *until }
            }
            NamedFact::Sealed { patient, locked, from, until } => {
                let patient = names.patient(patient);
                Fact::Sealed { patient, locked: *locked, from: *from, until: *until }
            }
            NamedFact::Unsealed { patient, actor, from, until } => {
                let (patient, actor) = (names.patient(patient), names.actor(actor));
                Fact::Unsealed { patient, actor, from: *from, until: *until }
            }
            NamedFact::ActsAs { patient, actor, mandate, from, until } => {
                let (patient, actor) = (names.patient(patient), names.actor(actor));
                Fact::ActsAs { patient, actor, mandate: *mandate, from: *from, until: *until }
            }
            NamedFact::Protected { patient } => {
                let (patient, from, until) = (names.patient(patient), LogTime(0), LogTime::NEVER);
                Fact::Protected { patient, from, until }
            }
            NamedFact::Honours { regime } => {
                Fact::Honours { regime: *regime, from: LogTime(0), until: LogTime::NEVER }
            }
            NamedFact::Cleared { patient, regime, until } => {
                let (patient, from) = (names.patient(patient), LogTime(0));
                Fact::Cleared { patient, regime: *regime, from, until: *until }
            }
            NamedFact::Belongs { group, member, organization, from, until } => {
                let (group, member) = (names.actor(group), names.actor(member));
                let organization = organization.as_ref().map(|id| names.organization(id));
                Fact::Belongs { group, member, organization, from: *from, until: *until }
            }
            NamedFact::Claim { patient, actor, emergency, until } => {
                let (patient, actor) = (names.patient(patient), names.actor(actor));
                let until = (*until).min(at.plus_us(claim::longest_us(*emergency)));
                // As soon as its row is there: stamps may be ahead of the clock.
                let from = LogTime(0);
                match emergency {
                    true => Fact::Emergency { patient, actor, from, until },
                    false => Fact::ActorCares { patient, actor, from, until },
                }
            }
        }
    }
}

/// Ordinals by names.
struct Ordinals<F>(F);

impl<F: FnMut(NameSpace, &str) -> u32> Ordinals<F> {
    fn patient(&mut self, id: &str) -> PatientOrd {
        PatientOrd((self.0)(NameSpace::Patient, id))
    }

    fn organization(&mut self, id: &str) -> OrgOrd {
        OrgOrd((self.0)(NameSpace::Organization, id))
    }

    fn actor(&mut self, reference: &str) -> ActorOrd {
        ActorOrd((self.0)(NameSpace::Actor, reference))
    }

    fn both(&mut self, patient: &str, organization: &str) -> (PatientOrd, OrgOrd) {
        (self.patient(patient), self.organization(organization))
    }
}
