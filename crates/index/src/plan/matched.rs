//! All matches of a plan, as sets.

use crate::error::IndexError;
use crate::part::Part;
use crate::set::RowSet;
use crate::view::{ROWS_PER_LOOK, View};

use super::Plan;
use super::evaluate::{WHOLE, interval, of_types};
use super::marked::Candidates;
use super::walk::matching;

/// The matches of a plan in a part: current versions that exist for the asker.
#[derive(Default)]
pub(super) struct Matches {
    /// All, markers among them.
    pub all: RowSet,
    /// Those for which markers stand.
    pub markers: RowSet,
}

pub(super) fn matched(view: &View, part: &Part, plan: &Plan) -> Result<Matches, IndexError> {
    let found = Candidates::of(view, part, plan)?;
    let mut set = found.all().clone();
    if !plan.implies_types && !set.is_empty() {
        set = set.and(&of_types(view, part, &plan.types, WHOLE)?);
    }
    let watermark = view.snapshot().watermark().0;
    if part.end() > watermark {
        set = set.and(&interval(0, watermark.saturating_sub(part.first())));
    }
    if set.is_empty() {
        return Ok(Matches::default());
    }
    match view.admitted_rows(part, set.len()) {
        // Where somebody lives may be hidden though they are not: each is asked.
        Some(known) if !plan.looks_at_rows() => {
            let seen = set.clone().and(&found.seen);
            let (alive, open) = known.alive_in((seen, &set), (part.marks(), watermark));
            let tested = tested(view, part, plan, (&open, &found))?;
            let all = RowSet::union(vec![alive, tested.all]);
            Ok(Matches { all, markers: tested.markers })
        }
        _ => tested(view, part, plan, (&set, &found)),
    }
}

/// Those of a set that are matches, one by one.
fn tested(
    view: &View,
    part: &Part,
    plan: &Plan,
    (set, found): (&RowSet, &Candidates),
) -> Result<Matches, IndexError> {
    let (mut all, mut markers) = (Vec::new(), Vec::new());
    for (at, local) in set.range((0, u32::MAX), false).enumerate() {
        if at % ROWS_PER_LOOK == 0 {
            view.check_deadline()?;
        }
        let Some(row) = matching(view, (part, local), plan, found) else { continue };
        all.push(local);
        if row.is_marker() {
            markers.push(local);
        }
    }
    Ok(Matches { all: RowSet::collect(all), markers: RowSet::collect(markers) })
}
