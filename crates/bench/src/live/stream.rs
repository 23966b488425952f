//! A client of `$live` that does as little as one can.

use std::io;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedSender;

use super::{Ear, Heard};

/// Opens a stream, waits for its beginning, and tells of each change.
pub async fn open(
    address: &str,
    request: &[u8],
    (n, sender): (usize, UnboundedSender<Heard>),
) -> io::Result<Ear> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request).await?;
    let mut buffer = Vec::with_capacity(4096);
    while !has(&buffer, b"event: ready") {
        if stream.read_buf(&mut buffer).await? == 0 || has(&buffer, b"\"OperationOutcome\"") {
            return Err(io::Error::other(String::from_utf8_lossy(&buffer).into_owned()));
        }
    }
    Ok(Ear(tokio::spawn(async move {
        buffer.clear();
        while let Ok(1..) = stream.read_buf(&mut buffer).await {
            if has(&buffer, b"event: change") {
                // Nobody listens any more at the end.
                let _ = sender.send((n, Instant::now()));
                buffer.clear();
            }
        }
    })))
}

fn has(haystack: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(haystack, needle).is_some()
}
