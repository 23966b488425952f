//! The bytes of an answer: indented and compressed as wanted.

use std::cell::RefCell;
use std::sync::Arc;

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use crate::negotiate::Wants;
use crate::pretty::pretty;

/// Shortest body that is compressed, in bytes: below, a packet is sent either way.
const GZIP_FROM_BYTES: usize = 1024;
/// RFC 1952 §2.3: magic, deflate, no flags, no time, fastest, unknown system.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255];

/// A body as it goes out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Payload {
    pub bytes: Bytes,
    pub gzip: bool,
}

/// Makes a body from its text.
pub(crate) fn encode(text: String, wants: &Wants) -> Payload {
    let text = if wants.pretty { pretty(text) } else { text };
    squeeze(Bytes::from(text), wants)
}

/// Makes a body from text that others hold too; it is copied only to be indented.
pub(crate) fn encode_shared(text: Arc<str>, wants: &Wants) -> Payload {
    if wants.pretty {
        return encode(text.as_ref().to_owned(), wants);
    }
    squeeze(Bytes::from_owner(SharedText(text)), wants)
}

struct SharedText(Arc<str>);

impl AsRef<[u8]> for SharedText {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Makes a body from bytes that stand as they are.
pub(crate) fn squeeze(bytes: Bytes, wants: &Wants) -> Payload {
    let worth_it = wants.gzip && bytes.len() >= GZIP_FROM_BYTES;
    if let Some(packed) = worth_it.then(|| gzip(&bytes)).flatten() {
        return Payload { bytes: packed.into(), gzip: true };
    }
    Payload { bytes, gzip: false }
}

thread_local! {
    // A compressor's tables take a quarter of a megabyte: one per thread, used again.
    static DEFLATE: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), false));
}

/// The bytes as a gzip member (RFC 1952); `None` if the compressor fails, which it does not.
fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len() / 3 + 64);
    out.extend_from_slice(&GZIP_HEADER);
    DEFLATE.with_borrow_mut(|deflate| {
        deflate.reset();
        loop {
            let done = usize::try_from(deflate.total_in()).ok()?;
            let rest = bytes.get(done..)?;
            match deflate.compress_vec(rest, &mut out, FlushCompress::Finish).ok()? {
                Status::StreamEnd => return Some(()),
                Status::Ok | Status::BufError => out.reserve(out.capacity()),
            }
        }
    })?;
    let mut crc = Crc::new();
    crc.update(bytes);
    out.extend_from_slice(&crc.sum().to_le_bytes());
    out.extend_from_slice(&crc.amount().to_le_bytes());
    Some(out)
}
