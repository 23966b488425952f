//! Notifications, as the Subscriptions R5 Backport for R4 writes them
//! (<http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/notifications.html>): a history whose
//! first entry is the status, with an entry for each version that is told.

use std::fmt::Write as _;

use accord_base::LogTime;
use accord_engine::{Change, Version};
use accord_fhir::json::quoted;

use crate::Content;

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
}

impl Kind {
    fn code(self) -> &'static str {
        match self {
            Kind::Handshake => "handshake",
            Kind::Heartbeat => "heartbeat",
            Kind::Event => "event-notification",
            Kind::Query => "query-status",
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
    let _ = write!(out, r#""type":"history","timestamp":"{}","entry":["#, notice.at);
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
    let last = notice.before + notice.changes.len() as u64;
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
    for (number, change) in (notice.before + 1..).zip(notice.changes) {
        event(out, notice, number, &change.version);
    }
    if let Some(error) = notice.error {
        let text = quoted(error);
        let _ = write!(out, r#",{{"name":"error","valueCodeableConcept":{{"text":{text}}}}}"#);
    }
    out.push_str("]}");
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
