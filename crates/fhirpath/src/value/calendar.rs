//! Calendar durations (FHIRPath N1 §2.5.2) and days of the calendar.

/// Units of calendar durations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs, reason = "the names are those of the language")]
pub enum Calendar {
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

use Calendar::*;

/// Unit, its word, its UCUM code.
const UNITS: [(Calendar, &str, &str); 8] = [
    (Millisecond, "millisecond", "ms"),
    (Second, "second", "s"),
    (Minute, "minute", "min"),
    (Hour, "hour", "h"),
    (Day, "day", "d"),
    (Week, "week", "wk"),
    (Month, "month", "mo"),
    (Year, "year", "a"),
];

impl Calendar {
    /// By its word, singular or plural.
    pub fn from_word(word: &str) -> Option<Calendar> {
        let singular = word.strip_suffix('s').unwrap_or(word);
        UNITS.iter().find(|(_, word, _)| *word == singular).map(|(unit, ..)| *unit)
    }

    /// By the UCUM code that FHIR takes for it.
    pub fn from_code(code: &str) -> Option<Calendar> {
        UNITS.iter().find(|(_, _, own)| *own == code).map(|(unit, ..)| *unit)
    }

    /// The UCUM code next to it.
    pub fn code(self) -> &'static str {
        UNITS.iter().find(|(unit, ..)| *unit == self).map_or("", |(_, _, code)| code)
    }

    /// Whether it has the same length as its UCUM unit; months and years do not.
    pub fn is_definite(self) -> bool {
        self < Month
    }

    /// Its length in milliseconds, a month being 30 days and a year 365.
    pub fn milliseconds(self) -> i64 {
        match self {
            Millisecond => 1,
            Second => 1000,
            Minute => 60_000,
            Hour => 3_600_000,
            Day => 86_400_000,
            Week => 7 * 86_400_000,
            Month => 30 * 86_400_000,
            Year => 365 * 86_400_000,
        }
    }
}

/// Days of a month.
pub(super) fn month_days(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
