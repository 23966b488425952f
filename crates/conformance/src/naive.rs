//! Slow and obvious readings of resources as plain JSON: paths, dates, decimals. Shares no code
//! with the server.

use serde_json::Value;

/// Everything that dotted paths, separated by `|`, lead to; arrays are walked through.
pub fn all<'a>(resource: &'a Value, paths: &str) -> Vec<&'a Value> {
    let mut found = Vec::new();
    for path in paths.split('|') {
        walk(resource, path, &mut found);
    }
    found
}

fn walk<'a>(value: &'a Value, path: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, path, found)),
        _ if path.is_empty() => found.push(value),
        Value::Object(members) => {
            let (name, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(member) = members.get(name) {
                walk(member, rest, found);
            }
        }
        _ => {}
    }
}

/// The texts that paths lead to.
pub fn texts<'a>(resource: &'a Value, paths: &str) -> Vec<&'a str> {
    all(resource, paths).into_iter().filter_map(Value::as_str).collect()
}

/// The first text that a path leads to.
pub fn text<'a>(resource: &'a Value, path: &str) -> Option<&'a str> {
    texts(resource, path).first().copied()
}

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Days since 1970 by counting.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let leap = |y: i64| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    let mut days: i64 = day - 1;
    for y in 1970.min(year)..1970.max(year) {
        let length = if leap(y) { 366 } else { 365 };
        days += if year >= 1970 { length } else { -length };
    }
    let february = if leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    days + months.iter().take(month as usize - 1).sum::<i64>()
}

/// What a FHIR date, dateTime or instant covers: microseconds since 1970, up to but without the
/// second. Without a zone it is read in UTC.
pub fn span(text: &str) -> (i64, i64) {
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().unwrap();
    let year = number(0, 4);
    match text.len() {
        4 => (days(year, 1, 1) * DAY, days(year + 1, 1, 1) * DAY),
        7 => {
            let month = number(5, 7);
            let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            (days(year, month, 1) * DAY, days(next_year, next, 1) * DAY)
        }
        10 => {
            let day = days(year, number(5, 7), number(8, 10)) * DAY;
            (day, day + DAY)
        }
        _ => {
            let day = days(year, number(5, 7), number(8, 10)) * DAY;
            let zone_at = 11 + text[11..].find(['Z', '+', '-']).unwrap_or(text.len() - 11);
            let clock: Vec<&str> = text[11..zone_at].split(':').collect();
            let part = |at: usize| clock[at].parse::<i64>().unwrap();
            let zone = match &text[zone_at..] {
                "" | "Z" => 0,
                zone => {
                    let minutes = zone[1..3].parse::<i64>().unwrap() * 60
                        + zone[4..6].parse::<i64>().unwrap();
                    if zone.starts_with('-') { -minutes } else { minutes }
                }
            };
            let start = day + (part(0) * 3600 + part(1) * 60 - zone * 60) * SECOND;
            let Some(seconds) = clock.get(2) else { return (start, start + 60 * SECOND) };
            let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
            let start = start + whole.parse::<i64>().unwrap() * SECOND;
            if fraction.is_empty() {
                return (start, start + SECOND);
            }
            let digits = format!("{fraction:0<6}")[..6].parse::<i64>().unwrap();
            let width = 10_i64.pow(6 - fraction.len().min(6) as u32);
            (start + digits, start + digits + width)
        }
    }
}

/// Digits after the point that [`decimal`] keeps.
pub const SCALE: u32 = 24;

/// A decimal in units of 10⁻²⁴, and its last digit's worth.
pub fn decimal(text: &str) -> (i128, i128) {
    assert!(!text.contains(['e', 'E']), "no exponents in the data");
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let (sign, whole) = match whole.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, whole),
    };
    let unit = 10_i128.pow(SCALE - fraction.len() as u32);
    (sign * format!("{whole}{fraction}").parse::<i128>().unwrap() * unit, unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_decimals() {
        assert_eq!(span("1970"), (0, 365 * DAY));
        assert_eq!(span("1969-12"), (-31 * DAY, 0));
        assert_eq!(span("2000-02-29"), (11_016 * DAY, 11_017 * DAY));
        assert_eq!(span("1970-01-01T01:00:00+01:00"), (0, SECOND));
        assert_eq!(span("1970-01-01T00:00:00.25Z"), (250_000, 260_000));
        let one = 10_i128.pow(SCALE);
        assert_eq!(decimal("-2.50"), (-5 * one / 2, one / 100));
    }
}
