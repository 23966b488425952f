//! The application: one request in, one response out.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use accord_auth::{Authority, Tokens};
use accord_base::{LogTime, Rng, SystemRng};
use accord_jobs::Hooks;
use accord_spec::{ResourceType, SearchParam};
use bytes::Bytes;
use hyper::body::Body;
use hyper::{Method, Request, Response};
use tokio::sync::Semaphore;

use crate::answer;
use crate::backend::Backend;
use crate::base_url::BaseUrl;
use crate::budget::Budget;
use crate::capability::{Statement, is_searchable, terminology};
use crate::content::Content;
use crate::cors;
use crate::header::request_id;
use crate::hook::Bindings;
use crate::live::Streams;
use crate::log;
use crate::metrics::Metrics;
use crate::negotiate::Wants;
use crate::routes::{Code, find};
use crate::socket::{self, Sockets};
use crate::web::{Web, may_be_page};

/// What the operator may set.
#[derive(Clone, Debug)]
pub struct Options {
    /// Base address of links; from the `Host` header if there is none.
    pub base_url: Option<BaseUrl>,
    /// Whether `/metrics` answers without a token.
    pub metrics_open: bool,
    /// Longest request body, in bytes, both as sent and unpacked.
    pub max_body_bytes: usize,
    /// Memory that the bodies of all requests under way may take, in bytes, each counted as eight
    /// times its length. Bodies that it has no room for wait, at most for their `body_time`.
    pub max_body_memory: usize,
    /// Longest time until a request body has arrived.
    pub body_time: Duration,
    /// Longest time for an answer once the request is there.
    pub deadline: Duration,
    /// Most Bundles, searches, histories, conditional creates and bodies of more than 64 KiB at a
    /// time; others wait.
    pub max_heavy: usize,
    /// Most streams of changes at a time.
    pub max_streams: usize,
    /// Most of them of one person.
    pub max_streams_each: usize,
    /// The subscriptions that are served; without them there are none.
    pub hooks: Option<Arc<Hooks>>,
    /// The rules of the site's emergency department; those that come along where it has none.
    pub rules: Option<Arc<accord_emergency::Rules>>,
    /// What is known of check-ins at kiosks before the start.
    pub kiosks: Arc<accord_emergency::Kiosks>,
    /// What answers the routes of identity; without it there are none.
    pub identity: Option<Arc<Authority>>,
    /// The pages of the web front end; without them there are none.
    pub web: Option<Arc<Web>>,
    /// Resource types that are served, for the CapabilityStatement.
    pub types: &'static [ResourceType],
    /// Which search parameters work, for the CapabilityStatement.
    pub searchable: fn(ResourceType, &SearchParam) -> bool,
}

impl Default for Options {
    /// 64 MiB, 512 MiB for all bodies, 60 s for a body, 30 s for an answer, 64 heavy requests, 1,024
    /// streams and 16 of one person, everything in R4.
    fn default() -> Options {
        Options {
            base_url: None,
            metrics_open: false,
            max_body_bytes: 64 << 20,
            max_body_memory: 512 << 20,
            body_time: Duration::from_secs(60),
            deadline: Duration::from_secs(30),
            max_heavy: 64,
            max_streams: 1024,
            max_streams_each: 16,
            hooks: None,
            rules: None,
            kiosks: Arc::default(),
            identity: None,
            web: None,
            types: &ResourceType::ALL,
            searchable: is_searchable,
        }
    }
}

/// FHIR over HTTP in front of a backend. Clones share everything.
pub struct App<S>(pub(crate) Arc<Parts<S>>);

/// What all requests share.
pub(crate) struct Parts<S> {
    pub backend: S,
    pub tokens: Arc<Tokens>,
    pub options: Options,
    pub metrics: Metrics,
    pub capability: Statement,
    pub terminology: Bytes,
    pub heavy: Arc<Semaphore>,
    pub budget: Budget,
    pub streams: Arc<Streams>,
    pub bindings: Bindings,
    pub sockets: Sockets,
    /// Held while an issuer is asked for its keys.
    pub asking_issuer: tokio::sync::Mutex<()>,
    /// Random, with a hyphen at its end.
    id_prefix: String,
    next_id: AtomicU64,
}

impl<S> Clone for App<S> {
    fn clone(&self) -> App<S> {
        App(Arc::clone(&self.0))
    }
}

impl<S: Backend> App<S> {
    /// An application that asks `backend`; `started` is the date of its CapabilityStatement.
    pub fn new(
        backend: S,
        tokens: impl Into<Arc<Tokens>>,
        options: Options,
        started: LogTime,
    ) -> App<S> {
        let mut prefix = [0; 8];
        SystemRng::new().fill(&mut prefix);
        App(Arc::new(Parts {
            backend,
            tokens: tokens.into(),
            metrics: Metrics::default(),
            capability: Statement::new(&options, started),
            terminology: terminology(started, env!("CARGO_PKG_VERSION")).into(),
            heavy: Arc::new(Semaphore::new(options.max_heavy)),
            budget: Budget::new(options.max_body_memory),
            streams: Streams::new(),
            bindings: Bindings::default(),
            sockets: Sockets::default(),
            asking_issuer: tokio::sync::Mutex::default(),
            options,
            id_prefix: format!("{:016x}-", u64::from_le_bytes(prefix)),
            next_id: AtomicU64::new(0),
        }))
    }

    /// The CapabilityStatement as it is now.
    pub(crate) fn capability(&self) -> Bytes {
        self.0.capability.now(&self.0.options, &self.0.backend.search_parameters())
    }

    /// Answers one request, counts it and writes its line to the log.
    pub async fn respond<B>(&self, request: Request<B>) -> Response<Content>
    where
        B: Body<Data = Bytes>,
    {
        let begun = Instant::now();
        let (mut parts, body) = request.into_parts();
        let request_id = match request_id(&parts.headers) {
            Some(id) => id.to_owned(),
            None => self.fresh_id(),
        };
        if let Some(authority) = &self.0.options.identity
            && crate::auth::is_ours(parts.uri.path())
        {
            let response = crate::auth::respond(self, authority, &parts, body, &request_id).await;
            self.counted(Code::Identity, response.status().as_u16(), begun, &request_id);
            return response;
        }
        if let Some(web) = &self.0.options.web
            && may_be_page(parts.uri.path())
        {
            let response = web.respond(&parts, &request_id);
            self.counted(Code::Page, response.status().as_u16(), begun, &request_id);
            return response;
        }
        if self.0.options.hooks.is_some() && parts.uri.path() == socket::PATH {
            let response = socket::respond(self, &mut parts);
            self.counted(Code::Socket, response.status().as_u16(), begun, &request_id);
            return response;
        }
        let origin = cors::origin(&self.0.options, &parts);
        if let Some(response) = origin.and_then(|origin| cors::preflight(&parts, origin)) {
            return response;
        }
        let found = find(&parts.method, parts.uri.path());
        let code = found.code();
        let wants = Wants::of_headers(&parts.headers);
        let asked = answer::Asked { parts: &parts, request_id: &request_id, code, wants };
        let reply = answer::answer(self, asked, found, body).await;
        let (code, status) = (reply.code.unwrap_or(code), reply.status.as_u16());
        let mut response = reply.into_response(&request_id, parts.method == Method::HEAD);
        if let Some(origin) = origin {
            cors::allow(&mut response, origin);
        }
        self.counted(code, status, begun, &request_id);
        response
    }

    /// Counts an answer and writes its line to the log.
    fn counted(&self, code: Code, status: u16, begun: Instant, request_id: &str) {
        let duration_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.0.metrics.count(code, status, duration_us);
        log::request(code, status, duration_us, request_id);
    }

    /// A name for a request that has none: random per process, then counted.
    fn fresh_id(&self) -> String {
        let number = self.0.next_id.fetch_add(1, Ordering::Relaxed);
        let mut id = String::with_capacity(self.0.id_prefix.len() + 16);
        id.push_str(&self.0.id_prefix);
        put_hex(&mut id, number);
        id
    }
}

/// Appends a number in hexadecimal.
fn put_hex(text: &mut String, number: u64) {
    let digits = (u64::BITS - number.leading_zeros()).div_ceil(4).max(1);
    for at in (0..digits).rev() {
        let digit = (number >> (4 * at) & 0xf) as u32;
        text.push(char::from_digit(digit, 16).unwrap_or('0'));
    }
}

impl<S, B> tower::Service<Request<B>> for App<S>
where
    S: Backend,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Send,
{
    type Response = Response<Content>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let app = self.clone();
        Box::pin(async move { Ok(app.respond(request).await) })
    }
}
