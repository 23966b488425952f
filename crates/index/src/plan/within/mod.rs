//! Contained resources: conditions on them, and references that lead to them (FHIR R4 search
//! §3.1.1.5.5).
//!
//! A contained resource is found by keys of its own, under its number in the row, as parts of
//! composites are. The search goes from number to number as long as a part has any row that
//! contains so many, so that conditions hold together of one resource.
//!
//! **Invariant:** what is found is rows; which of them exist is asked of the view like of any
//! others. A marker contains nothing.

mod condition;
mod page;

use accord_query::{Clause as Asked, Target};
use accord_spec::ResourceType;

use crate::error::IndexError;
use crate::key;
use crate::part::Part;
use crate::set::RowSet;
use crate::snapshot::Snapshot;
use crate::view::View;

use super::Finder;
use super::evaluate::{keeps_contained, rows_of};
use super::places;

use condition::Condition;
pub(super) use page::page;

/// Rows that refer, by one parameter, to a resource within themselves for which a condition holds.
pub(super) struct Inside {
    param: u16,
    name: String,
    condition: Condition,
}

impl Inside {
    /// Of a condition behind a reference; `None` of others, and of references that the store's own
    /// parameters read, which are not kept of contained resources.
    pub fn of(snapshot: &Snapshot, asked: &Asked) -> Result<Option<Inside>, IndexError> {
        let (Target::Param(id), accord_query::Test::Chain(chain)) = (asked.target, &asked.test)
        else {
            return Ok(None);
        };
        if id.is_own() {
            return Ok(None);
        }
        let condition = Condition::of(snapshot, asked)?;
        Ok(Some(Inside { param: id.0, name: chain.name.clone(), condition }))
    }
}

impl Finder for Inside {
    fn most(&self, part: &Part) -> Result<u64, IndexError> {
        keeps_contained(part, &self.name)?;
        Ok(rows_of(part, &key::refers(self.param, None).into())?.len())
    }

    fn rows(&self, view: &View, part: &Part) -> Result<RowSet, IndexError> {
        self.condition.inside(view, part, self.param.into())
    }
}

/// The rows of a part whose contained resource of a number is of a type. Where somebody is may be
/// told by what place is contained.
fn typed(view: &View, part: &Part, number: u32, of: ResourceType) -> Result<RowSet, IndexError> {
    let rows = rows_of(part, &key::contained_of(number, of.0).into())?;
    Ok(if of == places::location() { open(view, part, rows) } else { rows })
}

/// Those rows of a set whose patients' places are not hidden.
fn open(view: &View, part: &Part, set: RowSet) -> RowSet {
    if !view.scope().hides_places() {
        return set;
    }
    let shown = |local: u32| {
        let row = view.any(part.first() + local);
        row.is_some_and(|row| !view.hides_places_of(row))
    };
    set.kept(shown)
}
