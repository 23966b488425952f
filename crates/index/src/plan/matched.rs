//! All matches of a plan, as sets.

use crate::error::IndexError;
use crate::part::Part;
use crate::set::RowSet;
use crate::view::{ROWS_PER_LOOK, View};

use super::Plan;
use super::evaluate::{WHOLE, candidates, interval, of_types};
use super::walk::matching;

/// The matches of a plan in a part: current versions that exist for the asker.
pub(super) fn matched(view: &View, part: &Part, plan: &Plan) -> Result<RowSet, IndexError> {
    let mut set = candidates(view, part, plan)?;
    if !plan.implies_types && !set.is_empty() {
        set = set.and(&of_types(view, part, &plan.types, WHOLE)?);
    }
    let watermark = view.snapshot().watermark().0;
    if part.end() > watermark {
        set = set.and(&interval(0, watermark.saturating_sub(part.first())));
    }
    if set.is_empty() {
        return Ok(set);
    }
    match view.admitted_rows(part, set.len()) {
        // Where somebody lives may be hidden though they are not: each is asked.
        Some(known) if !plan.places => {
            let (alive, open) = known.alive_in(set, (part.marks(), watermark));
            Ok(RowSet::union(vec![alive, tested(view, part, plan, &open)?]))
        }
        _ => tested(view, part, plan, &set),
    }
}

/// Those of a set that are matches, one by one.
fn tested(view: &View, part: &Part, plan: &Plan, set: &RowSet) -> Result<RowSet, IndexError> {
    let mut rows = Vec::new();
    for (at, local) in set.range((0, u32::MAX), false).enumerate() {
        if at % ROWS_PER_LOOK == 0 {
            view.check_deadline()?;
        }
        if matching(view, part, local, plan).is_some() {
            rows.push(local);
        }
    }
    Ok(RowSet::collect(rows))
}
