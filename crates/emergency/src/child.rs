//! What is needed of a patient: name, age.

use accord_base::{LogTime, civil_from_days};
use accord_fhir::{DateRange, Zone};
use serde_json::Value;

use crate::input::{items, text_at};

const DAY_US: i64 = 86_400_000_000;

/// The least and the greatest age in completed months that a birth date leaves open on the day of
/// an instant as clocks of the zone show it. `None` without a birth date, or before it.
pub(crate) fn ages(patient: &Value, at: LogTime, zone: &dyn Zone) -> Option<(u32, u32)> {
    let born = DateRange::parse(text_at(patient, "/birthDate")?)?;
    let date = |us: i64| civil_from_days(us.div_euclid(DAY_US));
    let today = zone.local(i64::try_from(at.0).ok()?);
    let to = date(today);
    let months = |(year, month, _): (i64, u32, u32)| year * 12 + i64::from(month);
    let age = |from: (i64, u32, u32)| {
        u32::try_from(months(to) - months(from) - i64::from(to.2 < from.2)).ok()
    };
    // The end of a range is the first instant after it.
    let last = date(born.high.saturating_sub(1).min(today));
    Some((age(last)?, age(date(born.low))?))
}

/// The name people go by: the usual or official one, as text.
pub(crate) fn name(patient: &Value) -> Option<String> {
    let rank = |name: &&Value| match text_at(name, "/use") {
        Some("usual") => 0,
        Some("official") => 1,
        None => 2,
        Some(_) => 3,
    };
    let name = items(patient, "name").min_by_key(rank)?;
    if let Some(text) = text_at(name, "/text") {
        return Some(text.to_owned());
    }
    let given = items(name, "given").filter_map(Value::as_str);
    let parts: Vec<&str> = given.chain(text_at(name, "/family")).collect();
    Some(parts.join(" ")).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use accord_fhir::Utc;
    use serde_json::json;

    #[test]
    fn ages_are_completed_months() {
        let at = LogTime(1_795_300_398_000_000);
        for (born, months) in [
            ("2026-11-21", Some((0, 0))),
            ("2026-10-22", Some((0, 0))),
            ("2026-10-21", Some((1, 1))),
            ("2010-11-22", Some((191, 191))),
            ("2010-11-21", Some((192, 192))),
            ("2010", Some((190, 202))),
            ("2025-11", Some((11, 12))),
            ("2026", Some((0, 10))),
            ("2027-01-01", None),
        ] {
            assert_eq!(ages(&json!({"birthDate": born}), at, &Utc), months, "{born}");
        }
        assert_eq!(ages(&json!({}), at, &Utc), None);
    }

    #[derive(Debug)]
    struct AnHourAhead;

    impl Zone for AnHourAhead {
        fn instant(&self, local_us: i64) -> i64 {
            local_us - 3_600_000_000
        }
        fn local(&self, instant_us: i64) -> i64 {
            instant_us + 3_600_000_000
        }
        fn name(&self) -> &'static str {
            "+01:00"
        }
    }

    #[test]
    fn a_birthday_begins_at_the_departments_midnight() {
        // 2026-11-21T23:30:00Z, half past midnight an hour further east.
        let at = LogTime(1_795_303_800_000_000);
        let patient = json!({"birthDate": "2010-11-22"});
        assert_eq!(ages(&patient, at, &Utc), Some((191, 191)));
        assert_eq!(ages(&patient, at, &AnHourAhead), Some((192, 192)));
    }

    #[test]
    fn people_have_the_name_they_use() {
        let patient = json!({"name": [
            {"use": "official", "given": ["Rosa", "May"], "family": "Hill"},
            {"use": "usual", "text": "Rosie Hill"},
            {"use": "old", "family": "Dale"}]});
        assert_eq!(name(&patient).as_deref(), Some("Rosie Hill"));
        let plain = json!({"name": [{"given": ["Rosa", "May"], "family": "Hill"}]});
        assert_eq!(name(&plain).as_deref(), Some("Rosa May Hill"));
        assert_eq!(name(&json!({})), None);
    }
}
