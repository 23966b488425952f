//! `GET /fhir/$live`: changes as server-sent events (docs/live.md).
//!
//! A stream is an answer whose body is written by a [`Listener`], a task that waits for commits and
//! asks the backend what changed for its asker. It holds one piece at a time: who reads slowly is
//! caught up from the log.

mod event;
mod listener;
mod streams;

use std::sync::Arc;

use accord_base::{Deadline, Subject};
use accord_engine::{Answer, Interaction, Live, Request, Since};
use accord_fhir::IssueCode;
use hyper::header::{ACCEPT, HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, StatusCode};

use crate::answer::Asked;
use crate::app::App;
use crate::backend::Backend;
use crate::base_url;
use crate::header::{list, single};
use crate::params::decode_into;
use crate::refusal::{Checked, Refusal};
use crate::reply::Reply;
use crate::work;

use listener::Listener;
pub(crate) use streams::{Slot, Streams};

/// What streams are made of.
const EVENT_STREAM: &str = "text/event-stream";

static LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Tells proxies of the kind of nginx to pass on what comes as it comes.
static UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Begins a stream.
///
/// # Errors
/// Whatever is wrong with the request; what the backend refuses; too many streams.
pub(crate) async fn open<S: Backend>(
    app: &App<S>,
    asked: &Asked<'_>,
    subject: &Arc<Subject>,
    token: &str,
) -> Checked<Reply> {
    let (headers, uri) = (&asked.parts.headers, &asked.parts.uri);
    if asked.parts.method != Method::GET {
        return Err(Refusal::method("GET"));
    }
    check_accept(headers)?;
    let criteria = criteria(uri.query().unwrap_or_default())?;
    let since = match single(headers, &LAST_EVENT_ID)? {
        Some(position) if !position.is_empty() => Since::Position(position.to_owned()),
        _ => Since::Now,
    };
    let base = base_url::of(app.0.options.base_url.as_ref(), headers)?;
    let options = &app.0.options;
    let slot = app.0.streams.enter(subject, (options.max_streams, options.max_streams_each))?;
    let request = Request {
        subject: Arc::clone(subject),
        interaction: Interaction::Live(Box::new(Live { criteria, since, ..Live::default() })),
        request_id: asked.request_id.to_owned(),
        controller: None,
        deadline: Deadline::NEVER,
    };
    // Before the first look: what is committed after it is not missed.
    let commits = app.0.backend.commits();
    let outcome = work::blocking(app, request.clone(), |outcome| outcome).await?;
    let Answer::Changes(first) = outcome.map_err(Refusal::from)? else {
        return Err(work::fault());
    };
    let certificate = asked.parts.extensions.get().cloned();
    let listener = Listener::new(app.clone(), request, (token.to_owned(), certificate), base, slot);
    let events = listener.begin(first, commits);
    Ok(Reply {
        content_type: EVENT_STREAM,
        header: Some((UNBUFFERED.clone(), HeaderValue::from_static("no"))),
        events: Some(events),
        ..Reply::empty(StatusCode::OK)
    })
}

/// The searches asked for.
fn criteria(query: &str) -> Checked<Vec<String>> {
    let mut params = Vec::new();
    decode_into(&mut params, query)?;
    let search = |(name, value): (String, String)| match name.as_str() {
        "criteria" => Ok(value),
        _ => {
            let text = "`criteria` is the only parameter of `$live`";
            Err(Refusal::new(accord_engine::Category::Invalid, IssueCode::NotSupported, text))
        }
    };
    params.into_iter().map(search).collect()
}

/// Checks that the client takes events.
fn check_accept(headers: &HeaderMap) -> Checked<()> {
    let wanted = list(headers, &ACCEPT)?;
    let name = |range: &&str| range.split(';').next().unwrap_or_default().trim().to_lowercase();
    let takes = |range: &&str| matches!(name(range).as_str(), EVENT_STREAM | "text/*" | "*/*");
    if wanted.is_empty() || wanted.iter().any(takes) {
        return Ok(());
    }
    Err(Refusal::not_acceptable("`$live` answers `text/event-stream` only"))
}
