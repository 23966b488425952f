//! `Patient/[id]/$claim` and `$break-glass`: access taken with a reason, by writing the claim.

use accord_base::{LogTime, ResourceId};
use accord_fhir::IssueCode;
use accord_fhir::json::{Value, quoted};
use accord_spec::ResourceType;

use super::Operation;
use super::parameters::{Parameters, instant, invalid, parameters, reference, text};
use crate::obligations::claim_of;
use crate::prepare::Prepared;
use crate::writer::Written;
use crate::{Answer, Engine, Failure, Outcome, Request};

/// Names of the parameters.
const KNOWN: [&str; 3] = ["reasonCode", "reason", "until"];

impl Engine {
    /// Prepares the claim that the operation stands for.
    pub(super) fn prepare_claim(
        &self,
        request: &Request,
        operation: &Operation,
        emergency: bool,
    ) -> Result<Prepared, Failure> {
        let asked = Parameters::parse(&operation.body, &KNOWN)?;
        let patient = operation.id.as_ref().ok_or_else(|| too_little(emergency))?;
        let body = claim(&asked, request, patient, emergency);
        let task = ResourceType::from_name("Task").ok_or_else(|| too_little(emergency))?;
        let prepared = self.prepare_create(request, task, body.as_bytes(), None)?;
        if prepared.writes.first().and_then(claim_of).is_none() {
            return Err(too_little(emergency));
        }
        Ok(prepared)
    }

    /// What is told of a claim that was written.
    pub(super) fn claimed(&self, prepared: &Prepared, written: &[Written]) -> Outcome {
        let (write, written) = (prepared.writes.first(), written.first());
        let (Some(write), Some(written)) = (write, written) else {
            return Err(crate::interaction::read::not_found());
        };
        let until = claim_of(write).and_then(|content| content.facts.claims.first());
        let until = until.map(|fact| fact.resolve(written.born, |_, _| 0).until());
        let task = format!("Task/{}/_history/{}", write.id, written.version);
        let mut parts = vec![reference("claim", &task), text("ticket", write.id.as_str())];
        parts.extend(until.filter(|at| *at != LogTime::NEVER).map(|at| instant("until", at)));
        Ok(Answer::Resource(parameters(&parts)))
    }
}

/// The Task that claims access.
fn claim(asked: &Parameters, request: &Request, patient: &ResourceId, emergency: bool) -> String {
    let code = if emergency { "break-glass" } else { "self-claim" };
    let coding = asked.get("reasonCode").and_then(|reason| reason.get("valueCoding"));
    let coding = coding.map(|coding| format!(r#""coding":[{}]"#, coding.raw()));
    let words = asked.text("reason", &["valueString"]);
    let words = words.map(|words| format!(r#""text":{}"#, quoted(&words)));
    let reason: Vec<String> = coding.into_iter().chain(words).collect();
    let until = asked.get("until").and_then(|until| until.get("valueDateTime"));
    let until = until.or_else(|| asked.get("until").and_then(|u| u.get("valueInstant")));
    let period = |end: Value<'_>| format!(r#","restriction":{{"period":{{"end":{}}}}}"#, end.raw());
    let reason = match reason.is_empty() {
        true => String::new(),
        false => format!(r#","reasonCode":{{{}}}"#, reason.join(",")),
    };
    format!(
        r#"{{"resourceType":"Task","meta":{{"profile":["{}"]}},"status":"requested","intent":"order",
            "code":{{"coding":[{{"system":"urn:accord:codes","code":"{code}"}}]}},
            "for":{{"reference":"Patient/{patient}"}},
            "requester":{{"reference":{}}}{reason}{}}}"#,
        accord_access::CLAIM_PROFILE,
        quoted(&request.subject.reference()),
        until.map(period).unwrap_or_default()
    )
}

fn too_little(emergency: bool) -> Failure {
    let text = match emergency {
        true => "a reason is needed in a code (`reasonCode`) and in words (`reason`)",
        false => "a reason is needed, in a code (`reasonCode`) or in words (`reason`)",
    };
    invalid(IssueCode::Required, text)
}
