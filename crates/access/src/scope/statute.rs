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

    pub fn is_same(&self, other: &Statute) -> bool {
        let cleared = || self.cleared.iter().zip(&other.cleared);
        self.own == other.own
            && self.protected.is_same(&other.protected)
            && self.cleared.len() == other.cleared.len()
            && cleared().all(|((at, one), (other_at, other))| at == other_at && one.is_same(other))
    }
}
