//! What keeps rows from an asker who has a relationship with their patients.

use std::sync::Arc;

use accord_base::PatientOrd;

use super::{RowView, Seals, Statute};
use crate::consent::{Action, Gate};
use crate::set::PatientSet;

/// Consents, seals and statute, as they are for one asker.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub denied: Denied,
    pub seals: Seals,
    pub statute: Statute,
}

impl Kept {
    /// Whether anything keeps the row from being read. `opened` tells the patients to whom the
    /// asker took access in an emergency: that lifts consents and some seals, and no statute.
    pub fn hides(&self, row: RowView<'_>, opened: impl Fn(PatientOrd) -> bool) -> bool {
        row.patients.iter().any(|p| {
            let lifted = opened(*p) && !self.denied.gate.locks(*p, &row);
            self.denied.by(*p, &row) && !lifted
        }) || self.seals.close(row, opened)
            || self.statute.closes(row)
    }

    /// Whether anything keeps the row from being read but seals that an emergency opens.
    pub fn hides_beneath_seals(
        &self,
        row: RowView<'_>,
        opened: impl Fn(PatientOrd) -> bool,
    ) -> bool {
        row.patients.iter().any(|p| {
            let lifted = opened(*p) && !self.denied.gate.locks(*p, &row);
            self.denied.by_beneath_seals(*p, &row) && !lifted
        }) || self.seals.lock(row)
            || self.statute.closes(row)
    }

    /// Whether any seal that an emergency opens is in force.
    pub fn has_seals(&self) -> bool {
        self.denied.gate.rolls.has_seals() || self.seals.0.iter().any(|s| !s.sealed.is_empty())
    }

    /// Whether consents of all patients named, but for some, let something be done.
    pub fn lets(&self, row: &RowView<'_>, action: Action, but: &PatientSet) -> bool {
        let gate = &self.denied.gate;
        row.patients.iter().all(|p| but.contains(*p) || !gate.forbids(*p, row, action))
    }

    pub fn differing(&self, other: &Kept, whom: &mut PatientSet) -> Option<()> {
        let Kept { denied, seals, statute } = self;
        denied.differing(&other.denied, whom)?;
        seals.differing(&other.seals, whom);
        statute.differing(&other.statute, whom)
    }
}

/// What patients keep from an organisation and those who act for it.
#[derive(Clone, Debug)]
pub(crate) struct Denied {
    /// Who denies it by name, by denials of old.
    pub organization: PatientSet,
    /// Who denies everyone, by denials of old.
    pub everyone: PatientSet,
    /// Consents.
    pub gate: Arc<Gate>,
}

impl Denied {
    fn differing(&self, other: &Denied, whom: &mut PatientSet) -> Option<()> {
        let Denied { organization, everyone, gate } = self;
        organization.differing(&other.organization, whom);
        everyone.differing(&other.everyone, whom);
        gate.differing(&other.gate, whom)
    }

    /// Whether a patient named keeps the row from being read.
    pub(super) fn by(&self, patient: PatientOrd, row: &RowView<'_>) -> bool {
        self.organization.contains(patient)
            || self.everyone.contains(patient)
            || self.gate.hides(patient, row)
    }

    /// The same if nothing were sealed that an emergency opens.
    fn by_beneath_seals(&self, patient: PatientOrd, row: &RowView<'_>) -> bool {
        self.organization.contains(patient)
            || self.everyone.contains(patient)
            || self.gate.hides_beneath_seals(patient, row)
    }
}
