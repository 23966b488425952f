//! Rows that scopes with conditions admit: searches that limit what a token shows.

use std::sync::OnceLock;

use accord_access::{Granule, RowView, Scope};

use crate::part::Part;
use crate::plan::{self, Plan};
use crate::row::NO_ROW;
use crate::set::RowSet;
use crate::snapshot::Snapshot;

use super::View;

/// The granules of a view's scope, each evaluated in a part when a row of it is first asked about.
#[derive(Default)]
pub(crate) struct Granules(Vec<Matches>);

struct Matches {
    plan: Plan,
    /// By the place of the part in the snapshot: every version that matches.
    rows: Vec<OnceLock<RowSet>>,
}

impl Granules {
    pub fn of(snapshot: &Snapshot, scope: &Scope) -> Granules {
        let matches = |granule: &Granule| Matches {
            plan: plan::compile_plain(snapshot, scope, &granule.query),
            rows: snapshot.parts().iter().map(|_| OnceLock::new()).collect(),
        };
        Granules(scope.granules().iter().map(matches).collect())
    }

    /// Whether a granule that speaks for the row matches it. A deletion has no content: what
    /// matched before it still counts.
    pub fn admit(&self, view: &View, row: u32, columns: RowView<'_>) -> bool {
        let (snapshot, scope) = (view.snapshot(), view.scope());
        let granules = scope.granules().iter().zip(&self.0);
        let mut speaking = granules.filter(|(granule, _)| scope.speaks_for(granule, columns));
        let Some(row) = with_content(snapshot, row) else { return false };
        let places = scope.hides_places_of(columns.patients);
        speaking.any(|(_, matches)| !(places && matches.plan.places) && matches.has(view, row))
    }
}

impl Matches {
    /// Whether the version matches. What cannot be read does not.
    fn has(&self, view: &View, row: u32) -> bool {
        let parts = view.snapshot().parts();
        let after = parts.partition_point(|part| part.first() <= row);
        let Some(at) = after.checked_sub(1) else { return false };
        let (Some(part), Some(slot)) = (parts.get(at), self.rows.get(at)) else { return false };
        let rows = slot.get_or_init(|| matching(view, part, &self.plan));
        row < part.end() && rows.contains(row - part.first())
    }
}

/// The rows of a part that match; none where the part cannot be read, which a search of the same
/// part tells as its error, and where nobody waits for the answer any more.
fn matching(view: &View, part: &Part, plan: &Plan) -> RowSet {
    plan::candidates(view, part, plan).unwrap_or_else(|_| RowSet::empty())
}

/// The row itself, or the last one before it that is not a deletion.
fn with_content(snapshot: &Snapshot, mut row: u32) -> Option<u32> {
    loop {
        let (part, local) = snapshot.locate(row)?;
        let meta = part.columns(local)?.meta;
        if !meta.deleted() {
            return Some(row);
        }
        row = Some(meta.prior).filter(|prior| *prior != NO_ROW)?;
    }
}
