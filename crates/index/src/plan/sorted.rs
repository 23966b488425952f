//! Matches in the order of their values.

use std::cmp::Ordering;

use accord_base::Row;
use accord_query::{Sort, SortKey};
use accord_spec::{ParamKind, param_by_id};
use smallvec::SmallVec;

use crate::error::IndexError;
use crate::part::Part;
use crate::set::RowSet;
use crate::view::{Key, Page, Paging, View};

use super::Plan;
use super::front::Front;
use super::matched::{Matches, matched};
use super::values::{Value, values};

/// The values that decide about the place of a match, one for each criterion.
type Place = SmallVec<[Option<Value>; 1]>;

/// Matches whose values are read in one step.
const STEP: usize = 16_384;

/// A match with its place.
struct Entry {
    place: Place,
    row: u32,
}

/// A page in the order of values, then of rows. What has no value comes last either way.
pub(super) fn page<'a>(
    view: &'a View,
    plan: &Plan,
    sort: &[Sort],
    paging: &Paging,
) -> Result<Page<'a>, IndexError> {
    let after = after(view, sort, paging)?;
    let room = paging.count.saturating_add(1);
    let (mut best, mut total): (Vec<Entry>, u64) = (Vec::new(), 0);
    // Set once there are enough: what comes after it is on a later page.
    let mut last: Option<Entry> = None;
    for part in view.snapshot().parts() {
        let found = matched(view, part, plan)?;
        total += found.all.len();
        if found.all.is_empty() || paging.count == 0 {
            continue;
        }
        let asked = Sorting { view, part, found: &found, sort, after: after.as_ref() };
        let entries = match asked.first(room)? {
            Some(first) => first,
            None => asked.all_entries()?,
        };
        for entry in entries {
            if last.as_ref().is_some_and(|last| compare(&entry, last, sort).is_gt()) {
                continue;
            }
            best.push(entry);
            if best.len() >= room.saturating_mul(4).max(256) {
                last = cut(&mut best, sort, room);
            }
        }
    }
    cut(&mut best, sort, room);
    let more = best.len() > paging.count;
    best.truncate(paging.count);
    let next = best.last().filter(|_| more).map(|last| Key::Row(Row(last.row)));
    let rows = best.iter().filter_map(|entry| view.admitted(entry.row)).collect();
    let contained = Vec::new();
    Ok(Page { rows, contained, total: paging.total.then_some(total), next })
}

/// The matches of a part that are to be put in order.
struct Sorting<'a> {
    view: &'a View,
    part: &'a Part,
    found: &'a Matches,
    sort: &'a [Sort],
    /// Where the page before ended.
    after: Option<&'a Entry>,
}

impl Sorting<'_> {
    /// Some matches with their places, those that are on later pages.
    fn entries(&self, rows: &[u32]) -> Result<Vec<Entry>, IndexError> {
        let rows_and_markers = (rows, &self.found.markers);
        let column = |sort| values(self.view, self.part, rows_and_markers, sort);
        let mut columns = self.sort.iter().map(column).collect::<Result<Vec<_>, _>>()?;
        let entries = rows.iter().enumerate().filter_map(|(at, local)| {
            let take = |column: &mut Vec<Option<Value>>| column.get_mut(at).and_then(Option::take);
            let place: Place = columns.iter_mut().map(take).collect();
            let entry = Entry { place, row: self.part.first() + local };
            let is_after = |bound: &Entry| compare(&entry, bound, self.sort).is_gt();
            self.after.is_none_or(is_after).then_some(entry)
        });
        Ok(entries.collect())
    }

    /// All of them; where values are read by row, some at a time.
    fn all_entries(&self) -> Result<Vec<Entry>, IndexError> {
        let rows = self.found.all.to_vec();
        let by_row = |sort: &Sort| match sort.key {
            SortKey::Param(id) => param_by_id(id).is_some_and(|param| {
                matches!(param.kind, ParamKind::Date | ParamKind::Number | ParamKind::Quantity)
            }),
            SortKey::Id | SortKey::LastUpdated => true,
        };
        let step = if self.sort.iter().all(by_row) { STEP } else { rows.len() };
        let mut entries = Vec::new();
        for rows in rows.chunks(step.max(1)) {
            self.view.check_deadline()?;
            entries.append(&mut self.entries(rows)?);
        }
        Ok(entries)
    }

    /// Matches among which are the first so many; `None` where that takes a look at all.
    fn first(&self, room: usize) -> Result<Option<Vec<Entry>>, IndexError> {
        let Some(criterion) = self.sort.first() else { return Ok(None) };
        let from = self.after.and_then(|after| after.place.first());
        let all = &self.found.all;
        let front = Front::of(self.view, self.part, all, (criterion, from));
        // Of what a marker stands for, nothing decides about its place.
        let Some(mut front) = front.filter(|_| self.found.markers.is_empty()) else {
            return Ok(None);
        };
        let mut wanted = room;
        while front.reach(self.view, all, wanted)? {
            let entries = self.entries(&front.rows())?;
            let settled = |entry: &&Entry| match entry.place.first() {
                Some(Some(Value::Number(value))) => front.is_before(*value),
                _ => false,
            };
            if entries.iter().filter(settled).count() >= room {
                return Ok(Some(entries));
            }
            // Some stood on earlier pages, by another value.
            wanted = wanted.saturating_mul(2);
        }
        Ok(None)
    }
}

/// Keeps the first few, in order; gives the place of the last of them if there were more.
fn cut(best: &mut Vec<Entry>, sort: &[Sort], room: usize) -> Option<Entry> {
    if room > 0 && best.len() > room {
        best.select_nth_unstable_by(room - 1, |a, b| compare(a, b, sort));
        best.truncate(room);
    }
    best.sort_unstable_by(|a, b| compare(a, b, sort));
    let last = best.last().filter(|_| best.len() >= room)?;
    Some(Entry { place: last.place.clone(), row: last.row })
}

fn compare(a: &Entry, b: &Entry, sort: &[Sort]) -> Ordering {
    let places = a.place.iter().zip(&b.place).zip(sort);
    let by_value = places.map(|((a, b), sort)| match (a, b) {
        (Some(a), Some(b)) if sort.descending => b.cmp(a),
        (Some(a), Some(b)) => a.cmp(b),
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
    });
    by_value.fold(Ordering::Equal, Ordering::then).then(a.row.cmp(&b.row))
}

/// Where the page before ended. The state is the one of the first page, so the values of its last
/// match are found where they were then.
fn after(view: &View, sort: &[Sort], paging: &Paging) -> Result<Option<Entry>, IndexError> {
    let Some(Key::Row(Row(row))) = paging.after else { return Ok(None) };
    let Some((part, local)) = view.snapshot().locate(row) else { return Ok(None) };
    let marker = view.admitted(row).is_some_and(|row| row.is_marker());
    let markers = RowSet::collect(if marker { vec![local] } else { Vec::new() });
    let mut place = Place::new();
    for criterion in sort {
        place.push(values(view, part, (&[local], &markers), criterion)?.pop().flatten());
    }
    Ok(Some(Entry { place, row }))
}
