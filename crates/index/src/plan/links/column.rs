//! The patients' column in place of the keys of a reference to patients.

use accord_base::PatientOrd;
use accord_spec::{ParamKind, ResourceType, SearchParam, params_of};

use crate::error::IndexError;
use crate::extract::naming_params;
use crate::key::{self, tag};
use crate::part::Part;
use crate::row::{NO_ORDINAL, RowColumns, SEVERAL};
use crate::set::RowSet;
use crate::view::{ROWS_PER_LOOK, View};

use super::super::evaluate::{WHOLE, of_types, rows_of};

/// What the definitions add to an expression whose references to patients alone count.
const TO_PATIENTS: &str = ".where(resolve() is Patient)";

/// A reference parameter whose references to patients all stand in the patients' column.
pub(super) struct Column {
    /// It, or the parameter that takes its references to patients alone.
    pub param: u16,
}

impl Column {
    /// The column for a parameter, if its references put a resource into the compartments of the
    /// patients they name.
    pub fn of(param: &SearchParam) -> Option<Column> {
        let base = param.base?;
        let all = param.expression.strip_suffix(TO_PATIENTS).unwrap_or(param.expression);
        let members = naming_params(base);
        let narrow = format!("{all}{TO_PATIENTS}");
        let is_member = |p: &&&SearchParam| {
            let same = p.expression == all || p.expression == narrow;
            same && members.contains(&p.code)
        };
        params_of(base).iter().find(is_member)?;
        let to_patients = |p: &&&SearchParam| {
            let same = p.expression == narrow || p.expression == all;
            p.kind == ParamKind::Reference && same && *p.targets == [ResourceType::PATIENT]
        };
        params_of(base).iter().find(to_patients).map(|p| Column { param: p.id.0 })
    }

    /// Whether, in a part, nothing but patients of this server is referred to by it: then a row
    /// that has the reference and one patient refers to that patient.
    pub fn tells(&self, part: &Part) -> Result<bool, IndexError> {
        let patient = ResourceType::PATIENT.0;
        match part {
            Part::Segment(segment) => {
                let (dictionary, blocks) = segment.dictionary();
                let front = key::front(self.param, tag::LOCAL);
                let first = dictionary.first_from(&front, blocks)?;
                let starts =
                    first.is_none_or(|key| !is_reference(&key, self.param) || is_to(&key, patient));
                let next = key::local(self.param, patient + 1, "");
                let after = dictionary.first_from(&next, blocks)?;
                Ok(starts && after.is_none_or(|key| !is_reference(&key, self.param)))
            }
            Part::Chunk(chunk) => {
                let keys = chunk.keys();
                let local = keys.listed(self.param, tag::LOCAL);
                let elsewhere = !keys.listed(self.param, tag::URL).is_empty();
                Ok(!elsewhere && local.iter().all(|place| is_to(keys.key(*place), patient)))
            }
        }
    }

    /// Rows that have the reference.
    pub fn present(&self, part: &Part) -> Result<RowSet, IndexError> {
        rows_of(part, &key::present(self.param).into())
    }

    /// The rows among those that have the reference that refer to one of some patients.
    pub fn referring(
        &self,
        view: &View,
        part: &Part,
        set: RowSet,
        patients: &Patients,
    ) -> Result<RowSet, IndexError> {
        view.check_deadline()?;
        let mut open = Vec::new();
        let mut looks = Looks::new(view);
        let named = set.kept(|local| {
            if looks.too_late() {
                return false;
            }
            let patient = part.patient(local);
            if patient == SEVERAL {
                open.push(local);
            }
            patients.contains(patient)
        });
        view.check_deadline()?;
        let mut also = Vec::new();
        for (at, local) in open.into_iter().enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                view.check_deadline()?;
            }
            let several = part.columns(local).map_or(&[][..], RowColumns::patients);
            let mut wanted = several.iter().filter(|p| patients.contains(p.0));
            let refers = wanted.try_fold(false, |refers, patient| {
                Ok::<_, IndexError>(refers || self.refers(view, part, local, patient.0)?)
            })?;
            if refers {
                also.push(local);
            }
        }
        Ok(if also.is_empty() { named } else { RowSet::union(vec![named, RowSet::Few(also)]) })
    }

    /// Adds the patients to whom rows refer that have the reference.
    pub fn referred_to(
        &self,
        view: &View,
        part: &Part,
        set: &RowSet,
        patients: &mut Patients,
    ) -> Result<(), IndexError> {
        view.check_deadline()?;
        let mut open = Vec::new();
        let mut looks = Looks::new(view);
        set.each(|local| match part.patient(local) {
            _ if looks.too_late() => {}
            NO_ORDINAL => {}
            SEVERAL => open.push(local),
            only => patients.insert(only),
        });
        view.check_deadline()?;
        for (at, local) in open.into_iter().enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                view.check_deadline()?;
            }
            let several = part.columns(local).map_or(&[][..], RowColumns::patients);
            for patient in several {
                if !patients.contains(patient.0) && self.refers(view, part, local, patient.0)? {
                    patients.insert(patient.0);
                }
            }
        }
        Ok(())
    }

    /// Whether a row that names several patients refers to this one.
    fn refers(
        &self,
        view: &View,
        part: &Part,
        local: u32,
        patient: u32,
    ) -> Result<bool, IndexError> {
        let Some(name) = view.snapshot().patient_name(patient) else { return Ok(false) };
        let key = key::local(self.param, ResourceType::PATIENT.0, &name);
        Ok(rows_of(part, &key.into())?.contains(local))
    }
}

/// Looks at the deadline now and then, where nothing can be given up at once.
struct Looks<'a> {
    view: &'a View,
    rows: usize,
    late: bool,
}

impl Looks<'_> {
    fn new(view: &View) -> Looks<'_> {
        Looks { view, rows: 0, late: false }
    }

    /// Whether the rest is for nothing: the deadline has passed for good.
    fn too_late(&mut self) -> bool {
        self.rows += 1;
        if self.rows.is_multiple_of(ROWS_PER_LOOK) {
            self.late = self.view.check_deadline().is_err();
        }
        self.late
    }
}

fn is_reference(key: &[u8], param: u16) -> bool {
    matches!(key::kind_of(key), Some((of, tag::LOCAL | tag::URL)) if of == param)
}

fn is_to(key: &[u8], resource_type: u8) -> bool {
    matches!(key, [_, _, tag::LOCAL, of, ..] if *of == resource_type)
}

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
            for local in set.range((0, u32::MAX), false) {
                if let Some(own) = own(view, part, local) {
                    patients.insert(own);
                }
            }
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
        let mine = |local: &u32| own(view, part, *local).is_some_and(|own| self.contains(own));
        Ok(RowSet::collect(all.range((0, u32::MAX), false).filter(mine).collect()))
    }
}

/// The ordinal of the patient whose own resource a row is.
fn own(view: &View, part: &Part, local: u32) -> Option<u32> {
    match part.columns(local)?.patients() {
        [only] => Some(only.0),
        _ => part.with_id(local, |id| view.snapshot().patient_ordinal(id)),
    }
}

#[cfg(test)]
mod tests {
    use accord_spec::param;

    use super::*;

    #[test]
    fn references_that_put_into_a_compartment_have_a_column() {
        let column = |of: &str, code: &str| {
            let of = ResourceType::from_name(of).unwrap();
            Column::of(param(of, code).unwrap()).map(|c| c.param)
        };
        let id = |of: &str, code: &str| {
            Some(param(ResourceType::from_name(of).unwrap(), code).unwrap().id.0)
        };
        for of in ["Observation", "Condition", "Encounter", "Procedure", "MedicationRequest"] {
            assert_eq!(column(of, "subject"), id(of, "patient"), "{of}");
            assert_eq!(column(of, "patient"), id(of, "patient"), "{of}");
        }
        assert_eq!(column("AllergyIntolerance", "patient"), id("AllergyIntolerance", "patient"));
        assert_eq!(column("Observation", "encounter"), None);
        assert_eq!(column("Patient", "general-practitioner"), None);
    }

    #[test]
    fn patients_are_a_set() {
        let mut set = Patients::default();
        [3, 900, 3, 64].into_iter().for_each(|p| set.insert(p));
        assert_eq!((set.len(), set.iter().collect::<Vec<_>>()), (3, vec![3, 64, 900]));
        assert!(set.contains(64) && !set.contains(65) && !set.contains(90_000));
    }
}
