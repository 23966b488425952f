//! Facts: what resources say that bears on who may see what.

mod mandate;
mod parts;
mod terms;
mod transfer;

use std::sync::Arc;

use accord_base::{ActorOrd, LogTime, OrgOrd, PatientOrd, Row};

use crate::consent::ConsentRule;
use crate::statute::Regime;

pub use mandate::Mandate;
pub use parts::FactParts;
pub use terms::{Action, Cohort, Limits, Owed, Shared, Terms};

/// Something a resource version states that a decision rests on. Extracted when the resource is
/// written, only if an entitled role wrote it, and logged with the version; stands until the
/// version dies. Ordinals, not names, so that compiled sets are small.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
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
    /// What an active Consent of the patient permits and denies.
    Consent(Arc<ConsentRule>),
    /// The patient denies an organisation, or everyone (`organization: None`). Stores written
    /// before consents were read whole have these; nothing states them any more.
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
    /// Whether a professional acts for an organisation, by a PractitionerRole. One that says they
    /// do outweighs all that say they do not.
    ActsFor {
        /// The organisation.
        organization: OrgOrd,
        /// The professional.
        actor: ActorOrd,
        /// Whether they do.
        held: bool,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// The controller of the stating resource referred a patient to another organisation.
    Referred {
        /// The patient.
        patient: PatientOrd,
        /// The organisation referred to.
        organization: OrgOrd,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// An organisation pays for a patient's care, by the word of the stating resource's controller.
    Covers {
        /// The patient.
        patient: PatientOrd,
        /// The payor.
        organization: OrgOrd,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// The controller of the stating resource agreed to share data with an organisation.
    Shares {
        /// The recipient.
        organization: OrgOrd,
        /// What, with whom there, and for what.
        terms: Terms,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// A professional, acting for the organisation that answers for the stating resource, took
    /// access to a patient in an emergency.
    Emergency {
        /// The patient.
        patient: PatientOrd,
        /// The professional.
        actor: ActorOrd,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// The rows of the stating resource's controller that name a patient are sealed.
    Sealed {
        /// The patient.
        patient: PatientOrd,
        /// Whether an emergency does not open them.
        locked: bool,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// A professional, acting for the stating resource's controller, holds the seals of a patient
    /// there.
    Unsealed {
        /// The patient.
        patient: PatientOrd,
        /// The professional.
        actor: ActorOrd,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// A person acts for a patient.
    ActsAs {
        /// The patient.
        patient: PatientOrd,
        /// The person: a RelatedPerson, or another Patient.
        actor: ActorOrd,
        /// As far as this.
        mandate: Mandate,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// Where the patient is must not become known: their rows do not leave the organisation that
    /// answers for them, and places do not find them.
    Protected {
        /// The patient.
        patient: PatientOrd,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// The controller of the stating resource honours a regime of opt-outs.
    Honours {
        /// The regime.
        regime: Regime,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// By what the controller of the stating resource was told, the patient did not opt out.
    Cleared {
        /// The patient.
        patient: PatientOrd,
        /// Of what.
        regime: Regime,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// Somebody belongs to a group of people: a care team, a group, a role somebody has.
    Belongs {
        /// The group.
        group: ActorOrd,
        /// The person, device, organisation or group; [`ANYONE`] where that cannot be told.
        member: ActorOrd,
        /// The organisation for which they must act; `None`: any.
        organization: Option<OrgOrd>,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
    /// The record of a patient was merged into another's: both are one person. Stated by the
    /// Patient resource that was merged, and by nothing but a merge.
    Merged {
        /// Whose record was merged.
        patient: PatientOrd,
        /// Into whose.
        into: PatientOrd,
        /// First instant at which it holds.
        from: LogTime,
        /// First instant at which it holds no longer.
        until: LogTime,
    },
}

/// Stands, as an actor's name, for whoever may belong to a group whose members cannot be told.
pub const ANYONE: &str = "*";

impl Fact {
    /// The patient it is about; `None` if it is about none.
    pub fn patient(&self) -> Option<PatientOrd> {
        match *self {
            Fact::OrganizationCares { patient, .. }
            | Fact::ActorCares { patient, .. }
            | Fact::ConsentDenies { patient, .. }
            | Fact::Referred { patient, .. }
            | Fact::Covers { patient, .. }
            | Fact::Emergency { patient, .. }
            | Fact::Sealed { patient, .. }
            | Fact::Unsealed { patient, .. }
            | Fact::ActsAs { patient, .. }
            | Fact::Protected { patient, .. }
            | Fact::Cleared { patient, .. }
            | Fact::Merged { patient, .. } => Some(patient),
            Fact::Consent(ref consent) => Some(consent.patient),
            Fact::ActsFor { .. }
            | Fact::Shares { .. }
            | Fact::Honours { .. }
            | Fact::Belongs { .. } => None,
        }
    }

    /// First instant at which it holds.
    pub fn from(&self) -> LogTime {
        self.span().0
    }

    /// First instant at which it holds no longer.
    pub fn until(&self) -> LogTime {
        self.span().1
    }

    fn span(&self) -> (LogTime, LogTime) {
        match *self {
            Fact::OrganizationCares { from, until, .. }
            | Fact::ActorCares { from, until, .. }
            | Fact::ConsentDenies { from, until, .. }
            | Fact::ActsFor { from, until, .. }
            | Fact::Referred { from, until, .. }
            | Fact::Covers { from, until, .. }
            | Fact::Shares { from, until, .. }
            | Fact::Emergency { from, until, .. }
            | Fact::Sealed { from, until, .. }
            | Fact::Unsealed { from, until, .. }
            | Fact::ActsAs { from, until, .. }
            | Fact::Protected { from, until, .. }
            | Fact::Honours { from, until, .. }
            | Fact::Cleared { from, until, .. }
            | Fact::Belongs { from, until, .. }
            | Fact::Merged { from, until, .. } => (from, until),
            // Its provisions tell when they end: one that is over is asked again where the clock
            // turns out to have run ahead.
            Fact::Consent(ref consent) => (consent.from(), LogTime::NEVER),
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
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StatedFact {
    /// The resource version that states the fact.
    pub row: Row,
    /// What it states.
    pub fact: Fact,
}
