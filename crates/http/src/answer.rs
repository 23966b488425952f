//! The way of a request: token, route, interaction, backend, answer.

use std::sync::Arc;

use accord_auth::{ClientCertificate, TokenError};
use accord_base::{Deadline, Subject};
use accord_engine::{Interaction, Request};
use accord_fhir::IssueCode;
use bytes::Bytes;
use hyper::body::Body;
use hyper::http::request::Parts;

use crate::app::App;
use crate::backend::Backend;
use crate::capability::ISSUER_MARK;
use crate::dispatch::{Ask, Prepared, is_heavy, prepare};
use crate::emergency;
use crate::encode::{encode, squeeze};
use crate::header::bearer;
use crate::negotiate::Wants;
use crate::params::decode_into;
use crate::path::Miss;
use crate::probe;
use crate::refusal::{Checked, Refusal};
use crate::render;
use crate::reply::Reply;
use crate::routes::{Code, Found, allowed};
use crate::work::{self, Brief, fault, unpanicked};

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
    let subject = match subject(app, asked.parts).await {
        Ok(subject) => subject,
        Err(refusal) => return refuse(app, &asked, None, refusal),
    };
    match guarded(app, &mut asked, found, &subject, body).await {
        Ok(reply) => reply,
        Err(refusal) => refuse(app, &asked, Some(&subject), refusal),
    }
}

async fn subject<S: Backend>(app: &App<S>, parts: &Parts) -> Checked<Arc<Subject>> {
    let token = bearer(&parts.headers)?;
    let certificate = parts.extensions.get::<Arc<ClientCertificate>>();
    let certificate = certificate.map(|certificate| &*certificate.thumbprint);
    let mut found = app.0.tokens.verify_over(token, certificate);
    if found == Err(TokenError::UnknownKey) {
        // One asks the issuer; whoever waits here meanwhile takes up no thread.
        let _turn = app.0.asking_issuer.lock().await;
        found = app.0.tokens.verify_over(token, certificate);
        if found == Err(TokenError::UnknownKey) {
            let tokens = Arc::clone(&app.0.tokens);
            // Whatever it says: someone else may have asked meanwhile.
            let _ = tokio::task::spawn_blocking(move || tokens.refresh_keys()).await;
            found = app.0.tokens.verify_over(token, certificate);
        }
    }
    found.map_err(|e| Refusal::unauthenticated(e.to_string(), true))
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
    if route.code == Code::Live {
        return crate::live::open(app, asked, subject, bearer(&asked.parts.headers)?).await;
    }
    if let Code::HookStatus | Code::HookEvents | Code::HookReplay | Code::HookBinding = route.code {
        let id = target.id.clone().into_owned();
        return crate::hook::answer(app, asked, (subject, &id), body).await;
    }
    let target = target.clone();
    if let Some(signature) = target.emergency {
        return emergency::answer(app, asked, (signature, &target.id), subject, body).await;
    }
    let (parts, options, budget) = (asked.parts, &app.0.options, &app.0.budget);
    let ask = Ask { route, target, parts, body, options, budget };
    let Prepared { interaction, context, held } = prepare(ask, &mut asked.wants).await?;
    let request = Request {
        subject: Arc::clone(subject),
        interaction,
        request_id: asked.request_id.to_owned(),
        controller: None,
        deadline: Deadline::NEVER,
    };
    let request = match request {
        search @ Request { interaction: Interaction::Search { .. }, .. } => {
            match work::brief(app, search, &context).await? {
                Brief::Answered(reply) => return Ok(reply),
                Brief::Longer(request) => *request,
            }
        }
        other => other,
    };
    if is_heavy(&request.interaction) {
        return work::heavy(app, request, context, held).await;
    }
    if !matches!(route.code, Code::Read | Code::Vread) {
        return work::write(app, request, &context, held).await;
    }
    let handled = unpanicked(app.0.backend.handle(request));
    // There is nothing in a read to wait for; a timer would only cost.
    handled.await.map(|outcome| render::reply(outcome, &context)).ok_or_else(fault)
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
    let about_codes = params.iter().any(|(name, value)| name == "mode" && value == "terminology");
    let mut statement = if about_codes { app.0.terminology.clone() } else { app.capability() };
    if app.0.options.identity.as_ref().is_some_and(|identity| identity.foreign().is_none()) {
        let base = crate::base_url::of(app.0.options.base_url.as_ref(), &asked.parts.headers)?;
        let issuer = base.strip_suffix(crate::routes::BASE).unwrap_or(&base);
        statement = String::from_utf8_lossy(&statement).replace(ISSUER_MARK, issuer).into();
    }
    let payload = if asked.wants.pretty {
        encode(String::from_utf8_lossy(&statement).into_owned(), &asked.wants)
    } else {
        squeeze(statement, &asked.wants)
    };
    Ok(Reply { payload, ..Reply::empty(hyper::StatusCode::OK) })
}

fn metrics<S: Backend>(app: &App<S>, asked: &Asked<'_>) -> Reply {
    let mut stats = app.0.backend.stats();
    stats.push(("http_body_memory_bytes", app.0.budget.held_bytes()));
    if let Some(hooks) = &app.0.options.hooks {
        crate::hook::count(hooks, &mut stats);
    }
    stats.push(("http_streams", app.0.streams.count()));
    let text = app.0.metrics.text(&stats);
    probe::metrics(text, &asked.wants)
}
