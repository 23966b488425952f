//! Operations on subscriptions (docs/live.md): `$status`, `$events`, `$replay`, `$get-ws-binding-token`. Those on one are for
//! whoever may read the Subscription, which is decided and recorded as a read of it; what is told
//! again goes to whoever wrote it, and to the operator.

mod binding;
mod params;
mod status;

use std::sync::Arc;

use accord_base::{Deadline, ResourceId, Role, Subject};
use accord_engine::{Answer, Category, Interaction, Request};
use accord_fhir::IssueCode;
use accord_jobs::{Content, Hooks, KeptFault, Recall, RecallFault};
use accord_spec::ResourceType;
use bytes::Bytes;
use hyper::StatusCode;
use hyper::body::Body;

use crate::answer::Asked;
use crate::app::App;
use crate::backend::Backend;
use crate::base_url;
use crate::refusal::{Checked, Refusal};
use crate::render::told;
use crate::reply::Reply;
use crate::routes::Code;
use crate::work;

pub(crate) use binding::{Binding, Bindings};
use params::Params;

/// Answers all of them; the id is empty where all subscriptions are meant.
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
    let params = Params::read(app, asked, body).await?;
    let base = base_url::of(app.0.options.base_url.as_ref(), &asked.parts.headers)?;
    let text = match asked.code {
        Code::HookStatus if id.is_empty() => {
            status::all(app, asked, subject, (params, &base)).await?
        }
        Code::HookBinding => binding::give(app, asked, (subject, id), (&params, &base)).await?,
        code => {
            check_readable(app, asked, subject, id).await?;
            let hooks = app.0.options.hooks.clone();
            let (id, subject) = (id.to_owned(), Arc::clone(subject));
            let request_id = asked.request_id.to_owned();
            let job = move |_| match code {
                Code::HookReplay => replay(hooks.as_deref(), &subject, &id, &params),
                Code::HookEvents => {
                    events(hooks.as_deref(), (&subject, &request_id), (&id, &params), &base)
                }
                _ => status::one(hooks.as_deref(), &id, &base),
            };
            work::pooled(app, job).await??
        }
    };
    Ok(Reply::json(StatusCode::OK, text, &asked.wants))
}

/// The numbers of subscriptions, for the metrics.
pub(crate) fn count(hooks: &Hooks, stats: &mut Vec<(&'static str, u64)>) {
    // What cannot be read is not told; the log says so.
    let Ok(counts) = hooks.counts().map_err(unusable) else { return };
    stats.extend([
        ("subscriptions_requested", counts.requested),
        ("subscriptions_active", counts.active),
        ("subscriptions_failing", counts.failing),
        ("subscriptions_error", counts.error),
        ("subscriptions_off", counts.off),
    ]);
}

/// Reads a Subscription as the asker: decided and recorded.
async fn check_readable<S: Backend>(
    app: &App<S>,
    asked: &Asked<'_>,
    subject: &Arc<Subject>,
    id: &str,
) -> Checked<()> {
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
    match read.map_err(Refusal::from)? {
        Answer::Read(_) => Ok(()),
        _ => Err(work::fault()),
    }
}

/// Tells a subscription again from an event on, or what was given up.
fn replay(hooks: Option<&Hooks>, subject: &Subject, id: &str, params: &Params) -> Checked<String> {
    params.check(&["event"])?;
    let event = params.number("event")?;
    let hooks = served(hooks, subject, id)?;
    match hooks.replay(id, event).map_err(unusable)? {
        true => Ok(told("it is told again")),
        false => Err(missing()),
    }
}

/// Events that were told before, as the asker may see them now.
fn events(
    hooks: Option<&Hooks>,
    asker: (&Arc<Subject>, &str),
    (id, params): (&str, &Params),
    base: &str,
) -> Checked<String> {
    params.check(&["eventsSinceNumber", "eventsUntilNumber", "content"])?;
    let content = match &params.all("content")[..] {
        [] => None,
        [code] if Content::from_code(code).is_some() => Content::from_code(code),
        _ => {
            let text = "`content` is `empty`, `id-only` or `full-resource`";
            return Err(Refusal::invalid(text));
        }
    };
    let (since, until) = (params.number("eventsSinceNumber")?, params.number("eventsUntilNumber")?);
    let recall = Recall { since, until, content };
    let hooks = served(hooks, asker.0, id)?;
    hooks.recall(id, asker, &recall, base).map_err(|fault| match fault {
        RecallFault::Missing => missing(),
        RecallFault::Lost(_) => {
            Refusal::new(Category::Gone, IssueCode::NotFound, fault.to_string())
        }
        RecallFault::Engine(failure) => Refusal::from(failure),
        RecallFault::Kept(fault) => unusable(fault),
    })
}

/// The subscriptions, if the asker wrote this one or is the operator.
fn served<'a>(hooks: Option<&'a Hooks>, subject: &Subject, id: &str) -> Checked<&'a Hooks> {
    let hooks = hooks.ok_or_else(missing)?;
    if subject.role != Role::System && !hooks.is_of(id, subject) {
        let text = "that is for whoever wrote the subscription";
        return Err(Refusal::new(Category::Forbidden, IssueCode::Forbidden, text));
    }
    Ok(hooks)
}

fn missing() -> Refusal {
    let text = "there is no such subscription that is served, or no such event";
    Refusal::new(Category::NotFound, IssueCode::NotFound, text)
}

fn unusable(error: KeptFault) -> Refusal {
    tracing::error!(%error, "the file of jobs cannot be used");
    work::fault()
}
