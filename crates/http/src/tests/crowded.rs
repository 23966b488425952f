//! Bodies of many requests at once share what memory there is.

use std::convert::Infallible;
use std::io::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use super::fake::{Fake, read_p1};
use super::harness::{Ask, Got, Server, ask, server_with};
use crate::Options;
use crate::budget::Budget;
use crate::unpack::unpack;

const MIB: usize = 1 << 20;

/// A server whose backend lets nothing through, and whose bodies wait for nothing.
fn shut(options: Options) -> Server {
    let fake = Fake { gate: Semaphore::new(0), ..Fake::new(read_p1) };
    server_with(fake, Options { body_time: Duration::ZERO, ..options })
}

fn put(bytes: usize) -> Ask {
    ask("PUT /fhir/Patient/p1").header("content-length", bytes.to_string()).json(vec![b' '; bytes])
}

fn gzip(bytes: usize) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(&vec![b' '; bytes]).unwrap();
    out.finish().unwrap()
}

/// Sends a request that comes to the gate and stays there.
async fn stay(server: &Server, ask: Ask) -> tokio::task::JoinHandle<Got> {
    let sent = ask.send_to(server.app.clone());
    let staying = tokio::spawn(sent);
    server.fake.arrived.acquire().await.unwrap().forget();
    staying
}

#[track_caller]
fn is_crowded(got: &Got) {
    got.refused(503, "throttled");
    assert!(got.text().contains("bodies of other requests"), "{}", got.text());
    assert_eq!(got.header("retry-after"), "1");
}

#[tokio::test]
async fn a_body_waits_until_the_one_before_is_answered() {
    // A quarter is for small bodies: eight times 8 KiB.
    let server = shut(Options { max_body_memory: 256 << 10, ..Options::default() });
    let first = stay(&server, put(8 << 10)).await;
    is_crowded(&put(1).send(&server).await);
    assert_eq!(server.refusals().len(), 1);
    server.fake.gate.add_permits(2);
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(put(8 << 10).send(&server).await.status, 200);
}

#[tokio::test]
async fn small_bodies_do_not_wait_for_large_ones() {
    // Large bodies go to threads of their own, which this one keeps until it is told.
    let free = Arc::new(std::sync::Barrier::new(2));
    let (waits, begun) = (Arc::clone(&free), Arc::new(Semaphore::new(0)));
    let begins = Arc::clone(&begun);
    let fake = Fake::new(move |request| {
        if let accord_engine::Interaction::Update { body, .. } = &request.interaction
            && body.len() == MIB
        {
            begins.add_permits(1);
            waits.wait();
        }
        read_p1(request)
    });
    let memory = Options { max_body_memory: 8 * MIB, ..Options::default() };
    let server = server_with(fake, Options { body_time: Duration::ZERO, ..memory });
    let first = tokio::spawn(put(MIB).send_to(server.app.clone()));
    begun.acquire().await.unwrap().forget();
    is_crowded(&put(65 << 10).send(&server).await);
    for small in [0, 1, 64 << 10] {
        assert_eq!(put(small).send(&server).await.status, 200);
    }
    tokio::task::spawn_blocking(move || free.wait()).await.unwrap();
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(put(65 << 10).send(&server).await.status, 200);
}

#[tokio::test]
async fn what_is_given_up_keeps_its_memory_until_it_is_done() {
    let memory = Options { max_body_memory: 4 << 10, ..Options::default() };
    let server = shut(Options { deadline: Duration::ZERO, ..memory });
    let late = put(100).send(&server).await;
    assert!(late.text().contains("given up"), "{}", late.text());
    server.fake.arrived.acquire().await.unwrap().forget();
    is_crowded(&put(100).send(&server).await);
    assert!(!server.was_asked());
    server.fake.gate.add_permits(1000);
    while put(100).send(&server).await.text().contains("bodies of other") {
        tokio::task::yield_now().await;
    }
    assert!(server.was_asked());
}

#[tokio::test]
async fn bodies_of_unknown_length_take_memory_as_they_grow() {
    let memory = Options { max_body_memory: 8 * MIB, ..Options::default() };
    let server = shut(Options { deadline: Duration::ZERO, ..memory });
    let sent = |kib: usize| {
        let request = ask("PUT /fhir/Patient/p1").json("").request().map(|_| Pieces(kib));
        server.app.clone().oneshot(request)
    };
    let first = Got::of(sent(60).await.unwrap()).await;
    assert!(first.text().contains("given up"), "{}", first.text());
    // There is room for 768 KiB, of which the first body keeps 64.
    is_crowded(&Got::of(sent(705).await.unwrap()).await);
    let second = Got::of(sent(60).await.unwrap()).await;
    assert!(second.text().contains("given up"), "{}", second.text());
}

#[tokio::test]
async fn unpacking_waits_for_memory_and_frees_what_it_does_not_need() {
    let budget = Arc::new(Budget::new(16 * MIB));
    let mut other = budget.share(None);
    // Of 12 MiB of memory, 8 MiB.
    other.cover(MIB).await;
    let mut held = budget.share(None);
    let unpacking = tokio::spawn(async move {
        let out = unpack(gzip(MIB), 2 * MIB, &mut held).await;
        (out.map(|out| out.len()).map_err(|refusal| refusal.status), held)
    });
    // Whoever waits gets what is free until there is enough.
    while budget.held_bytes() < 12 << 20 {
        assert!(!unpacking.is_finished());
        tokio::task::yield_now().await;
    }
    drop(other);
    let (out, held) = unpacking.await.unwrap();
    assert_eq!((out, budget.held_bytes()), (Ok(MIB), 8 << 20));
    drop(held);
    assert_eq!(budget.held_bytes(), 0);
}

#[tokio::test]
async fn the_longest_body_fits_into_any_memory() {
    let server = shut(Options { max_body_memory: 0, ..Options::default() });
    server.fake.gate.add_permits(10);
    for bytes in [0, 1, 60 << 10, 64 * MIB] {
        assert_eq!(put(bytes).send(&server).await.status, 200, "{bytes}");
    }
    assert_eq!(put(64 * MIB + 1).send(&server).await.status, 413);
}

#[tokio::test]
async fn unpacking_stops_at_the_limit() {
    let options = Options { max_body_bytes: 300_000, ..Options::default() };
    let server = server_with(Fake::new(read_p1), options);
    for (bytes, status) in [(0, 200), (1, 200), (299_999, 200), (300_000, 200), (300_001, 413)] {
        let ask = ask("PUT /fhir/Patient/p1").header("content-encoding", "gzip");
        assert_eq!(ask.json(gzip(bytes)).send(&server).await.status, status, "{bytes}");
    }
}

/// A body that comes in so many pieces, each a kibibyte.
struct Pieces(usize);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let more = self.0.checked_sub(1);
        self.0 = more.unwrap_or_default();
        Poll::Ready(more.map(|_| Ok(Frame::data(Bytes::from_static(&[b' '; 1024])))))
    }
}

#[tokio::test(start_paused = true)]
async fn work_that_does_not_stop_when_told_is_waited_for_no_longer() {
    let free = Arc::new(std::sync::Barrier::new(2));
    let (waits, begun) = (Arc::clone(&free), Arc::new(Semaphore::new(0)));
    let begins = Arc::clone(&begun);
    let fake = Fake::new(move |request| {
        begins.add_permits(1);
        waits.wait();
        read_p1(request)
    });
    let deadline = Duration::from_secs(30);
    let server = server_with(fake, Options { deadline, ..Options::default() });
    let got = tokio::spawn(ask("GET /fhir/Patient/_history").send_to(server.app.clone()));
    begun.acquire().await.unwrap().forget();
    // First its time, then the time it has to say that it was too long.
    for step in [deadline, Duration::from_secs(1)] {
        assert!(!got.is_finished());
        tokio::time::advance(step + Duration::from_millis(1)).await;
        tokio::task::yield_now().await;
    }
    let got = got.await.unwrap();
    got.refused(503, "throttled");
    assert!(got.text().contains("given up"), "{}", got.text());
    assert_eq!(server.refusals().len(), 1, "the refusal is recorded");
    tokio::task::spawn_blocking(move || free.wait()).await.unwrap();
}
