//! What refers to a resource.

use accord_spec::{ParamId, ResourceType, param_by_id};

use super::{RowRef, View};
use crate::error::IndexError;
use crate::key::{self, LINK_PARAM, SearchKey};
use crate::plan::rows_of;
use crate::reach::reference_params;

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
        let key = |param| SearchKey::from(key::local(param, resource_type.0, id));
        let keys: Vec<SearchKey> = params.into_iter().map(key).collect();
        let types: Vec<u8> = of.map(|of| of.0).into_iter().collect();
        let mut found = Vec::new();
        for part in self.snapshot.parts() {
            self.check_deadline()?;
            let mut rows = Vec::new();
            for key in &keys {
                rows.extend(rows_of(part, key)?.to_vec());
            }
            rows.sort_unstable();
            rows.dedup();
            for local in rows {
                let current = part.first() + local < self.snapshot.watermark().0;
                if let Some(row) = self.current(part, local, &types).filter(|_| current) {
                    found.push(row);
                }
                if found.len() >= most {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }
}

/// The search parameters by which a type, or any, can refer to resources of a type.
fn all_params(to: ResourceType, of: Option<ResourceType>) -> Vec<u16> {
    let of_type = |param: &u16| {
        let base = param_by_id(ParamId(*param)).and_then(|param| param.base);
        *param != LINK_PARAM && (of.is_none() || base == of)
    };
    reference_params(to).iter().copied().filter(of_type).collect()
}
