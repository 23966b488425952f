//! What agreements open of other controllers' rows.

use accord_base::{OrgOrd, PatientOrd};

use super::RowView;
use crate::fact::{Cohort, Limits, Owed};
use crate::set::PatientSet;
use crate::types::TypeSet;

/// What one controller shares with the asker's organisation.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    pub controller: OrgOrd,
    pub types: TypeSet,
    pub limits: Limits,
    /// Patients whom the controller referred to the organisation, or says it covers.
    pub sent: PatientSet,
}

impl Share {
    fn differing(&self, other: &Share, whom: &mut PatientSet) -> Option<()> {
        let Share { controller, types, limits, sent } = self;
        let same =
            *controller == other.controller && *types == other.types && *limits == other.limits;
        same.then(|| sent.differing(&other.sent, whom))
    }

    /// Whether it covers the data of a row, whomever it is about.
    pub fn covers(&self, row: RowView<'_>) -> bool {
        self.controller == row.controller
            && self.types.contains(row.resource_type)
            && self.limits.cover(row.labels)
    }

    /// Whether it covers a row of a patient.
    fn opens(&self, row: RowView<'_>, known: &Known<'_>) -> bool {
        let related = |p: &PatientOrd| match self.limits.cohort {
            Cohort::All => self.sent.contains(*p) || (known.own)(*p),
            Cohort::Referred => self.sent.contains(*p),
            Cohort::Emergency => known.emergency.contains(*p),
        };
        self.covers(row) && row.patients.iter().any(related)
    }
}

/// Whom the asker and their organisation know by their own word.
pub(crate) struct Known<'a> {
    /// Patients with whom there is a relationship.
    pub own: &'a dyn Fn(PatientOrd) -> bool,
    /// Patients to whom the asker took access in an emergency.
    pub emergency: &'a PatientSet,
}

/// Everything that is shared with the asker's organisation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shares(pub Vec<Share>);

impl Shares {
    /// Whether an agreement opens the row of another controller.
    pub fn open(&self, row: RowView<'_>, known: &Known<'_>) -> bool {
        self.0.iter().any(|share| share.opens(row, known))
    }

    /// What is owed with a row of another controller that agreements open: what each of them asks
    /// for, as what one opens no other closes.
    pub fn owed(&self, row: RowView<'_>, known: &Known<'_>) -> Owed {
        let opening = self.0.iter().filter(|share| share.opens(row, known));
        opening.map(|share| share.limits.owed).reduce(Owed::least).unwrap_or_default()
    }

    /// The controllers that share.
    pub fn controllers(&self) -> impl Iterator<Item = OrgOrd> + '_ {
        self.0.iter().map(|share| share.controller)
    }

    pub fn differing(&self, other: &Shares, whom: &mut PatientSet) -> Option<()> {
        if self.0.len() != other.0.len() {
            return None;
        }
        let mut pairs = self.0.iter().zip(&other.0);
        pairs.try_for_each(|(one, other)| one.differing(other, whom))
    }
}
