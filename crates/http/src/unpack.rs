//! Unpacking request bodies, in steps whose memory is asked for first.

use std::io::{Cursor, Read};

use flate2::read::MultiGzDecoder;

use crate::budget::Held;
use crate::refusal::{Checked, Refusal};

/// What is unpacked at first at least, in bytes; each further step doubles it.
const FIRST_BYTES: usize = 64 << 10;

struct Unpacking {
    decoder: MultiGzDecoder<Cursor<Vec<u8>>>,
    out: Vec<u8>,
}

/// The body that was sent as gzip, no longer than `limit`.
///
/// # Errors
/// 413; 400 if it is not gzip.
pub(crate) async fn unpack(sent: Vec<u8>, limit: usize, held: &mut Held) -> Checked<Vec<u8>> {
    let packed = sent.len();
    // One byte more than may be there tells what is too long.
    let most = limit.saturating_add(1);
    let mut room = packed.saturating_mul(4).max(FIRST_BYTES).min(most);
    let mut work = Unpacking { decoder: MultiGzDecoder::new(Cursor::new(sent)), out: Vec::new() };
    loop {
        held.grow(packed.saturating_add(room)).await;
        let filled = tokio::task::spawn_blocking(move || work.fill(room)).await;
        work = filled.unwrap_or_else(|_| Err(not_gzip()))?;
        if work.out.len() < room {
            held.shrink(work.out.len());
            return Ok(work.out);
        }
        if room == most {
            return Err(Refusal::too_long(limit));
        }
        room = room.saturating_mul(2).min(most);
    }
}

impl Unpacking {
    /// Unpacks until there are so many bytes, or no more.
    fn fill(mut self, bytes: usize) -> Checked<Unpacking> {
        let more = bytes.saturating_sub(self.out.len());
        self.out.reserve_exact(more);
        let more = u64::try_from(more).unwrap_or(u64::MAX);
        let read = self.decoder.by_ref().take(more).read_to_end(&mut self.out);
        read.map_err(|_| not_gzip())?;
        Ok(self)
    }
}

fn not_gzip() -> Refusal {
    Refusal::invalid("the body is not gzip")
}
