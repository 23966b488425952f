//! From resources to what refers to them.

use std::sync::OnceLock;

use accord_query::ReferenceValue;
use accord_spec::{ResourceType, SearchParam};
use hashbrown::HashSet;

use crate::error::IndexError;
use crate::key;
use crate::part::Part;
use crate::set::RowSet;
use crate::view::View;

use super::super::{Source, scan};
use super::column::Column;
use super::patients::Patients;
use super::{MOST_NAMES, Matched, few};

/// Rows that refer, by one parameter, to one of many resources of a type.
pub(crate) struct Referring {
    param: u16,
    of: ResourceType,
    found: Matched,
    /// Their ids, once they are needed.
    names: OnceLock<HashSet<Box<str>>>,
    /// The same as patients, where a column tells them.
    column: Option<(Column, Patients)>,
}

/// The rows that refer to what was found.
pub(super) fn sources(
    view: &View,
    (param, of): (&SearchParam, ResourceType),
    found: Matched,
    sources: &mut Vec<Source>,
) -> Result<(), IndexError> {
    if found.count <= few(view, 256) {
        let key = |id: &str| Source::Key(key::local(param.id.0, of.0, id).into());
        found.each_name(view, of, |id| sources.push(key(id)));
        return Ok(());
    }
    let column = Column::of(param).filter(|_| of == ResourceType::PATIENT);
    if column.is_none() && found.count > MOST_NAMES as u64 {
        return Err(found.too_many());
    }
    let column = column.map(|column| (column, Patients::owners(view, &found.parts)));
    let names = OnceLock::new();
    let referring = Referring { param: param.id.0, of, found, names, column };
    sources.push(Source::Referring(Box::new(referring)));
    Ok(())
}

impl Matched {
    /// Hands every id on, of patients those of the same person as well.
    pub(super) fn each_name(&self, view: &View, of: ResourceType, mut take: impl FnMut(&str)) {
        for (part, set) in view.snapshot().parts().iter().zip(&self.parts) {
            for local in set.range((0, u32::MAX), false) {
                part.with_id(local, |id| {
                    take(id);
                    let named = ReferenceValue::Resource { resource_type: of, id: id.to_owned() };
                    let same = view.snapshot().same_person(view.scope(), &named);
                    same.iter().for_each(|id| take(id));
                });
            }
        }
    }
}

impl Referring {
    /// Those of a part.
    pub fn rows(&self, view: &View, part: &Part) -> Result<RowSet, IndexError> {
        match &self.column {
            Some((column, patients)) if column.tells(part)? => {
                column.referring(view, part, column.present(part)?, patients)
            }
            _ => self.by_names(view, part),
        }
    }

    /// Those among a set of rows of a part.
    pub fn among(&self, view: &View, part: &Part, set: RowSet) -> Result<RowSet, IndexError> {
        match &self.column {
            Some((column, patients)) if column.tells(part)? => {
                let set = set.and(&column.present(part)?);
                column.referring(view, part, set, patients)
            }
            _ => Ok(set.and(&self.by_names(view, part)?)),
        }
    }

    fn by_names(&self, view: &View, part: &Part) -> Result<RowSet, IndexError> {
        let names = self.names.get_or_init(|| {
            let mut names = HashSet::new();
            self.found.each_name(view, self.of, |id| {
                // More than that are only ever asked for by the column.
                if names.len() <= MOST_NAMES {
                    names.insert(Box::from(id));
                }
            });
            names
        });
        if names.len() > MOST_NAMES {
            return Err(self.found.too_many());
        }
        let mut sets = Vec::new();
        scan::targets(view, part, self.param, |of, id, rows| {
            if of == self.of.0 && names.contains(id) {
                sets.push(rows()?);
            }
            Ok(())
        })?;
        Ok(RowSet::union(sets))
    }
}
