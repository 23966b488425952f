//! The fixed part of a record.

use accord_base::{LogTime, Row};

use crate::StoreError;
use crate::bytes::Reader;
use crate::keys::KeyId;

/// Version of the record format.
pub(super) const FORMAT: u8 = 1;
/// Bytes of the fixed part.
pub(super) const HEADER_LEN: usize = 60;

/// The record holds a resource version.
pub(super) const HAS_VERSION: u8 = 1;
/// The version is a deletion.
pub(super) const DELETED: u8 = 2;
/// The version has a predecessor.
pub(super) const HAS_PRIOR: u8 = 4;
/// An access record follows.
pub(super) const HAS_ACCESS: u8 = 8;
/// An update made the resource with this version.
pub(super) const PUT: u8 = 16;
/// The record holds no version, but changes to earlier rows.
pub(super) const HAS_CHANGES: u8 = 32;
const ALL_FLAGS: u8 = HAS_VERSION | DELETED | HAS_PRIOR | HAS_ACCESS | PUT | HAS_CHANGES;

/// Where a record stands in its transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TxPlace {
    /// Its index, from 0.
    pub index: u32,
    /// How many records the transaction has.
    pub size: u32,
}

/// The fixed part of a record, and the lengths of what follows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    pub(super) flags: u8,
    /// Compression dictionary of the sealed parts; 0 is none.
    pub dictionary: u16,
    /// The record's row.
    pub row: Row,
    /// The key that seals document and values; 0 where there is nothing sealed.
    pub key: KeyId,
    /// The transaction's instant.
    pub born: LogTime,
    /// Where the record stands in its transaction.
    pub place: TxPlace,
    /// Number of the version, from 1; 0 in a record without a resource version.
    pub version: u32,
    pub(super) prior: u32,
    /// Version of the extractor that made the values.
    pub extractor: u16,
    /// Number of the resource type.
    pub resource_type: u8,
    pub(super) id_len: u8,
    pub(super) columns_len: u32,
    pub(super) doc_len: u32,
    pub(super) values_len: u32,
    pub(super) access_len: u32,
}

impl Header {
    /// The row that dies with the birth of this one.
    pub fn prior(&self) -> Option<Row> {
        (self.flags & HAS_PRIOR != 0).then_some(Row(self.prior))
    }

    /// Whether the record holds a resource version; if not, it leaves a hole in the columns.
    pub fn has_version(&self) -> bool {
        self.flags & HAS_VERSION != 0
    }

    /// Whether the record holds no version but changes to earlier rows.
    pub fn has_changes(&self) -> bool {
        self.flags & HAS_CHANGES != 0
    }

    /// Whether the version is a deletion.
    pub fn deleted(&self) -> bool {
        self.flags & DELETED != 0
    }

    /// Whether an update made the resource: a `PUT` where there was none.
    pub fn put(&self) -> bool {
        self.flags & PUT != 0
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[FORMAT, self.flags]);
        out.extend_from_slice(&self.dictionary.to_le_bytes());
        out.extend_from_slice(&self.row.0.to_le_bytes());
        out.extend_from_slice(&self.key.0.to_le_bytes());
        out.extend_from_slice(&self.born.0.to_le_bytes());
        for word in [self.place.index, self.place.size, self.version, self.prior] {
            out.extend_from_slice(&word.to_le_bytes());
        }
        out.extend_from_slice(&self.extractor.to_le_bytes());
        out.extend_from_slice(&[self.resource_type, self.id_len]);
        for len in [self.columns_len, self.doc_len, self.values_len, self.access_len] {
            out.extend_from_slice(&len.to_le_bytes());
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Header, StoreError> {
        let (format, flags) = (reader.u8()?, reader.u8()?);
        if format != FORMAT {
            return Err(StoreError::RecordFormat(format));
        }
        if flags & !ALL_FLAGS != 0 {
            return Err(StoreError::Damaged("unknown flags"));
        }
        if flags & HAS_CHANGES != 0 && flags & !(HAS_CHANGES | HAS_ACCESS) != 0 {
            return Err(StoreError::Damaged("flags that exclude each other"));
        }
        Ok(Header {
            flags,
            dictionary: reader.u16()?,
            row: Row(reader.u32()?),
            key: KeyId(reader.u64()?),
            born: LogTime(reader.u64()?),
            place: TxPlace { index: reader.u32()?, size: reader.u32()? },
            version: reader.u32()?,
            prior: reader.u32()?,
            extractor: reader.u16()?,
            resource_type: reader.u8()?,
            id_len: reader.u8()?,
            columns_len: reader.u32()?,
            doc_len: reader.u32()?,
            values_len: reader.u32()?,
            access_len: reader.u32()?,
        })
    }
}
