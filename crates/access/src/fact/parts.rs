//! Facts as numbers, for those who write them to disk.

use accord_base::{ActorOrd, LogTime, OrgOrd, PatientOrd};

use super::{Fact, Mandate, Terms};
use crate::statute::Regime;

/// A fact as numbers. Kinds are part of the record format: never reuse one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FactParts {
    /// Which fact it is.
    pub kind: u8,
    /// Ordinal of whom it is about: the patient, the organisation where there is none.
    pub about: u32,
    /// Ordinal of the other party; 0 where there is none.
    pub other: u32,
    /// What else it says; 0 where there is nothing.
    pub more: [u64; 2],
    /// First instant at which it holds.
    pub from: LogTime,
    /// First instant at which it holds no longer.
    pub until: LogTime,
}

const ORGANIZATION_CARES: u8 = 1;
const ACTOR_CARES: u8 = 2;
const CONSENT_DENIES: u8 = 3;
const CONSENT_DENIES_ALL: u8 = 4;
const ACTS_FOR: u8 = 5;
const REFERRED: u8 = 6;
const COVERS: u8 = 7;
const SHARES: u8 = 8;
const EMERGENCY: u8 = 9;
const SEALED: u8 = 10;
const UNSEALED: u8 = 11;
const ACTS_AS: u8 = 20;
const PROTECTED: u8 = 21;
const HONOURS: u8 = 22;
const CLEARED: u8 = 23;
const BELONGS: u8 = 24;
const MERGED: u8 = 25;
/// Far from the others, which are numbers.
const CONSENT: u8 = 64;

impl FactParts {
    /// A consent's denial of an organisation; see [`FactParts::CONSENT_DENIES_ALL`].
    pub const CONSENT_DENIES: u8 = CONSENT_DENIES;
    /// A consent's denial of everyone: `other` is 0.
    pub const CONSENT_DENIES_ALL: u8 = CONSENT_DENIES_ALL;
    /// A consent: it has no numbers but the bytes of [`encode`](crate::consent::encode).
    pub const CONSENT: u8 = CONSENT;
    /// The first kind of which `more` may be anything but 0.
    pub const WITH_MORE: u8 = ACTS_FOR;

    /// The fact; `None` if there is none of these numbers.
    pub fn fact(self) -> Option<Fact> {
        let FactParts { kind, about, other, more, from, until } = self;
        let (patient, organization, actor) = (PatientOrd(about), OrgOrd(other), ActorOrd(other));
        Some(match (kind, more) {
            (ORGANIZATION_CARES, [0, 0]) => {
                Fact::OrganizationCares { patient, organization, from, until }
            }
            (ACTOR_CARES, [0, 0]) => Fact::ActorCares { patient, actor, from, until },
            (CONSENT_DENIES, [0, 0]) => {
                Fact::ConsentDenies { patient, organization: Some(organization), from, until }
            }
            (CONSENT_DENIES_ALL, [0, 0]) if other == 0 => {
                Fact::ConsentDenies { patient, organization: None, from, until }
            }
            (ACTS_FOR, [held @ (0 | 1), 0]) => {
                let organization = OrgOrd(about);
                Fact::ActsFor { organization, actor, held: held == 1, from, until }
            }
            (REFERRED, [0, 0]) => Fact::Referred { patient, organization, from, until },
            (COVERS, [0, 0]) => Fact::Covers { patient, organization, from, until },
            (SHARES, terms) if other == 0 => {
                let (organization, terms) = (OrgOrd(about), Terms::from_numbers(terms)?);
                Fact::Shares { organization, terms, from, until }
            }
            (EMERGENCY, [0, 0]) => Fact::Emergency { patient, actor, from, until },
            (SEALED, [locked @ (0 | 1), 0]) if other == 0 => {
                Fact::Sealed { patient, locked: locked == 1, from, until }
            }
            (UNSEALED, [0, 0]) => Fact::Unsealed { patient, actor, from, until },
            (ACTS_AS, mandate) => {
                let mandate = Mandate::from_numbers(mandate)?;
                Fact::ActsAs { patient, actor, mandate, from, until }
            }
            (PROTECTED, [0, 0]) if other == 0 => Fact::Protected { patient, from, until },
            (HONOURS, [0, 0]) if other == 0 => {
                Fact::Honours { regime: Regime::from_number(about)?, from, until }
            }
            (CLEARED, [0, 0]) => {
                Fact::Cleared { patient, regime: Regime::from_number(other)?, from, until }
            }
            (BELONGS, [to, 0]) => {
                let organization = match to.checked_sub(1) {
                    Some(ordinal) => Some(OrgOrd(u32::try_from(ordinal).ok()?)),
                    None => None,
                };
                let (group, member) = (ActorOrd(about), actor);
                Fact::Belongs { group, member, organization, from, until }
            }
            (MERGED, [0, 0]) => Fact::Merged { patient, into: PatientOrd(other), from, until },
            _ => return None,
        })
    }
}

impl Fact {
    /// The fact as numbers.
    pub fn parts(&self) -> FactParts {
        let (from, until) = self.span();
        let (kind, about, other, more) = match *self {
            Fact::OrganizationCares { patient, organization, .. } => {
                (ORGANIZATION_CARES, patient.0, organization.0, [0; 2])
            }
            Fact::ActorCares { patient, actor, .. } => (ACTOR_CARES, patient.0, actor.0, [0; 2]),
            Fact::ConsentDenies { patient, organization: Some(organization), .. } => {
                (CONSENT_DENIES, patient.0, organization.0, [0; 2])
            }
            Fact::ConsentDenies { patient, organization: None, .. } => {
                (CONSENT_DENIES_ALL, patient.0, 0, [0; 2])
            }
            Fact::Consent(ref consent) => (CONSENT, consent.patient.0, 0, [0; 2]),
            Fact::ActsFor { organization, actor, held, .. } => {
                (ACTS_FOR, organization.0, actor.0, [u64::from(held), 0])
            }
            Fact::Referred { patient, organization, .. } => {
                (REFERRED, patient.0, organization.0, [0; 2])
            }
            Fact::Covers { patient, organization, .. } => {
                (COVERS, patient.0, organization.0, [0; 2])
            }
            Fact::Shares { organization, terms, .. } => {
                (SHARES, organization.0, 0, terms.numbers())
            }
            Fact::Emergency { patient, actor, .. } => (EMERGENCY, patient.0, actor.0, [0; 2]),
            Fact::Sealed { patient, locked, .. } => (SEALED, patient.0, 0, [u64::from(locked), 0]),
            Fact::Unsealed { patient, actor, .. } => (UNSEALED, patient.0, actor.0, [0; 2]),
            Fact::ActsAs { patient, actor, mandate, .. } => {
                (ACTS_AS, patient.0, actor.0, mandate.numbers())
            }
            Fact::Protected { patient, .. } => (PROTECTED, patient.0, 0, [0; 2]),
            Fact::Honours { regime, .. } => (HONOURS, regime.number(), 0, [0; 2]),
            Fact::Cleared { patient, regime, .. } => (CLEARED, patient.0, regime.number(), [0; 2]),
            Fact::Belongs { group, member, organization, .. } => {
                let to = organization.map_or(0, |organization| u64::from(organization.0) + 1);
                (BELONGS, group.0, member.0, [to, 0])
            }
            Fact::Merged { patient, into, .. } => (MERGED, patient.0, into.0, [0; 2]),
        };
        FactParts { kind, about, other, more, from, until }
    }
}
