//! Conditions on what references join: rows by way of other rows (FHIR R4 search §3.1.1.4.13 and
//! §3.1.1.4.14).
//!
//! The condition at the other end is evaluated first, through the same view, so that what does not
//! exist for the asker joins nothing. A few resources there become keys to look up; of many, those
//! who are patients are met in the patients' column, others by going through the keys of the
//! reference, of which there are as many as there are resources referred to.

mod backward;
mod column;
mod forward;
mod patients;

use accord_query::{Chain, Clause, Link, Query, Target};
use hashbrown::HashSet;

use crate::error::IndexError;
use crate::set::RowSet;
use crate::view::View;

use super::compile::compile;
use super::marked;
use super::matched::matched;
use super::{Plan, Source};

pub(crate) use forward::Referring;
pub(crate) use patients::Patients;

/// Most rows that a condition at the other end of a reference may hold for.
const MOST_ROWS: u64 = 2_000_000;
/// Most resources that are joined by name.
const MOST_NAMES: usize = 200_000;

/// So many resources are looked up one by one: less than going through a part costs, and in a
/// small store, where a part is nothing, hardly any.
fn few(view: &View, most: u64) -> u64 {
    (u64::from(view.snapshot().watermark().0) / 1024).clamp(4, most)
}

/// The sources of a condition on what references join, for the types searched.
pub(super) fn sources(
    view: &View,
    types: &[u8],
    asked: &Clause,
    chain: &Chain,
) -> Result<Vec<Source>, IndexError> {
    let mut sources = Vec::new();
    let (Target::Param(id) | Target::Referrer(id)) = asked.target else { return Ok(sources) };
    let Some(param) = view.snapshot().param(id) else { return Ok(sources) };
    for link in &chain.links {
        let found = Matched::behind(view, chain, link)?;
        match asked.target {
            Target::Referrer(_) => {
                sources.extend(marked::referred_to(view, types, param, &found.markers));
                let found = found.without_markers();
                backward::sources(view, types, param, &found, &mut sources)?;
            }
            _ => forward::sources(view, (param, link.resource_type), found, &mut sources)?,
        }
    }
    Ok(sources)
}

/// The ids of the resources of the store for which the condition at the other end holds, of
/// patients those of the same person as well.
pub(super) fn names(
    view: &View,
    chain: &Chain,
    link: &Link,
) -> Result<HashSet<Box<str>>, IndexError> {
    let found = Matched::behind(view, chain, link)?;
    if found.count > MOST_NAMES as u64 {
        return Err(found.too_many());
    }
    let mut names = HashSet::new();
    found.each_name(view, link.resource_type, |id| {
        names.insert(Box::from(id));
    });
    Ok(names)
}

/// What satisfies the condition at the other end.
pub(super) struct Matched {
    /// By the place of the part in the snapshot.
    parts: Vec<RowSet>,
    /// The markers among them: they refer to nothing but their patient.
    markers: Vec<RowSet>,
    count: u64,
    /// How it was asked for.
    name: String,
}

impl Matched {
    fn behind(view: &View, chain: &Chain, link: &Link) -> Result<Matched, IndexError> {
        let clauses = vec![link.clause.clone()];
        let own = view.snapshot().own().params().clone();
        let query = Query { clauses, own, ..Query::on(Some(link.resource_type)) };
        Matched::of(view, &compile(view, &query)?, chain)
    }

    fn of(view: &View, plan: &Plan, chain: &Chain) -> Result<Matched, IndexError> {
        let (parts, markers) = (Vec::new(), Vec::new());
        let mut all = Matched { parts, markers, count: 0, name: chain.name.clone() };
        for part in view.snapshot().parts() {
            let found = matched(view, part, plan)?;
            all.count += found.all.len();
            if all.count > MOST_ROWS {
                return Err(all.too_many());
            }
            all.parts.push(found.all);
            all.markers.push(found.markers);
        }
        Ok(all)
    }

    /// The same but for markers.
    fn without_markers(self) -> Matched {
        let seen =
            self.parts.into_iter().zip(&self.markers).map(|(all, marked)| all.without(marked));
        Matched { parts: seen.collect(), ..self }
    }

    fn too_many(&self) -> IndexError {
        IndexError::Costly(self.name.clone())
    }
}
