//! `$status`: how one subscription stands, or all that the asker may read.

use std::collections::BTreeSet;
use std::sync::Arc;

use accord_base::{Clock, Deadline, Subject, SystemClock};
use accord_engine::{Answer, Interaction, Request};
use accord_jobs::{Content, Hooks, Kind, Notice, Status, Told, statuses};
use accord_spec::ResourceType;

use super::params::Params;
use super::unusable;
use crate::answer::Asked;
use crate::app::App;
use crate::backend::Backend;
use crate::refusal::{Checked, Refusal};
use crate::work;

/// Subscriptions that are looked for in one search.
const AT_ONCE: usize = 100;

/// How one stands that the asker may read.
pub(super) fn one(hooks: Option<&Hooks>, id: &str, base: &str) -> Checked<String> {
    let told = hooks.map(|hooks| hooks.told(id)).transpose().map_err(unusable)?.flatten();
    Ok(statuses(&[notice(&format!("Subscription/{id}"), told.as_ref(), base)]))
}

/// How all of them stand that the asker may read, or those asked for; first what needs looking
/// after.
pub(super) async fn all<S: Backend>(
    app: &App<S>,
    asked: &Asked<'_>,
    subject: &Arc<Subject>,
    (params, base): (Params, &str),
) -> Checked<String> {
    params.check(&["id", "status"])?;
    let (ids, wanted) = (params.all("id"), params.all("status"));
    let hooks = app.0.options.hooks.clone();
    let told = move || hooks.map(|hooks| hooks.all_told()).transpose();
    let told = tokio::task::spawn_blocking(told).await.map_err(|_| work::fault())?;
    let mut told = told.map_err(unusable)?.unwrap_or_default();
    told.retain(|(id, told)| {
        (ids.is_empty() || ids.contains(&&**id))
            && (wanted.is_empty() || wanted.contains(&told.state.status.code()))
    });
    let names: Vec<&str> = told.iter().map(|(id, _)| id.as_str()).collect();
    let readable = readable(app, asked, subject, &names).await?;
    told.retain(|(id, _)| readable.contains(id));
    let named: Vec<(String, Told)> =
        told.into_iter().map(|(id, told)| (format!("Subscription/{id}"), told)).collect();
    let notices: Vec<Notice<'_>> =
        named.iter().map(|(name, told)| notice(name, Some(told), base)).collect();
    Ok(statuses(&notices))
}

/// Those that exist for the asker: found by searches of theirs, which are decided and recorded.
async fn readable<S: Backend>(
    app: &App<S>,
    asked: &Asked<'_>,
    subject: &Arc<Subject>,
    names: &[&str],
) -> Checked<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    // Where there are none, whether the asker may ask is still to be decided.
    let none = ["-"];
    let names = if names.is_empty() { &none[..] } else { names };
    for some in names.chunks(AT_ONCE) {
        let ids = some.join(",");
        let params = [("_id".to_owned(), ids.clone()), ("_count".to_owned(), AT_ONCE.to_string())];
        let request = Request {
            subject: Arc::clone(subject),
            interaction: Interaction::Search {
                resource_type: ResourceType::from_name("Subscription"),
                params: params.into(),
                raw: format!("_id={ids}"),
                lenient: false,
            },
            request_id: asked.request_id.to_owned(),
            controller: None,
            deadline: Deadline::NEVER,
        };
        let outcome = work::blocking(app, request, |outcome| outcome).await?;
        if let Answer::Page(page) = outcome.map_err(Refusal::from)? {
            found.extend(page.entries.iter().map(|version| version.id.to_string()));
        }
    }
    Ok(found)
}

/// The status of one. What is not known of is off: nothing is told of it.
fn notice<'a>(name: &'a str, told: Option<&'a Told>, base: &'a str) -> Notice<'a> {
    let state = told.map(|told| &told.state);
    Notice {
        kind: Kind::Query,
        base,
        subscription: name,
        topic: told.and_then(|told| told.topic.as_deref()),
        status: state.map_or(Status::Off, |state| state.status).code(),
        error: state.map(|state| &*state.error).filter(|error| !error.is_empty()),
        before: state.map_or(0, |state| state.number),
        changes: &[],
        content: Content::Empty,
        again: false,
        at: SystemClock.now(),
        state,
        recalled: None,
    }
}
