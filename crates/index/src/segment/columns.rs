//! Sections of row columns: rows, ids, lists.

use hashbrown::HashMap;
use smallvec::SmallVec;

use accord_base::{ActorOrd, OrgOrd, PatientOrd, ResourceId};

use crate::error::IndexError;
use crate::row::{RowColumns, RowId, RowLists, RowMeta, unpack_uuid};

use super::wire::{Reader, put_varint};

/// Bytes of a row in the rows section.
pub(crate) const ROW_BYTES: usize = 46;

/// The row columns of a segment, in memory.
pub(crate) struct Columns {
    pub rows: Vec<RowMeta>,
    /// Ids: a length, or 0 for a packed UUID, and the bytes.
    ids: Vec<u8>,
    lists: HashMap<u32, RowLists>,
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
            put_varint(&mut self.lists, u64::from(local));
            put_list(&mut self.lists, lists.patients.iter().map(|p| p.0));
            put_list(&mut self.lists, lists.authors.iter().map(|a| a.0));
        }
    }
}

fn put_row(out: &mut Vec<u8>, meta: &RowMeta) {
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
    /// Reads the three sections; they have been checked against their checksums.
    pub fn decode(rows: &[u8], ids: Vec<u8>, lists: &[u8]) -> Result<Columns, IndexError> {
        let mut metas = Vec::with_capacity(rows.len() / ROW_BYTES);
        let (mut reader, mut id_reader) = (Reader(rows), Reader(&ids));
        let mut born = 0;
        while !reader.is_empty() {
            let mut meta = read_row(&mut reader)?;
            if !RowMeta::flags_are_known(meta.flags) || meta.born < born {
                return Err(IndexError::Corrupt("its rows are not in order"));
            }
            born = meta.born;
            if !meta.is_hole() {
                meta.id_at = (ids.len() - id_reader.0.len()) as u32;
                check_id(&mut id_reader)?;
            }
            metas.push(meta);
        }
        if !id_reader.is_empty() {
            return Err(IndexError::Corrupt("it has more ids than rows"));
        }
        let lists = read_lists(lists, &metas)?;
        Ok(Columns { rows: metas, ids, lists })
    }

    /// The columns of a row; `None` for a hole.
    pub fn get(&self, local: u32) -> Option<RowColumns<'_>> {
        let meta = self.rows.get(local as usize).filter(|meta| !meta.is_hole())?;
        let many = meta.many_patients() || meta.many_authors();
        Some(RowColumns { meta, lists: if many { self.lists.get(&local) } else { None } })
    }

    /// Hands the id of a row to `with`; empty for a hole.
    pub fn with_id<T>(&self, local: u32, with: impl FnOnce(&str) -> T) -> T {
        let id = self.get(local).and_then(|columns| {
            let (length, bytes) = self.ids.get(columns.meta.id_at as usize..)?.split_first()?;
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
        self.rows.capacity() * size_of::<RowMeta>() + self.ids.capacity() + self.lists.len() * 64
    }
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

fn check_id(reader: &mut Reader<'_>) -> Result<(), IndexError> {
    let length = reader.u8()?;
    if length == 0 {
        reader.take(16)?;
        return Ok(());
    }
    let text = std::str::from_utf8(reader.take(usize::from(length))?).unwrap_or_default();
    let good = ResourceId::is_valid(text);
    if good { Ok(()) } else { Err(IndexError::Corrupt("an id is not one")) }
}

fn read_lists(lists: &[u8], rows: &[RowMeta]) -> Result<HashMap<u32, RowLists>, IndexError> {
    let (mut reader, mut out) = (Reader(lists), HashMap::new());
    while !reader.is_empty() {
        let local = reader.varint32()?;
        let patients = read_list(&mut reader)?.into_iter().map(PatientOrd).collect();
        let authors = read_list(&mut reader)?.into_iter().map(ActorOrd).collect();
        out.insert(local, RowLists { patients, authors });
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
