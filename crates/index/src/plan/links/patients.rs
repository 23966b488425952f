//! Sets of patients, as chains gather them.

use accord_base::PatientOrd;
use accord_spec::ResourceType;

use super::super::evaluate::{WHOLE, of_types};
use crate::error::IndexError;
use crate::part::{Part, Whom};
use crate::row::{NO_ORDINAL, SEVERAL};
use crate::set::RowSet;
use crate::view::View;

/// A set of patients by ordinal.
#[derive(Default)]
pub(crate) struct Patients {
    bits: Vec<u64>,
    count: usize,
}

impl Patients {
    /// The patients whose own resources these rows are.
    pub(super) fn owners(view: &View, parts: &[RowSet]) -> Patients {
        let mut patients = Patients::default();
        for (part, set) in view.snapshot().parts().iter().zip(parts) {
            let mut whom = part.whom();
            set.each(|local| {
                if let Some(own) = own(view, part, local, &mut whom) {
                    patients.insert(own);
                }
            });
        }
        patients.and_the_same(view)
    }

    /// With those who are one person with one of them, to the view's scope.
    pub(super) fn and_the_same(mut self, view: &View) -> Patients {
        let all: Vec<u32> = self.iter().collect();
        for patient in all {
            for same in view.scope().merged_with(PatientOrd(patient)) {
                self.insert(same.0);
            }
        }
        self
    }

    /// Adds one.
    #[inline]
    pub(super) fn insert(&mut self, patient: u32) {
        let at = patient as usize / 64;
        if at >= self.bits.len() {
            self.bits.resize(at + 1, 0);
        }
        if let Some(word) = self.bits.get_mut(at) {
            let bit = 1 << (patient % 64);
            self.count += usize::from(*word & bit == 0);
            *word |= bit;
        }
    }

    /// Whether one is in it.
    #[inline]
    pub(super) fn contains(&self, patient: u32) -> bool {
        let word = self.bits.get(patient as usize / 64);
        word.is_some_and(|word| word >> (patient % 64) & 1 == 1)
    }

    /// How many they are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.bits.len() as u32 * 64).filter(|patient| self.contains(*patient))
    }

    /// Versions of their Patient resources.
    pub(crate) fn rows(&self, view: &View, part: &Part) -> Result<RowSet, IndexError> {
        let all = of_types(view, part, &[ResourceType::PATIENT.0], WHOLE)?;
        let mut whom = part.whom();
        let mine = |own: u32| self.contains(own);
        Ok(all.kept(|local| own(view, part, local, &mut whom).is_some_and(mine)))
    }
}

/// The ordinal of the patient whose own resource a row is.
fn own(view: &View, part: &Part, local: u32, whom: &mut Whom<'_>) -> Option<u32> {
    match whom.of(local) {
        // It names others as well, or is a hole.
        SEVERAL | NO_ORDINAL => part.with_id(local, |id| view.snapshot().patient_ordinal(id)),
        only => Some(only),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patients_are_a_set() {
        let mut set = Patients::default();
        [3, 900, 3, 64].into_iter().for_each(|p| set.insert(p));
        assert_eq!((set.len(), set.iter().collect::<Vec<_>>()), (3, vec![3, 64, 900]));
        assert!(set.contains(64) && !set.contains(65) && !set.contains(90_000));
    }
}
