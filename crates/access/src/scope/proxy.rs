//! Those who act for patients.

use std::sync::Arc;

use accord_base::{ActorOrd, PatientOrd};

use super::RowView;
use crate::consent::Gate;
use crate::fact::Limits;
use crate::label;
use crate::set::PatientSet;
use crate::types::TypeSet;

/// What rows someone who acts for patients is told by.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    pub actor: ActorOrd,
    pub mandates: Vec<Mandated>,
    /// Patients for whom nobody acts while their whereabouts are protected.
    pub protected: PatientSet,
    /// Consents that name the person.
    pub gate: Arc<Gate>,
}

/// The patients for whom somebody acts as far as this.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Mandated {
    pub types: TypeSet,
    pub limits: Limits,
    pub signs: bool,
    pub patients: PatientSet,
}

impl Proxy {
    /// Whether a row exists: everyone it names is someone they act for, as far as that, and
    /// nothing of it is withheld. What names a third person is not theirs.
    pub fn admits(&self, row: RowView<'_>) -> bool {
        self.acts(row)
            && !label::is_withheld(row.labels)
            && !self.is_protected(row)
            && !self.named(row)
    }

    /// Whether they act for everyone a row names, as far as that.
    pub fn acts(&self, row: RowView<'_>) -> bool {
        let sees = |p: &PatientOrd| {
            let mut mandates = self.mandates.iter().filter(|m| m.patients.contains(*p));
            mandates.any(|m| m.types.contains(row.resource_type) && m.limits.cover(row.labels))
        };
        !row.patients.is_empty() && row.patients.iter().all(sees)
    }

    /// Whether the whereabouts of a patient named are protected.
    pub fn is_protected(&self, row: RowView<'_>) -> bool {
        row.patients.iter().any(|p| self.protected.contains(*p))
    }

    /// Whether a consent of a patient named keeps the row from this person.
    pub fn named(&self, row: RowView<'_>) -> bool {
        row.patients.iter().any(|p| self.gate.names(*p, &row))
    }

    /// Whether they sign consents for a patient.
    pub fn signs(&self, patient: PatientOrd) -> bool {
        self.mandates.iter().any(|m| m.signs && m.patients.contains(patient))
    }

    pub fn differing(&self, other: &Proxy, whom: &mut PatientSet) -> Option<()> {
        let Proxy { actor, mandates, protected, gate } = self;
        if *actor != other.actor {
            return None;
        }
        // People act for few patients: everyone in a mandate that one has and the other has not.
        let alone = |mandates: &[Mandated], others: &[Mandated], whom: &mut PatientSet| {
            let lacks = |mandate: &&Mandated| !others.contains(mandate);
            let alone = mandates.iter().filter(lacks).flat_map(|mandate| mandate.patients.iter());
            alone.for_each(|patient| {
                whom.insert(patient);
            });
        };
        alone(mandates, &other.mandates, whom);
        alone(&other.mandates, mandates, whom);
        protected.differing(&other.protected, whom);
        gate.differing(&other.gate, whom)
    }
}
