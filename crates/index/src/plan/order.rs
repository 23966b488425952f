//! Matches in the order asked for, and pages of them.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use accord_base::{LogTime, Row};
use accord_query::{Sort, SortKey};

use crate::error::IndexError;
use crate::view::{Key, Page, Paging, RowRef, View};

use super::walk::{Visit, for_each};
use super::{Plan, sorted};

/// The order of matches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    /// By row, which is the order of births.
    Rows { descending: bool },
    /// By birth (if given), then by id, then by type. `true`: descending.
    Ids { born: Option<bool>, id: bool },
}

impl Order {
    fn of(sort: &[Sort]) -> Order {
        let of = |key| sort.iter().position(|sort| sort.key == key);
        let descending = |at: usize| sort.get(at).is_some_and(|sort| sort.descending);
        match (of(SortKey::LastUpdated), of(SortKey::Id)) {
            (born, None) => Order::Rows { descending: born.is_some_and(descending) },
            // Ids are unique within a type: what comes after does not matter.
            (Some(born), Some(id)) if born < id => {
                Order::Ids { born: Some(descending(born)), id: descending(id) }
            }
            (_, Some(id)) => Order::Ids { born: None, id: descending(id) },
        }
    }
}

/// Finds the matches of a plan and takes a page of them.
pub(crate) fn page<'a>(
    view: &'a View,
    plan: &Plan,
    sort: &[Sort],
    paging: &Paging,
) -> Result<Page<'a>, IndexError> {
    if sort.iter().any(|sort| matches!(sort.key, SortKey::Param(_))) {
        return sorted::page(view, plan, sort, paging);
    }
    match Order::of(sort) {
        Order::Rows { descending } => by_row(view, plan, paging, descending),
        Order::Ids { born, id } => by_id(view, plan, paging, (born, id)),
    }
}

fn by_row<'a>(
    view: &'a View,
    plan: &Plan,
    paging: &Paging,
    descending: bool,
) -> Result<Page<'a>, IndexError> {
    let after = match &paging.after {
        Some(Key::Row(row)) => Some(*row),
        _ => None,
    };
    let passed =
        |row: Row| after.is_some_and(|after| if descending { row >= after } else { row <= after });
    let mut page = Page { rows: Vec::new(), contained: Vec::new(), total: None, next: None };
    let mut total = 0;
    // Rows that earlier pages showed are looked at only to be counted.
    let bounds = match after {
        Some(after) if !paging.total && descending => (0, after.0),
        Some(after) if !paging.total => (after.0.saturating_add(1), u32::MAX),
        _ => (0, u32::MAX),
    };
    for_each(view, plan, bounds, descending, |row| {
        total += 1;
        if !passed(row.row()) {
            if page.rows.len() < paging.count {
                page.rows.push(row);
            } else {
                page.next = page.rows.last().map(|last| Key::Row(last.row()));
            }
        }
        match (page.next.is_some() || paging.count == 0, paging.total) {
            (true, false) => ControlFlow::Break(()),
            (true, true) => ControlFlow::Continue(Visit::Count),
            (false, _) => ControlFlow::Continue(Visit::Each),
        }
    })
    .map(|counted| total += counted)?;
    page.total = paging.total.then_some(total);
    Ok(page)
}

/// What matches are sorted by: birth, id, type.
type Place<'a> = (LogTime, &'a str, u8);

/// A match with its id.
struct Sorted<'a> {
    id: String,
    row: RowRef<'a>,
}

impl Sorted<'_> {
    fn place(&self) -> Place<'_> {
        (self.row.born(), &self.id, self.row.resource_type().0)
    }
}

fn by_id<'a>(
    view: &'a View,
    plan: &Plan,
    paging: &Paging,
    (by_born, descending): (Option<bool>, bool),
) -> Result<Page<'a>, IndexError> {
    let compare = |a: Place<'_>, b: Place<'_>| {
        let directed = |ordering: Ordering, down| if down { ordering.reverse() } else { ordering };
        let born = by_born.map_or(Ordering::Equal, |down| directed(a.0.cmp(&b.0), down));
        born.then_with(|| directed((a.1, a.2).cmp(&(b.1, b.2)), descending))
    };
    let after = after_place(view, paging);
    let (mut total, mut best): (u64, Vec<Sorted<'a>>) = (0, Vec::new());
    let room = paging.count.saturating_add(1);
    let cut = |best: &mut Vec<Sorted<'a>>| {
        best.sort_by(|a, b| compare(a.place(), b.place()));
        best.truncate(room);
    };
    for_each(view, plan, (0, u32::MAX), false, |row| {
        total += 1;
        row.with_id(|id| {
            let this = (row.born(), id, row.resource_type().0);
            if after.is_none_or(|after| compare(this, after) == Ordering::Greater) {
                best.push(Sorted { id: id.to_owned(), row });
            }
        });
        // Only the first few are wanted: forget the rest now and then.
        if best.len() >= room.saturating_mul(4).max(256) {
            cut(&mut best);
        }
        ControlFlow::Continue(Visit::Each)
    })?;
    cut(&mut best);
    let more = best.len() > paging.count;
    best.truncate(paging.count);
    let next = best.last().filter(|_| more);
    let next = next.map(|last| Key::Id(last.id.clone(), last.row.resource_type().0));
    let rows = best.into_iter().map(|sorted| sorted.row).collect();
    let contained = Vec::new();
    Ok(Page { rows, contained, total: paging.total.then_some(total), next })
}

/// Where the page before ended. The state is the one of the first page, so the birth of its last
/// match is found where it was then.
fn after_place<'p>(view: &View, paging: &'p Paging) -> Option<Place<'p>> {
    let Some(Key::Id(id, resource_type)) = &paging.after else { return None };
    let newest = view.snapshot().newest(*resource_type, id);
    let born = newest.and_then(|row| view.snapshot().born(row)).unwrap_or_default();
    Some((born, id, *resource_type))
}
