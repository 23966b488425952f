//! The rows of each patient: which rows of a segment have to be looked at again when it changes
//! who may see a patient's rows.

use accord_access::PatientSet;

use super::columns::Columns;
use crate::row::NO_ORDINAL;

/// Places of the rows that name anybody. Four bytes a row; made when it is first asked for.
pub(super) struct ByPatient {
    /// Rows that name one patient, in the order of patients and of rows.
    one: Box<[u32]>,
    /// Rows that name several, in order.
    many: Box<[u32]>,
}

impl ByPatient {
    /// Sorts the rows of a segment.
    pub fn of(columns: &Columns) -> ByPatient {
        let (mut one, mut many) = (Vec::new(), Vec::new());
        for (local, meta) in (0u32..).zip(columns.metas()) {
            if meta.many_patients() {
                many.push(local);
            } else if meta.patient.0 != NO_ORDINAL {
                one.push(u64::from(meta.patient.0) << 32 | u64::from(local));
            }
        }
        one.sort_unstable();
        ByPatient { one: one.into_iter().map(|row| row as u32).collect(), many: many.into() }
    }

    /// Rows that name any of these patients, in no order.
    pub fn naming(&self, columns: &Columns, whom: &PatientSet) -> Vec<u32> {
        let patient = |local: &u32| columns.meta(*local).map(|meta| meta.patient);
        let mut rows = Vec::new();
        for one in whom.iter() {
            let from = self.one.partition_point(|local| patient(local) < Some(one));
            let theirs = self.one.get(from..).unwrap_or_default().iter();
            rows.extend(theirs.take_while(|local| patient(local) == Some(one)));
        }
        let names = |local: &&u32| {
            let columns = columns.get(**local);
            columns.is_some_and(|row| row.patients().iter().any(|p| whom.contains(*p)))
        };
        rows.extend(self.many.iter().filter(names));
        rows
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        (self.one.len() + self.many.len()) * size_of::<u32>()
    }
}
