//! Rows that may match as themselves, and rows that may match as markers.

use super::super::Plan;
use super::super::evaluate::{Asked, WHOLE, Window};
use crate::error::IndexError;
use crate::part::Part;
use crate::set::RowSet;
use crate::view::{RowRef, View};

/// A plan looked up in a part, for what is seen and for markers.
pub(crate) struct Lookup<'p> {
    seen: Option<Asked<'p>>,
    marked: Option<Asked<'p>>,
    may_know: bool,
}

impl<'p> Lookup<'p> {
    /// Looks the plan up; `None` if nothing can match.
    pub fn of(
        view: &View,
        part: &'p Part,
        plan: &'p Plan,
    ) -> Result<Option<Lookup<'p>>, IndexError> {
        let seen = Asked::of(view, part, plan)?;
        let marked = match &plan.marked {
            Some(plan) => Asked::of(view, part, plan)?,
            None => None,
        };
        if seen.is_none() && marked.is_none() {
            return Ok(None);
        }
        Ok(Some(Lookup { seen, marked, may_know: view.scope().may_know() }))
    }

    /// Whether so many rows may match that it is worth while to look at some of them first.
    pub fn is_broad(&self, view: &View) -> bool {
        self.seen.iter().chain(&self.marked).any(|asked| asked.is_broad(view))
    }

    /// The rows of a window that may match. Rows outside of it may be among them.
    pub fn rows(&self, view: &View, window: Window) -> Result<Candidates, IndexError> {
        let rows = |asked: &Option<Asked<'_>>| match asked {
            Some(asked) => asked.rows(view, window),
            None => Ok(RowSet::empty()),
        };
        let (seen, marked) = (rows(&self.seen)?, rows(&self.marked)?);
        let marked = Some(marked).filter(|marked| !marked.is_empty());
        let both = marked.as_ref().map(|marked| RowSet::union(vec![seen.clone(), marked.clone()]));
        Ok(Candidates { seen, marked, both, may_know: self.may_know })
    }
}

/// Rows of a part that may match: those that do if they are seen, and those that do if a marker
/// stands for them.
#[derive(Default)]
pub(crate) struct Candidates {
    pub seen: RowSet,
    marked: Option<RowSet>,
    both: Option<RowSet>,
    /// Whether there can be markers at all.
    may_know: bool,
}

impl Candidates {
    /// Those of a whole part.
    pub fn of(view: &View, part: &Part, plan: &Plan) -> Result<Candidates, IndexError> {
        match Lookup::of(view, part, plan)? {
            Some(found) => found.rows(view, WHOLE),
            None => Ok(Candidates::default()),
        }
    }

    /// All of them.
    pub fn all(&self) -> &RowSet {
        self.both.as_ref().unwrap_or(&self.seen)
    }

    /// Whether a row of the part matches as what it is to the asker.
    pub fn has(&self, local: u32, row: &RowRef<'_>) -> bool {
        match &self.marked {
            _ if !self.may_know => true,
            Some(marked) if row.is_marker() => marked.contains(local),
            None if row.is_marker() => false,
            _ => self.seen.contains(local),
        }
    }
}
