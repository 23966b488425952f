//! Sections of row columns: rows, ids, lists.

use std::sync::Arc;

use hashbrown::HashMap;
use smallvec::SmallVec;

use accord_base::{ActorOrd, OrgOrd, PatientOrd, ResourceId};

use crate::error::IndexError;
use crate::row::{Pages, RowColumns, RowId, RowLists, RowMeta, SEVERAL, unpack_uuid};

use super::format::{Header, Layout, Section};
use super::read_section;
use super::source::SegmentSource;
use super::stream::Stream;
use super::wire::{Reader, put_varint};

/// Bytes of a row in the rows section.
const ROW_BYTES: usize = 46;

/// The row columns of a segment, in memory: pages of as many rows as a chunk has.
pub(crate) struct Columns {
    pages: Box<[Page]>,
    spread: Pages,
}

/// The columns of the rows of one chunk. A merged segment has those of the ones it was made from.
#[derive(Clone)]
pub(super) struct Page {
    pub rows: Arc<[RowMeta]>,
    /// The patient that each row names, side by side for those who go through many rows;
    /// [`SEVERAL`] where it names more, [`NO_ORDINAL`] where none.
    pub patients: Arc<[u32]>,
    /// Ids, as they stand in the file: a length, or 0 for a packed UUID, and the bytes.
    pub ids: Arc<[u8]>,
    /// Lists of the rows that have some, by place in the page.
    pub lists: Arc<HashMap<u32, RowLists>>,
}

/// The three sections, being written.
#[derive(Default)]
pub(crate) struct ColumnsWriter {
    pub rows: Vec<u8>,
    pub ids: Vec<u8>,
    pub lists: Vec<u8>,
}

impl ColumnsWriter {
    /// Appends a row that no version has; `born` is that of the row before.
    pub fn hole(&mut self, born: u64) {
        put_row(&mut self.rows, &RowMeta::hole(born));
    }

    /// Appends a row.
    pub fn row(&mut self, local: u32, columns: RowColumns<'_>, id: &RowId) {
        put_row(&mut self.rows, columns.meta);
        match id {
            RowId::Uuid(packed) => {
                self.ids.push(0);
                self.ids.extend_from_slice(packed);
            }
            RowId::Text(text) => {
                self.ids.push(text.len() as u8);
                self.ids.extend_from_slice(text.as_bytes());
            }
        }
        if let Some(lists) = columns.lists {
            put_lists(&mut self.lists, local, lists);
        }
    }
}

/// Appends the lists of a row.
pub(super) fn put_lists(out: &mut Vec<u8>, local: u32, lists: &RowLists) {
    put_varint(out, u64::from(local));
    put_list(out, lists.patients.iter().map(|p| p.0));
    put_list(out, lists.authors.iter().map(|a| a.0));
}

/// Appends the fixed columns of a row.
pub(super) fn put_row(out: &mut Vec<u8>, meta: &RowMeta) {
    out.extend_from_slice(&meta.born.to_le_bytes());
    out.extend_from_slice(&meta.labels.to_le_bytes());
    out.extend_from_slice(&meta.prior.to_le_bytes());
    out.extend_from_slice(&meta.version.to_le_bytes());
    out.extend_from_slice(&meta.controller.0.to_le_bytes());
    out.extend_from_slice(&meta.source.0.to_le_bytes());
    out.extend_from_slice(&meta.clinical_day.to_le_bytes());
    out.extend_from_slice(&meta.patient.0.to_le_bytes());
    out.extend_from_slice(&meta.author.0.to_le_bytes());
    out.extend_from_slice(&[meta.resource_type, meta.flags]);
}

fn put_list(out: &mut Vec<u8>, members: impl ExactSizeIterator<Item = u32>) {
    put_varint(out, members.len() as u64);
    members.for_each(|member| put_varint(out, u64::from(member)));
}

impl Columns {
    /// Reads the three sections and compares their checksums.
    pub fn read(
        source: &dyn SegmentSource,
        layout: &Layout,
        header: &Header,
    ) -> Result<Columns, IndexError> {
        if layout.of(Section::Rows).length != u64::from(header.rows) * ROW_BYTES as u64 {
            return Err(IndexError::Corrupt("it has another number of rows than it says"));
        }
        let spread = Pages::of(header.chunk_rows);
        let mut rows = Stream::new(source, layout.of(Section::Rows));
        let mut ids = Stream::new(source, layout.of(Section::Ids));
        let lists = read_section(source, layout.of(Section::Lists))?;
        let (mut lists, mut born, mut pages) = (Reader(&lists), 0, Vec::new());
        for at in 0..header.rows.div_ceil(spread.rows()) {
            let (metas, ids) = read_page(&mut rows, &mut ids, spread.rows(), &mut born)?;
            let lists = read_lists(&mut lists, at * spread.rows(), &metas)?;
            let patient =
                |meta: &RowMeta| if meta.many_patients() { SEVERAL } else { meta.patient.0 };
            let patients = metas.iter().map(patient).collect();
            let (rows, ids) = (metas.into(), ids.into());
            pages.push(Page { rows, patients, ids, lists: Arc::new(lists) });
        }
        if !lists.is_empty() {
            return Err(IndexError::Corrupt("a list is of no row"));
        }
        rows.finish()?;
        ids.finish()?;
        Ok(Columns { pages: pages.into(), spread })
    }

    /// No columns.
    pub(super) fn none(header: &Header) -> Columns {
        Columns { pages: Box::default(), spread: Pages::of(header.chunk_rows) }
    }

    /// The columns of parts that follow each other, as those of one. `None` if they have pages of
    /// several sizes.
    pub fn join<'a>(parts: impl Iterator<Item = &'a Columns> + Clone) -> Option<Columns> {
        let spread = parts.clone().next()?.spread;
        let alike = parts.clone().all(|columns| columns.spread == spread);
        let pages = parts.flat_map(|columns| columns.pages.iter().cloned()).collect();
        alike.then_some(Columns { pages, spread })
    }

    /// The pages, each with the place of its first row.
    pub(super) fn pages(&self) -> impl Iterator<Item = (u32, &Page)> {
        (0..).step_by(self.spread.rows() as usize).zip(&self.pages)
    }

    /// The fixed columns of every row, holes among them.
    pub(super) fn metas(&self) -> impl Iterator<Item = &RowMeta> {
        self.pages.iter().flat_map(|page| page.rows.iter())
    }

    /// The fixed columns of a row, be it a hole.
    pub(super) fn meta(&self, local: u32) -> Option<&RowMeta> {
        let (page, place) = self.spread.split(local);
        self.pages.get(page)?.rows.get(place)
    }

    /// The columns of a row; `None` for a hole.
    pub fn get(&self, local: u32) -> Option<RowColumns<'_>> {
        let (page, place) = self.spread.split(local);
        let page = self.pages.get(page)?;
        let meta = page.rows.get(place).filter(|meta| !meta.is_hole())?;
        let many = meta.many_patients() || meta.many_authors();
        let lists = if many { page.lists.get(&(place as u32)) } else { None };
        Some(RowColumns { meta, lists })
    }

    /// The page in which a row stands, as the one patient whom each of its rows names, with the
    /// place of its first row.
    pub fn patients_around(&self, local: u32) -> Option<(u32, &[u32])> {
        let (page, place) = self.spread.split(local);
        Some((local - place as u32, &self.pages.get(page)?.patients))
    }

    /// Hands the id of a row to `with`; empty for a hole.
    pub fn with_id<T>(&self, local: u32, with: impl FnOnce(&str) -> T) -> T {
        let id = self.get(local).and_then(|columns| {
            let page = self.pages.get(self.spread.split(local).0)?;
            let (length, bytes) = page.ids.get(columns.meta.id_at as usize..)?.split_first()?;
            Some((usize::from(*length), bytes))
        });
        match id {
            Some((0, bytes)) => match bytes.first_chunk() {
                Some(packed) => with(unpack_uuid(packed, &mut [0; 36])),
                None => with(""),
            },
            Some((length, bytes)) => {
                with(bytes.get(..length).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or(""))
            }
            None => with(""),
        }
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        let page = |page: &Page| {
            let columns = page.rows.len() * (size_of::<RowMeta>() + 4) + page.ids.len();
            columns + page.lists.len() * 64 + size_of::<Page>()
        };
        self.pages.iter().map(page).sum()
    }
}

/// Reads the rows of one page and their ids. Rows are born in order, those of pages before too.
fn read_page(
    rows: &mut Stream<'_>,
    ids: &mut Stream<'_>,
    count: u32,
    born: &mut u64,
) -> Result<(Vec<RowMeta>, Vec<u8>), IndexError> {
    let (mut metas, mut page_ids) = (Vec::with_capacity(count as usize), Vec::new());
    for _ in 0..count {
        let mut meta = read_row(&mut Reader(rows.take(ROW_BYTES)?))?;
        if !RowMeta::flags_are_known(meta.flags) || meta.born < *born {
            return Err(IndexError::Corrupt("its rows are not in order"));
        }
        *born = meta.born;
        if !meta.is_hole() {
            meta.id_at = page_ids.len() as u32;
            read_id(ids, &mut page_ids)?;
        }
        metas.push(meta);
    }
    Ok((metas, page_ids))
}

fn read_row(reader: &mut Reader<'_>) -> Result<RowMeta, IndexError> {
    Ok(RowMeta {
        born: reader.u64()?,
        labels: reader.u64()?,
        prior: reader.u32()?,
        version: reader.u32()?,
        controller: OrgOrd(reader.u32()?),
        source: OrgOrd(reader.u32()?),
        clinical_day: reader.u32()? as i32,
        patient: PatientOrd(reader.u32()?),
        author: ActorOrd(reader.u32()?),
        id_at: 0,
        resource_type: reader.u8()?,
        flags: reader.u8()?,
    })
}

/// Takes over the next id, if it is one.
fn read_id(ids: &mut Stream<'_>, out: &mut Vec<u8>) -> Result<(), IndexError> {
    let length = ids.take(1)?.first().copied().unwrap_or_default();
    out.push(length);
    if length == 0 {
        out.extend_from_slice(ids.take(16)?);
        return Ok(());
    }
    let bytes = ids.take(usize::from(length))?;
    if !std::str::from_utf8(bytes).is_ok_and(ResourceId::is_valid) {
        return Err(IndexError::Corrupt("an id is not one"));
    }
    out.extend_from_slice(bytes);
    Ok(())
}

/// Reads the lists of the rows of the page that begins at `first`.
fn read_lists(
    reader: &mut Reader<'_>,
    first: u32,
    rows: &[RowMeta],
) -> Result<HashMap<u32, RowLists>, IndexError> {
    let mut out = HashMap::new();
    while !reader.is_empty() {
        let mut ahead = *reader;
        let place = ahead.varint32()?.checked_sub(first);
        let place = place.ok_or(IndexError::Corrupt("lists are not in order"))?;
        if place as usize >= rows.len() {
            break;
        }
        let patients = read_list(&mut ahead)?.into_iter().map(PatientOrd).collect();
        let authors = read_list(&mut ahead)?.into_iter().map(ActorOrd).collect();
        out.insert(place, RowLists { patients, authors });
        *reader = ahead;
    }
    // A row whose list were missing would look like one that names nobody.
    let complete = rows.iter().enumerate().all(|(at, meta)| {
        !(meta.many_patients() || meta.many_authors()) || out.contains_key(&(at as u32))
    });
    if complete { Ok(out) } else { Err(IndexError::Corrupt("a list of patients is missing")) }
}

fn read_list(reader: &mut Reader<'_>) -> Result<SmallVec<[u32; 4]>, IndexError> {
    let length = reader.varint32()?;
    (0..length).map(|_| reader.varint32()).collect()
}
