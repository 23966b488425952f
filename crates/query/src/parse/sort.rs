//! `_sort`.

use accord_spec::{ParamId, ParamKind};

use super::Reader;
use super::fault::{Fault, cut};
use crate::query::{Sort, SortKey};

impl Reader<'_> {
    /// Criteria by commas, `-` in front of those that go down (FHIR R4 search §3.1.1.5.1).
    pub(super) fn sort(&mut self, value: &str) -> Result<(), Fault> {
        let mut sort: Vec<Sort> = Vec::new();
        for criterion in value.split(',') {
            let (name, descending) = match criterion.strip_prefix('-') {
                Some(name) => (name, true),
                None => (criterion, false),
            };
            let key = match name {
                "_id" => SortKey::Id,
                "_lastUpdated" => SortKey::LastUpdated,
                "" => return Err(Fault::value("`_sort` has an empty criterion")),
                code => SortKey::Param(self.sortable(code)?),
            };
            // A second criterion on the same key decides nothing more.
            // The other way round, other values of the same resources count.
            let criterion = Sort { key, descending };
            if !sort.contains(&criterion) {
                sort.push(criterion);
            }
        }
        self.query.sort = sort;
        Ok(())
    }

    /// A parameter whose values have an order. Of tokens it is that of codes, of references that
    /// of types and ids.
    fn sortable(&self, code: &str) -> Result<ParamId, Fault> {
        let no = || Fault::unsupported(format!("sorting by `{}` is not supported", cut(code)));
        let param = self.find(self.query.resource_type, code).map_err(|_| no())?;
        match param.kind {
            ParamKind::Composite | ParamKind::Special => Err(no()),
            _ => Ok(param.id),
        }
    }
}
