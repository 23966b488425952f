//! Calendar and clock of the population: instants in seconds, shown in British local time.

use std::fmt;

use accord_base::{LogTime, civil_from_days, days_from_civil};

/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;
/// Seconds in an hour.
pub(crate) const HOUR: i64 = 3_600;
/// Seconds in a minute.
pub(crate) const MINUTE: i64 = 60;

/// An instant in seconds since 1970-01-01T00:00:00Z. Displays as a FHIR dateTime with the offset
/// that applied in Britain, `2026-07-01T09:30:00+01:00`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Moment(pub i64);

/// A day, in days since 1970-01-01. Displays as a FHIR date.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Day(pub i64);

impl Moment {
    /// The instant of the log, cut to the minute.
    pub fn from_log(at: LogTime) -> Moment {
        let seconds = i64::try_from(at.seconds()).unwrap_or(i64::MAX);
        Moment(seconds - seconds.rem_euclid(MINUTE))
    }

    /// The same instant as a log instant; 1970 for anything earlier.
    pub fn to_log(self) -> LogTime {
        LogTime(u64::try_from(self.0).unwrap_or(0).saturating_mul(LogTime::SECOND_US))
    }

    /// This instant moved by seconds.
    pub fn plus(self, seconds: i64) -> Moment {
        Moment(self.0.saturating_add(seconds))
    }

    /// The day in UTC.
    pub fn day(self) -> Day {
        Day(self.0.div_euclid(DAY))
    }

    /// Seconds by which British time is ahead of UTC: one hour from 01:00 UTC on the last Sunday
    /// of March to 01:00 UTC on the last Sunday of October (Summer Time Order 2002).
    fn offset(self) -> i64 {
        let (year, _, _) = civil_from_days(self.day().0);
        let change = |month| last_sunday(year, month) * DAY + HOUR;
        if (change(3)..change(10)).contains(&self.0) { HOUR } else { 0 }
    }
}

/// Day number of the last Sunday of a month of 31 days.
fn last_sunday(year: i64, month: u32) -> i64 {
    let end = days_from_civil(year, month, 31);
    // 1970-01-01 was a Thursday, so day 3 was the first Sunday.
    end - (end - 3).rem_euclid(7)
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = self.offset();
        let local = self.plus(offset);
        let seconds = local.0.rem_euclid(DAY);
        let (h, m, s) = (seconds / HOUR, seconds / MINUTE % 60, seconds % 60);
        write!(f, "{}T{h:02}:{m:02}:{s:02}+{:02}:00", local.day(), offset / HOUR)
    }
}

impl Day {
    /// The day of a calendar date.
    pub fn of(year: i64, month: u32, day: u32) -> Day {
        Day(days_from_civil(year, month, day))
    }

    /// Reads `YYYY-MM-DD`; 1970-01-01 when it is not one.
    pub fn parse(text: &str) -> Day {
        let mut parts = text.split('-').map(|part| part.parse::<i64>().unwrap_or(0));
        let mut next = || parts.next().unwrap_or(0);
        let (year, month, day) = (next(), next(), next());
        if (1..=12).contains(&month) && (1..=31).contains(&day) {
            Day::of(year, month as u32, day as u32)
        } else {
            Day(0)
        }
    }

    /// Midnight UTC at the start of the day.
    pub fn start(self) -> Moment {
        Moment(self.0 * DAY)
    }

    /// Completed years from this birthday to `on`.
    pub fn age_on(self, on: Day) -> i64 {
        let (by, bm, bd) = civil_from_days(self.0);
        let (y, m, d) = civil_from_days(on.0);
        y - by - i64::from((m, d) < (bm, bd))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(year: i64, month: u32, day: u32, hour: i64) -> Moment {
        Day::of(year, month, day).start().plus(hour * HOUR)
    }

    #[test]
    fn summer_time_starts_and_ends_on_the_last_sundays() {
        for (at, expect) in [
            (utc(2026, 3, 29, 0), "2026-03-29T00:00:00+00:00"),
            (utc(2026, 3, 29, 1), "2026-03-29T02:00:00+01:00"),
            (utc(2026, 7, 1, 23), "2026-07-02T00:00:00+01:00"),
            (utc(2026, 10, 25, 0), "2026-10-25T01:00:00+01:00"),
            (utc(2026, 10, 25, 1), "2026-10-25T01:00:00+00:00"),
            (utc(2024, 2, 29, 12), "2024-02-29T12:00:00+00:00"),
            (utc(1958, 12, 31, 5), "1958-12-31T05:00:00+00:00"),
        ] {
            assert_eq!(at.to_string(), expect);
        }
    }

    #[test]
    fn ages_are_completed_years() {
        let born = Day::parse("2000-02-29");
        assert_eq!(born.age_on(Day::of(2018, 2, 28)), 17);
        assert_eq!(born.age_on(Day::of(2018, 3, 1)), 18);
        assert_eq!(born.age_on(Day::of(2000, 2, 29)), 0);
        assert_eq!(Day::parse("nonsense"), Day(0));
        assert_eq!(born.to_string(), "2000-02-29");
    }
}
