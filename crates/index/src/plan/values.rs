//! Values of matches, to sort by.

use std::sync::Arc;

use accord_query::{Sort, SortKey};
use accord_spec::{ParamId, ParamKind, ResourceType};

use crate::error::IndexError;
use crate::key::{self, tag};
use crate::part::Part;
use crate::set::RowSet;
use crate::view::View;

use super::{marked, places, scan};

/// A value that sorts. Those of one criterion are of one kind.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Value {
    /// Dates, numbers and quantities by their keys, births by their instant.
    Number(u128),
    /// Texts as they are compared, codes, uris, references as text, ids.
    Text(Arc<[u8]>),
}

impl Value {
    /// Of a text.
    pub(super) fn text(text: &str) -> Value {
        Value::Text(Arc::from(text.as_bytes()))
    }
}

/// The value of each of some rows of a part, ascending, that counts for a criterion: the lowest, or
/// the highest where those come first. `None` where there is none. For some of them markers stand.
pub(super) fn values(
    view: &View,
    part: &Part,
    (rows, markers): (&[u32], &RowSet),
    sort: &Sort,
) -> Result<Vec<Option<Value>>, IndexError> {
    let ParamId(id) = match sort.key {
        SortKey::Param(param) => param,
        SortKey::Id => return Ok(rows.iter().map(|row| Some(id_of(part, *row))).collect()),
        SortKey::LastUpdated => return Ok(rows.iter().map(|row| born(part, *row)).collect()),
    };
    let mut best = Best { rows, values: vec![None; rows.len()], highest: sort.descending };
    let kind = view.snapshot().param(ParamId(id)).map(|param| param.kind);
    match kind {
        Some(ParamKind::Date) => ranges(part, id, tag::DATE, &mut best)?,
        Some(ParamKind::Number) => ranges(part, id, tag::NUMBER, &mut best)?,
        Some(ParamKind::Quantity) => ranges(part, id, tag::QUANTITY, &mut best)?,
        Some(ParamKind::Token) => keys(view, part, (id, tag::CODE), &mut best)?,
        Some(ParamKind::String) => keys(view, part, (id, tag::TEXT), &mut best)?,
        Some(ParamKind::Uri) => keys(view, part, (id, tag::URI), &mut best)?,
        Some(ParamKind::Reference) => {
            keys(view, part, (id, tag::LOCAL), &mut best)?;
            keys(view, part, (id, tag::URL), &mut best)?;
        }
        _ => {}
    }
    if places::are_values_of(view.snapshot(), ParamId(id)) {
        forget_hidden(view, part, &mut best, |_| true);
    } else if kind == Some(ParamKind::Reference) {
        forget_hidden(view, part, &mut best, names_place);
    }
    // Nothing of what a marker stands for decides about its place.
    for (row, value) in rows.iter().zip(&mut best.values) {
        if markers.contains(*row) {
            *value = marked::place(view, part, *row, sort);
        }
    }
    Ok(best.values)
}

/// The best values found so far.
struct Best<'a> {
    /// Ascending.
    rows: &'a [u32],
    values: Vec<Option<Value>>,
    highest: bool,
}

impl Best<'_> {
    fn offer(&mut self, at: usize, value: Value) {
        let Some(best) = self.values.get_mut(at) else { return };
        let better = best
            .as_ref()
            .is_none_or(|best| if self.highest { value > *best } else { value < *best });
        if better {
            *best = Some(value);
        }
    }
}

/// An id as a value.
pub(super) fn id_of(part: &Part, local: u32) -> Value {
    part.with_id(local, Value::text)
}

/// A birth as a value.
pub(super) fn born(part: &Part, local: u32) -> Option<Value> {
    Some(Value::Number(part.columns(local)?.meta.born.into()))
}

/// What a range sorts by: its low end, or its high end where the highest come first.
fn ranges(part: &Part, param: u16, kind: u8, best: &mut Best<'_>) -> Result<(), IndexError> {
    let prefix = key::front(param, kind);
    let (rows, highest) = (best.rows, best.highest);
    let mut offer = |at: usize, low: u128, high: u128| {
        best.offer(at, Value::Number(if highest { high } else { low }));
    };
    match part {
        Part::Chunk(chunk) => {
            let keys = chunk.keys();
            for (_, column) in keys.ranges().filter(|(key, _)| key.starts_with(&prefix)) {
                column.of_rows(rows, &mut offer);
            }
        }
        Part::Segment(segment) => {
            let (index, blocks) = segment.range_index();
            for column in index.columns(&prefix) {
                column.of_rows(rows, blocks, &mut offer)?;
            }
        }
    }
    Ok(())
}

fn keys(
    view: &View,
    part: &Part,
    (param, kind): (u16, u8),
    best: &mut Best<'_>,
) -> Result<(), IndexError> {
    scan::each(view, part, (param, kind), |key, load| {
        let value = Value::Text(sorted_by(key));
        let found = load()?;
        if found.len() < best.rows.len() as u64 {
            for row in found.range((0, u32::MAX), false) {
                if let Ok(at) = best.rows.binary_search(&row) {
                    best.offer(at, value.clone());
                }
            }
            return Ok(());
        }
        let rows = best.rows;
        let hits = rows.iter().enumerate().filter(|(_, row)| holds(&found, **row));
        hits.for_each(|(at, _)| best.offer(at, value.clone()));
        Ok(())
    })
}

fn holds(found: &RowSet, row: u32) -> bool {
    found.contains(row)
}

/// What a key sorts by.
fn sorted_by(key: &[u8]) -> Arc<[u8]> {
    match key::kind_of(key) {
        Some((_, tag::TEXT)) => Arc::from(key::normalised(key)),
        Some((_, tag::LOCAL)) => {
            let (of, id) = scan::target(key).unwrap_or_default();
            Arc::from(format!("{}/{id}", ResourceType(of).name()).as_bytes())
        }
        _ => Arc::from(key.get(3..).unwrap_or_default()),
    }
}

/// Where somebody is or lives is not told by the place of what names them either.
fn forget_hidden(view: &View, part: &Part, best: &mut Best<'_>, tells: fn(&Value) -> bool) {
    if !view.scope().hides_places() {
        return;
    }
    for (row, value) in best.rows.iter().zip(&mut best.values) {
        if !value.as_ref().is_some_and(tells) {
            continue;
        }
        let row = view.any(part.first() + row);
        if row.is_none_or(|row| view.hides_places_of(row)) {
            *value = None;
        }
    }
}

/// Whether a reference is to a place.
fn names_place(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.starts_with(b"Location/"))
}
