//! What somebody sees who does research.

use accord_base::OrgOrd;

use super::{Kept, RowView};
use crate::set::PatientSet;

/// What a researcher's rows are told by.
#[derive(Clone, Debug)]
pub(crate) struct Research {
    pub organization: OrgOrd,
    /// Patients whom a list of the organisation names that did not opt out of research. Where there
    /// is no such list nobody is: elsewhere no list means no regime.
    pub cleared: PatientSet,
    pub kept: Kept,
}

impl Research {
    pub fn admits(&self, row: RowView<'_>) -> bool {
        row.controller == self.organization && self.clears(row) && !self.kept.hides(row, |_| false)
    }

    /// Whether everybody named is cleared, and somebody is.
    pub fn clears(&self, row: RowView<'_>) -> bool {
        !row.patients.is_empty() && row.patients.iter().all(|p| self.cleared.contains(*p))
    }

    /// Adds to `whom` the patients whose rows may exist for one and not for the other; `None` if
    /// that is not told by patients.
    pub fn differing(&self, other: &Research, whom: &mut PatientSet) -> Option<()> {
        let Research { organization, cleared, kept } = self;
        if *organization != other.organization {
            return None;
        }
        cleared.differing(&other.cleared, whom);
        kept.differing(&other.kept, whom)
    }
}
