//! `_sort`.

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
                other => {
                    let text = format!("sorting by `{}` is not supported", cut(other));
                    return Err(Fault::unsupported(text));
                }
            };
            // A second criterion on the same key decides nothing more.
            if sort.iter().all(|earlier| earlier.key != key) {
                sort.push(Sort { key, descending });
            }
        }
        self.query.sort = sort;
        Ok(())
    }
}
