//! Records newest first, of stream and log together.

use std::sync::Arc;

use accord_audit::AccessRecord;
use accord_base::{Deadline, LogTime, Row, Subject};
use accord_store::access::{AccessStream, record_at};
use accord_store::decode_record;
use accord_store::roll::Source;

use super::follow::Who;
use crate::EngineError;

/// Where a record is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    /// In the stream or the log.
    pub source: Source,
    /// The file.
    pub number: u32,
    /// The offset in it, or the row.
    pub at: u32,
}

/// What is left of a walk: file and first place after the records left, of both sources.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Bounds {
    pub stream: (u32, u32),
    pub log: (u32, u32),
}

/// A walk through the records that name someone, or through all. Each source is in the order it
/// was written in; of the two records that are next, the later comes first. What is written
/// meanwhile does not move what is left.
pub(super) struct Walk<'a> {
    who: &'a Who,
    name: Option<u64>,
    between: (LogTime, LogTime),
    deadline: Deadline,
    sides: [Side; 2],
}

/// What a walk comes to.
pub(super) enum Step {
    /// A record.
    Record(Place, Box<AccessRecord>),
    /// The first record was before.
    End,
    /// Nobody waits any more.
    Late,
}

struct Side {
    source: Source,
    number: u32,
    /// Everything left in the file lies before.
    before: u32,
    /// Places left in the file, ascending; `None`: not looked up yet.
    left: Option<Vec<u32>>,
    /// The record that is next.
    head: Option<(Place, AccessRecord)>,
}

impl Who {
    /// Everything there is at this moment.
    pub(super) fn bounds(&self, stream: &AccessStream) -> Result<Bounds, EngineError> {
        let [stream, log] = self.ends(stream)?;
        Ok(Bounds { stream, log })
    }

    pub(super) fn walk(
        &self,
        name: Option<u64>,
        between: (LogTime, LogTime),
        from: Bounds,
        deadline: Deadline,
    ) -> Walk<'_> {
        let side = |source, (number, before)| {
            let (left, head) = (None, None);
            Side { source, number, before, left, head }
        };
        let sides = [side(Source::Stream, from.stream), side(Source::Log, from.log)];
        Walk { who: self, name, between, deadline, sides }
    }

    /// Who wrote a version: its transaction's last record says so.
    pub(crate) fn writer_of(&self, row: Row) -> Result<Option<Arc<Subject>>, EngineError> {
        let Some(bytes) = self.log.read(row)? else { return Ok(None) };
        let place = decode_record(&bytes)?.header().place;
        let last = Row(row.0.saturating_add(place.size.saturating_sub(place.index + 1)));
        let place = Place { source: Source::Log, number: 0, at: last.0 };
        Ok(self.record(place)?.and_then(|record| record.who))
    }

    /// The record at a place; `None` where there is none.
    pub(super) fn record(&self, place: Place) -> Result<Option<AccessRecord>, EngineError> {
        match place.source {
            Source::Stream => {
                let sealed = record_at(&self.disk, place.number, place.at)?;
                sealed.map(|sealed| self.keys.open(&sealed)).transpose()
            }
            Source::Log => {
                let Some(bytes) = self.log.read(Row(place.at))? else { return Ok(None) };
                let record = decode_record(&bytes)?;
                record.access().map(|sealed| self.keys.open(sealed)).transpose()
            }
        }
    }
}

impl Walk<'_> {
    /// What is left, the next record included.
    pub fn bounds(&self) -> Bounds {
        let [stream, log] = &self.sides;
        Bounds { stream: stream.bound(), log: log.bound() }
    }

    /// The next record.
    pub fn next(&mut self) -> Result<Step, EngineError> {
        for side in &mut self.sides {
            while side.look(self.who, self.name, self.between)? {
                if self.deadline.has_passed() {
                    return Ok(Step::Late);
                }
            }
        }
        let [stream, log] = &mut self.sides;
        let later = match (&stream.head, &log.head) {
            (Some((_, one)), Some((_, other))) => one.at > other.at,
            (one, _) => one.is_some(),
        };
        let side = if later { stream } else { log };
        let Some((place, record)) = side.head.take() else { return Ok(Step::End) };
        (side.number, side.before) = (place.number, place.at);
        Ok(Step::Record(place, Box::new(record)))
    }
}

impl Side {
    fn bound(&self) -> (u32, u32) {
        match &self.head {
            // Before the place that follows it, wherever that is.
            Some((place, _)) => (place.number, place.at.saturating_add(1)),
            None => (self.number, self.before),
        }
    }

    /// Looks for the next record; whether there is more to look at.
    fn look(
        &mut self,
        who: &Who,
        name: Option<u64>,
        between: (LogTime, LogTime),
    ) -> Result<bool, EngineError> {
        if self.head.is_some() {
            return Ok(false);
        }
        let left = match &mut self.left {
            Some(left) => left,
            None => {
                let mut places = who.places(self.source, self.number, name, between)?;
                places.retain(|place| *place < self.before);
                self.left.insert(places)
            }
        };
        if let Some(at) = left.pop() {
            let place = Place { source: self.source, number: self.number, at };
            self.head = who.record(place)?.map(|record| (place, record));
            return Ok(self.head.is_none());
        }
        let Some(older) = self.number.checked_sub(1) else { return Ok(false) };
        (self.number, self.before, self.left) = (older, u32::MAX, None);
        Ok(true)
    }
}
