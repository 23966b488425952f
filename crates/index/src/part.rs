//! A part of the store: a chunk in memory or a sealed segment, seen alike.

use std::sync::Arc;

use accord_access::PatientSet;

use crate::error::IndexError;
use crate::key::{self, SearchKey};
use crate::row::{Marks, NO_ORDINAL, RowColumns, SEVERAL};
use crate::segment::Segment;
use crate::set::RowSet;
use crate::tail::Chunk;

/// Consecutive rows in one of two forms.
#[derive(Clone)]
pub(crate) enum Part {
    Chunk(Arc<Chunk>),
    Segment(Arc<Segment>),
}

impl Part {
    /// First row.
    pub fn first(&self) -> u32 {
        match self {
            Part::Chunk(chunk) => chunk.first(),
            Part::Segment(segment) => segment.first(),
        }
    }

    /// First row after it.
    pub fn end(&self) -> u32 {
        match self {
            Part::Chunk(chunk) => chunk.first().saturating_add(chunk.rows()),
            Part::Segment(segment) => segment.first().saturating_add(segment.rows()),
        }
    }

    /// The version of the extractor that made its values; `None` for this release's.
    pub fn extractor_version(&self) -> Option<u16> {
        match self {
            Part::Chunk(_) => None,
            Part::Segment(segment) => Some(segment.extractor_version()),
        }
    }

    /// What decisions read of a row as it was written; `None` for a hole.
    pub fn columns(&self, local: u32) -> Option<RowColumns<'_>> {
        match self {
            Part::Chunk(chunk) => chunk.columns(local),
            Part::Segment(segment) => segment.columns(local),
        }
    }

    /// The patients whom rows name, for who goes through many rows.
    pub fn whom(&self) -> Whom<'_> {
        Whom { part: self, from: 0, page: &[] }
    }

    /// Rows before a place that name, as they were written, any of these patients; in no order.
    pub fn naming(&self, whom: &PatientSet, until: u32) -> Vec<u32> {
        /// Looked up one by one up to this many, which costs less than going through all rows.
        const FEW: usize = 512;
        if let Part::Segment(segment) = self
            && whom.len() <= FEW
        {
            let mut rows = segment.naming(whom);
            rows.retain(|local| *local < until);
            return rows;
        }
        let names = |local: &u32| {
            let columns = self.columns(*local);
            columns.is_some_and(|row| row.patients().iter().any(|p| whom.contains(*p)))
        };
        (0..until).filter(names).collect()
    }

    /// Hands the logical id of a row to `with`; empty for a hole.
    pub fn with_id<T>(&self, local: u32, with: impl FnOnce(&str) -> T) -> T {
        match self {
            Part::Chunk(chunk) => match chunk.row(local) {
                Some(row) => row.id.with_text(with),
                None => with(""),
            },
            Part::Segment(segment) => segment.with_id(local, with),
        }
    }

    /// Every row that has the key, dead ones included.
    pub fn find(&self, key: &SearchKey) -> Result<RowSet, IndexError> {
        match self {
            Part::Chunk(chunk) => {
                let keys = chunk.keys();
                let place = keys.find(key.hash, &key.bytes);
                Ok(place.map_or_else(RowSet::empty, |place| RowSet::from(keys.rows(place))))
            }
            Part::Segment(segment) => match segment.find(key)? {
                Some(stored) => stored.load(segment.dictionary().1, (0, segment.rows())),
                None => Ok(RowSet::empty()),
            },
        }
    }

    /// Whether all of its rows have been asked for a parameter of the store's own.
    pub fn holds(&self, number: u16) -> Result<bool, IndexError> {
        Ok(self.chunks_holding(number)? == self.chunks())
    }

    /// How many of its chunks have.
    pub fn chunks_holding(&self, number: u16) -> Result<u32, IndexError> {
        Ok(self.find(&SearchKey::from(key::held(number)))?.len() as u32)
    }

    /// Of how many chunks it is made.
    pub fn chunks(&self) -> u32 {
        match self {
            Part::Chunk(_) => 1,
            Part::Segment(segment) => segment.chunks(),
        }
    }

    /// The marks on its rows.
    pub fn marks(&self) -> &Arc<Marks> {
        match self {
            Part::Chunk(chunk) => chunk.marks(),
            Part::Segment(segment) => segment.marks(),
        }
    }

    /// First row of the part, as a place, that was born after `t`; its end if none was.
    pub fn born_after(&self, t: u64) -> u32 {
        let (mut low, mut high) = (0, self.end() - self.first());
        // Holes have no instant: step over them to the next row that has one.
        while low < high {
            let middle = low + (high - low) / 2;
            let present = (middle..high).find_map(|at| Some((at, self.columns(at)?.meta.born)));
            match present {
                Some((at, born)) if born <= t => low = at + 1,
                Some(_) | None => high = middle,
            }
        }
        low
    }
}

/// The part that holds a row, and the row's place in it.
pub(crate) fn locate(parts: &[Part], row: u32) -> Option<(&Part, u32)> {
    let after = parts.partition_point(|part| part.first() <= row);
    let part = parts.get(after.checked_sub(1)?)?;
    (row < part.end()).then(|| (part, row - part.first()))
}

/// First row born after `t` among the parts; the end of the last if none was.
pub(crate) fn born_after(parts: &[Part], t: u64) -> u32 {
    for part in parts.iter().rev() {
        let local = part.born_after(t);
        if local > 0 {
            return part.first() + local;
        }
    }
    parts.first().map_or(0, Part::first)
}

/// The patients whom the rows of a part name, read in the order of rows: a page of a segment is
/// looked up once.
pub(crate) struct Whom<'p> {
    part: &'p Part,
    from: u32,
    page: &'p [u32],
}

impl Whom<'_> {
    /// The one patient whom a row names as it was written; [`SEVERAL`] or [`NO_ORDINAL`] if it
    /// names more, or none.
    #[inline]
    pub fn of(&mut self, local: u32) -> u32 {
        match self.page.get(local.wrapping_sub(self.from) as usize) {
            Some(patient) => *patient,
            None => self.elsewhere(local),
        }
    }

    fn elsewhere(&mut self, local: u32) -> u32 {
        match self.part {
            Part::Segment(segment) => {
                (self.from, self.page) = segment.patients_around(local).unwrap_or_default();
                let patient = self.page.get(local.wrapping_sub(self.from) as usize);
                patient.copied().unwrap_or(NO_ORDINAL)
            }
            Part::Chunk(chunk) => match chunk.columns(local).map(RowColumns::patients) {
                Some([only]) => only.0,
                Some([_, _, ..]) => SEVERAL,
                _ => NO_ORDINAL,
            },
        }
    }
}
