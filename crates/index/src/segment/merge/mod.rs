//! Merging segments that follow each other into one, in memory that does not grow with them.
//!
//! The merged file is what the same rows would have given if they had been sealed as one chunk,
//! but for the filter, which may have more bits a key.

mod postings;
mod ranges;

use std::io::{self, Write};
use std::sync::Arc;

use accord_spec::ParamId;

use crate::error::IndexError;
use crate::key::kind_of;
use crate::row::Marks;
use crate::value::EXTRACTOR_VERSION;

use super::columns::{Columns, Page, put_lists, put_row};
use super::format::{FileWriter, Header, Layout};
use super::stated::{put_change, put_fact, put_name};
use super::{BlockCache, Segment, SegmentSource};

/// Segments that follow each other, to be merged into one; or one whose keys are made anew in part.
pub struct Merge {
    inputs: Vec<Arc<Segment>>,
    /// Keys of the same rows that are added, by chunks in their order.
    added: Vec<Segment>,
    /// Which keys of the inputs stay.
    kept: Kept,
    header: Header,
}

/// Which keys of a segment stay when others are added.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Kept {
    /// All.
    All,
    /// Those of official parameters, and of these of the store's own.
    But(Vec<u16>),
    /// None: they are all made anew.
    None,
}

impl Kept {
    fn has(&self, key: &[u8]) -> bool {
        match (self, kind_of(key)) {
            (Kept::All, _) => true,
            (Kept::But(own), Some((param, _))) => !ParamId(param).is_own() || own.contains(&param),
            _ => false,
        }
    }
}

const UNLIKE: IndexError = IndexError::Misplaced("segments to be merged do not follow each other");

impl Merge {
    /// Segments in the order of their rows. They must follow each other and have chunks of one
    /// size and values of one extractor.
    pub(crate) fn of(inputs: Vec<Arc<Segment>>) -> Result<Merge, IndexError> {
        let mut header = inputs.first().ok_or(UNLIKE)?.header;
        for input in inputs.iter().skip(1) {
            let next = &input.header;
            let alike = (next.chunk_rows, next.extractor) == (header.chunk_rows, header.extractor);
            if !alike || header.first.checked_add(header.rows) != Some(next.first) {
                return Err(UNLIKE);
            }
            header.rows = header.rows.checked_add(next.rows).ok_or(UNLIKE)?;
            // A segment of nothing but holes has no instants.
            header.first_time = [header.first_time, next.first_time]
                .into_iter()
                .find(|time| *time > 0)
                .unwrap_or_default();
            header.last_time = header.last_time.max(next.last_time);
        }
        Ok(Merge { inputs, added: Vec::new(), kept: Kept::All, header })
    }

    /// One segment, with these keys added to those that stay.
    pub(crate) fn again(
        input: Arc<Segment>,
        added: Vec<Segment>,
        kept: Kept,
    ) -> Result<Merge, IndexError> {
        let mut header = input.header;
        if kept == Kept::None {
            header.extractor = EXTRACTOR_VERSION;
        }
        let mut next = header.first;
        for one in &added {
            if one.first() != next {
                return Err(UNLIKE);
            }
            next = next.checked_add(one.rows()).ok_or(UNLIKE)?;
        }
        let whole = header.first.checked_add(header.rows) == Some(next);
        if whole { Ok(Merge { inputs: vec![input], added, kept, header }) } else { Err(UNLIKE) }
    }

    /// First row.
    pub fn first(&self) -> u32 {
        self.header.first
    }

    /// Number of rows.
    pub fn rows(&self) -> u32 {
        self.header.rows
    }

    /// The segments that the merged one takes the place of.
    pub fn inputs(&self) -> &[Arc<Segment>] {
        &self.inputs
    }

    /// Each segment with the place of its first row in the merged one.
    fn placed(&self) -> impl Iterator<Item = (u32, &Segment)> {
        self.inputs.iter().map(|input| (input.first() - self.header.first, &**input))
    }

    /// The same of whatever has keys, and which of its keys count.
    fn keyed(&self) -> impl Iterator<Item = (u32, &Segment, &Kept)> {
        let inputs = self.placed().map(|(first, input)| (first, input, &self.kept));
        let added = self.added.iter();
        inputs.chain(added.map(|one| (one.first() - self.header.first, one, &Kept::All)))
    }

    /// Writes the merged file, front to back and piece by piece. The caller syncs and names it,
    /// checks it with [`Merge::check`], opens it with [`Merge::open`] and installs it. Whoever
    /// writes slowly, or fails, slows or ends the work.
    ///
    /// # Errors
    /// Those of reading the segments, and of `out`.
    pub fn write(&self, out: &mut dyn Write) -> Result<(), IndexError> {
        let mut file = FileWriter::new(out, &self.header)?;
        self.write_columns(&mut file)?;
        self.write_stated(&mut file)?;
        let filter = postings::merge(&mut file, self)?;
        ranges::merge(&mut file, self)?;
        file.section(&filter.encode())?;
        Ok(file.finish()?)
    }

    /// The pages of columns, each with the place of its first row in the merged segment.
    fn pages(&self) -> Vec<(u32, &Page)> {
        let mut pages = Vec::new();
        for (at, input) in self.placed() {
            pages.extend(input.columns.pages().map(|(first, page)| (at + first, page)));
        }
        pages
    }

    fn write_columns(&self, file: &mut FileWriter<'_>) -> io::Result<()> {
        let pages = self.pages();
        let (mut bytes, mut born) = (Vec::new(), 0);
        file.begin();
        for (_, page) in &pages {
            bytes.clear();
            for mut meta in page.rows.iter().copied() {
                // A hole has the birth of the row before, which may be one of another segment.
                born = if meta.is_hole() { born } else { meta.born };
                meta.born = born;
                put_row(&mut bytes, &meta);
            }
            file.write(&bytes)?;
        }
        file.begin();
        pages.iter().try_for_each(|(_, page)| file.write(&page.ids))?;
        file.begin();
        for (first, page) in &pages {
            bytes.clear();
            let mut places: Vec<u32> = page.lists.keys().copied().collect();
            places.sort_unstable();
            for place in places {
                if let Some(lists) = page.lists.get(&place) {
                    put_lists(&mut bytes, first + place, lists);
                }
            }
            file.write(&bytes)?;
        }
        Ok(())
    }

    fn write_stated(&self, file: &mut FileWriter<'_>) -> Result<(), IndexError> {
        let mut bytes = Vec::new();
        file.begin();
        for (at, input) in self.placed() {
            bytes.clear();
            let names = input.names()?;
            names.iter().for_each(|(local, name)| put_name(&mut bytes, at + local, name));
            file.write(&bytes)?;
        }
        file.begin();
        for (at, input) in self.placed() {
            bytes.clear();
            let facts = input.facts()?;
            facts.iter().for_each(|(local, fact)| put_fact(&mut bytes, at + local, fact));
            file.write(&bytes)?;
        }
        file.begin();
        for (at, input) in self.placed() {
            bytes.clear();
            let changes = input.changes()?;
            changes.iter().for_each(|(local, change)| put_change(&mut bytes, at + local, change));
            file.write(&bytes)?;
        }
        Ok(())
    }

    /// Reads the merged file from its first byte to its last and compares every checksum: before
    /// that, the segments it was made from must stay.
    ///
    /// # Errors
    /// If the file is not the one that was written.
    pub fn check(&self, source: &dyn SegmentSource) -> Result<(), IndexError> {
        let (header, layout) = Layout::read(source)?;
        if header != self.header {
            return Err(IndexError::Misplaced("a merged file holds other rows"));
        }
        layout.check(source)
    }

    /// Opens the merged file. Columns and marks are those of the segments it was made from: they
    /// are not in memory twice, and what is noted of a row meanwhile is not lost.
    ///
    /// # Errors
    /// If any other part that is held in memory does not match its checksum.
    pub fn open(
        &self,
        source: Arc<dyn SegmentSource>,
        cache: &BlockCache,
    ) -> Result<Segment, IndexError> {
        let (header, layout) = Layout::read(&*source)?;
        let columns = Columns::join(self.inputs.iter().map(|input| &input.columns));
        let marks = Marks::join(self.inputs.iter().map(|input| &**input.marks()));
        let (Some(columns), Some(marks)) = (columns, marks) else { return Err(UNLIKE) };
        Segment::of((header, layout), (columns, marks), source, cache)
    }
}
