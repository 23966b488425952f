//! Periods as spans of log time.

use accord_base::LogTime;
use accord_fhir::json::Value;
use accord_fhir::{DateRange, Zone};

/// From the first instant to before the second.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub from: LogTime,
    pub until: LogTime,
}

/// A date of a period cannot be read.
pub(super) struct Unreadable;

impl Span {
    /// All time.
    pub const ALWAYS: Span = Span { from: LogTime(0), until: LogTime::NEVER };

    /// The span of a Period element; all time where there is none. Partial dates are as wide as
    /// they can be read: an end of `2012-02-03` includes that day (FHIR R4 datatypes §2.24.0.11).
    pub fn of(period: Option<Value<'_>>, zone: &dyn Zone) -> Result<Span, Unreadable> {
        let Some(period) = period else { return Ok(Span::ALWAYS) };
        let date = |name: &str| match period.get(name) {
            None => Ok(None),
            Some(value) => {
                let text = value.as_str().ok_or(Unreadable)?;
                DateRange::parse_in(&text, zone).map(Some).ok_or(Unreadable)
            }
        };
        let (start, end) = (date("start")?, date("end")?);
        let from = start.map_or(LogTime(0), |range| log_time(range.low));
        let until = end.map_or(LogTime::NEVER, |range| log_time(range.high));
        Ok(Span { from, until })
    }

    /// The span of one date or instant; `None` if it cannot be read.
    pub fn instant(element: Value<'_>, zone: &dyn Zone) -> Option<Span> {
        let range = DateRange::parse_in(&element.as_str()?, zone)?;
        Some(Span { from: log_time(range.low), until: log_time(range.high) })
    }

    /// The time in both.
    pub fn and(self, other: Span) -> Span {
        Span { from: self.from.max(other.from), until: self.until.min(other.until) }
    }
}

/// Log time begins in 1970.
fn log_time(us: i64) -> LogTime {
    LogTime(u64::try_from(us).unwrap_or(0))
}
