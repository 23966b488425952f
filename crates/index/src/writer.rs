//! The writer's door: applies effects and sees its own unpublished state.

use std::sync::Arc;

use accord_access::{RowPolicy, Scope};
use accord_base::{LogTime, NameSpace, Row};
use accord_spec::ResourceType;

use crate::effect::{RowChange, RowEffect};
use crate::error::IndexError;
use crate::hash::hash_id;
use crate::index::Shared;
use crate::key::Prepared;
use crate::part::{Part, locate};
use crate::row::NO_ROW;
use crate::snapshot::Snapshot;
use crate::tail::Chunk;
use crate::upkeep::Upkeep;
use crate::view::View;

/// The one writer of an index. Gives no documents and no search results: what it tells is for
/// preconditions, and is never part of an answer.
///
/// Rows are applied before they are durable and published after. If the log refuses a group,
/// what was applied of it stays unseen for ever: open the index anew.
pub struct Writer {
    shared: Arc<Shared>,
    /// First row not applied yet.
    next: u32,
    t: LogTime,
}

/// The newest version of a resource, as the writer sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// Its row.
    pub row: Row,
    /// Its version number.
    pub version: u32,
    /// Whether it records a deletion.
    pub deleted: bool,
    /// Whether an update made the resource with it.
    pub put: bool,
    /// When it was born.
    pub born: LogTime,
    /// What decisions read of it.
    pub policy: RowPolicy,
}

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>, next: u32, t: LogTime) -> Writer {
        Writer { shared, next, t }
    }

    /// First row not applied yet: the row of the next effect, or before it.
    pub fn next_row(&self) -> Row {
        Row(self.next)
    }

    /// The instant of the last effect applied.
    pub fn t(&self) -> LogTime {
        self.t
    }

    /// Executes an effect. Readers see it once [`Writer::publish`] has passed its row.
    ///
    /// # Errors
    /// [`IndexError::Order`] if the effect does not follow the state; nothing is changed then.
    pub fn apply(&mut self, effect: &RowEffect, prepared: &Prepared) -> Result<(), IndexError> {
        let order = |what| IndexError::Order { row: effect.row, what };
        self.check(effect).map_err(order)?;
        let chunk = self.chunk(effect.row.0);
        let parts = self.shared.parts();
        if !effect.names.iter().all(|name| self.shared.names.add(name)) {
            return Err(order("a name has another ordinal"));
        }
        chunk.apply(effect, prepared);
        let prior = effect.prior.map_or(NO_ROW, |row| row.0);
        if let Some((part, local)) = locate(&parts, prior) {
            part.marks().replace(local, effect.row.0);
        }
        self.shared.labelled.note(effect.resource_type, effect.policy.labels);
        let hash = hash_id(effect.resource_type, effect.id.as_str());
        self.shared.heads.put(hash, effect.row.0, |head| head == prior);
        self.change(&parts, effect.row, &effect.changes);
        self.next = effect.row.0 + 1;
        self.t = effect.born;
        Ok(())
    }

    /// Executes changes to earlier rows, logged under a row of their own without a resource
    /// version.
    ///
    /// # Errors
    /// [`IndexError::Order`] if they do not follow the state; nothing is changed then.
    pub fn apply_changes(
        &mut self,
        row: Row,
        born: LogTime,
        changes: &[RowChange],
    ) -> Result<(), IndexError> {
        if row.0 < self.next || born < self.t || changes.iter().any(|change| change.row >= row) {
            return Err(IndexError::Order { row, what: "its changes do not follow the state" });
        }
        let chunk = self.chunk(row.0);
        chunk.state_changes(row.0, changes);
        let parts = self.shared.parts();
        self.change(&parts, row, changes);
        self.next = row.0 + 1;
        self.t = born;
        Ok(())
    }

    fn change(&self, parts: &[Part], by: Row, changes: &[RowChange]) {
        for change in changes {
            if let Some((part, local)) = locate(parts, change.row.0) {
                self.shared.note_labels(part, local, &change.change);
                self.shared.overlays.add(change.row.0, by.0, &change.change);
                part.marks().set_changed(local);
            }
        }
    }

    /// Whether the effect follows the state.
    fn check(&self, effect: &RowEffect) -> Result<(), &'static str> {
        if effect.row.0 < self.next || effect.row.0 >= NO_ROW - self.shared.chunk_rows {
            return Err("its row is taken or beyond the last");
        }
        if effect.born < self.t {
            return Err("it was born before its predecessor");
        }
        let parts = self.shared.parts();
        let head = self.shared.head(&parts, effect.resource_type, effect.id.as_str());
        if head != effect.prior.map(|row| row.0) {
            return Err("its prior version is not the newest");
        }
        if effect.changes.iter().any(|change| change.row >= effect.row) {
            return Err("it changes a row that is not before it");
        }
        Ok(())
    }

    /// The chunk of a row; begins it, and any before it that consist of holes.
    fn chunk(&mut self, row: u32) -> Arc<Chunk> {
        loop {
            let last = self.shared.parts().last().cloned();
            match last {
                Some(Part::Chunk(chunk)) if row < chunk.first() + chunk.rows() => return chunk,
                last => self.begin_chunk(last.as_ref()),
            }
        }
    }

    fn begin_chunk(&mut self, last: Option<&Part>) {
        let expected = match last {
            Some(Part::Chunk(chunk)) => chunk.keys().len(),
            _ => 0,
        };
        let first = last.map_or(0, Part::end);
        let chunk = Arc::new(Chunk::new(first, self.shared.chunk_rows, expected));
        self.shared.own.read().held_from(first).for_each(|number| chunk.hold(number));
        let mut published = self.shared.published.write();
        let mut parts = published.parts.to_vec();
        parts.push(Part::Chunk(chunk));
        published.parts = Arc::from(parts);
    }

    /// Notes that the record of a row holds no resource version.
    pub fn skip(&mut self, row: Row) {
        self.next = self.next.max(row.next().0);
    }

    /// Shows readers every row before `watermark`, as the state at `t`.
    pub fn publish(&mut self, watermark: Row, t: LogTime) {
        // Rows without a resource version at the end of a group: the chunk they fill must exist.
        if let Some(last) = watermark.0.checked_sub(1) {
            self.chunk(last);
        }
        self.next = self.next.max(watermark.0);
        self.t = self.t.max(t);
        let mut published = self.shared.published.write();
        published.watermark = published.watermark.max(watermark.0);
        published.t = published.t.max(t);
    }

    /// The newest version of a resource, unpublished ones included.
    pub fn head(&self, resource_type: ResourceType, id: &str) -> Option<Head> {
        let snapshot = self.snapshot();
        let row = snapshot.newest(resource_type.0, id)?;
        let (part, local) = snapshot.locate(row)?;
        let meta = part.columns(local)?.meta;
        Some(Head {
            row: Row(row),
            version: meta.version,
            deleted: meta.deleted(),
            put: meta.put(),
            born: LogTime(meta.born),
            policy: snapshot.policy(part, local)?,
        })
    }

    /// A view of the unpublished state, for conditional matches within a group.
    pub fn view(&self, scope: Scope) -> View {
        View::new(self.snapshot(), scope)
    }

    fn snapshot(&self) -> Snapshot {
        let parts = self.shared.parts();
        Snapshot::new(self.shared.clone(), parts, (self.next, self.t), self.unsettled())
    }

    /// Labels that any patient's row may turn out to have; see
    /// [`Index::set_unsettled`](crate::Index::set_unsettled).
    pub fn unsettled(&self) -> u64 {
        self.shared.published.read().unsettled
    }

    /// What upkeep of labels asks about rows, unpublished ones included.
    pub fn upkeep(&self) -> Upkeep {
        Upkeep::new(self.shared.clone(), self.snapshot())
    }

    /// The ordinal of a name.
    pub fn ordinal(&self, space: NameSpace, name: &str) -> Option<u32> {
        self.shared.names.ordinal(space, name)
    }

    /// The name of an ordinal.
    pub fn name(&self, space: NameSpace, ordinal: u32) -> Option<String> {
        self.shared.names.name(space, ordinal)
    }

    /// The ordinal that the next new name of a space gets.
    pub fn next_ordinal(&self, space: NameSpace) -> u32 {
        self.shared.names.next(space)
    }
}
