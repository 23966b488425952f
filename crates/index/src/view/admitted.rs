//! Rows that a scope admits, kept part by part for the next request through the same scope.
//!
//! Testing a row takes tens of nanoseconds, which is nothing for a page and much for a count of
//! a hundred thousand. Once as many rows of a part were tested for a scope as it has, all of them
//! are tested and kept as a set: whoever asks once pays at most double, whoever asks again an
//! intersection.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use accord_access::consent::{Code, RowLinks, Target};
use accord_access::{Admission, PatientSet, RowView, Scope};
use accord_base::PatientOrd;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use roaring::RoaringBitmap;

use crate::part::Part;
use crate::row::{Marks, NO_ROW};
use crate::set::RowSet;

use super::{ROWS_PER_LOOK, View};

/// Candidates this few are tested one by one; in small parts fewer, where testing them all is
/// soon done.
const FEW: u64 = 48;
/// Memory for kept sets, in bytes.
const CACHE_BYTES: u64 = 64 << 20;

/// A scope's slot, the first row of a part and the row after it: what is kept of a part says
/// nothing of the larger one that it was merged into.
type Place = (u64, u32, u32);

/// What is kept of all scopes that asked lately.
pub(crate) struct AdmittedCache(Cache<Place, Arc<Kept>, Bytes>);

impl Default for AdmittedCache {
    fn default() -> AdmittedCache {
        AdmittedCache(Cache::with_weighter(4096, CACHE_BYTES, Bytes))
    }
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Place, Arc<Kept>> for Bytes {
    fn weight(&self, _: &Place, kept: &Arc<Kept>) -> u64 {
        let sets = |rows: &Arc<AdmittedRows>| {
            rows.admitted.serialized_size() + rows.open.serialized_size()
        };
        256 + kept.rows.as_ref().map_or(0, sets) as u64
    }
}

/// What is kept of one scope in one part.
struct Kept {
    scope: Arc<Scope>,
    /// How often rows of the part had been changed by later ones.
    changes: u64,
    /// Rows tested one by one so far.
    tested: AtomicU64,
    rows: Option<Arc<AdmittedRows>>,
}

/// The rows of a part that a scope admits.
#[derive(Clone, Default)]
pub(crate) struct AdmittedRows {
    /// Rows before this place were tested.
    until: u32,
    /// Rows admitted, whatever else they are.
    admitted: RoaringBitmap,
    /// Rows that have to be tested each time: later rows changed them, what else refers to them
    /// counts, or markers stand for them.
    open: RoaringBitmap,
    /// How many rows had been replaced, and the admitted ones that had not.
    deaths: u64,
    alive: RoaringBitmap,
}

impl AdmittedRows {
    /// Whether a row may be admitted. One that was replaced may be in a state in which it was not:
    /// its labels are then others than those it was tested with.
    pub fn may_admit(&self, local: u32, marks: &Marks) -> bool {
        self.admitted.contains(local)
            || self.open.contains(local)
            || marks.successor(local) != NO_ROW
    }

    /// How many rows of a set are admitted and have not been replaced; and the rows besides these,
    /// of those that may match at all, that have to be tested.
    pub fn count_alive(
        &self,
        (set, all): (&RowSet, &RowSet),
        bounds: (u32, u32),
        state: (&Marks, u32),
    ) -> (u64, RowSet) {
        (set.count_in(&self.alive, bounds), self.open_in(all, state))
    }

    /// The same as sets.
    pub fn alive_in(
        &self,
        (set, all): (RowSet, &RowSet),
        state: (&Marks, u32),
    ) -> (RowSet, RowSet) {
        let open = self.open_in(all, state);
        (set.and_bits(&self.alive), open)
    }

    fn open_in(&self, set: &RowSet, (marks, watermark): (&Marks, u32)) -> RowSet {
        let mut open = self.open.clone();
        if !marks.all_dead_at(watermark) {
            // Rows replaced after this state are alive in it.
            open |= marks.dead() - &self.alive;
        }
        if open.is_empty() { RowSet::empty() } else { RowSet::Many(open).and(set) }
    }
}

impl View {
    /// The rows of a part that the scope admits, if it is worth knowing for so many candidates.
    pub(crate) fn admitted_rows(&self, part: &Part, candidates: u64) -> Option<Arc<AdmittedRows>> {
        let watermark = self.snapshot.watermark().0;
        let until = part.end().min(watermark).saturating_sub(part.first());
        let few = candidates < FEW.min(u64::from(until) / 256);
        // Labels that are not settled yet count for every row, but not for long.
        let passing = !self.scope.granules().is_empty() || self.snapshot.is_unsettled();
        if few || passing {
            return None;
        }
        let cache = &self.snapshot.admitted().0;
        let place = (self.scope.slot(), part.first(), part.end());
        // Before any row is looked at: what follows is noticed next time.
        let marks = part.marks();
        let (changes, deaths) = (marks.changes(), marks.deaths());
        let kept = cache.get(&place);
        let current = |kept: &Kept| kept.changes == changes && self.is_scope_of(kept);
        let (kept, known) = match kept {
            Some(kept) if current(&kept) => {
                let known = kept.rows.clone();
                (Some(kept), known)
            }
            Some(kept) => (None, self.renewed(part, &kept).map(Arc::new)),
            None => (None, None),
        };
        let is_current =
            |known: &AdmittedRows| kept.is_some() && known.until >= until && known.deaths == deaths;
        if let Some(known) = known.as_ref().filter(|known| is_current(known)) {
            return Some(Arc::clone(known));
        }
        let tested = kept.as_ref().map_or(0, |kept| kept.tested.load(Ordering::Relaxed));
        let tested = tested + candidates;
        let unrestricted = self.scope.is_unrestricted();
        if known.is_none() && tested < u64::from(until) && !unrestricted {
            match &kept {
                Some(kept) => kept.tested.store(tested, Ordering::Relaxed),
                None => self.keep(place, changes, tested, None),
            }
            return None;
        }
        let mut rows = known.map_or_else(AdmittedRows::default, |known| (*known).clone());
        if unrestricted {
            rows.admitted.insert_range(rows.until..until);
        } else {
            for local in rows.until..until {
                // Whoever is to be brief tests one by one, until that is too long as well.
                if (local as usize).is_multiple_of(ROWS_PER_LOOK) && self.check_deadline().is_err()
                {
                    return None;
                }
                self.test(part, local, &mut rows);
            }
        }
        rows.until = rows.until.max(until);
        rows.deaths = deaths;
        rows.alive = &rows.admitted - marks.dead();
        // Runs are slow to meet with the bitmaps that sets of candidates are.
        rows.alive.remove_run_compression();
        let rows = Arc::new(rows);
        self.keep(place, changes, tested, Some(Arc::clone(&rows)));
        Some(rows)
    }

    /// Whether rows are kept of the scope as it is.
    fn is_scope_of(&self, kept: &Kept) -> bool {
        if self.kept_scope.get().is_some_and(|scope| Arc::ptr_eq(scope, &kept.scope)) {
            return true;
        }
        let same = kept.scope.is_same(&self.scope);
        if same {
            // One look at a scope for all the parts that are kept of it.
            self.kept_scope.get_or_init(|| Arc::clone(&kept.scope));
        }
        same
    }

    /// What is kept of another scope, or from before rows were changed, as it is now: of all rows
    /// those of the patients are tested anew for whom the scopes differ. `None` if nothing is
    /// kept, or all rows would have to be.
    fn renewed(&self, part: &Part, kept: &Kept) -> Option<AdmittedRows> {
        let known = kept.rows.as_ref().filter(|_| !self.scope.is_unrestricted())?;
        let whom = self.changed_since(&kept.scope)?;
        let mut rows = (**known).clone();
        if part.marks().changes() != kept.changes {
            let mut changed = part.marks().changed();
            changed.remove_range(rows.until..);
            rows.admitted -= &changed;
            rows.open |= changed;
        }
        if !whom.is_empty() {
            for local in part.naming(&whom, rows.until) {
                rows.admitted.remove(local);
                rows.open.remove(local);
                self.test(part, local, &mut rows);
            }
        }
        Some(rows)
    }

    /// The patients whose rows may be admitted by one of the scopes and not by the other. Found
    /// out once for the parts that are kept of the same scope.
    fn changed_since(&self, kept: &Arc<Scope>) -> Option<Arc<PatientSet>> {
        let mut last = self.changed.lock();
        if let Some((scope, whom)) = &*last
            && Arc::ptr_eq(scope, kept)
        {
            return whom.clone();
        }
        let whom = self.scope.changed_since(kept).map(Arc::new);
        *last = Some((Arc::clone(kept), whom.clone()));
        whom
    }

    fn keep(&self, place: Place, changes: u64, tested: u64, rows: Option<Arc<AdmittedRows>>) {
        let scope = Arc::clone(self.kept_scope.get_or_init(|| Arc::new(self.scope.clone())));
        let kept = Kept { scope, changes, tested: AtomicU64::new(tested), rows };
        self.snapshot.admitted().0.insert(place, Arc::new(kept));
    }

    /// Tests a row and notes what comes of it.
    fn test(&self, part: &Part, local: u32, rows: &mut AdmittedRows) {
        let Some(columns) = part.columns(local) else { return };
        if part.marks().is_changed(local) {
            rows.open.insert(local);
            return;
        }
        let (admission, open) = self.snapshot.with_row_view(part, local, columns, |row| {
            let watched = Watched { links: row.links, asked: Cell::new(false) };
            let row = RowView { links: row.links.map(|_| &watched as &dyn RowLinks), ..row };
            (self.scope.admission(row), watched.asked.get())
        });
        // Of markers there are few: each is tested again, by what it matches itself.
        if open || admission == Admission::Known {
            rows.open.insert(local);
        } else if admission == Admission::Yes {
            rows.admitted.insert(local);
        }
    }
}

/// Links that tell whether they were asked about what other rows may change.
struct Watched<'a> {
    links: Option<&'a dyn RowLinks>,
    asked: Cell<bool>,
}

impl RowLinks for Watched<'_> {
    fn has_id(&self, id: &str) -> Option<bool> {
        self.links.and_then(|links| links.has_id(id))
    }

    fn has_code(&self, code: &Code) -> Option<bool> {
        let has = self.links.and_then(|links| links.has_code(code));
        // What cannot be told now may be told later.
        self.asked.set(self.asked.get() || has.is_none());
        has
    }

    fn is_related(&self, target: &Target) -> Option<bool> {
        self.asked.set(true);
        self.links.and_then(|links| links.is_related(target))
    }

    fn depends_on(&self, target: &Target, person: &[PatientOrd]) -> Option<bool> {
        self.asked.set(true);
        self.links.and_then(|links| links.depends_on(target, person))
    }
}
