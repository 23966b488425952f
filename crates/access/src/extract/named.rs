//! Facts before the writer has given ordinals.

use accord_base::{ActorOrd, LogTime, NameSpace, OrgOrd, PatientOrd};

use crate::fact::Fact;

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
    /// As [`Fact::ConsentDenies`].
    ConsentDenies {
        /// Id of the patient.
        patient: String,
        /// Id of the organisation denied; `None` denies all.
        organization: Option<String>,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
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
}

impl NamedFact {
    /// The fact with the ordinals that `ordinal` gives: ids of patients and organisations, relative
    /// references of actors.
    pub fn resolve(&self, mut ordinal: impl FnMut(NameSpace, &str) -> u32) -> Fact {
        let mut patient = |id: &str| PatientOrd(ordinal(NameSpace::Patient, id));
        match self {
            NamedFact::OrganizationCares { patient: p, organization, from, until } => {
                Fact::OrganizationCares {
                    patient: patient(p),
                    organization: OrgOrd(ordinal(NameSpace::Organization, organization)),
                    from: *from,
                    until: *until,
                }
            }
            NamedFact::ActorCares { patient: p, actor, from, until } => Fact::ActorCares {
                patient: patient(p),
                actor: ActorOrd(ordinal(NameSpace::Actor, actor)),
                from: *from,
                until: *until,
            },
            NamedFact::ConsentDenies { patient: p, organization, from, until } => {
                let patient = patient(p);
                let mut organization_of =
                    |id: &String| OrgOrd(ordinal(NameSpace::Organization, id));
                Fact::ConsentDenies {
                    patient,
                    organization: organization.as_ref().map(&mut organization_of),
                    from: *from,
                    until: *until,
                }
            }
            NamedFact::ActsFor { organization, actor, held, from, until } => Fact::ActsFor {
                organization: OrgOrd(ordinal(NameSpace::Organization, organization)),
                actor: ActorOrd(ordinal(NameSpace::Actor, actor)),
                held: *held,
                from: *from,
                until: *until,
            },
        }
    }
}
