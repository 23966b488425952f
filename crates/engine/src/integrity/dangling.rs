//! References of what was imported that lead to nothing.
//!
//! What is imported may come in any order, so nothing is refused for what it refers to. A resource
//! that refers to something which is not there when it is committed is noted by its row, and looked
//! at again when the import is done: then nothing else will come.

use std::ops::ControlFlow;

use accord_access::{AccessRequest, Interaction as Code};
use accord_base::{ResourceId, Row, Subject};
use accord_index::{Found, RowRef, View, extract};
use accord_spec::ResourceType;
use parking_lot::Mutex;

use super::told::path_to;
use super::{Named, lives, name};
use crate::prepare::{Act, Prepared, parse_json};
use crate::writer::{How, Written};
use crate::{Engine, Failure, Request};

/// What is to be looked at.
#[derive(Default)]
pub(crate) struct Suspects(Mutex<Noted>);

#[derive(Default)]
struct Noted {
    /// Versions that may refer to nothing: four bytes for each.
    rows: Vec<Row>,
    /// Why some were not noted, if so: then it cannot be told what leads to nothing. The write that
    /// they are of is durable, and is not answered as if it had failed.
    failed: Option<Failure>,
}

/// A reference to a resource of this server that is not there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dangling {
    /// Type of the resource that refers.
    pub resource_type: ResourceType,
    /// Its id.
    pub id: ResourceId,
    /// The element that refers, with places in lists: `Observation.hasMember[0]`.
    pub path: String,
    /// Type of what is referred to.
    pub target_type: ResourceType,
    /// Its id.
    pub target_id: ResourceId,
}

impl Engine {
    /// Notes what an import wrote that refers to what is not there yet, and what refers to what it
    /// deleted.
    pub(crate) fn suspect(&self, request: &Request, prepared: &Prepared, written: &[Written]) {
        if !self.integrity || !request.is_import() {
            return;
        }
        match self.suspects_of(request, prepared, written) {
            Ok(suspects) if suspects.is_empty() => {}
            Ok(mut suspects) => self.suspects.0.lock().rows.append(&mut suspects),
            Err(failure) => self.suspects.0.lock().failed = Some(failure),
        }
    }

    fn suspects_of(
        &self,
        request: &Request,
        prepared: &Prepared,
        written: &[Written],
    ) -> Result<Vec<Row>, Failure> {
        let view = self.view_for(request, Code::SearchSystem, None)?;
        let mut suspects = Vec::new();
        for (write, written) in prepared.writes.iter().zip(written) {
            match (&write.act, written.how) {
                (Act::Store { content, .. }, How::Created | How::Updated) => {
                    let dangles = |named: &Named| !leads_somewhere(&view, named);
                    suspects.extend(content.references.iter().any(dangles).then_some(written.row));
                }
                (Act::Delete, How::Deleted) => {
                    let gone = (write.resource_type, write.id.as_str());
                    let rows = view.dependents(gone, usize::MAX);
                    let rows =
                        rows.map_err(|e| self.index_failure("what refers to a resource", &e));
                    suspects.extend(rows?.iter().map(RowRef::row));
                }
                _ => {}
            }
        }
        Ok(suspects)
    }

    /// How many resources there are to look at for references that lead to nothing.
    pub fn suspects(&self) -> u64 {
        self.suspects.0.lock().rows.len() as u64
    }

    /// Hands on every reference to nothing of what was imported since the store was opened, as it
    /// is now, and forgets what was to be looked at; `None` after each resource that was. The store
    /// must have been opened with [`referential_integrity`](crate::Options::referential_integrity).
    ///
    /// # Errors
    /// If the asker may not look at everything, or something cannot be read, now or when it was
    /// written.
    pub fn dangling(
        &self,
        subject: &Subject,
        take: &mut dyn FnMut(Option<Dangling>) -> ControlFlow<()>,
    ) -> Result<(), Failure> {
        let Noted { mut rows, failed } = std::mem::take(&mut *self.suspects.0.lock());
        if let Some(failure) = failed {
            return Err(failure);
        }
        rows.sort_unstable();
        rows.dedup();
        let asked = AccessRequest { interaction: Code::SearchSystem, resource_type: None };
        let (decision, snapshot) = self.decide_now(subject, asked);
        let view = View::new(snapshot, crate::permitted(decision)?);
        for row in rows {
            let current = view.row(row).filter(|found| is_current(&view, found));
            let found = match current {
                Some(found) => self.dangling_of(&view, &found)?,
                None => Vec::new(),
            };
            for one in found.into_iter().map(Some).chain([None]) {
                if take(one).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn dangling_of(&self, view: &View, row: &RowRef<'_>) -> Result<Vec<Dangling>, Failure> {
        let version = self.version(view, row)?;
        let document = parse_json(version.body.as_bytes())?;
        let root = document.root();
        let (resource_type, id) = (version.resource_type, version.id);
        let dangling = |reference: accord_fhir::json::Value<'_>| {
            let named = name(&reference.as_str()?).filter(|named| !leads_somewhere(view, named))?;
            let (target_type, target_id) = named.target;
            let path = path_to(root, resource_type.name(), &reference.span());
            Some(Dangling { resource_type, id: id.clone(), path, target_type, target_id })
        };
        Ok(extract::references(root).into_iter().filter_map(dangling).collect())
    }
}

/// Whether what is named exists, or existed in the version that is named. Events are made when they
/// are asked for.
fn leads_somewhere(view: &View, named: &Named) -> bool {
    let (of, id) = &named.target;
    let old = || {
        let version = named.version.and_then(|version| view.version(*of, id.as_str(), version));
        version.is_some_and(|row| !row.deleted())
    };
    *of == ResourceType::AUDIT_EVENT || lives(Some(view), &named.target) || old()
}

fn is_current(view: &View, row: &RowRef<'_>) -> bool {
    let newest = row.with_id(|id| view.read(row.resource_type(), id));
    matches!(newest, Found::Live(newest) if newest.row() == row.row())
}
