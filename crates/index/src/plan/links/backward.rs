//! From resources to what they refer to.

use accord_spec::{ResourceType, SearchParam};
use hashbrown::HashSet;

use crate::error::IndexError;
use crate::set::RowSet;
use crate::view::View;

use super::super::{Source, scan};
use super::column::Column;
use super::patients::Patients;
use super::{MOST_NAMES, Matched, few};

/// The rows, of some types or of any, to which what was found refers.
pub(super) fn sources(
    view: &View,
    types: &[u8],
    param: &SearchParam,
    found: &Matched,
    sources: &mut Vec<Source>,
) -> Result<(), IndexError> {
    let patients_only = *types == [ResourceType::PATIENT.0]
        || types.is_empty() && *param.targets == [ResourceType::PATIENT];
    if let Some(column) = Column::of(param).filter(|_| patients_only) {
        let patients = patients(view, &column, found)?;
        sources.push(if patients.len() as u64 <= few(view, 1024) {
            let named = patients.iter().filter_map(|p| view.snapshot().patient_name(p));
            rows(view, named.map(|id| (ResourceType::PATIENT.0, id.into_boxed_str())))
        } else {
            Source::Patients(patients)
        });
        return Ok(());
    }
    let mut names: HashSet<(u8, Box<str>)> = HashSet::new();
    for (part, set) in view.snapshot().parts().iter().zip(&found.parts) {
        if set.is_empty() {
            continue;
        }
        scan::targets(view, part, param.id.0, |of, id, rows| {
            if (types.is_empty() || types.contains(&of)) && meets(set, rows)? {
                names.insert((of, Box::from(id)));
            }
            if names.len() > MOST_NAMES { Err(found.too_many()) } else { Ok(()) }
        })?;
    }
    sources.push(rows(view, names.into_iter()));
    Ok(())
}

fn meets(
    set: &RowSet,
    rows: &mut dyn FnMut() -> Result<RowSet, IndexError>,
) -> Result<bool, IndexError> {
    Ok(set.meets(&rows()?))
}

/// The patients to whom what was found refers.
fn patients(view: &View, column: &Column, found: &Matched) -> Result<Patients, IndexError> {
    let mut patients = Patients::default();
    for (part, set) in view.snapshot().parts().iter().zip(&found.parts) {
        if set.is_empty() {
            continue;
        }
        if column.tells(part)? {
            let set = column.present(part)?.and(set);
            column.referred_to(view, part, &set, &mut patients)?;
            continue;
        }
        scan::targets(view, part, column.param, |of, id, rows| {
            if of == ResourceType::PATIENT.0
                && meets(set, rows)?
                && let Some(patient) = view.snapshot().patient_ordinal(id)
            {
                patients.insert(patient);
            }
            Ok(())
        })?;
    }
    Ok(patients.and_the_same(view))
}

/// The newest rows of resources.
fn rows(view: &View, names: impl Iterator<Item = (u8, Box<str>)>) -> Source {
    let mut rows: Vec<u32> = names.filter_map(|(of, id)| view.snapshot().newest(of, &id)).collect();
    rows.sort_unstable();
    rows.dedup();
    Source::Rows(rows.into_iter().map(|row| (row, row + 1)).collect())
}
