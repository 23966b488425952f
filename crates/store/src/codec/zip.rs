//! Compression: zstd (RFC 8878) at level 1 with a dictionary trained on synthetic resources.
//!
//! Contexts are kept per thread, dictionaries are prepared once. A dictionary's bytes are part of
//! the format: once released they never change, and a better one gets the next number.

use std::cell::RefCell;
use std::sync::OnceLock;

use accord_index::Values;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::{self, CParameter};

use super::values;
use crate::StoreError;

const LEVEL: i32 = 1;
/// Largest size of a part before compression; a damaged size cannot ask for more.
const MAX_PLAIN: usize = 256 << 20;
/// Size of a trained dictionary.
const DICTIONARY_SIZE: usize = 64 << 10;

/// The dictionaries this version knows, by number from 1.
static DICTIONARIES: [&[u8]; 1] = [include_bytes!("../../data/dictionary-1.zdict")];

/// The dictionary that new records are compressed with.
pub const CURRENT_DICTIONARY: u16 = 1;

/// A dictionary prepared for both directions.
struct Prepared {
    encoder: EncoderDictionary<'static>,
    decoder: DecoderDictionary<'static>,
}

fn prepared() -> &'static Prepared {
    static PREPARED: OnceLock<Prepared> = OnceLock::new();
    let bytes = DICTIONARIES.first().copied().unwrap_or_default();
    PREPARED.get_or_init(|| Prepared {
        encoder: EncoderDictionary::copy(bytes, LEVEL),
        decoder: DecoderDictionary::copy(bytes),
    })
}

thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static WITH: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
    static WITHOUT: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Compresses into a new vector with room for `spare` more bytes.
pub(super) fn compress(plain: &[u8], spare: usize) -> Result<Vec<u8>, StoreError> {
    if plain.len() > MAX_PLAIN {
        return Err(StoreError::TooLarge { what: "a document" });
    }
    COMPRESSOR.with_borrow_mut(|slot| {
        let compressor = match slot {
            Some(compressor) => compressor,
            None => slot.insert(compressor().map_err(|_| StoreError::Compression)?),
        };
        let mut out = Vec::with_capacity(zstd_safe::compress_bound(plain.len()) + spare);
        let done = compressor.compress_to_buffer(plain, &mut out);
        done.map(|_| out).map_err(|_| StoreError::Compression)
    })
}

/// Opens what [`compress`] made with this dictionary.
pub(super) fn decompress(bytes: &[u8], dictionary: u16) -> Result<Vec<u8>, StoreError> {
    const BAD: StoreError = StoreError::Damaged("a part does not decompress");
    if usize::from(dictionary) > DICTIONARIES.len() {
        return Err(StoreError::Dictionary(dictionary));
    }
    let size = zstd_safe::get_frame_content_size(bytes).ok().flatten().ok_or(BAD)?;
    let size = usize::try_from(size).ok().filter(|size| *size <= MAX_PLAIN).ok_or(BAD)?;
    let slot = if dictionary == 0 { &WITHOUT } else { &WITH };
    slot.with_borrow_mut(|slot| {
        let decompressor = match slot {
            Some(decompressor) => decompressor,
            None => slot.insert(decompressor(dictionary).map_err(|_| StoreError::Compression)?),
        };
        decompressor.decompress(bytes, size).map_err(|_| BAD)
    })
}

/// The number of the dictionary that [`compress`] uses: 0 while there is none.
pub(super) fn dictionary() -> u16 {
    let trained = DICTIONARIES.last().is_some_and(|bytes| !bytes.is_empty());
    if trained { CURRENT_DICTIONARY } else { 0 }
}

fn compressor() -> std::io::Result<Compressor<'static>> {
    let mut compressor = match dictionary() {
        0 => Compressor::new(LEVEL)?,
        _ => Compressor::with_prepared_dictionary(&prepared().encoder)?,
    };
    // The record names the dictionary and carries a checksum of its own.
    compressor.set_parameter(CParameter::DictIdFlag(false))?;
    compressor.set_parameter(CParameter::ChecksumFlag(false))?;
    compressor.set_parameter(CParameter::ContentSizeFlag(true))?;
    Ok(compressor)
}

fn decompressor(dictionary: u16) -> std::io::Result<Decompressor<'static>> {
    match dictionary {
        0 => Decompressor::new(),
        _ => Decompressor::with_prepared_dictionary(&prepared().decoder),
    }
}

/// Trains a dictionary of at most 64 KiB on what records hold: documents and values. Samples must
/// be synthetic, because a dictionary contains pieces of them.
pub fn train_dictionary(docs: &[Vec<u8>], values: &[Values]) -> Result<Vec<u8>, StoreError> {
    let samples: Vec<Vec<u8>> =
        docs.iter().cloned().chain(values.iter().map(plain_values)).collect();
    zstd::dict::from_samples(&samples, DICTIONARY_SIZE).map_err(|_| StoreError::Compression)
}

/// Values as a record holds them, before compression; to measure what compression is worth.
pub fn plain_values(values: &Values) -> Vec<u8> {
    let mut bytes = Vec::new();
    values::encode(values, &mut bytes);
    bytes
}
