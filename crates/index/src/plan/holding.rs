//! Whether single versions match a search, current or not.
//!
//! A version is judged by its own values. What references join is looked for in the newest state:
//! it is what the asker would find there now.

use accord_query::{Clause as Asked, Query, Target, Test};

use crate::error::IndexError;
use crate::part::Part;
use crate::view::{RowRef, View};

use super::evaluate::WHOLE;
use super::marked::{Candidates, Lookup};
use super::{Plan, Source, compile};

/// A search, for testing single versions.
pub(crate) struct Holding {
    plan: Plan,
    /// Conditions on ids: the plan knows the newest version of each alone.
    ids: Vec<Asked>,
    /// Whether a version in a file is looked up by itself: keys tell of one row as of many.
    singly: bool,
    /// What may match in parts that were evaluated whole, by the first row of each.
    found: Vec<(u32, Candidates)>,
}

impl Holding {
    /// Of a search.
    pub fn of(view: &View, query: &Query) -> Result<Holding, IndexError> {
        let (ids, clauses) =
            query.clauses.iter().cloned().partition(|clause| clause.target == Target::Id);
        let plan = compile(view, &Query { clauses, ..query.clone() })?;
        let singly = by_keys(&plan) && plan.marked.as_deref().is_none_or(by_keys);
        Ok(Holding { plan, ids, singly, found: Vec::new() })
    }

    /// Whether a version matches as what it is to the asker.
    pub fn holds(&mut self, view: &View, row: &RowRef<'_>) -> Result<bool, IndexError> {
        let Holding { plan, ids, singly, found } = self;
        let (part, local) = row.place();
        let of_type = plan.types.is_empty() || plan.types.contains(&row.resource_type().0);
        if !of_type || row.deleted() || !ids.iter().all(|asked| row.with_id(|id| is(id, asked))) {
            return Ok(false);
        }
        let matches = |found: &Candidates| found.all().contains(local) && found.has(local, row);
        let may = match part {
            Part::Segment(_) if *singly => match Lookup::of(view, part, plan)? {
                Some(lookup) => matches(&lookup.rows(view, (local, local + 1))?),
                None => false,
            },
            _ => {
                if !found.iter().any(|(first, _)| *first == part.first()) {
                    let candidates = match Lookup::of(view, part, plan)? {
                        Some(lookup) => lookup.rows(view, WHOLE)?,
                        None => Candidates::default(),
                    };
                    found.push((part.first(), candidates));
                }
                found.iter().any(|(first, set)| *first == part.first() && matches(set))
            }
        };
        let hidden = plan.places && view.hides_places_of(*row);
        let wanted = may && !hidden && row.is_of(plan.record);
        Ok(wanted && plan.words.iter().all(|test| test.holds(view, row)))
    }
}

/// Whether an id is what a condition on ids asks for.
fn is(id: &str, asked: &Asked) -> bool {
    match &asked.test {
        Test::Token { any_of, negated } => {
            any_of.iter().any(|token| token.code.as_deref() == Some(id)) != *negated
        }
        // Every resource has one.
        Test::Missing(missing) => !missing,
        _ => false,
    }
}

fn by_keys(plan: &Plan) -> bool {
    let keyed =
        |source: &Source| matches!(source, Source::Key(_) | Source::Range { .. } | Source::Rows(_));
    plan.clauses.iter().flat_map(|clause| &clause.sources).all(keyed)
}
