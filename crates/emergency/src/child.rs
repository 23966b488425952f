//! What is needed of a patient: name, age.

use accord_base::{LogTime, civil_from_days};
use accord_fhir::DateRange;
use serde_json::Value;

use crate::input::{items, text_at};

/// Age in completed months at an instant, by the first day that the birth date may mean.
pub(crate) fn age_months(patient: &Value, at: LogTime) -> Option<u32> {
    let born = DateRange::parse(text_at(patient, "/birthDate")?)?.low;
    let date = |us: i64| civil_from_days(us.div_euclid(86_400_000_000));
    let (from, to) = (date(born), date(i64::try_from(at.0).ok()?));
    let months = |(year, month, _): (i64, u32, u32)| year * 12 + i64::from(month);
    let whole = months(to) - months(from) - i64::from(to.2 < from.2);
    u32::try_from(whole).ok()
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
    use serde_json::json;

    #[test]
    fn ages_are_completed_months() {
        let at = LogTime(1_795_300_398_000_000);
        for (born, months) in [
            ("2026-11-21", Some(0)),
            ("2026-10-22", Some(0)),
            ("2026-10-21", Some(1)),
            ("2010-11-22", Some(191)),
            ("2010-11-21", Some(192)),
            ("2010", Some(202)),
            ("2027-01-01", None),
        ] {
            assert_eq!(age_months(&json!({"birthDate": born}), at), months, "{born}");
        }
        assert_eq!(age_months(&json!({}), at), None);
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
