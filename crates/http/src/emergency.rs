//! The operations of an emergency department: read here, answered by `accord-emergency`.

use std::sync::Arc;

use accord_base::{ResourceId, Subject};
use accord_emergency::{Asked, Signature};
use bytes::Bytes;
use hyper::Method;
use hyper::body::Body;

use crate::answer;
use crate::app::App;
use crate::backend::Backend;
use crate::body::{BodyLimits, json};
use crate::dispatch::plain_context;
use crate::encode::encode;
use crate::media;
use crate::params::decode_into;
use crate::refusal::{Checked, Refusal};
use crate::render;
use crate::reply::Reply;
use crate::work::pooled;

/// Longest Parameters resource of an operation, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Answers an operation. What it refuses is recorded like any other refusal, besides what the
/// backend recorded of the interactions it consists of.
///
/// # Errors
/// Whatever keeps it from being answered.
pub(crate) async fn answer<S, B>(
    app: &App<S>,
    asked: &mut answer::Asked<'_>,
    (signature, id): (&'static Signature, &str),
    subject: &Arc<Subject>,
    body: B,
) -> Checked<Reply>
where
    S: Backend,
    B: Body<Data = Bytes>,
{
    let headers = &asked.parts.headers;
    let posted = asked.parts.method == Method::POST;
    if !signature.by.allows(posted) {
        return Err(Refusal::method(if posted { "GET, HEAD" } else { "POST" }));
    }
    let mut params = Vec::new();
    decode_into(&mut params, asked.parts.uri.query().unwrap_or_default())?;
    let file = media::wanted(signature.told, headers, &mut params)?;
    if file.is_none() {
        asked.wants.negotiate(headers, &mut params)?;
    }
    let id = signature.instance.then(|| ResourceId::new(id)).transpose();
    let id = id.map_err(|error| Refusal::invalid(error.to_string()))?;
    let (mut held, mut received) = (None, Arc::from([]));
    if posted {
        let options = &app.0.options;
        let bytes = MAX_BYTES.min(options.max_body_bytes);
        let limits = BodyLimits { bytes, time: options.body_time, budget: &app.0.budget };
        let (body, share) = json(headers, body, limits).await?;
        (held, received) = (Some(share), body);
    }
    let context = plain_context(asked.code, asked.wants);
    let (subject, request_id) = (Arc::clone(subject), asked.request_id.to_owned());
    let backend = app.0.backend.clone();
    let (now, rules) = (backend.now(), app.0.options.rules.clone());
    let kiosks = Arc::clone(&app.0.options.kiosks);
    let work = move |deadline| {
        let body = received;
        let asked = Asked {
            signature,
            id,
            params,
            body,
            subject,
            rules,
            kiosks,
            request_id,
            now,
            deadline,
        };
        let send = |request| backend.handle_blocking(request);
        let told = match file {
            Some(file) => accord_emergency::file(&asked, &send)
                .map(|text| Reply { payload: encode(text, &context.wants), ..file.reply() }),
            None => accord_emergency::answer(&asked, &send)
                .map(|answer| render::reply(Ok(answer), &context)),
        };
        drop(held);
        told
    };
    Ok(pooled(app, work).await??)
}
