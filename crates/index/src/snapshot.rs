//! Snapshots: a state of the store, held without holding anyone up.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use accord_access::{Class, RowPolicy, RowView, Scope, label};
use accord_base::{LogTime, NameSpace, OrgOrd, PatientOrd, Row};
use accord_query::ReferenceValue;
use accord_spec::{ParamId, ResourceType, SearchParam};
use smallvec::SmallVec;

use crate::hash::hash_id;
use crate::index::Shared;
use crate::own::Own;
use crate::part::{Part, born_after, locate};
use crate::reach::{RowContent, Sets};
use crate::row::{NO_ROW, Overlay, RowColumns, RowMeta};
use crate::view::AdmittedCache;

/// The state of the store at one instant. A row is live in it iff it lies before the watermark
/// and its successor does not. Cheap to take, to clone and to hold; opens nothing by itself: reads
/// go through a [`View`](crate::View).
#[derive(Clone)]
pub struct Snapshot {
    shared: Arc<Shared>,
    parts: Arc<[Part]>,
    watermark: u32,
    t: LogTime,
    /// First row not known when the snapshot was taken: what was known of labels by then counts,
    /// whatever the state. Never before the watermark.
    known: u32,
    /// Labels that any patient's row may turn out to have: a job has not looked at all of them.
    unsettled: u64,
    /// The store's own search parameters when it was taken.
    own: Arc<Own>,
}

impl Snapshot {
    pub(crate) fn new(
        shared: Arc<Shared>,
        parts: Arc<[Part]>,
        (watermark, t): (u32, LogTime),
        unsettled: u64,
    ) -> Snapshot {
        let own = shared.own.read().clone();
        Snapshot { shared, parts, watermark, t, known: watermark, unsettled, own }
    }

    /// The instant that names the state.
    pub fn t(&self) -> LogTime {
        self.t
    }

    /// First row that the state does not hold.
    pub fn watermark(&self) -> Row {
        Row(self.watermark)
    }

    /// An earlier state over the same parts.
    pub(crate) fn back_to(self, watermark: u32, t: LogTime) -> Snapshot {
        Snapshot { watermark, t, ..self }
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// A search parameter, an official one or one of the store's own.
    pub(crate) fn param(&self, id: ParamId) -> Option<&'static SearchParam> {
        self.own.params().by_id(id)
    }

    /// The store's own search parameters.
    pub fn own(&self) -> &Own {
        &self.own
    }

    /// How many rows the job has asked of the first part that lacks anything.
    pub(crate) fn asked_rows(&self) -> u32 {
        self.shared.asked_rows.load(Ordering::Relaxed)
    }

    /// Rows in a chunk.
    pub(crate) fn chunk_rows(&self) -> u32 {
        self.shared.chunk_rows
    }

    /// Whether rows count as having labels that they may turn out not to have.
    pub(crate) fn is_unsettled(&self) -> bool {
        self.unsettled != 0
    }

    /// Rows that scopes admit, as found out lately.
    pub(crate) fn admitted(&self) -> &AdmittedCache {
        &self.shared.admitted
    }

    /// First row that was not known when the snapshot was taken: after the state if it is old.
    pub(crate) fn known(&self) -> u32 {
        self.known
    }

    /// Sets of rows asked for lately.
    pub(crate) fn sets(&self) -> &Sets {
        &self.shared.sets
    }

    /// What consents ask about a row beyond its columns.
    pub(crate) fn content(&self, row: u32) -> Option<RowContent<'_>> {
        let (part, local) = self.locate(row)?;
        Some(RowContent::new(self, part, local))
    }

    /// The part and place of a row that the state holds.
    pub(crate) fn locate(&self, row: u32) -> Option<(&Part, u32)> {
        if row < self.watermark { locate(&self.parts, row) } else { None }
    }

    /// The first row born at `us` microseconds since 1970 or later; the watermark if there is none.
    pub(crate) fn first_born_from(&self, us: i64) -> u32 {
        match u64::try_from(us).ok().and_then(|us| us.checked_sub(1)) {
            Some(before) => born_after(&self.parts, before).min(self.watermark),
            None => 0,
        }
    }

    /// When the first resource version at `row` or later was born.
    pub(crate) fn next_born(&self, row: u32) -> Option<LogTime> {
        let found = (row..self.watermark).find_map(|row| {
            let (part, local) = self.locate(row)?;
            part.columns(local)
        })?;
        Some(LogTime(found.meta.born))
    }

    /// The first row at `from` or later that is of one of the types; the watermark if none is.
    /// Whoever it exists for: tells whether it is worth while to look, and is nobody's answer.
    pub fn first_of_types(&self, types: &[ResourceType], from: Row) -> Row {
        let of_type = |row: &u32| {
            let columns = self.locate(*row).and_then(|(part, local)| part.columns(local));
            columns.is_some_and(|columns| types.iter().any(|t| t.0 == columns.meta.resource_type))
        };
        Row((from.0..self.watermark).find(of_type).unwrap_or(self.watermark.max(from.0)))
    }

    /// Whether no later version had replaced the row in this state.
    pub(crate) fn is_newest(&self, part: &Part, local: u32) -> bool {
        part.marks().successor(local) >= self.watermark
    }

    /// The newest version of a resource in this state, deletions included.
    pub(crate) fn newest(&self, resource_type: u8, id: &str) -> Option<u32> {
        self.newest_before(self.watermark, resource_type, id)
    }

    /// The newest version of a resource among the rows before one, deletions included.
    pub(crate) fn newest_before(&self, end: u32, resource_type: u8, id: &str) -> Option<u32> {
        let mut row = self.shared.head(&self.parts, resource_type, id)?;
        let mut later = None;
        // Versions newer than the state are passed over; their chunk may be newer than the parts.
        while row >= end {
            let parts = later.get_or_insert_with(|| self.shared.parts());
            let (part, local) = locate(parts, row)?;
            row = part.columns(local)?.meta.prior;
            if row == NO_ROW {
                return None;
            }
        }
        Some(row)
    }

    /// Some row in the place of one that an id leads to, looked at as those are; by chance of the
    /// type asked for.
    pub(crate) fn any_instead(&self, resource_type: u8, id: &str) -> Option<u32> {
        let from = hash_id(resource_type, id).checked_rem(u64::from(self.watermark))? as u32;
        let of_type = |row: &u32| {
            let columns = self.locate(*row).and_then(|(part, local)| part.columns(local));
            columns.is_some_and(|columns| columns.meta.resource_type == resource_type)
        };
        let row = (from..from.saturating_add(4)).find(of_type).unwrap_or(from);
        let (part, local) = self.locate(row)?;
        black_box(part.with_id(local, |text| text == id));
        Some(row)
    }

    /// The newest version, in this state, of the resource whose version stands in `row`.
    pub(crate) fn newest_of(&self, row: u32) -> Option<u32> {
        let (part, local) = self.locate(row)?;
        if self.is_newest(part, local) {
            return Some(row);
        }
        let resource_type = part.columns(local)?.meta.resource_type;
        part.with_id(local, |id| self.newest(resource_type, id))
    }

    /// Ids of the other patients who are one person, to a scope, with the patient that a value may
    /// name.
    pub(crate) fn same_person(&self, scope: &Scope, value: &ReferenceValue) -> Vec<String> {
        let id = match value {
            ReferenceValue::Resource { resource_type, id }
                if *resource_type == ResourceType::PATIENT =>
            {
                id
            }
            ReferenceValue::Id(id) => id,
            _ => return Vec::new(),
        };
        let names = &self.shared.names;
        let Some(ordinal) = names.ordinal(NameSpace::Patient, id) else { return Vec::new() };
        let same = scope.merged_with(PatientOrd(ordinal)).iter().filter(|p| p.0 != ordinal);
        same.filter_map(|patient| names.name(NameSpace::Patient, patient.0)).collect()
    }

    /// What later effects changed about a row by this state.
    fn overlay(&self, part: &Part, local: u32) -> Option<Arc<Overlay>> {
        if !part.marks().is_changed(local) {
            return None;
        }
        self.shared.overlays.at(part.first() + local, self.watermark)
    }

    /// Hands what decisions read of a row, as it is in this state, to `with`.
    pub(crate) fn with_row_view<T>(
        &self,
        part: &Part,
        local: u32,
        columns: RowColumns<'_>,
        with: impl FnOnce(RowView<'_>) -> T,
    ) -> T {
        let meta = columns.meta;
        let links = RowContent::new(self, part, local);
        let mut view = RowView {
            resource_type: ResourceType(meta.resource_type),
            deleted: meta.deleted(),
            controller: meta.controller,
            patients: columns.patients(),
            labels: meta.labels,
            clinical_day: meta.clinical_day,
            authors: columns.authors(),
            links: Some(&links),
        };
        let overlay = self.overlay(part, local);
        if let Some(overlay) = overlay.as_deref() {
            view.patients = overlay.patients.as_deref().unwrap_or(view.patients);
        }
        view.controller = self.controller_by_now(part, local, view.controller);
        view.labels = self.labels(part, local, meta, overlay.as_deref());
        if self.unsettled != 0 && Class::of(view.resource_type) != Class::Directory {
            view.labels = label::raised(view.labels, self.unsettled);
        }
        with(view)
    }

    /// The policy columns of a row in this state.
    pub(crate) fn policy(&self, part: &Part, local: u32) -> Option<RowPolicy> {
        let columns = part.columns(local)?;
        let mut policy = columns.policy();
        let overlay = self.overlay(part, local);
        policy.labels = self.labels(part, local, columns.meta, overlay.as_deref());
        policy.controller = self.controller_by_now(part, local, policy.controller);
        if let Some(patients) = overlay.as_ref().and_then(|overlay| overlay.patients.as_ref()) {
            policy.patients = SmallVec::<[PatientOrd; 1]>::from_slice(patients);
        }
        Some(policy)
    }

    /// The labels of a row: those that it has in this state, and, so that nothing shows what has
    /// been labelled since, those it has by now and those of every later version.
    fn labels(&self, part: &Part, local: u32, meta: &RowMeta, overlay: Option<&Overlay>) -> u64 {
        let mut labels = overlay.and_then(|overlay| overlay.labels).unwrap_or(meta.labels);
        let successor = part.marks().successor(local);
        if self.known == self.watermark && successor >= self.known
            || !self.shared.labelled.has(meta.resource_type)
        {
            return labels;
        }
        labels = label::highest(labels, self.labels_by_now(part, local, meta));
        let mut row = successor;
        while row < self.known {
            // What cannot be found cannot be shown to be harmless.
            let Some((part, local)) = locate(&self.parts, row) else { return label::FAILED };
            let Some(later) = part.columns(local) else { return label::FAILED };
            labels = label::highest(labels, self.labels_by_now(part, local, later.meta));
            row = part.marks().successor(local);
        }
        labels
    }

    /// Who answers for a row as far as is known: what closes it moved with it, so nobody reads an
    /// earlier state by what the one before may see now.
    fn controller_by_now(&self, part: &Part, local: u32, written: OrgOrd) -> OrgOrd {
        self.overlay_by_now(part, local).and_then(|overlay| overlay.controller).unwrap_or(written)
    }

    fn overlay_by_now(&self, part: &Part, local: u32) -> Option<Arc<Overlay>> {
        let changed = part.marks().is_changed(local);
        changed.then(|| self.shared.overlays.at(part.first() + local, self.known)).flatten()
    }

    fn labels_by_now(&self, part: &Part, local: u32, meta: &RowMeta) -> u64 {
        let overlay = self.overlay_by_now(part, local);
        overlay.and_then(|overlay| overlay.labels).unwrap_or(meta.labels)
    }

    /// The ordinal of a patient.
    pub(crate) fn patient_ordinal(&self, id: &str) -> Option<u32> {
        self.shared.names.ordinal(NameSpace::Patient, id)
    }

    /// The id of a patient.
    pub(crate) fn patient_name(&self, ordinal: u32) -> Option<String> {
        self.shared.names.name(NameSpace::Patient, ordinal)
    }

    /// When a row was born.
    pub(crate) fn born(&self, row: u32) -> Option<LogTime> {
        let (part, local) = self.locate(row)?;
        Some(LogTime(part.columns(local)?.meta.born))
    }

    /// Who answers for a row in this state.
    pub(crate) fn controller(&self, row: u32) -> Option<OrgOrd> {
        let (part, local) = self.locate(row)?;
        Some(self.policy(part, local)?.controller)
    }

    /// Whether who answers for a row was changed after it was written.
    pub(crate) fn is_transferred(&self, row: u32) -> bool {
        let overlay = self.locate(row).and_then(|(part, local)| self.overlay_by_now(part, local));
        overlay.is_some_and(|overlay| overlay.controller.is_some())
    }
}
