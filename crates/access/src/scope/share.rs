//! What agreements open of other controllers' rows.

use accord_base::{OrgOrd, PatientOrd};

use super::RowView;
use crate::fact::{Cohort, Limits};
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
    fn is_same(&self, other: &Share) -> bool {
        self.controller == other.controller
            && self.types == other.types
            && self.limits == other.limits
            && self.sent.is_same(&other.sent)
    }

    /// Whether it covers a row of a patient; `own` tells those with whom the organisation has a
    /// relationship by its own word.
    fn opens(&self, row: RowView<'_>, own: &impl Fn(PatientOrd) -> bool) -> bool {
        let related =
            |p: &PatientOrd| self.sent.contains(*p) || self.limits.cohort == Cohort::All && own(*p);
        self.controller == row.controller
            && self.types.contains(row.resource_type)
            && self.limits.cover(row.labels)
            && row.patients.iter().any(related)
    }
}

/// Everything that is shared with the asker's organisation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shares(pub Vec<Share>);

impl Shares {
    /// Whether an agreement opens the row of another controller.
    pub fn open(&self, row: RowView<'_>, own: impl Fn(PatientOrd) -> bool) -> bool {
        self.0.iter().any(|share| share.opens(row, &own))
    }

    /// The controllers that share.
    pub fn controllers(&self) -> impl Iterator<Item = OrgOrd> + '_ {
        self.0.iter().map(|share| share.controller)
    }

    pub fn is_same(&self, other: &Shares) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|(one, other)| one.is_same(other))
    }
}
