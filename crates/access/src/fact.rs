//! Facts: what resources say that bears on who may see what.

use accord_base::{ActorOrd, LogTime, OrgOrd, PatientOrd, Row};

/// Something a resource version states that a decision rests on. Extracted when the resource is
/// written, only if an entitled role wrote it, and logged with the version; stands until the
/// version dies. Ordinals, not names, so that compiled sets are small.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fact {
    /// An organisation (and everyone with a treating role there) has a care relationship with a
    /// patient: an encounter, a care team, the managing organisation.
    OrganizationCares {
        /// The patient.
        patient: PatientOrd,
        /// The organisation.
        organization: OrgOrd,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer; `NEVER` while open.
        until: LogTime,
    },
    /// A single professional has a care relationship with a patient (care-team member) when acting
    /// for the organisation that answers for the stating resource.
    ActorCares {
        /// The patient.
        patient: PatientOrd,
        /// The professional.
        actor: ActorOrd,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// The patient denies an organisation, or everyone (`organization: None`), by an active
    /// Consent.
    ConsentDenies {
        /// The patient.
        patient: PatientOrd,
        /// The organisation denied; `None` denies all.
        organization: Option<OrgOrd>,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
}

impl Fact {
    /// The patient it is about.
    pub fn patient(&self) -> PatientOrd {
        match *self {
            Fact::OrganizationCares { patient, .. }
            | Fact::ActorCares { patient, .. }
            | Fact::ConsentDenies { patient, .. } => patient,
        }
    }

    /// First instant at which it holds.
    pub fn from(&self) -> LogTime {
        match *self {
            Fact::OrganizationCares { from, .. }
            | Fact::ActorCares { from, .. }
            | Fact::ConsentDenies { from, .. } => from,
        }
    }

    /// First instant at which it holds no longer.
    pub fn until(&self) -> LogTime {
        match *self {
            Fact::OrganizationCares { until, .. }
            | Fact::ActorCares { until, .. }
            | Fact::ConsentDenies { until, .. } => until,
        }
    }
}

/// The columns of a row that decisions read: fixed at write, changed later only by logged effects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowPolicy {
    /// Who answers for the data.
    pub controller: OrgOrd,
    /// Where the data came from.
    pub source: OrgOrd,
    /// Every patient the resource names, ascending, without repeats; empty where none is named.
    pub patients: smallvec::SmallVec<[PatientOrd; 1]>,
    /// Sensitivity labels, one bit each.
    pub labels: u64,
    /// Clinical date in days since 1970; `i32::MIN` where there is none.
    pub clinical_day: i32,
    /// Author-like elements, ascending, without repeats.
    pub authors: smallvec::SmallVec<[ActorOrd; 1]>,
}

/// A fact with the row that states it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct StatedFact {
    /// The resource version that states the fact.
    pub row: Row,
    /// What it states.
    pub fact: Fact,
}
