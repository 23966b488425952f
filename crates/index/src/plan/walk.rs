//! Going through the matches of a plan in the order of rows, and counting them.

use std::ops::ControlFlow;

use crate::error::IndexError;
use crate::part::Part;
use crate::view::{AdmittedRows, ROWS_PER_LOOK, RowRef, View};

use super::Plan;
use super::evaluate::{Window, of_types};
use super::marked::{Candidates, Lookup};

/// What is to be done with the matches that follow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Visit {
    /// Look at each.
    Each,
    /// Count them.
    Count,
}

/// Hands every match among the rows `from..to` to `visit`, in the order of rows, until told to
/// stop, or to only count the rest. Gives the number counted.
pub(super) fn for_each<'a>(
    view: &'a View,
    plan: &Plan,
    (from, to): (u32, u32),
    descending: bool,
    mut visit: impl FnMut(RowRef<'a>) -> ControlFlow<(), Visit>,
) -> Result<u64, IndexError> {
    let to = to.min(view.snapshot().watermark().0);
    let parts = view.snapshot().parts();
    let mut walk = Walk { view, plan, descending, mode: Visit::Each, counted: 0 };
    for at in 0..parts.len() {
        let at = if descending { parts.len() - 1 - at } else { at };
        let Some(part) = parts.get(at) else { continue };
        let bounds = (from.max(part.first()), to.min(part.end()));
        if bounds.0 < bounds.1 {
            let bounds = (bounds.0 - part.first(), bounds.1 - part.first());
            if walk.part(part, bounds, &mut visit)?.is_break() {
                break;
            }
        }
    }
    Ok(walk.counted)
}

/// Goes through the matches of a plan.
struct Walk<'a, 'p> {
    view: &'a View,
    plan: &'p Plan,
    descending: bool,
    mode: Visit,
    counted: u64,
}

impl<'a> Walk<'a, '_> {
    /// Goes through those of a part, within bounds. Breaks when told to.
    fn part(
        &mut self,
        part: &'a Part,
        bounds: Window,
        visit: &mut impl FnMut(RowRef<'a>) -> ControlFlow<(), Visit>,
    ) -> Result<ControlFlow<()>, IndexError> {
        let Some(asked) = Lookup::of(self.view, part, self.plan)? else {
            return Ok(ControlFlow::Continue(()));
        };
        let (step, broad) = (self.view.snapshot().chunk_rows(), asked.is_broad(self.view));
        let large = part.end() - part.first() > step;
        let mut windows = Windows { rest: bounds, step, descending: self.descending };
        while let Some(window) = windows.next(broad && self.mode == Visit::Each) {
            let found = asked.rows(self.view, window)?;
            let all = found.all().len();
            // All rows of a large part are tested for a count, not because a page begins in it.
            let is_page = large && broad && self.mode == Visit::Each;
            let known = (!is_page).then(|| self.view.admitted_rows(part, all)).flatten();
            let mut rest = Some(window);
            if self.mode == Visit::Each {
                rest = match self.each(part, (&found, known.as_deref()), window, visit)? {
                    ControlFlow::Break(()) => return Ok(ControlFlow::Break(())),
                    ControlFlow::Continue(rest) => rest,
                };
            }
            if let Some(rest) = rest {
                let known = if is_page { self.view.admitted_rows(part, all) } else { known };
                let rows = (&found, known.as_deref());
                self.counted += count(self.view, part, self.plan, rows, rest)?;
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Hands on the matches of a window. Gives what is left of it if that is only to be counted.
    fn each(
        &mut self,
        part: &'a Part,
        (found, known): (&Candidates, Option<&AdmittedRows>),
        window: Window,
        visit: &mut impl FnMut(RowRef<'a>) -> ControlFlow<(), Visit>,
    ) -> Result<ControlFlow<(), Option<Window>>, IndexError> {
        let may_admit =
            |local: &u32| known.is_none_or(|known| known.may_admit(*local, part.marks()));
        let may_match = found.all().range(window, self.descending).filter(may_admit);
        for (at, local) in may_match.enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                self.view.check_deadline()?;
            }
            let row = matching(self.view, (part, local), self.plan, found);
            let Some(row) = row else { continue };
            match visit(row) {
                ControlFlow::Break(()) => return Ok(ControlFlow::Break(())),
                ControlFlow::Continue(Visit::Each) => {}
                ControlFlow::Continue(Visit::Count) => {
                    self.mode = Visit::Count;
                    let before = (window.0, local);
                    let after = (local + 1, window.1);
                    let rest = if self.descending { before } else { after };
                    return Ok(ControlFlow::Continue(Some(rest)));
                }
            }
        }
        Ok(ControlFlow::Continue(None))
    }
}

/// The windows of a part in which matches are looked for: a page is often full after the first,
/// and each is twice as large as the one before, so that there are few.
struct Windows {
    rest: Window,
    step: u32,
    descending: bool,
}

impl Windows {
    /// The next window, or all of the rest.
    fn next(&mut self, in_steps: bool) -> Option<Window> {
        let (from, to) = self.rest;
        if from >= to {
            return None;
        }
        let rows = if in_steps { self.step.min(to - from) } else { to - from };
        self.step = self.step.saturating_mul(2);
        let cut = if self.descending { to - rows } else { from + rows };
        let (window, rest) = ((from, cut), (cut, to));
        let (window, rest) = if self.descending { (rest, window) } else { (window, rest) };
        self.rest = rest;
        Some(window)
    }
}

/// How many matches are among the candidates within `bounds`: by words where it is known which
/// are admitted, else one by one.
fn count(
    view: &View,
    part: &Part,
    plan: &Plan,
    (found, known): (&Candidates, Option<&AdmittedRows>),
    bounds: (u32, u32),
) -> Result<u64, IndexError> {
    // Where somebody lives may be hidden though they are not: each is asked.
    let known = known.filter(|_| !plan.looks_at_rows());
    let (mut counted, open) = match known {
        Some(known) => {
            let typed = match plan.implies_types {
                true => None,
                false => Some(found.seen.clone().and(&of_types(view, part, &plan.types, bounds)?)),
            };
            let seen = typed.as_ref().unwrap_or(&found.seen);
            let state = (&**part.marks(), view.snapshot().watermark().0);
            known.count_alive((seen, found.all()), bounds, state)
        }
        None => (0, found.all().clone()),
    };
    for (at, local) in open.range(bounds, false).enumerate() {
        if at % ROWS_PER_LOOK == 0 {
            view.check_deadline()?;
        }
        counted += u64::from(matching(view, (part, local), plan, found).is_some());
    }
    Ok(counted)
}

/// The row among candidates, if it is a match for the asker.
pub(super) fn matching<'a>(
    view: &'a View,
    (part, local): (&'a Part, u32),
    plan: &Plan,
    found: &Candidates,
) -> Option<RowRef<'a>> {
    let row = view.current(part, local, &plan.types).filter(|row| found.has(local, row))?;
    let hidden = plan.places && view.hides_places_of(row);
    let wanted = !hidden && row.is_of(plan.record);
    (wanted && plan.words.iter().all(|test| test.holds(view, &row))).then_some(row)
}
