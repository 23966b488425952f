//! Lists of patients who did not opt out of a use of their data.

use accord_base::LogTime;
use accord_fhir::json::Value;

use super::codes::{CODES, codes_of, has_profile};
use super::{NamedFact, Stating};
use crate::statute::Regime;

/// Profile of such a list.
const CLEARED_PROFILE: &str = "urn:accord:profile:cleared-list";
/// Extension that says until when it may be used.
const VALID_UNTIL: &str = "urn:accord:extension:valid-until";

/// A current list says that its controller honours the regime of its code, and, until it expires,
/// that the patients it has did not opt out. One that does not say until when clears nobody; one
/// whose regime is not known is of all.
pub(super) fn facts(stating: &Stating<'_>) -> Vec<NamedFact> {
    let list = stating.resource;
    let current = list.get_str("status").is_some_and(|status| status == "current");
    if !current || !has_profile(list, CLEARED_PROFILE) {
        return Vec::new();
    }
    let codes = list.get("code").into_iter().flat_map(|code| codes_of(code, CODES));
    let mut regimes: Vec<Regime> = codes.filter_map(|code| Regime::from_code(&code)).collect();
    let known = !regimes.is_empty();
    if !known {
        regimes = vec![Regime::NationalDataOptOut, Regime::Type1];
    }
    let until = Some(stating).filter(|_| known).and_then(valid_until);
    let mut facts = Vec::new();
    for regime in regimes {
        facts.push(NamedFact::Honours { regime });
        let Some(until) = until else { continue };
        let entries = list.get("entry").into_iter().flat_map(Value::each);
        let there = entries.filter(|entry| {
            let deleted = entry.get("deleted").and_then(|deleted| deleted.as_bool());
            !deleted.unwrap_or(false)
        });
        let patients = there.filter_map(|entry| stating.target(entry.get("item"), "Patient"));
        facts.extend(patients.map(|patient| NamedFact::Cleared { patient, regime, until }));
    }
    facts
}

/// The first instant at which a list may be used no longer: the instant it names, or the end of
/// the day.
fn valid_until(stating: &Stating<'_>) -> Option<LogTime> {
    let mut extensions = stating.resource.get("extension").into_iter().flat_map(Value::each);
    let found = extensions.find(|one| one.get_str("url").is_some_and(|url| url == VALID_UNTIL))?;
    Some(stating.instant(found.get("valueDateTime")?)?.until)
}
