//! What was decided at a time gone by, for `$explain-access` with the parameter `at`: from the
//! access records. The facts of that time are not judged anew, as what they were is not kept.

use accord_access::Rule;
use accord_audit::AccessRecord;
use accord_base::{LogTime, ResourceId, Subject};
use accord_fhir::{DateRange, IssueCode};
use accord_index::RowRef;

use super::parameters::{Parameters, code, group, instant, invalid, parameters, reference, text};
use crate::{Engine, Failure, Request};

/// Decisions told of at most.
const MOST_DECISIONS: usize = 50;

/// The span that the parameter `at` names: an instant to the second, or a day; `None` if it is not
/// there.
///
/// # Errors
/// If it is no date.
pub(super) fn span(asked: &Parameters) -> Result<Option<(LogTime, LogTime)>, Failure> {
    if asked.get("at").is_none() {
        return Ok(None);
    }
    let at = asked.text("at", &["valueInstant", "valueDateTime", "valueDate", "valueString"]);
    let range = at.and_then(|text| DateRange::parse(&text));
    let instant = |us: i64| u64::try_from(us).ok().map(LogTime);
    let span = range.and_then(|range| Some((instant(range.low)?, instant(range.high - 1)?)));
    let wrong = || invalid(IssueCode::Value, "the parameter `at` is not an instant or a date");
    span.map(Some).ok_or_else(wrong)
}

impl Engine {
    /// What was decided in a span when a person asked for a resource, or was answered with data of
    /// a patient whom it names.
    pub(super) fn explain_then(
        &self,
        request: &Request,
        named: &Subject,
        row: &RowRef<'_>,
        span: (LogTime, LogTime),
    ) -> Result<(String, Vec<ResourceId>), Failure> {
        let (patients, id) = (self.patients_of([row]), row.id());
        let wanted = |record: &AccessRecord| {
            let asked = record.who.as_ref().is_some_and(|who| {
                who.principal == named.principal
                    && who.role == named.role
                    && who.organization == named.organization
            });
            let of_it = record.target.as_ref().is_some_and(|target| {
                target.resource_type == row.resource_type().name()
                    && target.id.as_ref().is_some_and(|target| target.as_str() == id)
            });
            asked && (of_it || record.patients.iter().any(|patient| patients.contains(patient)))
        };
        let (records, more) = self.recorded_between(request, span, MOST_DECISIONS, wanted)?;
        let whole = format!("{}/{id}", row.resource_type().name());
        let mut parts = vec![reference("resource", &whole)];
        parts.extend(records.iter().map(decided));
        if more {
            parts.push(text("more", "there may be more: ask for a shorter time"));
        }
        let remark = "these are decisions as they were recorded when they were taken; what the \
                      facts of that time would say of the resource is not judged anew";
        parts.push(text("remark", remark));
        Ok((parameters(&parts), patients))
    }
}

/// A recorded decision.
fn decided(record: &AccessRecord) -> String {
    let mut parts = vec![
        instant("at", record.at),
        instant("state", record.policy_as_of),
        code("interaction", &record.interaction),
        code("verdict", if record.decision.permit { "permit" } else { "deny" }),
    ];
    let sentence = |written: &str| {
        let mut all = Rule::ALL.iter();
        all.find(|(_, code, ..)| *code == written).map(|(.., sentence)| *sentence)
    };
    for rule in &record.decision.rules {
        parts.push(code("rule", rule));
        parts.extend(sentence(rule).map(|sentence| text("reason", sentence)));
    }
    group("decision", &parts)
}
