//! A small HTTP/1.1 load client: keep-alive connections, one request at a time on each.
//!
//! It does as little as a client can, so that on two shared cores most of the time goes to the
//! server, and it counts only answers with the expected status.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Makes the `n`-th request of the run: the bytes to send.
pub type MakeRequest = Arc<dyn Fn(u64) -> Arc<[u8]> + Send + Sync>;

/// What a run gave.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// Good answers.
    pub answers: u64,
    /// Answers with another status.
    pub faults: u64,
    /// Length of the run.
    pub elapsed: Duration,
    /// Median latency in microseconds.
    pub p50_us: u64,
    /// 99th percentile of latency in microseconds.
    pub p99_us: u64,
}

impl Figures {
    /// Good answers per second.
    pub fn per_second(&self) -> f64 {
        self.answers as f64 / self.elapsed.as_secs_f64()
    }
}

/// Sends requests over `connections` connections for `seconds`.
pub async fn run(
    address: &str,
    connections: usize,
    seconds: u64,
    expected: u16,
    make: MakeRequest,
) -> io::Result<Figures> {
    let (next, begun) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let end = begun + Duration::from_secs(seconds);
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        tasks.push(tokio::spawn(connection(stream, end, expected, make.clone(), next.clone())));
    }
    let (mut latencies, mut faults) = (Vec::new(), 0);
    for task in tasks {
        let (of_one, bad) = task.await.map_err(io::Error::other)??;
        latencies.extend(of_one);
        faults += bad;
    }
    latencies.sort_unstable();
    let at = |share: usize| latencies.get(latencies.len() * share / 100).copied().unwrap_or(0);
    Ok(Figures {
        answers: latencies.len() as u64,
        faults,
        elapsed: begun.elapsed(),
        p50_us: u64::from(at(50)),
        p99_us: u64::from(at(99)),
    })
}

async fn connection(
    mut stream: TcpStream,
    end: Instant,
    expected: u16,
    make: MakeRequest,
    next: Arc<AtomicU64>,
) -> io::Result<(Vec<u32>, u64)> {
    let (mut latencies, mut faults) = (Vec::new(), 0);
    let mut buffer = Vec::with_capacity(1 << 16);
    while Instant::now() < end {
        let request = make(next.fetch_add(1, Ordering::Relaxed));
        let sent = Instant::now();
        stream.write_all(&request).await?;
        let status = response(&mut stream, &mut buffer).await?;
        if status == expected {
            latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
        } else {
            faults += 1;
        }
    }
    Ok((latencies, faults))
}

/// A connection for one request at a time.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects to a server.
    pub async fn open(address: &str) -> io::Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, buffer: Vec::with_capacity(1 << 16) })
    }

    /// Sends a request and waits for the whole answer: its status and how long it took.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<(u16, Duration)> {
        let sent = Instant::now();
        self.stream.write_all(request).await?;
        let status = response(&mut self.stream, &mut self.buffer).await?;
        Ok((status, sent.elapsed()))
    }
}

/// One request with an answer, for set-up: status and body.
pub async fn once(address: &str, request: &[u8]) -> io::Result<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request).await?;
    let mut buffer = Vec::new();
    let status = response(&mut stream, &mut buffer).await?;
    let head = find(&buffer, b"\r\n\r\n").map_or(buffer.len(), |at| at + 4);
    Ok((status, buffer.get(head..).unwrap_or_default().to_vec()))
}

/// Reads one response into `buffer` and gives its status.
async fn response(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<u16> {
    buffer.clear();
    let head = loop {
        if let Some(at) = find(buffer, b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let text = buffer.get(..head).unwrap_or_default();
    let status = number(text.get(9..).unwrap_or_default()) as u16;
    let length = match find(text, LENGTH) {
        Some(at) => number(text.get(at + LENGTH.len()..).unwrap_or_default()),
        None => 0,
    };
    while buffer.len() < head + length {
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(status)
}

/// As hyper and axum write it.
const LENGTH: &[u8] = b"content-length: ";

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(haystack, needle)
}

/// The number that the text begins with.
fn number(text: &[u8]) -> usize {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'))
}

/// The bytes of a request.
pub fn request(method: &str, path: &str, token: &str, body: Option<&str>) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: bench\r\n");
    if !token.is_empty() {
        text.push_str(&format!("Authorization: Bearer {token}\r\n"));
    }
    match body {
        Some(body) => text.push_str(&format!(
            "Content-Type: application/fhir+json\r\nPrefer: return=minimal\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )),
        None => text.push_str("\r\n"),
    }
    text.into_bytes()
}
