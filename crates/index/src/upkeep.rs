//! What the server's own upkeep of labels, its decisions on writes, and transfers ask: columns of rows
//! and what refers to what, for whoever is asked about. It tells them, never an asker: nothing of it
//! is part of an answer.

use std::sync::Arc;

use accord_base::{OrgOrd, Row};
use accord_spec::ResourceType;

use crate::error::IndexError;
use crate::index::{Index, Shared};
use crate::key::{self, SearchKey};
use crate::reach::{self, RowContent};
use crate::row::NO_ROW;
use crate::snapshot::Snapshot;

/// A state of the store, for the upkeep of labels.
pub struct Upkeep {
    shared: Arc<Shared>,
    snapshot: Snapshot,
}

/// A row as upkeep sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Labels {
    /// Type of the resource.
    pub resource_type: ResourceType,
    /// Its labels in this state, later versions' included.
    pub labels: u64,
    /// Who answers for it.
    pub controller: OrgOrd,
    /// Whether it records a deletion.
    pub deleted: bool,
    /// The row of the version before.
    pub prior: Option<Row>,
    /// The newest version of the resource.
    pub newest: Row,
}

impl Index {
    /// Lets every patient's row count as labelled so at least, from the next snapshot on: which of
    /// them are is being found out. No bits end that.
    pub fn set_unsettled(&self, labels: u64) {
        self.0.published.write().unsettled = labels;
    }

    /// What upkeep of labels asks about the newest published state.
    pub fn upkeep(&self) -> Upkeep {
        Upkeep::new(self.0.clone(), self.snapshot())
    }
}

impl Upkeep {
    pub(crate) fn new(shared: Arc<Shared>, snapshot: Snapshot) -> Upkeep {
        Upkeep { shared, snapshot }
    }

    /// The labels of the newest version of a resource; 0 if there is none.
    pub fn labels_of(&self, resource_type: ResourceType, id: &str) -> u64 {
        if !self.shared.labelled.has(resource_type.0) {
            return 0;
        }
        let newest = self.snapshot.newest(resource_type.0, id);
        newest.and_then(|row| self.row(Row(row))).map_or(0, |row| row.labels)
    }

    /// A row; `None` where no resource version has the number.
    pub fn row(&self, row: Row) -> Option<Labels> {
        let (part, local) = self.snapshot.locate(row.0)?;
        let meta = part.columns(local)?.meta;
        let policy = self.snapshot.policy(part, local)?;
        Some(Labels {
            resource_type: ResourceType(meta.resource_type),
            labels: policy.labels,
            controller: policy.controller,
            deleted: meta.deleted(),
            prior: (meta.prior != NO_ROW).then_some(Row(meta.prior)),
            newest: Row(self.snapshot.newest_of(row.0)?),
        })
    }

    /// What consents ask about a row beyond its columns.
    pub fn content(&self, row: Row) -> Option<RowContent<'_>> {
        self.snapshot.content(row.0)
    }

    /// The state.
    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The id of a row's resource; empty where no resource version has the number.
    pub fn id(&self, row: Row) -> String {
        let place = self.snapshot.locate(row.0);
        place.map_or_else(String::new, |(part, local)| part.with_id(local, str::to_owned))
    }

    /// Every version, dead ones included, that refers to a resource; ascending.
    ///
    /// # Errors
    /// Those of reading segments.
    pub fn referrers(&self, resource_type: ResourceType, id: &str) -> Result<Vec<Row>, IndexError> {
        self.referrers_since(resource_type, id, Row(0))
    }

    /// Those among them that were born at the row `since` or later.
    ///
    /// # Errors
    /// Those of reading segments.
    pub fn referrers_since(
        &self,
        resource_type: ResourceType,
        id: &str,
        since: Row,
    ) -> Result<Vec<Row>, IndexError> {
        let local = |param: &u16| SearchKey::from(key::local(*param, resource_type.0, id));
        let keys: Vec<SearchKey> =
            reach::reference_params(resource_type).iter().map(local).collect();
        let mut rows = Vec::new();
        for part in self.snapshot.parts().iter().filter(|part| part.end() > since.0) {
            for key in &keys {
                let found = part.find(key)?;
                let first = part.first();
                rows.extend(found.to_vec().into_iter().map(|local| Row(first + local)));
            }
        }
        rows.retain(|row| *row >= since && *row < self.snapshot.watermark());
        rows.sort_unstable();
        rows.dedup();
        Ok(rows)
    }

    /// Current versions of a type, deletions left out; ascending.
    ///
    /// # Errors
    /// Those of reading segments.
    pub fn current(&self, resource_type: ResourceType) -> Result<Vec<Row>, IndexError> {
        let (key, mut rows) = (SearchKey::from(key::of_type(resource_type.0)), Vec::new());
        for part in self.snapshot.parts() {
            let newest = |local: &u32| {
                part.first() + local < self.snapshot.watermark().0
                    && self.snapshot.is_newest(part, *local)
            };
            let found = part.find(&key)?.to_vec();
            rows.extend(found.into_iter().filter(newest).map(|local| Row(part.first() + local)));
        }
        rows.sort_unstable();
        Ok(rows)
    }
}
