//! What parts of the index lack, and how they get it: values of the store's own search parameters
//! that came after their rows, and all values that an earlier release extracted.
//!
//! Rows in memory get keys in place, before anybody may ask by them. A segment is written anew: its
//! columns as they are, the keys that stay, and those that are added chunk by chunk.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use accord_base::Row;
use accord_spec::SearchParam;

use crate::error::IndexError;
use crate::index::Index;
use crate::key::Prepared;
use crate::part::Part;
use crate::segment::{BlockCache, Kept, Merge, Segment, SegmentSource};
use crate::snapshot::Snapshot;
use crate::tail::Chunk;
use crate::value::{EXTRACTOR_VERSION, KEEPS_CODES};

/// A part whose rows have not been asked for everything.
pub struct Lacking {
    part: Part,
    /// Parameters of the store's own that it lacks.
    numbers: Vec<u16>,
    /// Those that it holds and that are in force.
    held: Vec<u16>,
    /// Whether an earlier release extracted its values, so that all are made anew.
    older: bool,
    index: Index,
    end: u32,
}

/// Whether an earlier release extracted the values of a part. What kept no codes is left: what
/// consents close by them was decided without, and stays so until the store is imported anew.
fn is_older(part: &Part) -> bool {
    let older = |version| (KEEPS_CODES..EXTRACTOR_VERSION).contains(&version);
    part.extractor_version().is_some_and(older)
}

/// Keys of the rows of one chunk, to be added to a segment.
pub struct Addition(Chunk);

impl Index {
    /// The first part that lacks anything. `None` if none does, or what came lately is not
    /// published yet.
    ///
    /// # Errors
    /// Those of reading segments.
    pub fn lacking(&self) -> Result<Option<Lacking>, IndexError> {
        let snapshot = self.snapshot();
        let end = snapshot.watermark().0;
        let known: Vec<u16> = snapshot.own().held_from(end).collect();
        for part in snapshot.parts().iter().filter(|part| part.first() < end) {
            let older = is_older(part);
            let (mut held, mut numbers) = (Vec::new(), Vec::new());
            for number in &known {
                if !older && part.holds(*number)? {
                    held.push(*number)
                } else {
                    numbers.push(*number)
                }
            }
            if older || !numbers.is_empty() {
                let (part, index, end) = (part.clone(), self.clone(), part.end().min(end));
                return Ok(Some(Lacking { part, numbers, held, older, index, end }));
            }
        }
        Ok(None)
    }

    /// How many rows have not been asked for everything, and how many of the store's own parameters
    /// there are, and are not searchable yet.
    ///
    /// # Errors
    /// Those of reading segments.
    pub fn indexing(&self) -> Result<(u64, usize, usize), IndexError> {
        let snapshot = self.snapshot();
        let (mut left, mut waiting, mut all) = (0, 0, 0);
        for part in snapshot.parts().iter().filter(|part| is_older(part)) {
            left += u64::from(part.end() - part.first());
        }
        for number in snapshot.own().numbers() {
            let (done, of) = snapshot.rows_indexed(number)?;
            all += 1;
            waiting += usize::from(done < of);
            left = left.max(of - done);
        }
        Ok((left, all, waiting))
    }
}

impl Index {
    /// The store's own parameters that every row of the newest state has been asked for.
    ///
    /// # Errors
    /// Those of reading segments.
    pub fn searchable(&self) -> Result<Vec<&'static SearchParam>, IndexError> {
        let (snapshot, mut all) = (self.snapshot(), Vec::new());
        for param in snapshot.own().params().iter() {
            if snapshot.percent_indexed(param.id.0)? == 100 {
                all.push(param);
            }
        }
        Ok(all)
    }
}

impl Snapshot {
    /// How much of the state has been asked for a parameter of the store's own, in percent; 100
    /// only if all of it.
    pub(crate) fn percent_indexed(&self, number: u16) -> Result<u8, IndexError> {
        let (done, of) = self.rows_indexed(number)?;
        if done >= of {
            return Ok(100);
        }
        Ok((done * 100 / of.max(1)).min(99) as u8)
    }

    /// Rows that have been asked for a parameter, and all rows.
    fn rows_indexed(&self, number: u16) -> Result<(u64, u64), IndexError> {
        let (end, chunk) = (self.watermark().0, u64::from(self.chunk_rows()));
        let (mut done, mut at_hand) = (0, u64::from(self.asked_rows()));
        for part in self.parts().iter().filter(|part| part.first() < end) {
            let rows = u64::from(part.end().min(end) - part.first());
            let holding = part.chunks_holding(number)?;
            done += match holding == part.chunks() {
                true => rows,
                // The job is at the first that lacks something.
                false => {
                    let asked = std::mem::take(&mut at_hand).max(u64::from(holding) * chunk);
                    asked.min(rows.saturating_sub(1))
                }
            };
        }
        Ok((done, u64::from(end)))
    }
}

impl Lacking {
    /// The rows that are to be asked, in their order.
    pub fn rows(&self) -> Range<Row> {
        Row(self.part.first())..Row(self.end)
    }

    /// Whether they are to be asked for everything: values that an earlier release extracted are not
    /// kept.
    pub fn is_older(&self) -> bool {
        self.older
    }

    /// Whether they are to be asked for a parameter of the store's own.
    pub fn wants(&self, number: u16) -> bool {
        self.numbers.contains(&number)
    }

    /// Notes how far the job is.
    pub fn note(&self, next: Row) {
        let done = next.0.saturating_sub(self.part.first());
        self.index.0.asked_rows.store(done, Ordering::Relaxed);
    }

    /// The segment, if it is one.
    pub fn segment(&self) -> Option<&Arc<Segment>> {
        match &self.part {
            Part::Segment(segment) => Some(segment),
            Part::Chunk(_) => None,
        }
    }

    /// Adds keys to a row in memory. False if it is not in memory, and nothing was done.
    pub fn add(&self, row: Row, prepared: &Prepared) -> bool {
        let Part::Chunk(chunk) = &self.part else { return false };
        if !(chunk.first()..self.end).contains(&row.0) {
            return false;
        }
        chunk.index(row.0 - chunk.first(), prepared);
        true
    }

    /// Notes that every row in memory has its keys: those behind the last got them when they were
    /// written.
    pub fn finish(&self) {
        if let Part::Chunk(chunk) = &self.part {
            self.numbers.iter().for_each(|number| chunk.hold(*number));
        }
        self.note(Row(0));
    }

    /// The rows of each chunk of a segment.
    pub fn chunks(&self) -> impl Iterator<Item = Range<Row>> + use<> {
        let (first, end) = (self.part.first(), self.part.end());
        let rows = self.index.0.chunk_rows;
        let starts = (first..end).step_by(rows as usize);
        starts.map(move |start| Row(start)..Row(start.saturating_add(rows)))
    }

    /// Where the keys of one chunk's rows are gathered, which begins at this row.
    pub fn addition(&self, first: Row) -> Addition {
        let chunk = Chunk::new(first.0, self.index.0.chunk_rows, 0);
        self.numbers.iter().for_each(|number| chunk.hold(*number));
        Addition(chunk)
    }

    /// The segment with the keys added that these files hold, one for each of its chunks: to be
    /// written, checked, opened and installed as a merged one.
    ///
    /// # Errors
    /// If the files are not those of its chunks.
    pub fn merge(
        &self,
        files: impl IntoIterator<Item = Arc<dyn SegmentSource>>,
        cache: &BlockCache,
    ) -> Result<Merge, IndexError> {
        let Part::Segment(segment) = &self.part else {
            return Err(IndexError::Misplaced("rows in memory are not merged"));
        };
        let opened = files.into_iter().map(|file| Segment::open_keys(file, cache));
        let added = opened.collect::<Result<Vec<Segment>, IndexError>>()?;
        let kept = if self.older { Kept::None } else { Kept::But(self.held.clone()) };
        Merge::again(segment.clone(), added, kept)
    }
}

impl Addition {
    /// Adds the keys of a row.
    pub fn add(&self, row: Row, prepared: &Prepared) {
        if let Some(local) = row.0.checked_sub(self.0.first()).filter(|at| *at < self.0.rows()) {
            self.0.index(local, prepared);
        }
    }

    /// The keys, to be written as a segment file of rows without versions.
    pub fn chunk(&self) -> &Chunk {
        &self.0
    }
}
