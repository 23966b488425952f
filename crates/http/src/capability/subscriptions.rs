//! What the statement says of subscriptions (Subscriptions R5 Backport for R4).

use std::fmt::Write as _;

use accord_jobs::TOPIC;
use accord_spec::ResourceType;

use accord_fhir::json::quoted;

use crate::bundle::comma;

/// Front of what the Subscriptions R5 Backport defines.
const BACKPORT: &str = "http://hl7.org/fhir/uv/subscriptions-backport";

/// The topics of subscriptions, as the backport tells them.
pub(super) fn topics(out: &mut String) {
    let url =
        format!("{BACKPORT}/StructureDefinition/capabilitystatement-subscriptiontopic-canonical");
    out.push_str(r#","extension":["#);
    let mut first = true;
    for of in ResourceType::ALL.iter().filter(|of| **of != ResourceType::AUDIT_EVENT) {
        comma(out, &mut first);
        let _ = write!(out, r#"{{"url":"{url}","valueCanonical":"{TOPIC}{of}"}}"#);
    }
    out.push(']');
}

/// Where websockets are opened.
pub(super) fn socket(base: Option<&str>) -> String {
    let url = "http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket";
    let at = quoted(&crate::socket::address(base.unwrap_or(crate::routes::BASE)));
    format!(r#""extension":[{{"url":"{url}","valueUri":{at}}}],"#)
}

/// The operations on them, after others.
pub(super) fn operations(out: &mut String) {
    for name in ["status", "events", "ws-token"] {
        let definition = format!("{BACKPORT}/OperationDefinition/backport-subscription-{name}");
        let called = if name == "ws-token" { "get-ws-binding-token" } else { name };
        let _ = write!(out, r#",{{"name":"{called}","definition":"{definition}"}}"#);
    }
    let replay = "urn:accord:operation:Subscription-replay";
    let _ = write!(out, r#",{{"name":"replay","definition":"{replay}"}}"#);
}
