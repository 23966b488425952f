//! `$get-ws-binding-token`: leave to listen to subscriptions at a websocket, once and soon.
//!
//! A token is 32 random bytes that stand for what was shown when it was asked for. A browser's
//! websocket carries no headers of its own; the token goes in a message instead, never in an
//! address, where logs would keep it.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use accord_auth::ClientCertificate;
use accord_base::{LogTime, Rng, Subject, SystemRng};
use accord_engine::Category;
use accord_fhir::IssueCode;
use accord_fhir::json::quoted;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::params::Params;
use super::{check_readable, missing};
use crate::answer::Asked;
use crate::app::App;
use crate::backend::Backend;
use crate::header::bearer;
use crate::refusal::{Checked, Refusal};
use crate::socket::address;

/// How long a token is good.
const LIFE: Duration = Duration::from_secs(60);
/// Tokens that are good at a time, at most.
const MOST: usize = 4096;
/// Of one principal.
const MOST_EACH: usize = 32;
/// Subscriptions of one token at most.
const MOST_IDS: usize = 16;

/// What a token stands for.
#[derive(Clone)]
pub(crate) struct Binding {
    pub subject: Arc<Subject>,
    /// The access token that was shown, which has to stay good.
    pub token: String,
    pub certificate: Option<Arc<ClientCertificate>>,
    /// Subscriptions that may be listened to.
    pub ids: Vec<String>,
    expires: Instant,
}

#[cfg(test)]
impl Binding {
    /// Of whoever shows this access token, to no subscription.
    pub fn to_nothing(subject: Arc<Subject>, token: String) -> Binding {
        let (certificate, ids, expires) = (None, Vec::new(), Instant::now() + LIFE);
        Binding { subject, token, certificate, ids, expires }
    }
}

/// Tokens that are good.
#[derive(Default)]
pub(crate) struct Bindings(Mutex<HashMap<String, Binding>>);

impl Bindings {
    /// What a token stands for. It is good once.
    pub fn take(&self, token: &str) -> Option<Binding> {
        let binding = self.0.lock().remove(token)?;
        (binding.expires > Instant::now()).then_some(binding)
    }

    fn give(&self, binding: Binding) -> Checked<String> {
        let mut bytes = [0; 32];
        SystemRng::new().fill(&mut bytes);
        let token = URL_SAFE_NO_PAD.encode(bytes);
        let mut all = self.0.lock();
        let now = Instant::now();
        all.retain(|_, binding| binding.expires > now);
        let principal = &binding.subject.principal;
        let own = all.values().filter(|other| other.subject.principal == *principal).count();
        if all.len() >= MOST || own >= MOST_EACH {
            let text = "too many tokens for websockets are not used yet; try again";
            return Err(Refusal::new(Category::Busy, IssueCode::Throttled, text));
        }
        all.insert(token.clone(), binding);
        Ok(token)
    }
}

/// Gives a token for one subscription, or for those named; the id is empty there.
pub(super) async fn give<S: Backend>(
    app: &App<S>,
    asked: &Asked<'_>,
    (subject, id): (&Arc<Subject>, &str),
    (params, base): (&Params, &str),
) -> Checked<String> {
    let names = if id.is_empty() { &["id"][..] } else { &[] };
    params.check(names)?;
    let mut ids: Vec<&str> = if id.is_empty() { params.all("id") } else { vec![id] };
    ids.sort_unstable();
    ids.dedup();
    if !(1..=MOST_IDS).contains(&ids.len()) {
        let text = format!("`id` names between 1 and {MOST_IDS} subscriptions");
        return Err(Refusal::invalid(text));
    }
    for id in &ids {
        check_readable(app, asked, subject, id).await?;
        let hooks = app.0.options.hooks.as_ref().ok_or_else(missing)?;
        if !hooks.may_bind(id, subject) {
            let text = "a token is for a subscription of the channel `websocket` that is told, and for whoever wrote it with the same scopes";
            return Err(Refusal::new(Category::Forbidden, IssueCode::Forbidden, text));
        }
    }
    let binding = Binding {
        subject: Arc::clone(subject),
        token: bearer(&asked.parts.headers)?.to_owned(),
        certificate: asked.parts.extensions.get().cloned(),
        ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        expires: Instant::now() + LIFE,
    };
    let token = app.0.bindings.give(binding)?;
    let expires = LogTime(app.0.backend.now().0 + LIFE.as_secs() * LogTime::SECOND_US);
    Ok(told(&token, expires, &ids, base))
}

/// The answer, as the backport defines it.
fn told(token: &str, expires: LogTime, ids: &[&str], base: &str) -> String {
    let mut out = format!(
        r#"{{"resourceType":"Parameters","parameter":[{{"name":"token","valueString":"{token}"}},{{"name":"expiration","valueDateTime":"{expires}"}}"#
    );
    for id in ids {
        let _ = write!(out, r#",{{"name":"subscription","valueString":{}}}"#, quoted(id));
    }
    let url = quoted(&address(base));
    let _ = write!(out, r#",{{"name":"websocket-url","valueUrl":{url}}}]}}"#);
    out
}
