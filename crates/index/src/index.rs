//! The index: its parts, what is published of them, and the dictionaries.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use parking_lot::RwLock;

use accord_access::Fact;
use accord_base::{LogTime, NameSpace, OrgOrd, Row};

use crate::effect::Change;
use crate::error::IndexError;
use crate::hash::hash_id;
use crate::labelled::Labelled;
use crate::names::Names;
use crate::own::Own;
use crate::part::{Part, born_after, locate};
use crate::reach::Sets;
use crate::row::{NO_ROW, Overlays};
use crate::segment::Segment;
use crate::sharded::Sharded;
use crate::snapshot::Snapshot;
use crate::tail::Chunk;
use crate::view::AdmittedCache;
use crate::writer::Writer;

/// How long after it was superseded a state can still be asked for.
pub const HORIZON_US: u64 = 15 * 60 * LogTime::SECOND_US;

/// A handle on the index. Cheap to clone; reads go through [`Index::snapshot`] and
/// [`View`](crate::View), writes through the one [`Writer`].
#[derive(Clone)]
pub struct Index(pub(crate) Arc<Shared>);

/// What readers and the writer share.
pub(crate) struct Shared {
    pub chunk_rows: u32,
    pub published: RwLock<Published>,
    /// The newest row of every resource, by type and id.
    pub heads: Sharded,
    pub names: Names,
    pub overlays: Overlays,
    pub labelled: Labelled,
    /// Rows that scopes admit, as found out lately.
    pub admitted: AdmittedCache,
    /// What holds which code and what refers to what, as asked for lately.
    pub sets: Sets,
    /// Search parameters of the store's own.
    pub own: RwLock<Arc<Own>>,
    /// How many rows of the part at hand the job has asked for what the part lacks.
    pub asked_rows: AtomicU32,
}

/// What readers may see.
pub(crate) struct Published {
    pub parts: Arc<[Part]>,
    pub watermark: u32,
    pub t: LogTime,
    /// Labels that any patient's row may turn out to have.
    pub unsettled: u64,
}

/// The facts that a live row states.
#[derive(Clone, PartialEq, Debug)]
pub struct RowFacts {
    /// The row.
    pub row: Row,
    /// Who answers for it now.
    pub controller: OrgOrd,
    /// Whether somebody else did when it was written.
    pub transferred: bool,
    /// What it states.
    pub facts: Vec<Fact>,
}

impl Shared {
    pub fn parts(&self) -> Arc<[Part]> {
        self.published.read().parts.clone()
    }

    /// Notes that a change may label a row.
    pub fn note_labels(&self, part: &Part, local: u32, change: &Change) {
        if let (Change::Labels(labels), Some(columns)) = (change, part.columns(local)) {
            self.labelled.note(columns.meta.resource_type, *labels);
        }
    }

    /// The newest row of a resource, published or not. `parts` are looked at first.
    pub fn head(&self, parts: &[Part], resource_type: u8, id: &str) -> Option<u32> {
        let same = |part: &Part, local: u32| {
            let type_fits =
                part.columns(local).is_some_and(|row| row.meta.resource_type == resource_type);
            type_fits && part.with_id(local, |text| text == id)
        };
        self.heads.find(hash_id(resource_type, id), |row| match locate(parts, row) {
            Some((part, local)) => same(part, local),
            // The row is in a chunk that was begun after `parts` were taken.
            None => locate(&self.parts(), row).is_some_and(|(part, local)| same(part, local)),
        })
    }
}

impl Index {
    /// Opens an index over sealed segments, which must follow each other from row 0. The writer
    /// begins after the last of them: the records that follow are replayed through it.
    pub fn open(segments: Vec<Segment>, chunk_rows: u32) -> Result<(Index, Writer), IndexError> {
        if !(64..=65_536).contains(&chunk_rows) || !chunk_rows.is_power_of_two() {
            return Err(IndexError::Misplaced("chunks have 64 to 65,536 rows, a power of two"));
        }
        let (mut end, mut t) = (0, LogTime(0));
        for segment in &segments {
            let follows = segment.first() == end && segment.rows() > 0;
            // One that holds no version, but records of refused writes, has no instants.
            let later = segment.first_time() >= t || segment.last_time() == LogTime(0);
            if !follows || !later || segment.rows() % chunk_rows != 0 {
                return Err(IndexError::Misplaced("segments do not follow each other"));
            }
            end = segment.first().saturating_add(segment.rows());
            t = t.max(segment.last_time());
        }
        let parts: Arc<[Part]> =
            segments.into_iter().map(|segment| Part::Segment(Arc::new(segment))).collect();
        let published =
            RwLock::new(Published { parts: parts.clone(), watermark: end, t, unsettled: 0 });
        let shared = Arc::new(Shared {
            chunk_rows,
            published,
            heads: Sharded::default(),
            names: Names::default(),
            overlays: Overlays::default(),
            labelled: Labelled::default(),
            admitted: AdmittedCache::default(),
            sets: Sets::default(),
            own: RwLock::default(),
            asked_rows: AtomicU32::new(0),
        });
        for part in parts.iter() {
            if let Part::Segment(segment) = part {
                shared.take_in(&parts, segment)?;
            }
        }
        Ok((Index(shared.clone()), Writer::new(shared, end, t)))
    }

    /// Lets these search parameters of the store's own be in force, besides the official ones. Not
    /// beside the writer, which must not begin a chunk meanwhile: it, or whoever opens a store, does
    /// this.
    pub fn set_own(&self, own: Own) {
        *self.0.own.write() = Arc::new(own);
    }

    /// The search parameters of the store's own that are in force.
    pub fn own(&self) -> Arc<Own> {
        self.0.own.read().clone()
    }

    /// The newest published state.
    pub fn snapshot(&self) -> Snapshot {
        let published = self.0.published.read();
        let state = (published.watermark, published.t);
        Snapshot::new(self.0.clone(), published.parts.clone(), state, published.unsettled)
    }

    /// The state at `t`, which a cursor names.
    ///
    /// # Errors
    /// [`IndexError::Gone`] if the next state is older than the newest by more than
    /// [`HORIZON_US`], or if `t` was never reached.
    pub fn snapshot_at(&self, t: LogTime) -> Result<Snapshot, IndexError> {
        let newest = self.snapshot();
        if t == newest.t() {
            return Ok(newest);
        }
        if t > newest.t() {
            return Err(IndexError::Gone(t));
        }
        let watermark = born_after(newest.parts(), t.0).min(newest.watermark().0);
        let superseded = newest.next_born(watermark).unwrap_or(newest.t());
        if newest.t().0.saturating_sub(superseded.0) > HORIZON_US {
            return Err(IndexError::Gone(t));
        }
        Ok(newest.back_to(watermark, t))
    }

    /// The oldest chunk that is full and published, for sealing with
    /// [`Chunk::write_segment`](crate::Chunk::write_segment).
    pub fn frozen(&self) -> Option<Arc<Chunk>> {
        let published = self.0.published.read();
        let oldest = published.parts.iter().find_map(|part| match part {
            Part::Chunk(chunk) => Some(chunk),
            Part::Segment(_) => None,
        })?;
        let end = oldest.first().saturating_add(oldest.rows());
        (end <= published.watermark).then(|| oldest.clone())
    }

    /// Puts a segment in the place of the chunk it was written from. Snapshots taken before keep
    /// the chunk.
    pub fn install(&self, mut segment: Segment) -> Result<(), IndexError> {
        let mut published = self.0.published.write();
        let place = published.parts.iter().position(|part| {
            matches!(part, Part::Chunk(chunk)
                if chunk.first() == segment.first() && chunk.rows() == segment.rows())
        });
        let chunk = place.and_then(|at| published.parts.get(at));
        let (Some(at), Some(chunk)) = (place, chunk) else {
            return Err(IndexError::Misplaced("no chunk in memory has the rows of the segment"));
        };
        segment.share_marks(chunk.marks().clone())?;
        let mut parts = published.parts.to_vec();
        if let Some(part) = parts.get_mut(at) {
            *part = Part::Segment(Arc::new(segment));
        }
        published.parts = Arc::from(parts);
        Ok(())
    }

    /// Chunks in memory, the growing one included. More than two: writers should wait.
    pub fn unsealed_chunks(&self) -> usize {
        let published = self.0.published.read();
        published.parts.iter().filter(|part| matches!(part, Part::Chunk(_))).count()
    }

    /// The facts of every row that is live in the newest state, in the order of rows; what a
    /// policy index is filled with at start.
    pub fn facts(&self) -> Result<Vec<RowFacts>, IndexError> {
        let snapshot = self.snapshot();
        let mut out: Vec<RowFacts> = Vec::new();
        for part in snapshot.parts() {
            for (local, fact) in part_facts(part)? {
                let row = part.first() + local;
                let live = part.marks().successor(local) >= snapshot.watermark().0;
                if !live || row >= snapshot.watermark().0 {
                    continue;
                }
                match out.last_mut() {
                    Some(last) if last.row.0 == row => last.facts.push(fact),
                    _ => {
                        let controller = snapshot.controller(row).unwrap_or(OrgOrd::COMMONS);
                        let transferred = snapshot.is_transferred(row);
                        let (row, facts) = (Row(row), vec![fact]);
                        out.push(RowFacts { row, controller, transferred, facts });
                    }
                }
            }
        }
        Ok(out)
    }

    /// The ordinal of a name, if it was given one, published or not.
    pub fn ordinal(&self, space: NameSpace, name: &str) -> Option<u32> {
        self.0.names.ordinal(space, name)
    }

    /// The name of an ordinal.
    pub fn name(&self, space: NameSpace, ordinal: u32) -> Option<String> {
        self.0.names.name(space, ordinal)
    }
}

fn part_facts(part: &Part) -> Result<Vec<(u32, Fact)>, IndexError> {
    match part {
        Part::Chunk(chunk) => Ok(chunk.stated().facts.clone()),
        Part::Segment(segment) => segment.facts(),
    }
}

impl Shared {
    /// Takes in a segment at opening: heads, successors, names, overlays.
    fn take_in(&self, parts: &[Part], segment: &Segment) -> Result<(), IndexError> {
        for local in 0..segment.rows() {
            let Some(columns) = segment.columns(local) else { continue };
            let (row, meta) = (segment.first() + local, columns.meta);
            self.labelled.note(meta.resource_type, meta.labels);
            let prior = meta.prior;
            if prior != NO_ROW {
                let (part, place) = locate(parts, prior)
                    .filter(|_| prior < row)
                    .ok_or(IndexError::Corrupt("a row replaces one that does not exist"))?;
                part.marks().replace(place, row);
            }
            let hash = segment.with_id(local, |id| hash_id(meta.resource_type, id));
            self.heads.put(hash, row, |head| head == prior);
        }
        for (_, name) in segment.names()? {
            if !self.names.add(&name) {
                return Err(IndexError::Corrupt("names do not follow each other"));
            }
        }
        for (local, change) in segment.changes()? {
            let (part, place) = locate(parts, change.row.0)
                .ok_or(IndexError::Corrupt("a change to a row that does not exist"))?;
            self.note_labels(part, place, &change.change);
            self.overlays.add(change.row.0, segment.first() + local, &change.change);
            part.marks().set_changed(place);
        }
        Ok(())
    }
}
