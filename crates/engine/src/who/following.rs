//! One roll on its way: what is written, and what was read and is in no run yet.

use std::sync::Arc;

use accord_base::LogTime;
use accord_store::access::Frames;
use accord_store::disk::Disk;
use accord_store::roll::{Entry, Roll, RollError, Source, Span};

use super::follow::ROLL_ROWS;

/// A roll on its way: what was read behind its last run and fits in no run yet.
pub(super) struct Following {
    pub source: Source,
    pub number: u32,
    roll: Roll,
    /// Where the next run begins, and the first place that was not read.
    from: u32,
    pub at: u32,
    pub entries: Vec<Entry>,
    pub times: (LogTime, LogTime),
}

/// Where the places of a file begin.
pub(super) fn first_place(source: Source, number: u32) -> u32 {
    match source {
        Source::Stream => Frames::FIRST,
        Source::Log => number.saturating_mul(ROLL_ROWS),
    }
}

impl Following {
    pub fn open(disk: &Arc<dyn Disk>, source: Source, number: u32) -> Result<Following, RollError> {
        let mut roll = Roll::open(disk, source, number)?;
        let first = first_place(source, number);
        if roll.begins().is_some_and(|begins| begins != first) {
            roll.clear();
        }
        let from = roll.covered().unwrap_or(first);
        Ok(Following { source, number, roll, from, at: from, entries: Vec::new(), times: NO_TIME })
    }

    /// The last roll, of a file that ends at a place: it covers no more than the file has.
    pub fn at_end(
        disk: &Arc<dyn Disk>,
        source: Source,
        number: u32,
        end: u32,
    ) -> Result<Following, RollError> {
        let mut following = Following::open(disk, source, number)?;
        if following.at > end {
            following.begin_anew();
        }
        // A crash may have taken the file that a later roll belongs to.
        let later = Roll::open(disk, source, number + 1)?;
        if later.covered().is_some() {
            later.remove()?;
        }
        Ok(following)
    }

    pub fn begin_anew(&mut self) {
        self.roll.clear();
        self.from = first_place(self.source, self.number);
        self.at = self.from;
        self.entries.clear();
        self.times = NO_TIME;
    }

    /// Puts what was read into a run.
    pub fn write(&mut self) -> Result<(), RollError> {
        if self.at == self.from && self.roll.covered().is_some() {
            return Ok(());
        }
        let span = Span { from: self.from, to: self.at, at: self.times };
        self.roll.append(span, &mut self.entries)?;
        self.from = self.at;
        self.entries.clear();
        self.times = NO_TIME;
        Ok(())
    }

    pub fn places(
        &self,
        name: Option<u64>,
        between: (LogTime, LogTime),
    ) -> Result<Vec<u32>, RollError> {
        let mut places = Vec::new();
        match name {
            Some(name) => self.roll.find(name, between, &mut places)?,
            None => self.roll.each(between, &mut |entry| places.push(entry.place))?,
        }
        let fits = |entry: &&Entry| name.is_none_or(|name| name == entry.name);
        places.extend(self.entries.iter().filter(fits).map(|entry| entry.place));
        places.sort_unstable();
        places.dedup();
        Ok(places)
    }
}

/// The instants of no records.
const NO_TIME: (LogTime, LogTime) = (LogTime(u64::MAX), LogTime(0));
