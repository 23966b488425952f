//! Connections that do nothing: a client that sends no request, half of one, or takes no answer.
//!
//! Looked at once in a while instead of with a timer for each request: a timer that is set and
//! cancelled costs every request, and one that fires now and then costs nothing.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::sleep;

/// What a connection has done since it was last looked at.
#[derive(Default)]
pub(crate) struct Activity {
    /// Requests that are being answered.
    under_way: AtomicU32,
    /// Whether the client has taken bytes.
    wrote: AtomicBool,
}

impl Activity {
    /// Counts a request until the guard is dropped.
    pub(crate) fn request(self: &Arc<Activity>) -> UnderWay {
        self.under_way.fetch_add(1, Relaxed);
        UnderWay(Arc::clone(self))
    }

    /// Ends once the connection has been idle for `time`, at the latest when it has been for twice
    /// as long.
    pub(crate) async fn idle(&self, time: Duration) {
        loop {
            sleep(time).await;
            let wrote = self.wrote.swap(false, Relaxed);
            if !wrote && self.under_way.load(Relaxed) == 0 {
                return;
            }
        }
    }
}

/// A request that is being answered.
pub(crate) struct UnderWay(Arc<Activity>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        // An answer that is ready has yet to be taken: the wait begins anew.
        self.0.wrote.store(true, Relaxed);
        self.0.under_way.fetch_sub(1, Relaxed);
    }
}

/// Answers up to this size, head included, go to the system in one piece, in bytes: copying them
/// costs less than a list of pieces does there.
const SMALL_BYTES: usize = 4 << 10;

/// A transport that tells when the client takes bytes.
pub(crate) struct Watched<T> {
    pub io: T,
    pub activity: Arc<Activity>,
}

impl<T: Read + Unpin> Read for Watched<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<T: Write + Unpin> Watched<T> {
    fn note(&self, written: &Poll<io::Result<usize>>) {
        if matches!(written, Poll::Ready(Ok(1..))) {
            self.activity.wrote.store(true, Relaxed);
        }
    }
}

impl<T: Write + Unpin> Write for Watched<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, buf);
        self.note(&written);
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut room = [0; SMALL_BYTES];
        let written = match joined(bufs, &mut room) {
            Some(whole) => Pin::new(&mut self.io).poll_write(cx, whole),
            None => Pin::new(&mut self.io).poll_write_vectored(cx, bufs),
        };
        self.note(&written);
        written
    }
}

/// The buffers one after the other in `room`, if they fit.
fn joined<'a>(bufs: &[io::IoSlice<'_>], room: &'a mut [u8; SMALL_BYTES]) -> Option<&'a [u8]> {
    let mut end = 0;
    for buf in bufs {
        let next = end + buf.len();
        room.get_mut(end..next)?.copy_from_slice(buf);
        end = next;
    }
    room.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_joined_up_to_the_last_byte_that_fits() {
        for (first, second) in [(0, 0), (1, SMALL_BYTES - 1), (SMALL_BYTES, 0), (9, SMALL_BYTES)] {
            let (head, body) = (vec![b'h'; first], vec![b'b'; second]);
            let pieces = [io::IoSlice::new(&head), io::IoSlice::new(&body)];
            let mut room = [0; SMALL_BYTES];
            let whole = [head.as_slice(), body.as_slice()].concat();
            let expect = (whole.len() <= SMALL_BYTES).then_some(whole.as_slice());
            assert_eq!(joined(&pieces, &mut room), expect);
        }
    }
}
