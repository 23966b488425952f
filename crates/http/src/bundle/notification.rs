//! Notifications, as the Subscriptions R5 Backport for R4 writes them
//! (<http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/notifications.html>): a history whose
//! first entry is the status, with an entry for each resource that changed.

use std::fmt::Write as _;

use accord_engine::Change;
use accord_fhir::json::quoted;

use super::page::past;
use super::{ENTRY_BYTES, open};

/// What is told.
pub(crate) struct Notice<'a> {
    /// Base address without a slash at the end.
    pub base: &'a str,
    /// What the status calls the subscription.
    pub subscription: &'a str,
    /// Number of the first event.
    pub first: u64,
    /// What changed; at least one.
    pub changes: &'a [Change],
}

/// Profile of the status.
const STATUS_PROFILE: &str = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4";
/// Says of an entry that the resource no longer matches, though it did.
const MATCHES: &str = "urn:accord:extension:matches";

/// Writes a notification of events in one line.
pub(crate) fn notification(notice: &Notice<'_>) -> String {
    let mut out = String::with_capacity((notice.changes.len() + 2) * 2 * ENTRY_BYTES);
    open(&mut out, "history");
    let last = notice.first + notice.changes.len() as u64 - 1;
    let timestamp = notice.changes.last().map(|change| change.version.last_updated);
    if let Some(timestamp) = timestamp {
        let _ = write!(out, r#","timestamp":"{timestamp}""#);
    }
    out.push_str(r#","entry":["#);
    status(&mut out, notice, last);
    for change in notice.changes {
        out.push(',');
        let gone = !change.matches && !change.version.deleted;
        let note = format!(r#""extension":[{{"url":"{MATCHES}","valueBoolean":false}}],"#);
        past(&mut out, notice.base, &change.version, if gone { &note } else { "" });
    }
    out.push_str("]}");
    out
}

fn status(out: &mut String, notice: &Notice<'_>, last: u64) {
    let name = quoted(notice.subscription);
    let _ = write!(
        out,
        r#"{{"fullUrl":{name},"resource":{{"resourceType":"Parameters","meta":{{"profile":["{STATUS_PROFILE}"]}},"parameter":[{{"name":"subscription","valueReference":{{"reference":{name}}}}},{{"name":"status","valueCode":"active"}},{{"name":"type","valueCode":"event-notification"}},{{"name":"events-since-subscription-start","valueString":"{last}"}}"#
    );
    for (number, change) in (notice.first..).zip(notice.changes) {
        let version = &change.version;
        let _ = write!(
            out,
            r#",{{"name":"notification-event","part":[{{"name":"event-number","valueString":"{number}"}},{{"name":"timestamp","valueInstant":"{}"}},{{"name":"focus","valueReference":{{"reference":"{}/{}/{}"}}}}]}}"#,
            version.last_updated, notice.base, version.resource_type, version.id
        );
    }
    let _ = write!(
        out,
        r#"]}},"request":{{"method":"GET","url":"{}/$live"}},"response":{{"status":"200 OK"}}}}"#,
        notice.base
    );
}
