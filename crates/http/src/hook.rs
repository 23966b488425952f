//! `Subscription/[id]/$status` and `$replay` (docs/live.md): for whoever may read the Subscription,
//! which is decided and recorded as a read of it.

use std::sync::Arc;

use accord_base::{Clock, Deadline, ResourceId, Role, Subject, SystemClock};
use accord_engine::{Answer, Category, Interaction, Request};
use accord_fhir::IssueCode;
use accord_fhir::json::{Value, parse};
use accord_jobs::{Content, Hooks, KeptFault, Kind, Notice, Status, notification};
use accord_spec::ResourceType;
use bytes::Bytes;
use hyper::StatusCode;
use hyper::body::Body;

use crate::answer::Asked;
use crate::app::App;
use crate::backend::Backend;
use crate::base_url;
use crate::body::{BodyLimits, json};
use crate::refusal::{Checked, Refusal};
use crate::render::told;
use crate::reply::Reply;
use crate::routes::Code;
use crate::work;

/// Longest Parameters of a replay, in bytes.
const MAX_BYTES: usize = 64 << 10;

/// Answers both.
pub(crate) async fn answer<S, B>(
    app: &App<S>,
    asked: &Asked<'_>,
    (subject, id): (&Arc<Subject>, &str),
    body: B,
) -> Checked<Reply>
where
    S: Backend,
    B: Body<Data = Bytes>,
{
    let headers = &asked.parts.headers;
    let event = if asked.code == Code::HookReplay {
        let (bytes, time) = (MAX_BYTES, app.0.options.body_time);
        let limits = BodyLimits { bytes, time, budget: &app.0.budget };
        event(&json(headers, body, limits).await?.0)?
    } else {
        None
    };
    let base = base_url::of(app.0.options.base_url.as_ref(), headers)?;
    let request = Request {
        subject: Arc::clone(subject),
        interaction: Interaction::Read {
            resource_type: ResourceType::from_name("Subscription").unwrap_or(ResourceType::PATIENT),
            id: ResourceId::new(id).map_err(|error| Refusal::invalid(error.to_string()))?,
            if_none_match: None,
            if_modified_since: None,
        },
        request_id: asked.request_id.to_owned(),
        controller: None,
        deadline: Deadline::NEVER,
    };
    let read = work::blocking(app, request, |outcome| outcome).await?;
    let Answer::Read(_) = read.map_err(Refusal::from)? else { return Err(work::fault()) };
    let (hooks, id, subject) = (app.0.options.hooks.clone(), id.to_owned(), Arc::clone(subject));
    let replay = asked.code == Code::HookReplay;
    let job = tokio::task::spawn_blocking(move || match replay {
        true => self::replay(hooks.as_deref(), &subject, &id, event),
        false => status(hooks.as_deref(), &id, &base),
    });
    let text = job.await.map_err(|_| work::fault())??;
    Ok(Reply::json(StatusCode::OK, text, &asked.wants))
}

/// How a subscription stands, as a Bundle.
fn status(hooks: Option<&Hooks>, id: &str, base: &str) -> Checked<String> {
    let told = hooks.map(|hooks| hooks.told(id)).transpose().map_err(unusable)?.flatten();
    let state = told.as_ref().map(|told| &told.state);
    let error = state.map(|state| &*state.error).filter(|error| !error.is_empty());
    Ok(notification(&Notice {
        kind: Kind::Query,
        base,
        subscription: &format!("Subscription/{id}"),
        topic: told.as_ref().and_then(|told| told.topic.as_deref()),
        status: state.map_or(Status::Off, |state| state.status).code(),
        error,
        before: state.map_or(0, |state| state.number),
        changes: &[],
        content: Content::Empty,
        again: false,
        at: SystemClock.now(),
    }))
}

/// Lets a subscription be told again: for whoever wrote it, and the operator.
fn replay(
    hooks: Option<&Hooks>,
    subject: &Subject,
    id: &str,
    event: Option<u64>,
) -> Checked<String> {
    let missing = || {
        let text = "there is no such subscription that is served, or no such event";
        Refusal::new(Category::NotFound, IssueCode::NotFound, text)
    };
    let hooks = hooks.ok_or_else(missing)?;
    if subject.role != Role::System && !hooks.is_of(id, subject) {
        let text = "a subscription is told again to whoever wrote it";
        return Err(Refusal::new(Category::Forbidden, IssueCode::Forbidden, text));
    }
    match hooks.replay(id, event).map_err(unusable)? {
        true => Ok(told("it is told again")),
        false => Err(missing()),
    }
}

fn unusable(error: KeptFault) -> Refusal {
    tracing::error!(%error, "the file of jobs cannot be used");
    work::fault()
}

/// The number of the event from which on is told again, if one is named.
fn event(body: &[u8]) -> Checked<Option<u64>> {
    let tape =
        parse(body, Default::default()).map_err(|error| Refusal::invalid(error.to_string()))?;
    let all = tape.root().get("parameter").map(Value::items).into_iter().flatten();
    let mut named = all.filter(|p| p.get_str("name").as_deref() == Some("event"));
    let Some(event) = named.next() else { return Ok(None) };
    let text = event.get_str("valueString");
    let number = text.and_then(|text| text.parse().ok()).filter(|number| *number > 0);
    let text = "`event` is the number of an event, as valueString";
    number.map(Some).ok_or_else(|| Refusal::invalid(text))
}
