//! What refers to a resource.

use std::collections::BTreeSet;

use accord_spec::{ParamId, ResourceType, param_by_id};

use super::{RowRef, View};
use crate::error::IndexError;
use crate::key::{self, LINK_PARAM, SearchKey};
use crate::part::Part;
use crate::plan::{location, naming, refers, rows_of};
use crate::reach::reference_params;
use crate::set::RowSet;

/// Which rows count.
type Shown<'a> = &'a dyn Fn(&RowRef<'_>) -> bool;

impl View {
    /// The current versions that refer to a resource, of one type or of any, by one parameter or by
    /// any; in the order of rows, at most `most` of them.
    ///
    /// # Errors
    /// Those of reading segments, and [`IndexError::Late`].
    pub fn referrers(
        &self,
        (resource_type, id): (ResourceType, &str),
        of: Option<ResourceType>,
        by: Option<ParamId>,
        most: usize,
    ) -> Result<Vec<RowRef<'_>>, IndexError> {
        let params = match by {
            Some(by) => vec![by.0],
            None => all_params(resource_type, of),
        };
        let marked = self.marked_params(&params, resource_type);
        // Nobody is found by where they are, nor counted.
        let shown = |row: &RowRef<'_>| resource_type != location() || !self.hides_places_of(*row);
        self.referring((resource_type, id), (params, marked), (of, &shown), most)
    }

    /// The current versions that refer to a resource by any element, one that no parameter reads
    /// included; at most `most` of them. Of elements that no parameter reads, those that name
    /// persons are not looked at. What is known by a marker only is none of them.
    ///
    /// # Errors
    /// Those of reading segments, and [`IndexError::Late`].
    pub fn dependents(
        &self,
        to: (ResourceType, &str),
        most: usize,
    ) -> Result<Vec<RowRef<'_>>, IndexError> {
        self.referring(to, (reference_params(to.0).to_vec(), Vec::new()), (None, &|_| true), most)
    }

    /// By these parameters of resources, and by those of markers.
    fn referring(
        &self,
        (resource_type, id): (ResourceType, &str),
        (params, marked): (Vec<u16>, Vec<u16>),
        (of, shown): (Option<ResourceType>, Shown<'_>),
        most: usize,
    ) -> Result<Vec<RowRef<'_>>, IndexError> {
        let key = |param| SearchKey::from(key::local(param, resource_type.0, id));
        let marked: Vec<SearchKey> = marked.into_iter().map(key).collect();
        let keys: Vec<SearchKey> = params.into_iter().map(key).collect();
        let types: Vec<u8> = of.map(|of| of.0).into_iter().collect();
        let mut found = Vec::new();
        for part in self.snapshot.parts() {
            self.check_deadline()?;
            let (seen, marked) = (all_rows(part, &keys)?, all_rows(part, &marked)?);
            let all = RowSet::union(vec![seen.clone(), marked.clone()]);
            for local in all.range((0, u32::MAX), false) {
                let current = part.first() + local < self.snapshot.watermark().0;
                let row = self.current(part, local, &types).filter(|row| current && shown(row));
                found.extend(row.filter(|row| match row.is_marker() {
                    true => marked.contains(local),
                    false => seen.contains(local),
                }));
                if found.len() >= most {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }
}

impl View {
    /// The parameters that find the rows whose markers refer to a resource by one of these.
    fn marked_params(&self, params: &[u16], to: ResourceType) -> Vec<u16> {
        if to != ResourceType::PATIENT || !self.scope.may_know() {
            return Vec::new();
        }
        let known = params.iter().filter_map(|param| self.snapshot.param(ParamId(*param)));
        let bases: BTreeSet<u8> =
            known.filter(|param| refers(param)).filter_map(|param| Some(param.base?.0)).collect();
        bases.into_iter().flat_map(|of| naming(ResourceType(of))).map(|param| param.0).collect()
    }
}

/// Rows of any of some keys.
fn all_rows(part: &Part, keys: &[SearchKey]) -> Result<RowSet, IndexError> {
    let sets = keys.iter().map(|key| rows_of(part, key)).collect::<Result<Vec<_>, _>>()?;
    Ok(RowSet::union(sets))
}

/// The search parameters by which a type, or any, can refer to resources of a type.
fn all_params(to: ResourceType, of: Option<ResourceType>) -> Vec<u16> {
    let of_type = |param: &u16| {
        let base = param_by_id(ParamId(*param)).and_then(|param| param.base);
        *param != LINK_PARAM && (of.is_none() || base == of)
    };
    reference_params(to).iter().copied().filter(of_type).collect()
}
