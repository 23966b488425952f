//! What goes with a claim of access, in the same transaction: a notice to the patient, an alert
//! and a review for privacy officers; and what goes with a consent that puts its patient on hold.
//!
//! **Invariant:** the alert names neither the patient nor who took access, and no text that
//! somebody wrote: it may be passed on where neither may be told.

mod hold;

use std::sync::Arc;

use accord_access::{ALERT_PROFILE, NOTICE_PROFILE, REVIEW_PROFILE};
use accord_base::{LogTime, ResourceId, Subject};
use accord_fhir::IssueCode;
use accord_spec::ResourceType;

use crate::controller::Controller;
use crate::operation::Throttle;
use crate::prepare::{Act, By, Content, Demand, Parsed, Prepared, Resolver, Write, parse_json};
use crate::{Category, Engine, Failure, Request};

/// Claims that somebody may make in [`CLAIM_SPAN_US`].
const MOST_CLAIMS: u32 = 30;
/// An hour.
const CLAIM_SPAN_US: u64 = 3600 * LogTime::SECOND_US;
/// System of tickets, which tell what belongs to one claim.
pub(crate) const TICKETS: &str = "urn:accord:ticket";

/// A claim that is about to be written.
struct Claim<'a> {
    id: &'a ResourceId,
    patient: Option<&'a ResourceId>,
    organization: &'a str,
    emergency: bool,
    at: LogTime,
}

/// How often one person may claim access.
pub(crate) fn claims() -> Throttle {
    Throttle::new(MOST_CLAIMS, CLAIM_SPAN_US)
}

impl Engine {
    /// Adds to writes what goes with the claims of access and the holds among them, however they are
    /// written.
    /// `again`: the same were counted before.
    ///
    /// # Errors
    /// If whoever claims has claimed too often.
    pub(crate) fn with_obligations(
        &self,
        request: &Request,
        mut prepared: Prepared,
        again: bool,
    ) -> Result<Prepared, Failure> {
        let mut more = Vec::new();
        for write in &prepared.writes {
            if let Some((organization, body)) = hold::task(write, self.clock.now()) {
                more.push(self.obligation(request, organization, "Task", &body)?);
            }
            let Some(content) = claim_of(write) else { continue };
            if !again && !self.claims.admits(&request.subject.reference(), self.clock.now()) {
                let text = "access was claimed too often; try again later";
                return Err(Failure::new(Category::Busy, IssueCode::Throttled, text));
            }
            let Controller::Organization(organization) = &content.policy.controller else {
                continue;
            };
            let emergency = content.facts.claims.iter().any(is_emergency);
            let patient = content.policy.columns.patients.first();
            let at = self.clock.now();
            let organization_id = organization.as_str();
            let claim =
                Claim { id: &write.id, patient, organization: organization_id, emergency, at };
            for (kind, body) in claim.bodies() {
                more.push(self.obligation(request, organization, kind, &body)?);
            }
        }
        prepared.writes.append(&mut more);
        Ok(prepared)
    }

    /// A resource that the server writes by itself, at an organisation.
    fn obligation(
        &self,
        request: &Request,
        organization: &ResourceId,
        kind: &str,
        body: &str,
    ) -> Result<Write, Failure> {
        let known = ResourceType::from_name(kind);
        let resource_type = known.ok_or_else(crate::interaction::read::not_found)?;
        let own = Request {
            subject: Arc::new(Subject::system("what goes with a claim of access")),
            controller: Some(organization.clone()),
            ..request.clone()
        };
        let tape = parse_json(body.as_bytes())?;
        let parsed = Parsed::check(tape.root(), resource_type)?;
        let id = ResourceId::random(&*self.rng);
        let resolver = Resolver::default();
        let content = Box::new(self.content(&parsed, &self.destination(&own, &id, &resolver))?);
        let act = Act::Store { content, create: true };
        let (demand, assumes) = (Demand::Any, Vec::new());
        Ok(Write { resource_type, id, act, demand, assumes, by: By::Server })
    }
}

/// The content of a write that takes access.
pub(crate) fn claim_of(write: &Write) -> Option<&Content> {
    match &write.act {
        Act::Store { content, create: true } if !content.facts.claims.is_empty() => Some(content),
        _ => None,
    }
}

fn is_emergency(fact: &accord_access::NamedFact) -> bool {
    matches!(fact, accord_access::NamedFact::Claim { emergency: true, .. })
}

impl Claim<'_> {
    /// The resources that go with it, by type.
    fn bodies(&self) -> Vec<(&'static str, String)> {
        let mut bodies = vec![("Task", self.alert()), ("Task", self.review())];
        bodies.extend(self.patient.map(|patient| ("Communication", self.notice(patient))));
        bodies
    }

    fn code(&self) -> &'static str {
        if self.emergency { "break-glass" } else { "self-claim" }
    }

    /// What every Task of the kind has: the alert refers to the claim by its ticket alone, which
    /// leads to it those who may see claims.
    fn task(&self, profile: &str, more: &str) -> String {
        format!(
            r#"{{"resourceType":"Task","meta":{{"profile":["{profile}"]}},
                "identifier":[{{"system":"{TICKETS}","value":"{}"}}],
                "status":"requested","intent":"order","priority":"{}",
                "code":{{"coding":[{{"system":"urn:accord:codes","code":"{}"}}]}},
                "authoredOn":"{}","owner":{{"reference":"Organization/{}"}}{more}}}"#,
            self.id,
            if self.emergency { "urgent" } else { "routine" },
            self.code(),
            self.at,
            self.organization
        )
    }

    fn alert(&self) -> String {
        let text = r#","description":"access to a patient was taken with a reason""#;
        self.task(ALERT_PROFILE, text)
    }

    fn review(&self) -> String {
        let about = self.patient.map(|id| format!(r#","for":{{"reference":"Patient/{id}"}}"#));
        let more = format!(
            r#","description":"review whether access was taken rightly",
                "focus":{{"reference":"Task/{}"}}{}"#,
            self.id,
            about.unwrap_or_default()
        );
        self.task(REVIEW_PROFILE, &more)
    }

    fn notice(&self, patient: &ResourceId) -> String {
        let what = if self.emergency { "in an emergency" } else { "with a reason" };
        format!(
            r#"{{"resourceType":"Communication","meta":{{"profile":["{NOTICE_PROFILE}"]}},
                "identifier":[{{"system":"{TICKETS}","value":"{id}"}}],"status":"completed",
                "category":[{{"coding":[{{"system":"urn:accord:codes","code":"{code}"}}]}}],
                "subject":{{"reference":"Patient/{patient}"}},"about":[{{"reference":"Task/{id}"}}],
                "sent":"{at}","recipient":[{{"reference":"Patient/{patient}"}}],
                "sender":{{"reference":"Organization/{organization}"}},
                "payload":[{{"contentString":"Somebody took access to your record {what}. The claim says who, when and why; a privacy officer reviews it."}}]}}"#,
            id = self.id,
            code = self.code(),
            at = self.at,
            organization = self.organization,
        )
    }
}
