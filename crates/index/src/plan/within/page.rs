//! Searches for contained resources: pages of them, or of what contains them.

use std::ops::ControlFlow;
use std::sync::Arc;

use accord_base::Row;
use accord_query::{Contained, Query, Sort, SortKey};
use accord_spec::ResourceType;
use parking_lot::Mutex;

use crate::error::IndexError;
use crate::key;
use crate::part::Part;
use crate::set::RowSet;
use crate::view::{Key, Page, Paging, RowRef, View};

use super::super::compile::compile;
use super::super::evaluate::{WHOLE, candidates, keeps_contained, of_types, rows_of};
use super::super::walk::{Visit, for_each};
use super::super::{Clause, Finder, Plan, Source, indexed, order, places};
use super::{Condition, open, typed};

/// Answers a query for contained resources.
pub(in super::super) fn page<'a>(
    view: &'a View,
    query: &Query,
    paging: &Paging,
) -> Result<Page<'a>, IndexError> {
    indexed::check(view.snapshot(), query)?;
    let (plan, wanted) = plan(view, query)?;
    if query.alone {
        return each(view, (&plan, &wanted), &query.sort, paging);
    }
    order::page(view, &plan, &query.sort, paging)
}

/// Rows that contain what is wanted; or are it themselves, where that is wanted too.
struct Wanted {
    types: Vec<ResourceType>,
    conditions: Vec<Condition>,
    /// What finds the others.
    outside: Option<Plan>,
    /// The part that was looked at last, by its first row.
    last: Mutex<Option<(u32, Arc<Hits>)>>,
}

/// What was found in a part.
struct Hits {
    /// Rows that are wanted themselves.
    outside: RowSet,
    /// Rows by the number of the contained resource that is wanted.
    contained: Vec<(u32, RowSet)>,
}

fn plan(view: &View, query: &Query) -> Result<(Plan, Arc<Wanted>), IndexError> {
    let conditions = query.clauses.iter().map(|asked| Condition::of(view.snapshot(), asked));
    let conditions = conditions.collect::<Result<Vec<_>, _>>()?;
    let types = match query.resource_type {
        Some(of) => vec![of],
        None => query.types.clone(),
    };
    let mut outside = match query.contained {
        Contained::Both => Some(compile(view, query)?),
        Contained::Inside | Contained::Outside => None,
    };
    // Markers are of the types searched; what contains these may be of any.
    let marked = outside.as_mut().and_then(|plan| plan.marked.take());
    let marked = marked.map(|mut marked| {
        let keys = types.iter().map(|of| Source::Key(key::of_type(of.0).into()));
        if !types.is_empty() {
            marked.clauses.push(Clause { sources: keys.collect(), negated: false });
        }
        marked
    });
    let places = outside.as_ref().is_some_and(|plan| plan.places);
    let last = Mutex::new(None);
    let wanted = Arc::new(Wanted { types, conditions, outside, last });
    let sources = vec![Source::By(Box::new(wanted.clone()))];
    let plan = Plan::of(vec![Clause { sources, negated: false }]);
    Ok((Plan { places, marked, ..plan }, wanted))
}

impl Wanted {
    fn hits(&self, view: &View, part: &Part) -> Result<Arc<Hits>, IndexError> {
        let mut last = self.last.lock();
        if let Some((first, hits)) = &*last
            && *first == part.first()
        {
            return Ok(hits.clone());
        }
        let outside = match &self.outside {
            Some(plan) => {
                candidates(view, part, plan)?.and(&of_types(view, part, &plan.types, WHOLE)?)
            }
            None => RowSet::empty(),
        };
        let mut contained = Vec::new();
        for number in 0.. {
            view.check_deadline()?;
            if rows_of(part, &key::contained(number).into())?.is_empty() {
                break;
            }
            let mut rows = self.of_types(view, part, number)?;
            for condition in &self.conditions {
                rows = condition.rows(view, part, (Some(number), rows))?;
            }
            if !rows.is_empty() {
                contained.push((number, rows));
            }
        }
        let hits = Arc::new(Hits { outside, contained });
        *last = Some((part.first(), hits.clone()));
        Ok(hits)
    }

    /// Rows whose contained resource of a number is of one of the types.
    fn of_types(&self, view: &View, part: &Part, number: u32) -> Result<RowSet, IndexError> {
        if !self.types.is_empty() {
            let sets = self.types.iter().map(|of| typed(view, part, number, *of));
            return Ok(RowSet::union(sets.collect::<Result<_, _>>()?));
        }
        let any = rows_of(part, &key::contained(number).into())?;
        if !view.scope().hides_places() {
            return Ok(any);
        }
        let location = key::contained_of(number, places::location().0);
        let places = rows_of(part, &location.into())?;
        Ok(RowSet::union(vec![any.without(&places), open(view, part, places)]))
    }

    /// The places of what is wanted in a row: 0 for itself, then those of contained resources,
    /// from 1.
    fn places(&self, view: &View, row: &RowRef<'_>) -> Result<Vec<u32>, IndexError> {
        if row.is_marker() {
            return Ok(vec![0]);
        }
        let (part, local) = row.place();
        let hits = self.hits(view, part)?;
        let own = hits.outside.contains(local).then_some(0);
        let within = hits.contained.iter().filter(|(_, rows)| rows.contains(local));
        Ok(own.into_iter().chain(within.map(|(number, _)| number + 1)).collect())
    }
}

impl Finder for Arc<Wanted> {
    fn most(&self, part: &Part) -> Result<u64, IndexError> {
        keeps_contained(part, "_contained")?;
        match self.outside {
            Some(_) => Ok(u64::from(part.end() - part.first())),
            None => Ok(rows_of(part, &key::contained(0).into())?.len()),
        }
    }

    fn rows(&self, view: &View, part: &Part) -> Result<RowSet, IndexError> {
        let hits = self.hits(view, part)?;
        let contained = hits.contained.iter().map(|(_, rows)| rows.clone());
        Ok(RowSet::union(contained.chain([hits.outside.clone()]).collect()))
    }
}

/// A page of contained resources, each by itself, in the order of rows.
fn each<'a>(
    view: &'a View,
    (plan, wanted): (&Plan, &Wanted),
    sort: &[Sort],
    paging: &Paging,
) -> Result<Page<'a>, IndexError> {
    let descending = sort.iter().any(|sort| sort.key == SortKey::LastUpdated && sort.descending);
    let after = match paging.after {
        Some(Key::Place(row, place)) => Some((row, place)),
        _ => None,
    };
    let is_after =
        |at: (Row, u32)| after.is_none_or(|after| if descending { at < after } else { at > after });
    let mut page = Page { rows: Vec::new(), contained: Vec::new(), total: None, next: None };
    let (mut total, mut failed, mut last) = (0, None, None);
    for_each(view, plan, (0, u32::MAX), descending, |row| {
        let mut places = match wanted.places(view, &row) {
            Ok(places) => places,
            Err(error) => {
                failed = Some(error);
                return ControlFlow::Break(());
            }
        };
        if descending {
            places.reverse();
        }
        total += places.len() as u64;
        for place in places.into_iter().filter(|place| is_after((row.row(), *place))) {
            if page.rows.len() < paging.count {
                page.rows.push(row);
                page.contained.push(place.checked_sub(1));
                last = Some(Key::Place(row.row(), place));
            } else if page.next.is_none() {
                page.next = last.clone();
            }
        }
        let done = !paging.total && (page.next.is_some() || paging.count == 0);
        if done { ControlFlow::Break(()) } else { ControlFlow::Continue(Visit::Each) }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    page.total = paging.total.then_some(total);
    Ok(page)
}
