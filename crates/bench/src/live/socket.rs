//! A client of a websocket that does as little as one can (RFC 6455 §5).

use std::io;
use std::time::Instant;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedSender;

use super::{Ear, Heard};

/// First bytes of frames: text, ping and pong, each whole.
const TEXT: u8 = 0x81;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

/// Opens a socket, binds it, waits for the handshake, and tells of each event.
pub async fn open(
    address: &str,
    token: &str,
    (n, sender): (usize, UnboundedSender<Heard>),
) -> io::Result<Ear> {
    let mut stream = BufReader::new(TcpStream::connect(address).await?);
    let head = "GET /fhir/$websocket HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    stream.get_mut().write_all(head.as_bytes()).await?;
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    send(&mut stream, TEXT, format!("bind-with-token {token}").as_bytes()).await?;
    let (first, greeting) = next(&mut stream).await?;
    if first != TEXT || !has(&greeting, b"\"handshake\"") {
        return Err(io::Error::other(String::from_utf8_lossy(&greeting).into_owned()));
    }
    Ok(Ear(tokio::spawn(async move {
        while let Ok((first, payload)) = next(&mut stream).await {
            match first {
                TEXT if has(&payload, b"\"event-notification\"") => {
                    // Nobody listens any more at the end.
                    let _ = sender.send((n, Instant::now()));
                }
                PING if send(&mut stream, PONG, &payload).await.is_err() => return,
                _ => {}
            }
        }
    })))
}

/// Sends a short frame under a mask of zeros.
async fn send(stream: &mut BufReader<TcpStream>, first: u8, payload: &[u8]) -> io::Result<()> {
    let length = u8::try_from(payload.len()).ok().filter(|length| *length < 126);
    let mut frame = vec![first, 0x80 | length.ok_or(io::ErrorKind::InvalidInput)?, 0, 0, 0, 0];
    frame.extend(payload);
    stream.get_mut().write_all(&frame).await
}

/// The next frame: its first byte and what it carries.
async fn next(stream: &mut BufReader<TcpStream>) -> io::Result<(u8, Vec<u8>)> {
    let first = stream.read_u8().await?;
    let length = match stream.read_u8().await? {
        126 => u64::from(stream.read_u16().await?),
        127 => stream.read_u64().await?,
        short => u64::from(short),
    };
    let mut payload = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    stream.read_exact(&mut payload).await?;
    Ok((first, payload))
}

fn has(haystack: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(haystack, needle).is_some()
}
