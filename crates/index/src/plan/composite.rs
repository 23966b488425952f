//! Composite parameters: every component passes in the same item.

use accord_query::Test;
use accord_spec::{ParamId, param_by_id};

use crate::error::IndexError;
use crate::key::{self, Slot};
use crate::part::Part;
use crate::set::RowSet;
use crate::view::View;

use super::evaluate::{candidates, rows_of};
use super::sources::of_slot;
use super::{Clause, Finder, Plan};

/// Rows with an item that passes. Items are numbered by row without gaps: in each part the search
/// goes from number to number as long as any row has so many, and meets the components' rows of
/// the same number.
pub(super) struct Composite {
    pub param: Slot,
    pub any_of: Vec<Vec<Test>>,
}

impl Composite {
    fn plan(&self, item: u32, tests: &[Test]) -> Plan {
        let components = param_by_id(ParamId(self.param.param())).map(|param| param.components);
        let parts = components.unwrap_or_default().iter().zip(tests).zip(0..);
        let clauses = parts.map(|((component, test), number)| {
            let slot = self.param.component(number, item);
            let targets = param_by_id(component.param).map_or(&[][..], |param| param.targets);
            Clause { sources: of_slot(slot, targets, test), negated: false }
        });
        Plan::of(clauses.collect())
    }
}

impl Finder for Composite {
    fn most(&self, part: &Part) -> Result<u64, IndexError> {
        Ok(rows_of(part, &key::item(self.param, 0).into())?.len())
    }

    fn rows(&self, view: &View, part: &Part) -> Result<RowSet, IndexError> {
        let mut found = Vec::new();
        for item in 0.. {
            view.check_deadline()?;
            if rows_of(part, &key::item(self.param, item).into())?.is_empty() {
                break;
            }
            for tests in &self.any_of {
                found.push(candidates(view, part, &self.plan(item, tests))?);
            }
        }
        Ok(RowSet::union(found))
    }
}
