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
    /// None at a controller.
    fn none(controller: OrgOrd) -> SealsAt {
        let none = PatientSet::default;
        SealsAt { controller, sealed: none(), locked: none(), held: none() }
    }

    fn differing(&self, other: &SealsAt, whom: &mut PatientSet) {
        let SealsAt { controller: _, sealed, locked, held } = self;
        sealed.differing(&other.sealed, whom);
        locked.differing(&other.locked, whom);
        held.differing(&other.held, whom);
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

    /// Whether a locked seal of its controller on any patient named closes the row.
    pub fn lock(&self, row: RowView<'_>) -> bool {
        let of_row = self.0.iter().filter(|seals| seals.controller == row.controller);
        let locks = |seals: &SealsAt, p| seals.locked.contains(p) && !seals.held.contains(p);
        of_row.into_iter().any(|seals| row.patients.iter().any(|p| locks(seals, *p)))
    }

    fn at(&self, controller: OrgOrd) -> Option<&SealsAt> {
        self.0.iter().find(|seals| seals.controller == controller)
    }

    pub fn differing(&self, other: &Seals, whom: &mut PatientSet) {
        for seals in &self.0 {
            let none = SealsAt::none(seals.controller);
            seals.differing(other.at(seals.controller).unwrap_or(&none), whom);
        }
        for seals in other.0.iter().filter(|seals| self.at(seals.controller).is_none()) {
            seals.differing(&SealsAt::none(seals.controller), whom);
        }
    }
}
