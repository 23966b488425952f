//! What seals close.

use accord_base::{OrgOrd, PatientOrd};

use super::RowView;
use crate::set::PatientSet;

/// The seals of one controller, as they are for the asker.
#[derive(Clone, Debug)]
pub(crate) struct SealsAt {
    pub controller: OrgOrd,
    /// Patients sealed, to be opened in an emergency.
    pub sealed: PatientSet,
    /// Patients sealed, emergency or not.
    pub locked: PatientSet,
    /// Patients whose seals the asker holds.
    pub held: PatientSet,
}

impl SealsAt {
    fn is_same(&self, other: &SealsAt) -> bool {
        self.controller == other.controller
            && self.sealed.is_same(&other.sealed)
            && self.locked.is_same(&other.locked)
            && self.held.is_same(&other.held)
    }
}

/// The seals of all controllers whose rows the asker may reach and that have any.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seals(pub Vec<SealsAt>);

impl Seals {
    /// Whether a seal of its controller on any patient named closes the row. `opened` tells those
    /// to whom the asker took access in an emergency.
    pub fn close(&self, row: RowView<'_>, opened: impl Fn(PatientOrd) -> bool) -> bool {
        let closes = |seals: &SealsAt, p: PatientOrd| {
            let closed = seals.locked.contains(p) || seals.sealed.contains(p) && !opened(p);
            closed && !seals.held.contains(p)
        };
        let of_row = self.0.iter().filter(|seals| seals.controller == row.controller);
        of_row.into_iter().any(|seals| row.patients.iter().any(|p| closes(seals, *p)))
    }

    pub fn is_same(&self, other: &Seals) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|(one, other)| one.is_same(other))
    }
}
