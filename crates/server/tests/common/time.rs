//! Instants as text, both ways, without the code under test.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

/// `2026-06-01T08:30:00Z`
pub fn text(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (mut year, mut left) = (1970, days);
    while left >= length(year) {
        left -= length(year);
        year += 1;
    }
    let mut month = 1;
    while left >= days_in(year, month) {
        left -= days_in(year, month);
        month += 1;
    }
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", left + 1)
}

/// Seconds since 1970 at the end of what is written: a day ends with its last second.
pub fn end_of(text: &str) -> i64 {
    let number = |from: usize, to: usize| text.get(from..to).map_or(0, |t| t.parse().unwrap());
    let (year, month): (i64, i64) = (number(0, 4), number(5, 7));
    let days: i64 = (1970..year).map(length).sum::<i64>()
        + (1..month).map(|m| days_in(year, m)).sum::<i64>()
        + number(8, 10)
        - 1;
    if text.len() == 10 {
        return days * 86_400 + 86_399;
    }
    let zone = match &text[19..] {
        "Z" => 0,
        zone => {
            let at = |from: usize| -> i64 { zone[from..from + 2].parse().unwrap() };
            (at(1) * 3600 + at(4) * 60) * if zone.starts_with('-') { -1 } else { 1 }
        }
    };
    days * 86_400 + number(11, 13) * 3600 + number(14, 16) * 60 + number(17, 19) - zone
}

fn length(year: i64) -> i64 {
    365 + i64::from(is_leap(year))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
