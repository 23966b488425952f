//! The only door for reads: a snapshot seen through a scope.

mod admitted;
mod changes;
mod granules;
mod history;
mod referrers;
mod search;

use std::hint::black_box;
use std::sync::{Arc, OnceLock};

use accord_access::{Admission, Owed, PatientSet, RowPolicy, RowView, Scope};
use accord_base::{Deadline, LogTime, Row};
use accord_query::{Record, Words};
use accord_spec::ResourceType;
use parking_lot::Mutex;

use crate::error::IndexError;
use crate::part::Part;
use crate::row::{NO_ROW, RowColumns, RowMeta};
use crate::snapshot::Snapshot;

pub(crate) use admitted::{AdmittedCache, AdmittedRows};
pub use changes::Changed;
use granules::Granules;
pub use history::{HistoryPage, HistoryRange};
pub use search::{Key, Page, Paging};

/// Rows that are looked at between two looks at the deadline.
pub(crate) const ROWS_PER_LOOK: usize = 1024;

/// A state of the store as it exists for one asker. What the scope does not admit is absent from
/// every answer.
pub struct View {
    snapshot: Snapshot,
    scope: Scope,
    deadline: Deadline,
    granules: Granules,
    /// The scope as it is kept with what was found out for it.
    kept_scope: OnceLock<Arc<Scope>>,
    changed: Mutex<Option<ChangedSince>>,
    reader: Option<Arc<dyn Reader>>,
}

/// A scope of before, and the patients whose rows may be others since; `None` if that is not told.
type ChangedSince = (Arc<Scope>, Option<Arc<PatientSet>>);

/// Reads documents for a view: what is in them as its asker sees them.
pub trait Reader: Send + Sync {
    /// Whether a row's document has these words, in its narratives alone or in all its texts.
    fn has_words(&self, view: &View, row: &RowRef<'_>, words: &Words, narrative: bool) -> bool;
}

/// A row that the view admits.
#[derive(Clone, Copy)]
pub struct RowRef<'a> {
    snapshot: &'a Snapshot,
    part: &'a Part,
    local: u32,
    meta: &'a RowMeta,
    /// Whether a marker stands in its place.
    marker: bool,
}

/// The current version of a resource.
#[derive(Clone, Copy)]
pub enum Found<'a> {
    /// It exists.
    Live(RowRef<'a>),
    /// It was deleted by this row.
    Deleted(RowRef<'a>),
    /// It is known of, and not seen: a marker stands in its place, or the end of one where this
    /// is a deletion.
    Known(RowRef<'a>),
    /// It does not exist, or not for the asker.
    Absent,
}

impl View {
    /// A snapshot seen through a scope, for as long as it takes.
    pub fn new(snapshot: Snapshot, scope: Scope) -> View {
        let granules = Granules::of(&snapshot, &scope);
        let (deadline, kept_scope, changed) = (Deadline::NEVER, OnceLock::new(), Mutex::new(None));
        View { snapshot, scope, granules, deadline, kept_scope, changed, reader: None }
    }

    /// The same view, whose searches and histories end with [`IndexError::Late`] soon after the
    /// deadline has passed.
    pub fn until(self, deadline: Deadline) -> View {
        View { deadline, ..self }
    }

    /// The same view, whose searches read documents where keys alone do not tell. Without a reader
    /// they find no words but those that are there for everyone.
    pub fn reading(self, reader: Arc<dyn Reader>) -> View {
        View { reader: Some(reader), ..self }
    }

    pub(crate) fn reader(&self) -> Option<&dyn Reader> {
        self.reader.as_deref()
    }

    /// What searches and histories look at now and then.
    pub(crate) fn check_deadline(&self) -> Result<(), IndexError> {
        if self.deadline.has_passed() { Err(IndexError::Late) } else { Ok(()) }
    }

    /// The state seen.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The scope it is seen through.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The current version of a resource.
    pub fn read(&self, resource_type: ResourceType, id: &str) -> Found<'_> {
        match self.newest_admitted(resource_type, id) {
            Some(row) if row.marker => Found::Known(row),
            Some(row) if row.deleted() => Found::Deleted(row),
            Some(row) => Found::Live(row),
            None => Found::Absent,
        }
    }

    /// A version of a resource, if it and the current version are admitted or known of: a marker
    /// if one of the two is. May be a deletion.
    pub fn version(
        &self,
        resource_type: ResourceType,
        id: &str,
        version: u32,
    ) -> Option<RowRef<'_>> {
        let newest = self.newest_admitted(resource_type, id)?;
        let mut row = newest;
        while row.version() > version {
            row = self.any(row.meta.prior)?;
        }
        let row = self.admit(row).filter(|row| row.version() == version)?;
        Some(row.beside(newest))
    }

    /// The newest version of a resource, if it is admitted or known of. Where there is none
    /// another row is looked at all the same: what is hidden and what never was take the same path.
    fn newest_admitted(&self, resource_type: ResourceType, id: &str) -> Option<RowRef<'_>> {
        if let Some(newest) = self.snapshot.newest(resource_type.0, id) {
            return self.admitted(newest);
        }
        if !self.scope.is_unrestricted() {
            let other = self.snapshot.any_instead(resource_type.0, id);
            black_box(other.and_then(|row| self.admitted(row)).is_some());
        }
        None
    }

    /// A row by its number, if it and the current version of its resource are admitted or known
    /// of: a marker if one of the two is.
    pub fn row(&self, row: Row) -> Option<RowRef<'_>> {
        let found = self.admitted(row.0)?;
        let newest = self.admitted(self.snapshot.newest_of(row.0)?)?;
        Some(found.beside(newest))
    }

    /// What is owed with a row because its controller shares it; nothing with a marker.
    pub fn owed(&self, row: &RowRef<'_>) -> Owed {
        if row.marker || !self.scope.is_shared_with() {
            return Owed::default();
        }
        let policy = row.policy();
        self.scope.owed(RowView::of(row.resource_type(), row.deleted(), &policy))
    }

    /// A row that the state holds, admitted or not.
    pub(crate) fn any(&self, row: u32) -> Option<RowRef<'_>> {
        let (part, local) = self.snapshot.locate(row)?;
        let meta = part.columns(local)?.meta;
        Some(RowRef { snapshot: &self.snapshot, part, local, meta, marker: false })
    }

    /// A row if it is the current version of a resource of one of the types (any if empty), not
    /// deleted, and admitted or known of.
    pub(crate) fn current<'a>(
        &'a self,
        part: &'a Part,
        local: u32,
        types: &[u8],
    ) -> Option<RowRef<'a>> {
        if !self.snapshot.is_newest(part, local) {
            return None;
        }
        let columns = part.columns(local)?;
        let meta = columns.meta;
        let of_type = types.is_empty() || types.contains(&meta.resource_type);
        if meta.deleted() || !of_type {
            return None;
        }
        let marker = self.marker_for(part, local, columns)?;
        Some(RowRef { snapshot: &self.snapshot, part, local, meta, marker })
    }

    /// A row that the state holds, if it is admitted or known of.
    pub(crate) fn admitted(&self, row: u32) -> Option<RowRef<'_>> {
        self.admit(self.any(row)?)
    }

    /// The row if it is admitted or known of.
    fn admit<'a>(&'a self, row: RowRef<'a>) -> Option<RowRef<'a>> {
        let marker = self.marker_for(row.part, row.local, row.part.columns(row.local)?)?;
        Some(RowRef { marker, ..row })
    }

    /// Whether a search by places passes over a row.
    pub(crate) fn hides_places_of(&self, row: RowRef<'_>) -> bool {
        let (scope, columns) = (&self.scope, row.part.columns(row.local));
        scope.hides_places()
            && columns.is_none_or(|columns| {
                let patients = |row: RowView<'_>| scope.hides_places_of(row.patients);
                self.snapshot.with_row_view(row.part, row.local, columns, patients)
            })
    }

    /// Whether a marker stands for the row; `None` where not even that exists.
    fn marker_for(&self, part: &Part, local: u32, columns: RowColumns<'_>) -> Option<bool> {
        self.snapshot.with_row_view(part, local, columns, |row| match self.scope.admission(row) {
            Admission::No => None,
            Admission::Yes => Some(false),
            Admission::Known => Some(true),
            Admission::IfGranted => {
                self.granules.admit(self, part.first() + local, row).then_some(false)
            }
        })
    }
}

impl RowRef<'_> {
    /// Its number, which is the place of its record in the log.
    pub fn row(&self) -> Row {
        Row(self.part.first() + self.local)
    }

    /// Type of the resource.
    pub fn resource_type(&self) -> ResourceType {
        ResourceType(self.meta.resource_type)
    }

    /// Logical id.
    pub fn id(&self) -> String {
        self.with_id(str::to_owned)
    }

    /// Hands the logical id to `with`, without allocation.
    pub fn with_id<T>(&self, with: impl FnOnce(&str) -> T) -> T {
        self.part.with_id(self.local, with)
    }

    /// Version number, from 1.
    pub fn version(&self) -> u32 {
        self.meta.version
    }

    /// Whether the row records a deletion.
    pub fn deleted(&self) -> bool {
        self.meta.deleted()
    }

    /// Whether an update made the resource with this version.
    pub fn put(&self) -> bool {
        self.meta.put()
    }

    /// Where it stands: its part, and its place there.
    pub(crate) fn place(&self) -> (&Part, u32) {
        (self.part, self.local)
    }

    /// Whether the asker may know of it and not see it: what they are given is a
    /// [`marker`](crate::marker).
    pub fn is_marker(&self) -> bool {
        self.marker
    }

    /// The same as a marker, if the current version is one.
    fn beside(self, newest: RowRef<'_>) -> Self {
        RowRef { marker: self.marker || newest.marker, ..self }
    }

    /// Whether it is what is wanted of records of patients. A marker tells no day.
    pub(crate) fn is_of(&self, record: Record) -> bool {
        let day = self.meta.clinical_day;
        let within =
            |(from, to): (i32, i32)| self.marker || day == i32::MIN || (from..=to).contains(&day);
        let named = || {
            let columns = self.part.columns(self.local);
            columns.is_some_and(|columns| !columns.patients().is_empty())
        };
        record.days.is_none_or(within) && (!record.of_patients || named())
    }

    /// When it was born.
    pub fn born(&self) -> LogTime {
        LogTime(self.meta.born)
    }

    /// The row of the version before.
    pub fn prior(&self) -> Option<Row> {
        (self.meta.prior != NO_ROW).then_some(Row(self.meta.prior))
    }

    /// Hands what decisions read of it, in this state, to `with`: to explain how it looks to others.
    pub fn with_columns<T>(&self, with: impl FnOnce(RowView<'_>) -> T) -> Option<T> {
        let columns = self.part.columns(self.local)?;
        Some(self.snapshot.with_row_view(self.part, self.local, columns, with))
    }

    /// The policy columns of it, in this state.
    pub fn policy(&self) -> RowPolicy {
        // The columns exist: `meta` was read from them.
        self.snapshot.policy(self.part, self.local).unwrap_or_else(|| RowPolicy {
            controller: self.meta.controller,
            source: self.meta.source,
            patients: Default::default(),
            labels: self.meta.labels,
            clinical_day: self.meta.clinical_day,
            authors: Default::default(),
        })
    }
}
