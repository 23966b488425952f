//! Conditions on resources wherever they stand in a row.

use std::sync::Arc;

use accord_query::{Chain, Clause as Asked, Link, Target, Test};
use accord_spec::{ParamId, ResourceType, param};
use hashbrown::HashSet;
use parking_lot::Mutex;

use crate::error::IndexError;
use crate::key::{self, Slot, tag};
use crate::part::Part;
use crate::set::RowSet;
use crate::snapshot::Snapshot;
use crate::view::View;

use super::super::compile::{clause, of_values};
use super::super::evaluate::{WHOLE, candidates, of_types, rows_of};
use super::super::{Plan, links, places, scan};
use super::{open, typed};

/// Resources this few are looked up one by one, of more the keys of the reference are gone through.
const FEW: usize = 64;

/// A condition on a row's resource, or on one that it contains.
pub(super) struct Condition {
    asked: Asked,
    /// What a chain leads to.
    behind: Vec<Behind>,
    /// Whether it asks for a place.
    places: bool,
}

/// A type of resources at the other end of a reference.
struct Behind {
    chain: Chain,
    link: Link,
    condition: Condition,
    /// The ids of those of the store, once they are needed.
    outside: Mutex<Option<Arc<HashSet<Box<str>>>>>,
}

impl Condition {
    /// Of what is asked.
    pub fn of(snapshot: &Snapshot, asked: &Asked) -> Result<Condition, IndexError> {
        let mut behind = Vec::new();
        if let (Target::Param(_), Test::Chain(chain)) = (asked.target, &asked.test) {
            for link in &chain.links {
                behind.push(Behind {
                    chain: Chain { links: Vec::new(), ..chain.clone() },
                    link: link.clone(),
                    condition: Condition::of(snapshot, &link.clause)?,
                    outside: Mutex::new(None),
                });
            }
        }
        // Of a chain to places, those rows are left out where it meets a place.
        let places = places::asks(snapshot, asked, &|_| Ok(Vec::new()))?;
        Ok(Condition { asked: asked.clone(), behind, places })
    }

    /// The rows of a set for which it holds: of the contained resource of a number, or of the
    /// row's own.
    pub fn rows(
        &self,
        view: &View,
        part: &Part,
        (number, set): (Option<u32>, RowSet),
    ) -> Result<RowSet, IndexError> {
        if set.is_empty() {
            return Ok(set);
        }
        view.check_deadline()?;
        let rows = match &self.asked.test {
            Test::Chain(_) => set.and(&self.joined(view, part, number)?),
            _ => set.and(&self.plain(view, part, number)?),
        };
        Ok(if self.places { open(view, part, rows) } else { rows })
    }

    /// Where its values pass.
    fn plain(&self, view: &View, part: &Part, number: Option<u32>) -> Result<RowSet, IndexError> {
        let (snapshot, scope) = (view.snapshot(), view.scope());
        let of = |id: ParamId| of_values((snapshot, scope), Slot::of(id.0, number), &self.asked);
        let clause = match (self.asked.target, number) {
            (Target::Param(id), _) if !id.is_own() => of(id),
            // The id that a contained resource has within its container.
            (Target::Id, Some(_)) => match param(ResourceType::PATIENT, "_id") {
                Some(param) => of(param.id),
                None => return Ok(RowSet::empty()),
            },
            // A contained resource changes with its container.
            (Target::LastUpdated | Target::Id, _) => clause(snapshot, scope, &[], &self.asked),
            // Words, what refers, and what the store's own parameters read are not kept of what is
            // contained.
            _ => return Ok(RowSet::empty()),
        };
        candidates(view, part, &Plan::of(vec![clause]))
    }

    /// Where a reference leads to something that passes, in the document or out of it.
    fn joined(&self, view: &View, part: &Part, number: Option<u32>) -> Result<RowSet, IndexError> {
        let Target::Param(ParamId(param)) = self.asked.target else { return Ok(RowSet::empty()) };
        let slot = Slot::of(param, number);
        let mut sets = vec![self.inside(view, part, slot)?];
        for behind in &self.behind {
            sets.push(behind.outside(view, part, slot)?);
        }
        Ok(RowSet::union(sets))
    }

    /// Where the reference in a slot leads to something that passes in the same document.
    pub fn inside(&self, view: &View, part: &Part, slot: Slot) -> Result<RowSet, IndexError> {
        let referring = |to| rows_of(part, &key::refers(slot, to).into());
        if referring(None)?.is_empty() {
            return Ok(RowSet::empty());
        }
        let mut found = Vec::new();
        let container = referring(Some(key::CONTAINER))?;
        if !container.is_empty() {
            for behind in &self.behind {
                let of = of_types(view, part, &[behind.link.resource_type.0], WHOLE)?;
                let set = (None, container.clone().and(&of));
                found.push(behind.condition.rows(view, part, set)?);
            }
        }
        for number in 0.. {
            view.check_deadline()?;
            if rows_of(part, &key::contained(number).into())?.is_empty() {
                break;
            }
            let referring = referring(Some(number))?;
            if referring.is_empty() {
                continue;
            }
            for behind in &self.behind {
                let of = typed(view, part, number, behind.link.resource_type)?;
                let set = (Some(number), referring.clone().and(&of));
                found.push(behind.condition.rows(view, part, set)?);
            }
        }
        Ok(RowSet::union(found))
    }
}

impl Behind {
    /// Where a reference in a slot leads to a resource of the store that passes.
    fn outside(&self, view: &View, part: &Part, slot: Slot) -> Result<RowSet, IndexError> {
        let of = self.link.resource_type.0;
        let names = self.names(view)?;
        let mut found = Vec::new();
        if names.len() <= FEW {
            for id in names.iter() {
                found.push(rows_of(part, &key::local(slot, of, id).into())?);
            }
            return Ok(RowSet::union(found));
        }
        // Behind the front stand the type and the id.
        let front = key::front(slot, tag::LOCAL);
        scan::each(view, part, (slot, tag::LOCAL), |key, rows| {
            if let Some([is, id @ ..]) = key.strip_prefix(front.as_slice())
                && *is == of
                && std::str::from_utf8(id).is_ok_and(|id| names.contains(id))
            {
                found.push(rows()?);
            }
            Ok(())
        })?;
        Ok(RowSet::union(found))
    }

    fn names(&self, view: &View) -> Result<Arc<HashSet<Box<str>>>, IndexError> {
        let mut known = self.outside.lock();
        if let Some(names) = &*known {
            return Ok(names.clone());
        }
        let names = Arc::new(links::names(view, &self.chain, &self.link)?);
        *known = Some(names.clone());
        Ok(names)
    }
}
