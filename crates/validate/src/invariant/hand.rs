//! Invariants written by hand.

use std::borrow::Cow;
use std::collections::HashSet;

use accord_fhir::DateRange;
use accord_fhir::json::Value;

/// bdl-7: no two entries of a Bundle have the same fullUrl and version, except in a history.
pub(super) fn entries_differ(bundle: Value<'_>) -> bool {
    if bundle.get_str("type").is_some_and(|ty| ty == "history") {
        return true;
    }
    let mut seen = HashSet::new();
    let entries = bundle.get("entry").into_iter().flat_map(Value::items);
    entries.into_iter().all(|entry| {
        let Some(url) = entry.get_str("fullUrl") else { return true };
        let meta = entry.get("resource").and_then(|resource| resource.get("meta"));
        seen.insert((url, meta.and_then(|meta| meta.get_str("versionId"))))
    })
}

/// per-1: a period begins before it ends, as far as their precision tells.
pub(super) fn begins_before_end(period: Value<'_>) -> bool {
    let (start, end) = (period.get_str("start"), period.get_str("end"));
    let (Some(start), Some(end)) = (start, end) else { return true };
    // Whatever is no date is told elsewhere.
    let (Some(from), Some(to)) = (DateRange::parse(&start), DateRange::parse(&end)) else {
        return true;
    };
    // A date has no zone: it begins up to fourteen hours before it does in UTC.
    let slack = if start.contains('T') == end.contains('T') { 0 } else { ZONES_US };
    from.low.saturating_sub(slack) < to.high
}

/// The furthest zone from UTC, in microseconds (FHIR R4 datatypes §2.24.0.1, dateTime).
const ZONES_US: i64 = 14 * 3600 * 1_000_000;

/// csd-1: no two concepts of a code system have the same code.
pub(super) fn codes_differ(system: Value<'_>) -> bool {
    texts_differ(system, "concept", "code")
}

/// que-2: no two items of a questionnaire have the same link id.
pub(super) fn links_differ(questionnaire: Value<'_>) -> bool {
    texts_differ(questionnaire, "item", "linkId")
}

/// Whether the members `text` of all members `list`, nested ones included, are different.
fn texts_differ(root: Value<'_>, list: &str, text: &str) -> bool {
    let mut seen: HashSet<Cow<'_, str>> = HashSet::new();
    let mut rest = vec![root];
    while let Some(holder) = rest.pop() {
        for child in holder.get(list).into_iter().flat_map(Value::items) {
            if child.get_str(text).is_some_and(|text| !seen.insert(text)) {
                return false;
            }
            rest.push(child);
        }
    }
    true
}
