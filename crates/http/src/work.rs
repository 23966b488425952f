//! Work that goes on whoever waits for it: writes, and what is worth a thread of its own.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use accord_base::Deadline;
use accord_engine::{Category, Outcome, Request};
use accord_fhir::IssueCode;
use tokio::time::{Instant, timeout, timeout_at};

use crate::app::App;
use crate::backend::Backend;
use crate::budget::Held;
use crate::refusal::{Checked, Refusal};
use crate::render::{self, Context};
use crate::reply::Reply;

/// Answers a write. Its outcome is waited for in a task of its own: it is settled and recorded,
/// and holds the memory of its body, even if its client has gone or was told to wait no longer.
///
/// # Errors
/// If it takes too long, or panics.
pub(crate) async fn write<S: Backend>(
    app: &App<S>,
    request: Request,
    context: &Context,
    held: Option<Held>,
) -> Checked<Reply> {
    let backend = app.0.backend.clone();
    let job = tokio::spawn(async move {
        let outcome = backend.handle(request).await;
        drop(held);
        outcome
    });
    match timeout(app.0.options.deadline, job).await {
        Ok(Ok(outcome)) => Ok(render::reply(outcome, context)),
        Ok(Err(_)) => Err(fault()),
        Err(_) => Err(late()),
    }
}

/// The future's output, or `None` if it panics: the client is told of a fault, and the connection
/// goes on.
pub(crate) async fn unpanicked<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        polled.map_or(Poll::Ready(None), |poll| poll.map(Some))
    })
    .await
}

/// How long a search may take where others wait behind it. Handing it to another thread and back
/// costs more than most searches.
const BRIEF: Duration = Duration::from_micros(400);

/// How long work that has taken too long may take to say so.
const GRACE: Duration = Duration::from_secs(1);

/// What became of a search that was to be brief.
pub(crate) enum Brief {
    /// It was.
    Answered(Reply),
    /// It is not; nothing was answered nor recorded.
    Longer(Box<Request>),
}

/// Answers a search in this thread, if it is brief.
///
/// # Errors
/// If it panics.
pub(crate) async fn brief<S: Backend>(
    app: &App<S>,
    request: Request,
    context: &Context,
) -> Checked<Brief> {
    let handled = unpanicked(app.0.backend.handle_brief(request, BRIEF)).await;
    Ok(match handled.ok_or_else(fault)? {
        Ok(outcome) => Brief::Answered(render::reply(outcome, context)),
        Err(request) => Brief::Longer(Box::new(request)),
    })
}

/// Answers in a thread where blocking is allowed, with the rendering done there too.
///
/// # Errors
/// If it cannot be had in time; the refusal is recorded by the caller like any other, besides
/// what the backend may yet record of the request.
pub(crate) async fn heavy<S: Backend>(
    app: &App<S>,
    request: Request,
    context: Context,
    held: Option<Held>,
) -> Checked<Reply> {
    let tell = move |outcome| {
        let reply = render::reply(outcome, &context);
        drop(held);
        reply
    };
    blocking(app, request, tell).await
}

/// Answers in a thread where blocking is allowed, and tells of the outcome there.
///
/// # Errors
/// As [`heavy`].
pub(crate) async fn blocking<S: Backend, T: Send + 'static>(
    app: &App<S>,
    request: Request,
    tell: impl FnOnce(Outcome) -> T + Send + 'static,
) -> Checked<T> {
    let backend = app.0.backend.clone();
    let work = move |deadline| tell(backend.handle_blocking(Request { deadline, ..request }));
    pooled(app, work).await
}

/// Does work in a thread where blocking is allowed, one of a bounded number.
///
/// # Errors
/// If it cannot be had in time.
pub(crate) async fn pooled<S: Backend, T: Send + 'static>(
    app: &App<S>,
    work: impl FnOnce(Deadline) -> T + Send + 'static,
) -> Checked<T> {
    let deadline = Instant::now() + app.0.options.deadline;
    let turn = timeout_at(deadline, Arc::clone(&app.0.heavy).acquire_owned()).await;
    let Ok(Ok(turn)) = turn else { return Err(busy()) };
    // Dropped when this future ends, however it does: then the work ends too.
    let (waiting, deadline_of_work) = Deadline::new();
    let mut job = tokio::task::spawn_blocking(move || {
        let done = work(deadline_of_work);
        drop(turn);
        done
    });
    let done = match timeout_at(deadline, &mut job).await {
        Ok(done) => done,
        Err(_) => {
            // Work that is told so ends soon, and says what took so long.
            drop(waiting);
            timeout(GRACE, job).await.map_err(|_| late())?
        }
    };
    done.map_err(|_| fault())
}

fn busy() -> Refusal {
    Refusal::new(Category::Busy, IssueCode::Throttled, "the server is busy; try again")
}

pub(crate) fn fault() -> Refusal {
    Refusal::new(Category::Fault, IssueCode::Exception, "a fault inside the server")
}

pub(crate) fn late() -> Refusal {
    let text = "the request took too long and was given up; a write may have been done or not";
    Refusal::new(Category::Busy, IssueCode::Throttled, text)
}
