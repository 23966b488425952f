//! What goes with a consent that cannot be enforced and is stored all the same: a Task that asks
//! privacy officers to have it put right.

use accord_access::consent::Unenforceable;
use accord_access::{HOLD_PROFILE, NamedFact};
use accord_base::{LogTime, ResourceId};
use accord_fhir::json::quoted;

use super::TICKETS;
use crate::controller::Controller;
use crate::prepare::{Act, Content, Write};

/// Faults that are told at most.
const MOST_FAULTS: usize = 20;

/// The Task for a write that puts a patient on hold, and the organisation it is for: the one that
/// answers for the consent.
pub(super) fn task(write: &Write, at: LogTime) -> Option<(&ResourceId, String)> {
    let Act::Store { content, .. } = &write.act else { return None };
    let patient = held(content)?;
    let Controller::Organization(organization) = &content.policy.controller else { return None };
    let inputs: Vec<String> =
        content.facts.unenforceable.iter().take(MOST_FAULTS).map(input).collect();
    let body = format!(
        r#"{{"resourceType":"Task","meta":{{"profile":["{HOLD_PROFILE}"]}},
            "identifier":[{{"system":"{TICKETS}","value":"{id}"}}],
            "status":"requested","intent":"order","priority":"urgent",
            "code":{{"coding":[{{"system":"urn:accord:codes","code":"consent-hold"}}]}},
            "description":"a consent cannot be enforced as it stands; until it is put right the record is closed to all but those who treat the patient",
            "focus":{{"reference":"Consent/{id}"}},"for":{{"reference":"Patient/{patient}"}},
            "authoredOn":"{at}","owner":{{"reference":"Organization/{organization}"}},
            "input":[{}]}}"#,
        inputs.join(","),
        id = write.id,
    );
    Some((organization, body))
}

/// The patient whom a content puts on hold.
fn held(content: &Content) -> Option<&str> {
    content.facts.counting.iter().find_map(|fact| match fact {
        NamedFact::Consent(rules) if rules.held => Some(rules.patient.as_str()),
        _ => None,
    })
}

/// An element that cannot be enforced, and why.
fn input(fault: &Unenforceable) -> String {
    format!(
        r#"{{"type":{{"text":{}}},"valueString":{}}}"#,
        quoted(&fault.element),
        quoted(fault.reason)
    )
}
