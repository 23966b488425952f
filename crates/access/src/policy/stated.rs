//! What rows state, in the order of rows: new rows come last, so that those of a whole store are
//! taken in without looking anything up.

use accord_base::{OrgOrd, Row};
use smallvec::SmallVec;

use crate::fact::Fact;

/// What a row states.
#[derive(Clone, Debug)]
pub(super) struct Stated {
    pub controller: OrgOrd,
    pub facts: SmallVec<[Held; 1]>,
    /// Facts that have not ended.
    pub open: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Held {
    pub fact: Fact,
    pub phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    Waiting,
    Holding,
    Ended,
}

/// Fewest places of rows that are gone for which the rest closes up.
const MOST_GONE: usize = if cfg!(test) { 2 } else { 1024 };

/// Rows that state something.
#[derive(Clone, Debug, Default)]
pub(super) struct StatingRows {
    /// Ascending; `None` of a row that states nothing any more.
    places: Vec<(Row, Option<Stated>)>,
    gone: usize,
}

impl StatingRows {
    pub fn get(&self, row: Row) -> Option<&Stated> {
        let (_, stated) = self.places.get(self.find(row).ok()?)?;
        stated.as_ref()
    }

    pub fn get_mut(&mut self, row: Row) -> Option<&mut Stated> {
        let at = self.find(row).ok()?;
        self.places.get_mut(at)?.1.as_mut()
    }

    pub fn contains(&self, row: Row) -> bool {
        self.get(row).is_some()
    }

    /// Takes in what a row states that stated nothing.
    pub fn insert(&mut self, row: Row, stated: Stated) {
        match self.find(row) {
            Ok(at) => {
                if let Some(place) = self.places.get_mut(at) {
                    self.gone -= usize::from(place.1.is_none());
                    place.1 = Some(stated);
                }
            }
            Err(at) => self.places.insert(at, (row, Some(stated))),
        }
    }

    /// Takes out what a row states.
    pub fn remove(&mut self, row: Row) -> Option<Stated> {
        let at = self.find(row).ok()?;
        let stated = self.places.get_mut(at)?.1.take()?;
        self.gone += 1;
        if self.gone > MOST_GONE.max(self.places.len() / 2) {
            self.places.retain(|(_, stated)| stated.is_some());
            self.gone = 0;
        }
        Some(stated)
    }

    /// Rows that state something, ascending.
    pub fn iter(&self) -> impl Iterator<Item = Row> + '_ {
        self.places.iter().filter(|(_, stated)| stated.is_some()).map(|(row, _)| *row)
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The place of a row, or where it would be.
    fn find(&self, row: Row) -> Result<usize, usize> {
        match self.places.last() {
            Some((last, _)) if *last >= row => {
                self.places.binary_search_by_key(&row, |(row, _)| *row)
            }
            _ => Err(self.places.len()),
        }
    }
}
