//! The patients' column in place of the keys of a reference to patients.

use accord_spec::{ParamKind, ResourceType, SearchParam, params_of};

use crate::error::IndexError;
use crate::extract::naming_params;
use crate::key::{self, tag};
use crate::part::Part;
use crate::row::{NO_ORDINAL, RowColumns, SEVERAL};
use crate::set::RowSet;
use crate::view::{ROWS_PER_LOOK, View};

use super::super::evaluate::rows_of;
use super::patients::Patients;

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
        let (mut looks, mut whom) = (Looks::new(view), part.whom());
        let named = set.kept(|local| {
            if looks.too_late() {
                return false;
            }
            let patient = whom.of(local);
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
        let (mut looks, mut whom) = (Looks::new(view), part.whom());
        // Rows of one patient tend to stand together.
        let mut last = NO_ORDINAL;
        set.each(|local| match whom.of(local) {
            _ if looks.too_late() => {}
            SEVERAL => open.push(local),
            same if same == last => {}
            only => {
                last = only;
                if only != NO_ORDINAL {
                    patients.insert(only);
                }
            }
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
    #[inline]
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
}
