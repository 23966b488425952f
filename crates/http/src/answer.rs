//! The way of a request: token, route, interaction, backend, answer.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use accord_base::{Deadline, Subject};
use accord_engine::{Category, Request};
use accord_fhir::IssueCode;
use bytes::Bytes;
use hyper::body::Body;
use hyper::http::request::Parts;
use tokio::time::{Instant, timeout, timeout_at};

use crate::app::App;
use crate::backend::Backend;
use crate::dispatch::{Ask, is_heavy, prepare};
use crate::encode::{encode, squeeze};
use crate::header::bearer;
use crate::negotiate::Wants;
use crate::params::decode_into;
use crate::path::Miss;
use crate::probe;
use crate::refusal::{Checked, Refusal};
use crate::render::{self, Context};
use crate::reply::Reply;
use crate::routes::{Code, Found, allowed};

/// What is known of a request from its head.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub parts: &'a Parts,
    pub request_id: &'a str,
    pub code: Code,
    pub wants: Wants,
}

/// Answers a request.
pub(crate) async fn answer<S, B>(
    app: &App<S>,
    mut asked: Asked<'_>,
    found: Found<'_>,
    body: B,
) -> Reply
where
    S: Backend,
    B: Body<Data = Bytes>,
{
    let metrics_open = app.0.options.metrics_open && asked.code == Code::Metrics;
    if !found.guarded() || metrics_open {
        return match open(app, &mut asked, &found) {
            Ok(reply) => reply,
            Err(refusal) => Reply::refused(refusal, &asked.wants),
        };
    }
    let subject = match subject(app, asked.parts) {
        Ok(subject) => subject,
        Err(refusal) => return refuse(app, &asked, None, refusal),
    };
    match guarded(app, &mut asked, found, &subject, body).await {
        Ok(reply) => reply,
        Err(refusal) => refuse(app, &asked, Some(&subject), refusal),
    }
}

fn subject<S: Backend>(app: &App<S>, parts: &Parts) -> Checked<Arc<Subject>> {
    let token = bearer(&parts.headers)?;
    app.0.tokens.verify(token).map_err(|e| Refusal::unauthenticated(e.to_string(), true))
}

/// Refuses what the backend has not seen: recorded first, answered then.
fn refuse<S: Backend>(
    app: &App<S>,
    asked: &Asked<'_>,
    who: Option<&Subject>,
    refusal: Refusal,
) -> Reply {
    let query = asked.parts.uri.query().unwrap_or_default();
    let recorded = app.0.backend.record_refusal(
        who,
        asked.request_id,
        asked.code.name(),
        query,
        refusal.category,
    );
    let refusal = recorded.map_or_else(Refusal::from, |()| refusal);
    Reply::refused(refusal, &asked.wants)
}

/// Routes that need no token.
fn open<S: Backend>(app: &App<S>, asked: &mut Asked<'_>, found: &Found<'_>) -> Checked<Reply> {
    let (route, _) = route(found)?;
    match route.code {
        Code::Capabilities => capabilities(app, asked),
        Code::Ready => Ok(probe::readiness(app.0.backend.readiness())),
        Code::Metrics => Ok(metrics(app, asked)),
        _ => Ok(probe::health()),
    }
}

async fn guarded<S, B>(
    app: &App<S>,
    asked: &mut Asked<'_>,
    found: Found<'_>,
    subject: &Arc<Subject>,
    body: B,
) -> Checked<Reply>
where
    S: Backend,
    B: Body<Data = Bytes>,
{
    let (route, target) = route(&found)?;
    if route.code == Code::Metrics {
        probe::check_operator(subject)?;
        return Ok(metrics(app, asked));
    }
    let target = target.clone();
    let ask = Ask { route, target, parts: asked.parts, body, options: &app.0.options };
    let (interaction, context) = prepare(ask, &mut asked.wants).await?;
    let request = Request {
        subject: Arc::clone(subject),
        interaction,
        request_id: asked.request_id.to_owned(),
        controller: None,
        deadline: Deadline::NEVER,
    };
    if is_heavy(route.code) {
        return heavy(app, request, context).await;
    }
    let handled = unpanicked(app.0.backend.handle(request));
    if matches!(route.code, Code::Read | Code::Vread) {
        // There is nothing in a read to wait for; a timer would only cost.
        return handled.await.map(|outcome| render::reply(outcome, &context)).ok_or_else(fault);
    }
    match timeout(app.0.options.deadline, handled).await {
        Ok(Some(outcome)) => Ok(render::reply(outcome, &context)),
        Ok(None) => Err(fault()),
        Err(_) => Err(late()),
    }
}

/// The future's output, or `None` if it panics: the client is told of a fault, and the connection
/// goes on.
async fn unpanicked<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        polled.map_or(Poll::Ready(None), |poll| poll.map(Some))
    })
    .await
}

/// Answers in a thread where blocking is allowed, with the rendering done there too.
///
/// # Errors
/// If it cannot be had in time; the refusal is recorded by the caller like any other, besides
/// what the backend may yet record of the request.
async fn heavy<S: Backend>(app: &App<S>, request: Request, context: Context) -> Checked<Reply> {
    let deadline = Instant::now() + app.0.options.deadline;
    let turn = timeout_at(deadline, Arc::clone(&app.0.heavy).acquire_owned()).await;
    let Ok(Ok(turn)) = turn else { return Err(busy()) };
    // Dropped when this future ends, however it does: then the work ends too.
    let (_waiting, deadline_of_work) = Deadline::new();
    let request = Request { deadline: deadline_of_work, ..request };
    let backend = app.0.backend.clone();
    let job = tokio::task::spawn_blocking(move || {
        let reply = render::reply(backend.handle_blocking(request), &context);
        drop(turn);
        reply
    });
    match timeout_at(deadline, job).await {
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(_)) => Err(fault()),
        Err(_) => Err(late()),
    }
}

fn route<'a, 'b>(
    found: &'a Found<'b>,
) -> Checked<(&'static crate::routes::Route, &'a crate::path::Target<'b>)> {
    match found {
        Found::Route(route, target) => Ok((route, target)),
        Found::Method(target) => Err(Refusal::method(&allowed(target.shape))),
        Found::Miss(miss) => Err(missed(miss)),
    }
}

fn missed(miss: &Miss) -> Refusal {
    let (code, text) = match miss {
        Miss::Encoding => return Refusal::invalid("the path has a malformed percent-encoding"),
        Miss::UnknownType(name) => {
            (IssueCode::NotSupported, format!("{} is not a resource type of R4", shown(name)))
        }
        Miss::Operation(name) => {
            (IssueCode::NotSupported, format!("the operation {} is not supported", shown(name)))
        }
        Miss::NoSuchPath | Miss::Outside => {
            (IssueCode::NotFound, "there is nothing at this path".to_owned())
        }
    };
    Refusal::no_route(code, text)
}

/// A path segment as it may stand in an error text: a word, or nothing of it.
fn shown(segment: &str) -> String {
    let word = |b: u8| b.is_ascii_alphanumeric() || b"$-_.".contains(&b);
    if matches!(segment.len(), 1..=64) && segment.bytes().all(word) {
        format!("`{segment}`")
    } else {
        "that".to_owned()
    }
}

fn capabilities<S: Backend>(app: &App<S>, asked: &mut Asked<'_>) -> Checked<Reply> {
    let mut params = Vec::new();
    decode_into(&mut params, asked.parts.uri.query().unwrap_or_default())?;
    asked.wants.negotiate(&asked.parts.headers, &mut params)?;
    let statement = &app.0.capability;
    let payload = if asked.wants.pretty {
        encode(String::from_utf8_lossy(statement).into_owned(), &asked.wants)
    } else {
        squeeze(statement.clone(), &asked.wants)
    };
    Ok(Reply { payload, ..Reply::empty(hyper::StatusCode::OK) })
}

fn metrics<S: Backend>(app: &App<S>, asked: &Asked<'_>) -> Reply {
    let text = app.0.metrics.text(&app.0.backend.stats());
    probe::metrics(text, &asked.wants)
}

fn busy() -> Refusal {
    Refusal::new(Category::Busy, IssueCode::Throttled, "the server is busy; try again")
}

fn fault() -> Refusal {
    Refusal::new(Category::Fault, IssueCode::Exception, "a fault inside the server")
}

fn late() -> Refusal {
    let text = "the request took too long and was given up; a write may have been done or not";
    Refusal::new(Category::Busy, IssueCode::Throttled, text)
}
