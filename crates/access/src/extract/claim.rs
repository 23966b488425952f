//! Claims of access: a Task by which a professional takes access to a patient, with a reason.

use accord_base::{LogTime, Role};
use accord_fhir::json::Value;

use super::codes::{CODES, has, has_profile};
use super::{NamedFact, Stating};

/// Profile of a claim of access.
pub const CLAIM_PROFILE: &str = "urn:accord:profile:access-claim";
/// Profile of the notice of a claim to its patient, a Communication.
pub const NOTICE_PROFILE: &str = "urn:accord:profile:access-notice";
/// Profile of the alert of a claim to privacy officers, a Task that names nobody.
pub const ALERT_PROFILE: &str = "urn:accord:profile:access-alert";
/// Profile of the review of a claim, a Task of privacy officers.
pub const REVIEW_PROFILE: &str = "urn:accord:profile:access-review";
/// Profile of the offer and of the taking over of a patient's record, Tasks of privacy officers.
pub const TRANSFER_PROFILE: &str = "urn:accord:profile:controller-transfer";

/// Profile of the Task that tells privacy officers of a patient on hold.
pub const HOLD_PROFILE: &str = "urn:accord:profile:consent-hold";

/// The label that a claim, and what goes with one, has by being one: decisions tell claims by it.
/// No code of `meta.security` sets it.
pub const CLAIM_LABEL: u64 = 1 << 63;

const HOUR_US: u64 = 3600 * LogTime::SECOND_US;
/// States of a claim that is made use of.
const OPEN: &[&str] = &["requested", "received", "accepted", "in-progress"];

/// How long a claim holds at most: a relationship 24 hours, an emergency 4.
pub(super) fn longest_us(emergency: bool) -> u64 {
    if emergency { 4 * HOUR_US } else { 24 * HOUR_US }
}

/// Whether a resource is a claim of access, goes with one, tells of a hold, or is of a transfer:
/// what privacy officers keep.
pub fn is_claim(resource: Value<'_>) -> bool {
    let profiles: &[&str] = match resource.get_str("resourceType").as_deref() {
        Some("Task") => {
            &[CLAIM_PROFILE, ALERT_PROFILE, REVIEW_PROFILE, TRANSFER_PROFILE, HOLD_PROFILE]
        }
        Some("Communication") => &[NOTICE_PROFILE],
        _ => &[],
    };
    profiles.iter().any(|profile| has_profile(resource, profile))
}

/// Whether a resource is one of these and no claim itself: the server writes those, and privacy
/// officers change them.
pub fn is_along(resource: Value<'_>) -> bool {
    is_claim(resource) && !has_profile(resource, CLAIM_PROFILE)
}

/// An open claim, with a reason and by its requester, states that they care for its patient, or
/// take access in an emergency. An emergency needs a reason in a code and in words.
pub(super) fn facts(stating: &Stating<'_>) -> Vec<NamedFact> {
    let fact = || {
        let task = stating.resource;
        let open = task.get_str("status").is_some_and(|status| OPEN.contains(&&*status));
        let actor = stating.writer.reference();
        let by_requester = task.get("requester").and_then(|who| stating.reference(who));
        let by_requester = by_requester.is_some_and(|(kind, id)| format!("{kind}/{id}") == actor);
        if !has_profile(task, CLAIM_PROFILE) || !open || !by_requester {
            return None;
        }
        let code = task.get("code")?;
        let emergency = has(code, CODES, "break-glass");
        let entitled = match stating.writer.role {
            Role::Clinician => emergency || has(code, CODES, "self-claim"),
            Role::Pharmacist => has(code, CODES, "self-claim") && !emergency,
            _ => false,
        };
        if !entitled || !has_reason(task.get("reasonCode")?, emergency) {
            return None;
        }
        let restriction = task.get("restriction").and_then(|restriction| restriction.get("period"));
        let until = stating.span(restriction).ok()?.until;
        let patient = stating.target(task.get("for"), "Patient")?;
        Some(NamedFact::Claim { patient, actor, emergency, until })
    };
    fact().into_iter().collect()
}

fn has_reason(reason: Value<'_>, in_both: bool) -> bool {
    let text = reason.get_str("text").is_some_and(|text| !text.trim().is_empty());
    let coded = reason.get("coding").into_iter().flat_map(Value::each);
    let coded = coded.into_iter().any(|coding| coding.get_str("code").is_some());
    if in_both { text && coded } else { text || coded }
}
