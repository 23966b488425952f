//! Search values of hand-picked parameters, read from `serde_json` by plain paths.
//!
//! Values are texts: `system|code`, `Type/id`, `low..high` in microseconds, `number unit`.

use serde_json::Value as Json;

/// Everything that a path of member names leads to, arrays flattened.
pub fn at<'a>(value: &'a Json, path: &str) -> Vec<&'a Json> {
    let mut found = vec![value];
    for name in path.split('.') {
        let members = found.into_iter().filter_map(|v| v.get(name));
        found =
            members.flat_map(|v| v.as_array().map_or(vec![v], |a| a.iter().collect())).collect();
    }
    found
}

pub fn texts(value: &Json, path: &str) -> Vec<String> {
    at(value, path).iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

fn one(value: &Json, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(str::to_owned)
}

/// `system|code` of each coding or identifier; the second member's name is `code`.
pub fn tokens(value: &Json, path: &str, code: &str) -> Vec<String> {
    let pair = |v: &&Json| {
        let (system, code) = (one(v, "system"), one(v, code));
        let some = system.is_some() || code.is_some();
        some.then(|| format!("{}|{}", system.unwrap_or("-".into()), code.unwrap_or_default()))
    };
    at(value, path).iter().filter_map(pair).collect()
}

pub fn codes(value: &Json, path: &str, system: &str) -> Vec<String> {
    texts(value, path).iter().map(|code| format!("{system}|{code}")).collect()
}

pub fn parts(value: &Json, path: &str, names: &[&str]) -> Vec<String> {
    at(value, path).iter().flat_map(|v| names.iter().flat_map(|n| texts(v, n))).collect()
}

/// Relative references without version; others as they are; none for fragments.
pub fn references(
    value: &Json,
    path: &str,
    resolve: &dyn Fn(&str) -> Option<String>,
) -> Vec<String> {
    let read = |text: String| {
        let text = resolve(&text).unwrap_or(text);
        let text = text.split("/_history/").next().unwrap_or_default().to_owned();
        (!text.starts_with('#') && !text.is_empty()).then_some(text)
    };
    texts(value, &format!("{path}.reference")).into_iter().filter_map(read).collect()
}

pub fn quantities(value: &Json, path: &str) -> Vec<String> {
    let read = |v: &&Json| {
        let number = v.get("value")?.as_f64()?;
        let member = |name| one(v, name).unwrap_or("-".into());
        let number = match v.get("comparator").and_then(Json::as_str) {
            Some(comparator) => format!("{}{number}", comparator.trim_end_matches('=')),
            None => number.to_string(),
        };
        Some(format!("{number} {} {} {}", member("system"), member("code"), member("unit")))
    };
    at(value, path).iter().filter_map(read).collect()
}

/// `low..high` of dates.
pub fn dates(value: &Json, path: &str) -> Vec<String> {
    let range = |text: &String| {
        let (low, high) = date(text)?;
        Some(format!("{low}..{high}"))
    };
    texts(value, path).iter().filter_map(range).collect()
}

/// `low..high` of periods; a missing end is `-` or `+`.
pub fn periods(value: &Json, path: &str) -> Vec<String> {
    let range = |v: &&Json| {
        let low = one(v, "start").and_then(|s| date(&s)).map(|(low, _)| low.to_string());
        let high = one(v, "end").and_then(|e| date(&e)).map(|(_, high)| high.to_string());
        let some = low.is_some() || high.is_some();
        some.then(|| format!("{}..{}", low.unwrap_or("-".into()), high.unwrap_or("+".into())))
    };
    at(value, path).iter().filter_map(range).collect()
}

/// First microsecond of a date and of what follows it. Reads only dates that exist.
fn date(text: &str) -> Option<(i128, i128)> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i128>().ok();
    let year = number(0..4)?;
    let Some(month) = number(5..7) else { return Some((day(year, 1, 1), day(year + 1, 1, 1))) };
    let Some(date) = number(8..10) else {
        let next = if month == 12 { day(year + 1, 1, 1) } else { day(year, month + 1, 1) };
        return Some((day(year, month, 1), next));
    };
    let midnight = day(year, month, date);
    let Some(hour) = number(11..13) else { return Some((midnight, midnight + 86_400_000_000)) };
    let (minute, second) = (number(14..16)?, number(17..19)?);
    let rest = text.get(19..)?;
    let zone_at = rest.find(['Z', '+', '-'])?;
    let fraction = rest.get(..zone_at)?.trim_start_matches('.');
    let step = 1_000_000 / 10_i128.pow(fraction.len() as u32);
    let zone = match rest.get(zone_at..)? {
        "Z" => 0,
        zone => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            sign * (zone.get(1..3)?.parse::<i128>().ok()? * 60
                + zone.get(4..6)?.parse::<i128>().ok()?)
        }
    };
    let seconds = (hour * 60 + minute - zone) * 60 + second;
    let low = midnight + seconds * 1_000_000 + fraction.parse::<i128>().unwrap_or(0) * step;
    Some((low, low + step))
}

/// Microseconds from 1970 to a day, by counting years and months.
fn day(year: i128, month: i128, day: i128) -> i128 {
    let leap = |y: i128| (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    let year_days = |y: i128| if leap(y) { 366 } else { 365 };
    let mut days: i128 = (1970..year).map(year_days).sum();
    days -= (year..1970).map(year_days).sum::<i128>();
    let february = if leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    days += months.iter().take(month as usize - 1).sum::<i128>();
    (days + day - 1) * 86_400_000_000
}
