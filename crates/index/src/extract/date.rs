//! Dates as ranges (FHIR R4 search §3.1.1.4.7).

use accord_fhir::DateRange;
use accord_fhir::json::Value;
use accord_spec::Primitive;

use super::form::Form;

/// The range that a date, Period or Timing covers; nothing if it is not a date or ends before it
/// begins.
pub(super) fn range(form: Form, value: Value<'_>) -> Option<DateRange> {
    match form {
        Form::Primitive(Primitive::Date | Primitive::DateTime | Primitive::Instant) => {
            DateRange::parse(&value.as_str()?)
        }
        Form::Period => period(value),
        Form::Timing => timing(value),
        _ => None,
    }
}

fn period(value: Value<'_>) -> Option<DateRange> {
    let (start, end) = (value.get_str("start"), value.get_str("end"));
    DateRange::period(start.as_deref(), end.as_deref()).filter(|range| range.low < range.high)
}

/// The outer limits of a schedule; when exactly it happens in between does not matter.
fn timing(value: Value<'_>) -> Option<DateRange> {
    let events = value.get("event").into_iter().flat_map(Value::each);
    let dates = events.filter_map(|event| DateRange::parse(&event.as_str()?));
    let bounds = value.get("repeat").and_then(|repeat| repeat.get("boundsPeriod"));
    dates
        .chain(bounds.and_then(period))
        .reduce(|a, b| DateRange { low: a.low.min(b.low), high: a.high.max(b.high) })
}
