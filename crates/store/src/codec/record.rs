//! Putting a record together and taking it apart.

use std::sync::Arc;

use accord_base::{LogTime, ResourceId, Row};
use accord_index::{EXTRACTOR_VERSION, RowChange, RowEffect, Values};

use super::body::{self, Doc, SealedBody};
use super::columns::{self, Columns};
use super::header::{
    DELETED, HAS_ACCESS, HAS_CHANGES, HAS_PRIOR, HAS_VERSION, HEADER_LEN, Header, PUT, TxPlace,
};
use super::values;
use crate::StoreError;
use crate::bytes::Reader;
use crate::keys::{KeyId, KeyRing, Part};

/// Bytes of the checksum.
const CRC_LEN: usize = 4;

/// A record taken apart, borrowing from its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    header: Header,
    id: &'a str,
    columns: &'a [u8],
    pub(super) doc: &'a [u8],
    values: &'a [u8],
    access: &'a [u8],
}

/// The record of a resource version: its effect, its sealed body (none for a deletion), its place
/// in its transaction and, if it carries one, the sealed access record of the write.
///
/// Fails only where a part is larger than 4 GiB.
pub fn encode_record(
    effect: &RowEffect,
    body: Option<&SealedBody>,
    place: TxPlace,
    access: Option<&[u8]>,
) -> Result<Vec<u8>, StoreError> {
    let id = effect.id.as_str();
    let mut columns = Vec::with_capacity(32);
    columns::write(effect, &mut columns);
    let (doc, values) = body.map_or((&[][..], &[][..]), |body| (body.doc(), body.values()));
    let header = Header {
        flags: HAS_VERSION
            | if effect.deleted { DELETED } else { 0 }
            | if effect.put { PUT } else { 0 }
            | if effect.prior.is_some() { HAS_PRIOR } else { 0 }
            | if access.is_some() { HAS_ACCESS } else { 0 },
        dictionary: body.map_or(0, SealedBody::dictionary),
        row: effect.row,
        key: body.map_or(KeyId(0), SealedBody::key),
        born: effect.born,
        place,
        version: effect.version,
        prior: effect.prior.map_or(0, |row| row.0),
        extractor: EXTRACTOR_VERSION,
        resource_type: effect.resource_type,
        id_len: u8::try_from(id.len()).map_err(|_| StoreError::TooLarge { what: "an id" })?,
        columns_len: len_u32(&columns)?,
        doc_len: len_u32(doc)?,
        values_len: len_u32(values)?,
        access_len: len_u32(access.unwrap_or_default())?,
    };
    Ok(assemble(&header, [id.as_bytes(), &columns, doc, values, access.unwrap_or_default()]))
}

/// The record of a row without a resource version, such as a refused write's: it may carry an
/// access record and leaves a hole in the columns.
pub fn encode_hole(
    row: Row,
    born: LogTime,
    place: TxPlace,
    access: Option<&[u8]>,
) -> Result<Vec<u8>, StoreError> {
    let flags = if access.is_some() { HAS_ACCESS } else { 0 };
    let access_len = len_u32(access.unwrap_or_default())?;
    let header = Header { flags, access_len, ..versionless(row, born, place) };
    Ok(assemble(&header, [&[], &[], &[], &[], access.unwrap_or_default()]))
}

/// The record of a row without a resource version by which earlier rows change. Leaves a hole in
/// the columns.
pub fn encode_changes(
    row: Row,
    born: LogTime,
    place: TxPlace,
    changes: &[RowChange],
) -> Result<Vec<u8>, StoreError> {
    let mut columns = Vec::with_capacity(changes.len() * 8);
    columns::write_changes(changes, &mut columns);
    let columns_len = len_u32(&columns)?;
    let header = Header { flags: HAS_CHANGES, columns_len, ..versionless(row, born, place) };
    Ok(assemble(&header, [&[], &columns, &[], &[], &[]]))
}

fn versionless(row: Row, born: LogTime, place: TxPlace) -> Header {
    Header {
        flags: 0,
        dictionary: 0,
        row,
        key: KeyId(0),
        born,
        place,
        version: 0,
        prior: 0,
        extractor: EXTRACTOR_VERSION,
        resource_type: 0,
        id_len: 0,
        columns_len: 0,
        doc_len: 0,
        values_len: 0,
        access_len: 0,
    }
}

/// Checks the CRC and the format of a record and takes it apart. Sealed parts stay sealed.
pub fn decode_record(bytes: &[u8]) -> Result<Record<'_>, StoreError> {
    let cut = StoreError::Damaged("a record ends early");
    let (content, crc) = bytes.split_last_chunk::<CRC_LEN>().ok_or(cut)?;
    if crc32c::crc32c(content) != u32::from_le_bytes(*crc) {
        return Err(StoreError::Damaged("the checksum is wrong"));
    }
    let mut reader = Reader(content);
    let header = Header::read(&mut reader)?;
    let id = reader.take(usize::from(header.id_len))?;
    let mut part = |len: u32| reader.take(len as usize);
    let record = Record {
        header,
        id: std::str::from_utf8(id).map_err(|_| StoreError::Damaged("an id is not UTF-8"))?,
        columns: part(header.columns_len)?,
        doc: part(header.doc_len)?,
        values: part(header.values_len)?,
        access: part(header.access_len)?,
    };
    reader.finish()?;
    Ok(record)
}

impl<'a> Record<'a> {
    /// The fixed part.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Logical id of the resource; empty in a record without a resource version.
    pub fn id(&self) -> &'a str {
        self.id
    }

    /// Whether the record has a document: not if it is a deletion or holds no version.
    pub fn has_doc(&self) -> bool {
        !self.doc.is_empty()
    }

    /// Opens the document.
    pub fn open_doc(&self, keys: &KeyRing) -> Result<Doc, StoreError> {
        if self.doc.is_empty() {
            return Ok(Doc::default());
        }
        let key = keys.key(self.header.key)?;
        Doc::unpack(body::open(&key, Part::Doc, self.header.dictionary, self.doc)?)
    }

    /// Opens the search values; none for a deletion. [`StoreError::StaleValues`] if another
    /// version of the extractor made them: then the document has to be extracted anew.
    pub fn open_values(&self, keys: &KeyRing) -> Result<Values, StoreError> {
        if self.header.has_version() && self.header.extractor != EXTRACTOR_VERSION {
            return Err(StoreError::StaleValues { found: self.header.extractor });
        }
        if self.values.is_empty() {
            return Ok(Values::default());
        }
        let key = keys.key(self.header.key)?;
        values::decode(&body::open(&key, Part::Values, self.header.dictionary, self.values)?)
    }

    /// The access record of the write, still sealed.
    pub fn access(&self) -> Option<&'a [u8]> {
        (self.header.flags & HAS_ACCESS != 0).then_some(self.access)
    }

    /// Changes to earlier rows of a record without a resource version; `None` if it has none.
    pub fn changes(&self) -> Result<Option<Vec<RowChange>>, StoreError> {
        self.header.has_changes().then(|| columns::read_changes(self.columns)).transpose()
    }

    /// The effect, with the values that the caller opened or extracted; `None` for a record
    /// without a resource version.
    pub fn effect(&self, values: Arc<Values>) -> Result<Option<RowEffect>, StoreError> {
        if !self.header.has_version() {
            return Ok(None);
        }
        let Columns { policy, names, facts, changes } = columns::read(self.columns)?;
        let id = ResourceId::new(self.id).map_err(|_| StoreError::Damaged("an id is malformed"))?;
        Ok(Some(RowEffect {
            row: self.header.row,
            born: self.header.born,
            resource_type: self.header.resource_type,
            id,
            version: self.header.version,
            deleted: self.header.deleted(),
            put: self.header.put(),
            prior: self.header.prior(),
            policy,
            names,
            facts,
            values,
            changes,
        }))
    }
}

fn assemble(header: &Header, parts: [&[u8]; 5]) -> Vec<u8> {
    let len: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(HEADER_LEN + len + CRC_LEN);
    header.write(&mut out);
    for part in parts {
        out.extend_from_slice(part);
    }
    let crc = crc32c::crc32c(&out);
    out.extend_from_slice(&crc.to_le_bytes());
    out
}

fn len_u32(bytes: &[u8]) -> Result<u32, StoreError> {
    u32::try_from(bytes.len()).map_err(|_| StoreError::TooLarge { what: "a part" })
}
