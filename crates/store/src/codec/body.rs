//! The sealed parts of a record.

use std::cell::RefCell;
use std::sync::Arc;

use accord_base::Rng;
use accord_index::Values;

use super::{values, zip};
use crate::StoreError;
use crate::keys::{DataKey, KeyId, NONCE_LEN, Part};

/// Bytes that sealing adds: tag and nonce.
const SEAL_LEN: usize = 28;

/// A document with its edits and values, compressed and sealed: what the caller's thread prepares
/// and the writer puts into a record as it is.
#[derive(Clone, Debug)]
pub struct SealedBody {
    // Held until the record is written, so that the ring keeps a key that is not durable yet.
    key: Arc<DataKey>,
    dictionary: u16,
    doc: Vec<u8>,
    values: Vec<u8>,
}

/// A document as it was received, minified, and the edits that make it what the server answers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Doc {
    /// The JSON text.
    pub bytes: Vec<u8>,
    /// The edit list; opaque here.
    pub edits: Vec<u8>,
}

impl SealedBody {
    /// The key that seals it.
    pub fn key(&self) -> KeyId {
        self.key.id()
    }

    /// The dictionary it is compressed with.
    pub fn dictionary(&self) -> u16 {
        self.dictionary
    }

    /// The sealed document.
    pub fn doc(&self) -> &[u8] {
        &self.doc
    }

    /// The sealed values; empty where there are none.
    pub fn values(&self) -> &[u8] {
        &self.values
    }
}

thread_local! {
    /// Plain bytes on their way in or out; kept, so that no record costs an allocation for them.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Compresses and seals a document, its edits and its values under a key of the ring.
///
/// Made for the threads that prepare requests: no lock is taken, compression contexts are the
/// thread's own.
pub fn seal_body(
    key: &Arc<DataKey>,
    doc: &[u8],
    edits: &[u8],
    values: &Values,
    rng: &dyn Rng,
) -> Result<SealedBody, StoreError> {
    let mut nonces = [[0; NONCE_LEN]; 2];
    rng.fill(nonces.as_flattened_mut());
    let [doc_nonce, values_nonce] = nonces;
    let sealed_doc = pack(key, Part::Doc, doc_nonce, |plain| {
        plain.extend_from_slice(doc);
        plain.extend_from_slice(edits);
        // A document has less than 4 GiB; `compress` refuses it long before.
        plain.extend_from_slice(&(edits.len() as u32).to_le_bytes());
    })?;
    let sealed_values = if values.0.is_empty() {
        Vec::new()
    } else {
        pack(key, Part::Values, values_nonce, |plain| values::encode(values, plain))?
    };
    Ok(SealedBody {
        key: key.clone(),
        dictionary: zip::dictionary(),
        doc: sealed_doc,
        values: sealed_values,
    })
}

fn pack(
    key: &DataKey,
    part: Part,
    nonce: [u8; NONCE_LEN],
    fill: impl FnOnce(&mut Vec<u8>),
) -> Result<Vec<u8>, StoreError> {
    let mut bytes = with_scratch(|plain| {
        fill(plain);
        zip::compress(plain, SEAL_LEN)
    })?;
    key.seal_with(part, nonce, &mut bytes)?;
    Ok(bytes)
}

/// Opens and decompresses a part.
pub(super) fn open(
    key: &DataKey,
    part: Part,
    dictionary: u16,
    sealed: &[u8],
) -> Result<Vec<u8>, StoreError> {
    with_scratch(|bytes| {
        bytes.extend_from_slice(sealed);
        zip::decompress(key.open(part, bytes)?, dictionary)
    })
}

/// Runs with the thread's empty buffer. What it held is overwritten by the next use; large ones
/// are given back.
fn with_scratch<T>(run: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.clear();
        let result = run(scratch);
        if scratch.capacity() > 1 << 20 {
            *scratch = Vec::new();
        }
        result
    })
}

impl Doc {
    /// Document, edits, and the length of the edits as the last four bytes.
    pub(super) fn unpack(mut plain: Vec<u8>) -> Result<Doc, StoreError> {
        const BAD: StoreError = StoreError::Damaged("a document ends early");
        let (rest, edits_len) = plain.split_last_chunk::<4>().ok_or(BAD)?;
        let len = rest.len();
        let split = len.checked_sub(u32::from_le_bytes(*edits_len) as usize).ok_or(BAD)?;
        plain.truncate(len);
        let edits = plain.split_off(split);
        Ok(Doc { bytes: plain, edits })
    }
}
