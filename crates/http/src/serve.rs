//! The loop around the application: connections, their limits, and an orderly stop.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use accord_auth::ClientCertificate;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tracing::warn;

use crate::app::App;
use crate::auth::{Peer, is_ours};
use crate::backend::Backend;
use crate::idle::{Activity, Watched};
use crate::seldom::Seldom;
use crate::tls::{self, Tls};

/// Longest request head, in bytes; longer ones are answered 431.
const MAX_HEAD_BYTES: usize = 128 << 10;
/// Pause after an accept that failed, say for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Limits of the loop.
#[derive(Clone, Copy, Debug)]
pub struct ServeOptions {
    /// Most connections at a time; others wait in the listener's queue.
    pub max_connections: u32,
    /// How long a connection may do nothing: no whole request head, no bytes taken of an answer.
    /// It is ended after this time, at the latest after twice this time.
    pub head_time: Duration,
    /// Longest time that requests under way get when the server stops.
    pub drain_time: Duration,
}

impl Default for ServeOptions {
    /// 4,096 connections, 30 s for a head, 30 s to drain.
    fn default() -> ServeOptions {
        ServeOptions {
            max_connections: 4096,
            head_time: Duration::from_secs(30),
            drain_time: Duration::from_secs(30),
        }
    }
}

/// How far the stop has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Serving,
    /// Requests under way are finished, no further ones taken.
    Draining,
    /// Connections are dropped.
    Stopped,
}

/// Serves HTTP/1.1 on the listener until `stop` resolves; then finishes what is under way, for as
/// long as the options allow, and returns.
pub async fn serve<S: Backend>(
    listener: TcpListener,
    app: App<S>,
    options: ServeOptions,
    stop: impl Future<Output = ()>,
) {
    serve_over(listener, None, app, options, stop).await;
}

/// The same over TLS, if there is any.
pub async fn serve_over<S: Backend>(
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    app: App<S>,
    options: ServeOptions,
    stop: impl Future<Output = ()>,
) {
    let (phase, phases) = watch::channel(Phase::Serving);
    let slots = Arc::new(Semaphore::new(options.max_connections as usize));
    let streams = Arc::clone(&app.0.streams);
    let mut stop = pin!(stop);
    loop {
        let (slot, stream) = tokio::select! {
            () = &mut stop => break,
            next = next_connection(&listener, &slots) => match next {
                Some(next) => next,
                None => continue,
            },
        };
        let (app, tls, phases) = (app.clone(), tls.clone(), phases.clone());
        tokio::spawn(secured(stream, tls, app, options.head_time, phases, slot));
    }
    drop(listener);
    phase.send_replace(Phase::Draining);
    streams.stop();
    // Every connection holds a slot: when all slots are free, all connections have ended.
    let drained = slots.acquire_many(options.max_connections);
    if timeout(options.drain_time, drained).await.is_err() {
        warn!("requests under way were dropped: they did not finish in time");
        phase.send_replace(Phase::Stopped);
    }
}

async fn next_connection(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(OwnedSemaphorePermit, TcpStream)> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((slot, stream)),
        Err(error) => {
            warn!(kind = ?error.kind(), "a connection could not be accepted");
            sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// Shakes hands, if there is TLS, before the first request is looked for.
async fn secured<S: Backend>(
    stream: TcpStream,
    tls: Option<Arc<Tls>>,
    app: App<S>,
    head_time: Duration,
    phases: watch::Receiver<Phase>,
    slot: OwnedSemaphorePermit,
) {
    // Answers are written whole; waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    let peer = stream.peer_addr().ok().map(|address| Peer(address.ip()));
    let Some(tls) = tls else {
        let caller = Caller { peer, certificate: None };
        return connection(stream, caller, app, head_time, phases, slot).await;
    };
    match timeout(head_time, tls.accept(stream)).await {
        Ok(Ok(stream)) => {
            let caller = Caller { peer, certificate: tls::shown(&stream) };
            connection(stream, caller, app, head_time, phases, slot).await;
        }
        _ => drop(app.0.metrics.broken_connections.fetch_add(1, Relaxed)),
    }
}

/// Who is at the other end of a connection.
struct Caller {
    peer: Option<Peer>,
    certificate: Option<Arc<ClientCertificate>>,
}

async fn connection<S, T>(
    stream: T,
    caller: Caller,
    app: App<S>,
    head_time: Duration,
    mut phases: watch::Receiver<Phase>,
    slot: OwnedSemaphorePermit,
) where
    S: Backend,
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    app.0.metrics.connections.fetch_add(1, Relaxed);
    let shared = app.clone();
    let activity = Arc::new(Activity::default());
    let of_requests = Arc::clone(&activity);
    let service = service_fn(move |mut request: Request<Incoming>| {
        // Only sign-in asks from where; other requests are spared the allocation.
        if let Some(peer) = caller.peer.filter(|_| is_ours(request.uri().path())) {
            request.extensions_mut().insert(peer);
        }
        if let Some(certificate) = &caller.certificate {
            request.extensions_mut().insert(Arc::clone(certificate));
        }
        let (app, under_way) = (app.clone(), of_requests.request());
        async move {
            let response = app.respond(request).await;
            drop(under_way);
            Ok::<_, Infallible>(response)
        }
    });
    let io = Watched { io: TokioIo::new(stream), activity: Arc::clone(&activity) };
    let connection = http1::Builder::new()
        .header_read_timeout(None)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(io, service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let mut ended = {
        let mut other = Seldom::new(async {
            tokio::select! {
                () = left(&mut phases, Phase::Serving) => None,
                // A connection that is idle for too long has done nothing wrong.
                () = activity.idle(head_time) => Some(Ok(())),
            }
        });
        tokio::select! {
            biased;
            ended = connection.as_mut() => Some(ended),
            ended = &mut other => ended,
        }
    };
    if ended.is_none() {
        connection.as_mut().graceful_shutdown();
        ended = tokio::select! {
            ended = connection => Some(ended),
            () = left(&mut phases, Phase::Draining) => None,
        };
    }
    if ended.is_some_and(|end| end.is_err()) {
        shared.0.metrics.broken_connections.fetch_add(1, Relaxed);
    }
    shared.0.metrics.connections.fetch_sub(1, Relaxed);
    drop(slot);
}

/// Waits until the phase is another one; the end of the loop counts as every phase.
async fn left(phases: &mut watch::Receiver<Phase>, phase: Phase) {
    let _ = phases.wait_for(|now| *now != phase).await;
}
