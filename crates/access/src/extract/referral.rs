//! ServiceRequest: to whom a patient is referred.

use accord_base::LogTime;
use accord_fhir::json::Value;

use super::period::Span;
use super::{NamedFact, RECENT_US, Stating};

/// States of a request that is to be carried out.
const OPEN: &[&str] = &["active", "on-hold"];
/// Intents that ask for no action yet (RequestIntent).
const NOT_YET: &[&str] = &["proposal", "plan", "option"];

/// An open request states a referral to each organisation that is to perform it and is not the
/// controller, and a relationship, at the controller, of each practitioner who is to perform it;
/// until [`RECENT_US`] after it is to be carried out, after its writing where it does not say when.
/// One without either date states nothing: such requests are rarely closed.
pub(super) fn facts(stating: &Stating<'_>) -> Vec<NamedFact> {
    let request = stating.resource;
    let is = |name: &str, codes: &[&str]| {
        request.get_str(name).is_some_and(|code| codes.contains(&&*code))
    };
    let counts = is("status", OPEN) && !is("intent", NOT_YET);
    let forbids = request.get("doNotPerform").and_then(|value| value.as_bool()).unwrap_or(false);
    let (Some(patient), Some(until), true) =
        (stating.target(request.get("subject"), "Patient"), until(stating), counts && !forbids)
    else {
        return Vec::new();
    };
    let span = Span { from: LogTime(0), until: until.plus_us(RECENT_US) };
    let performers = request.get("performer").into_iter().flat_map(Value::each);
    let fact = |performer| match stating.reference(performer)? {
        (kind, id) if kind == "Practitioner" => stating.actor_cares(&patient, &id, span),
        (kind, organization) if kind == "Organization" && organization != stating.controller => {
            let (patient, Span { from, until }) = (patient.clone(), span);
            Some(NamedFact::Referred { patient, organization, from, until })
        }
        _ => None,
    };
    performers.filter_map(fact).collect()
}

fn until(stating: &Stating<'_>) -> Option<LogTime> {
    let request = stating.resource;
    let date = |name: &str| Some(stating.instant(request.get(name)?)?.until);
    if let Some(period) = request.get("occurrencePeriod") {
        let until = stating.span(Some(period)).ok().map(|span| span.until);
        return until.filter(|until| *until != LogTime::NEVER);
    }
    date("occurrenceDateTime").or_else(|| date("authoredOn"))
}
