//! Notifications, as the Subscriptions R5 Backport for R4 writes them
//! (<http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/notifications.html>): a history whose
//! first entry is the status, with an entry for each version that is told.

use std::fmt::Write as _;

use accord_base::LogTime;
use accord_engine::{Change, Version};
use accord_fhir::json::quoted;

use crate::Content;
use crate::backoff::PATIENCE_US;
use crate::state::State;

/// Why something is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Whether anybody is there.
    Handshake,
    /// That the line is alive.
    Heartbeat,
    /// What changed.
    Event,
    /// Somebody asked how it stands.
    Query,
    /// Somebody asked for what was told before.
    Recall,
}

impl Kind {
    fn code(self) -> &'static str {
        match self {
            Kind::Handshake => "handshake",
            Kind::Heartbeat => "heartbeat",
            Kind::Event => "event-notification",
            Kind::Query => "query-status",
            Kind::Recall => "query-event",
        }
    }
}

/// What is told.
pub struct Notice<'a> {
    /// Why.
    pub kind: Kind,
    /// Base address without a slash at the end.
    pub base: &'a str,
    /// What the status calls the subscription: an address below the base, or a URN.
    pub subscription: &'a str,
    /// The topic, if there is one.
    pub topic: Option<&'a str>,
    /// How the subscription stands.
    pub status: &'a str,
    /// Why it stands so, if it is in error.
    pub error: Option<&'a str>,
    /// Events before these.
    pub before: u64,
    /// What changed.
    pub changes: &'a [Change],
    /// How much of it is told.
    pub content: Content,
    /// Whether it may have arrived before.
    pub again: bool,
    /// When it is written.
    pub at: LogTime,
    /// How deliveries fare, for who looks after them.
    pub state: Option<&'a State>,
    /// If the changes were told before: what they had then.
    pub recalled: Option<Recalled<'a>>,
}

/// What belongs to changes that were told before.
#[derive(Clone, Copy)]
pub struct Recalled<'a> {
    /// The number of each.
    pub numbers: &'a [u64],
    /// Where those after them are to be had.
    pub next: Option<&'a str>,
}

impl Notice<'_> {
    /// The number of the last event.
    fn last(&self) -> u64 {
        self.before + if self.recalled.is_some() { 0 } else { self.changes.len() as u64 }
    }

    /// The number of a change.
    fn number(&self, at: usize) -> u64 {
        let told_then = self.recalled.and_then(|recalled| recalled.numbers.get(at).copied());
        told_then.unwrap_or(self.before + at as u64 + 1)
    }
}

/// Profile of the status.
const STATUS_PROFILE: &str = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4";
/// Says of an entry that the resource no longer matches, though it did.
const MATCHES: &str = "urn:accord:extension:matches";
/// Bytes of an entry around its resource, about.
const ENTRY_BYTES: usize = 640;

/// Writes a notification in one line.
pub fn notification(notice: &Notice<'_>) -> String {
    let bodies: usize = notice.changes.iter().map(|c| c.version.body.len() + ENTRY_BYTES).sum();
    let mut out = String::with_capacity(bodies + 1024);
    out.push_str(r#"{"resourceType":"Bundle","#);
    if notice.again {
        out.push_str(r#""meta":{"tag":[{"system":"urn:accord:codes","code":"redelivery"}]},"#);
    }
    let _ = write!(out, r#""type":"history","timestamp":"{}","#, notice.at);
    if let Some(next) = notice.recalled.and_then(|recalled| recalled.next) {
        let _ = write!(out, r#""link":[{{"relation":"next","url":{}}}],"#, quoted(next));
    }
    out.push_str(r#""entry":["#);
    status(&mut out, notice);
    if notice.content != Content::Empty {
        for change in notice.changes {
            out.push(',');
            entry(&mut out, notice.base, change);
        }
    }
    out.push_str("]}");
    out
}

/// The status alone: a Parameters resource.
fn parameters(out: &mut String, notice: &Notice<'_>) {
    let last = notice.last();
    let _ = write!(
        out,
        r#"{{"resourceType":"Parameters","meta":{{"profile":["{STATUS_PROFILE}"]}},"parameter":[{{"name":"subscription","valueReference":{{"reference":{}}}}}"#,
        quoted(&address(notice.base, notice.subscription))
    );
    if let Some(topic) = notice.topic {
        let _ = write!(out, r#",{{"name":"topic","valueCanonical":{}}}"#, quoted(topic));
    }
    let _ = write!(
        out,
        r#",{{"name":"status","valueCode":"{}"}},{{"name":"type","valueCode":"{}"}},{{"name":"events-since-subscription-start","valueString":"{last}"}}"#,
        notice.status,
        notice.kind.code()
    );
    for (at, change) in notice.changes.iter().enumerate() {
        event(out, notice, notice.number(at), &change.version);
    }
    if let Some(state) = notice.state {
        standing(out, state);
    }
    if let Some(error) = notice.error {
        let text = quoted(error);
        let _ = write!(out, r#",{{"name":"error","valueCodeableConcept":{{"text":{text}}}}}"#);
    }
    out.push_str("]}");
}

/// How deliveries fare.
fn standing(out: &mut String, state: &State) {
    let mut instant = |name: &str, at: LogTime| {
        let _ = write!(out, r#",{{"name":"{name}","valueInstant":"{at}"}}"#);
    };
    if let Some(answered) = state.answered {
        instant("last-answer", answered);
    }
    if let Some(failing) = state.failing {
        instant("failing-since", failing);
    }
    if let Some(failing) = state.failing.filter(|_| crate::is_failing(state)) {
        instant("next-attempt", state.next);
        instant("given-up-at", LogTime(failing.0 + PATIENCE_US));
    }
}

/// How subscriptions stand: a Bundle of the type `searchset`.
pub fn statuses(notices: &[Notice<'_>]) -> String {
    let mut out = String::with_capacity(notices.len() * 1024 + 256);
    let total = notices.len();
    let _ =
        write!(out, r#"{{"resourceType":"Bundle","type":"searchset","total":{total},"entry":["#);
    for (at, notice) in notices.iter().enumerate() {
        let name = quoted(&address(notice.base, notice.subscription));
        let comma = if at > 0 { "," } else { "" };
        let _ = write!(out, r#"{comma}{{"fullUrl":{name},"resource":"#);
        parameters(&mut out, notice);
        out.push_str(r#","search":{"mode":"match"}}"#);
    }
    out.push_str("]}");
    if total == 0 {
        // An empty list is none.
        return out.replace(r#","entry":[]"#, "");
    }
    out
}

fn event(out: &mut String, notice: &Notice<'_>, number: u64, version: &Version) {
    let _ = write!(
        out,
        r#",{{"name":"notification-event","part":[{{"name":"event-number","valueString":"{number}"}},{{"name":"timestamp","valueInstant":"{}"}}"#,
        version.last_updated
    );
    if notice.content != Content::Empty {
        let (base, of, id) = (notice.base, version.resource_type, &version.id);
        let _ = write!(
            out,
            r#",{{"name":"focus","valueReference":{{"reference":"{base}/{of}/{id}"}}}}"#
        );
    }
    out.push_str("]}");
}

fn status(out: &mut String, notice: &Notice<'_>) {
    let name = quoted(&address(notice.base, notice.subscription));
    let _ = write!(out, r#"{{"fullUrl":{name},"resource":"#);
    parameters(out, notice);
    let asked = match notice.subscription.starts_with("urn:") {
        true => format!("{}/$live", notice.base),
        false => format!("{}/{}/$status", notice.base, notice.subscription),
    };
    let asked = quoted(&asked);
    let _ = write!(
        out,
        r#","request":{{"method":"GET","url":{asked}}},"response":{{"status":"200 OK"}}}}"#
    );
}

fn address(base: &str, name: &str) -> String {
    if name.starts_with("urn:") { name.to_owned() } else { format!("{base}/{name}") }
}

fn entry(out: &mut String, base: &str, change: &Change) {
    let version = &change.version;
    let Version { resource_type, id, .. } = version;
    out.push('{');
    if !change.matches && !version.deleted {
        let _ = write!(out, r#""extension":[{{"url":"{MATCHES}","valueBoolean":false}}],"#);
    }
    let _ = write!(out, r#""fullUrl":"{base}/{resource_type}/{id}""#);
    if !version.body.is_empty() {
        let _ = write!(out, r#","resource":{}"#, version.body);
    }
    let (method, status) = version.made_by();
    let _ = write!(out, r#","request":{{"method":"{method}","url":"{resource_type}"#);
    if method != "POST" {
        let _ = write!(out, "/{id}");
    }
    let (number, at) = (version.version, version.last_updated);
    let _ = write!(
        out,
        r#""}},"response":{{"status":"{status}","etag":"W/\"{number}\"","lastModified":"{at}"}}}}"#
    );
}
