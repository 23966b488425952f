//! What the law closes, whatever else opens it (layer L5).

use accord_base::OrgOrd;

use super::RowView;
use crate::set::PatientSet;

/// Statute for one asker.
#[derive(Clone, Debug)]
pub(crate) struct Statute {
    /// The organisation acted for.
    pub own: OrgOrd,
    /// Patients whose rows do not leave the organisation that answers for them.
    pub protected: PatientSet,
    /// Controllers that honour a regime of opt-outs which covers the asker's purpose, with the
    /// patients who did not opt out; a controller stands here once for each such regime.
    pub cleared: Vec<(OrgOrd, PatientSet)>,
}

impl Statute {
    /// Whether it closes a row: who is not known to have opted out of nothing may have.
    pub fn closes(&self, row: RowView<'_>) -> bool {
        let abroad = row.controller != self.own;
        let here = self.cleared.iter().filter(|(at, _)| *at == row.controller);
        abroad && self.is_protected(row)
            || here
                .into_iter()
                .any(|(_, cleared)| row.patients.iter().any(|p| !cleared.contains(*p)))
    }

    /// Whether a patient named is protected.
    pub fn is_protected(&self, row: RowView<'_>) -> bool {
        row.patients.iter().any(|p| self.protected.contains(*p))
    }

    pub fn differing(&self, other: &Statute, whom: &mut PatientSet) -> Option<()> {
        let Statute { own, protected, cleared } = self;
        if *own != other.own || cleared.len() != other.cleared.len() {
            return None;
        }
        protected.differing(&other.protected, whom);
        for ((at, one), (other_at, other)) in cleared.iter().zip(&other.cleared) {
            if at != other_at {
                return None;
            }
            one.differing(other, whom);
        }
        Some(())
    }
}
