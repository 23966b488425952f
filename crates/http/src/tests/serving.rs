//! The loop, over real sockets on ports the system gives.

use std::sync::Arc;
use std::time::Duration;

use accord_engine::{Category, Failure, Request};
use accord_fhir::IssueCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;

use super::fake::{Fake, read_p1};
use super::harness::{Server, clinician, server, server_with, token};
use crate::{Options, ServeOptions, serve};

struct Running {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

async fn run(server: &Server, options: ServeOptions) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let app = server.app.clone();
    let ended = tokio::spawn(serve(listener, app, options, async {
        let _ = stopped.await;
    }));
    Running { address, stop, ended }
}

fn head(path: &str) -> String {
    let token = token(&clinician());
    format!("GET {path} HTTP/1.1\r\nhost: ex.org\r\nauthorization: Bearer {token}\r\n\r\n")
}

/// Reads one response with a `content-length` off the stream: status line and body.
async fn response(stream: &mut TcpStream) -> (String, String) {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase();
            let length = length.split("content-length: ").nth(1).unwrap_or("0");
            let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
            if body.len() >= length {
                return (head.lines().next().unwrap().to_owned(), body.to_owned());
            }
        }
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "the stream ends: {text}");
    }
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let server = server(read_p1);
    let running = run(&server, ServeOptions::default()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    for _ in 0..3 {
        stream.write_all(head("/fhir/Patient/p1").as_bytes()).await.unwrap();
        let (status, body) = response(&mut stream).await;
        assert_eq!(status, "HTTP/1.1 200 OK");
        assert!(body.contains("\"id\":\"p1\""));
    }
    running.stop.send(()).unwrap();
    running.ended.await.unwrap();
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0, "idle connections are closed");
}

#[tokio::test]
async fn a_stop_lets_requests_under_way_finish() {
    let server =
        server_with(Fake { gate: Semaphore::new(0), ..Fake::new(read_p1) }, Options::default());
    let running = run(&server, ServeOptions::default()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(head("/fhir/Patient/p1").as_bytes()).await.unwrap();
    server.fake.arrived.acquire().await.unwrap().forget();
    running.stop.send(()).unwrap();
    tokio::task::yield_now().await;
    server.fake.gate.add_permits(1);
    assert_eq!(response(&mut stream).await.0, "HTTP/1.1 200 OK");
    running.ended.await.unwrap();
    assert!(TcpStream::connect(running.address).await.is_err(), "no longer listening");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_ever() {
    let server =
        server_with(Fake { gate: Semaphore::new(0), ..Fake::new(read_p1) }, Options::default());
    let options = ServeOptions { drain_time: Duration::ZERO, ..ServeOptions::default() };
    let running = run(&server, options).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(head("/fhir/Patient/p1").as_bytes()).await.unwrap();
    server.fake.arrived.acquire().await.unwrap().forget();
    running.stop.send(()).unwrap();
    running.ended.await.unwrap();
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap_or(0), 0, "dropped without an answer");
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_given_up() {
    let options = Options { deadline: Duration::ZERO, ..Options::default() };
    let fake = Fake { gate: Semaphore::new(0), ..Fake::new(read_p1) };
    let server = server_with(fake, options);
    // Reads never wait; a write waits for its commit.
    let got = super::harness::ask("DELETE /fhir/Patient/p1").send(&server).await;
    got.refused(503, "throttled");
    assert_eq!(got.header("retry-after"), "1");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_their_turn() {
    let server = server(read_p1);
    let options = ServeOptions { max_connections: 1, ..ServeOptions::default() };
    let running = run(&server, options).await;
    let mut first = TcpStream::connect(running.address).await.unwrap();
    let mut second = TcpStream::connect(running.address).await.unwrap();
    for stream in [&mut first, &mut second] {
        stream.write_all(head("/fhir/Patient/p1").as_bytes()).await.unwrap();
    }
    response(&mut first).await;
    assert_eq!(server.fake.asked.lock().unwrap().len(), 1);
    drop(first);
    assert_eq!(response(&mut second).await.0, "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn garbage_and_huge_heads_end_the_connection_only() {
    let server = server(read_p1);
    let running = run(&server, ServeOptions::default()).await;
    let huge = format!("GET /health HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(300 << 10));
    let many = format!("GET /health HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(200));
    let smuggled =
        "POST /fhir HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd";
    for bytes in ["\x16\x03\x01 hello", "GET /\r\n\r\n", &huge, &many, smuggled] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        // The server may close before it has read everything.
        let _ = stream.write_all(bytes.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(head("/fhir/Patient/p1").as_bytes()).await.unwrap();
    assert_eq!(response(&mut stream).await.0, "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let options = Options { body_time: Duration::ZERO, ..Options::default() };
    let server = server_with(Fake::new(read_p1), options);
    let running = run(&server, ServeOptions::default()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let head = head("/fhir/Patient/p1").replacen("GET", "PUT", 1).replacen(
        "\r\n",
        "\r\ncontent-type: application/json\r\ncontent-length: 10\r\n",
        1,
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(response(&mut stream).await.0, "HTTP/1.1 408 Request Timeout");
    assert!(!server.was_asked());
}

/// A server whose searches go on until nobody waits for them; and what gets a permit when one
/// ends.
fn tireless(options: Options) -> (Server, Arc<Semaphore>, Arc<Semaphore>) {
    let (begun, ended) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (begins, ends) = (Arc::clone(&begun), Arc::clone(&ended));
    let fake = Fake::new(move |request: &Request| {
        begins.add_permits(1);
        while !request.deadline.has_passed() {
            std::thread::yield_now();
        }
        ends.add_permits(1);
        Err(Failure::new(Category::Busy, IssueCode::TooCostly, "given up"))
    });
    (server_with(fake, options), begun, ended)
}

#[tokio::test]
async fn work_stops_when_its_time_is_over() {
    let options = Options { deadline: Duration::ZERO, ..Options::default() };
    let (server, _, ended) = tireless(options);
    // What was told so in time says itself what it was doing.
    for line in ["GET /fhir/Patient?name=x", "GET /fhir/_history"] {
        super::harness::ask(line).send(&server).await.refused(503, "too-costly");
        ended.acquire().await.unwrap().forget();
    }
    assert_eq!(server.refusals().len(), 0);
}

#[tokio::test]
async fn work_stops_when_the_client_goes_away() {
    let (server, begun, ended) = tireless(Options::default());
    let running = run(&server, ServeOptions::default()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(head("/fhir/Patient?name=x").as_bytes()).await.unwrap();
    begun.acquire().await.unwrap().forget();
    drop(stream);
    ended.acquire().await.unwrap().forget();
}

#[tokio::test]
async fn what_takes_long_is_done_in_threads_of_its_own() {
    let connections = std::thread::current().id();
    let server = server(move |_: &Request| {
        let here = std::thread::current().id() == connections;
        Err(Failure::new(Category::NotFound, IssueCode::NotFound, format!("{here}")))
    });
    let (small, large) = (vec![b' '; 64 << 10], vec![b' '; (64 << 10) + 1]);
    let create = || super::harness::ask("POST /fhir/Patient");
    let update = || super::harness::ask("PUT /fhir/Patient/p1");
    let conditional = create().header("if-none-exist", "identifier=1");
    for (asked, here) in [
        (super::harness::ask("GET /fhir/Patient/p1"), true),
        (super::harness::ask("DELETE /fhir/Patient/p1"), true),
        (create().json(small.clone()), true),
        (update().json(small.clone()), true),
        (create().json(large.clone()), false),
        (update().json(large), false),
        (conditional.json(small.clone()), false),
        (super::harness::ask("GET /fhir/Patient"), false),
        (super::harness::ask("POST /fhir").json(small), false),
    ] {
        let got = asked.send(&server).await.json();
        assert_eq!(got["issue"][0]["diagnostics"], format!("{here}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_does_nothing_is_ended() {
    let server = server(read_p1);
    let running = run(&server, ServeOptions::default()).await;
    for begun in ["", "GET /fhir/Pat"] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        assert_eq!(stream.read(&mut [0; 8]).await.unwrap_or(0), 0, "ended without an answer");
    }
    // One that was answered is ended when it asks for nothing more.
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(head("/fhir/Patient/p1").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test(start_paused = true)]
async fn a_connection_whose_request_is_under_way_is_left_alone() {
    let server =
        server_with(Fake { gate: Semaphore::new(0), ..Fake::new(read_p1) }, Options::default());
    let running = run(&server, ServeOptions::default()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(head("/fhir/Patient/p1").as_bytes()).await.unwrap();
    server.fake.arrived.acquire().await.unwrap().forget();
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    server.fake.gate.add_permits(1);
    assert_eq!(response(&mut stream).await.0, "HTTP/1.1 200 OK");
}
