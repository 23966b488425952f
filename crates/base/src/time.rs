//! Instants of the log.

use std::fmt;

/// An instant in microseconds since 1970-01-01T00:00:00Z. The writer stamps each transaction with
/// one that is strictly greater than the last, so it also names a state of the store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct LogTime(pub u64);

impl LogTime {
    /// Later than every instant the store will see.
    pub const NEVER: LogTime = LogTime(u64::MAX);
    /// One second.
    pub const SECOND_US: u64 = 1_000_000;

    /// This instant moved forward.
    pub fn plus_us(self, us: u64) -> LogTime {
        LogTime(self.0.saturating_add(us))
    }

    /// This instant moved back.
    pub fn minus_us(self, us: u64) -> LogTime {
        LogTime(self.0.saturating_sub(us))
    }

    /// Whole seconds since 1970.
    pub fn seconds(self) -> u64 {
        self.0 / Self::SECOND_US
    }

    /// The instant as an HTTP date (RFC 9110 §5.6.7), `Sat, 21 Nov 2026 22:33:18 GMT`.
    pub fn http_date(self) -> String {
        const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let seconds = self.seconds();
        let days = seconds / 86_400;
        let (year, month, day) = civil_from_days(days as i64);
        let weekday = DAYS.get((days % 7) as usize).copied().unwrap_or_default();
        let month = MONTHS.get(month as usize - 1).copied().unwrap_or_default();
        let mut text = String::with_capacity(29);
        let [d1, d0] = digits(u64::from(day));
        let year: [u8; 4] = digits(year as u64);
        let time = time_of_day(seconds);
        for part in [
            weekday,
            ", ",
            ascii(&[d1, d0]),
            " ",
            month,
            " ",
            ascii(&year),
            " ",
            ascii(&time),
            " GMT",
        ] {
            text.push_str(part);
        }
        text
    }
}

/// A FHIR instant with microseconds, `2026-11-21T22:33:18.123456Z`.
impl fmt::Display for LogTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.seconds();
        let (year, month, day) = civil_from_days((seconds / 86_400) as i64);
        let [m1, m0] = digits(u64::from(month));
        let [d1, d0] = digits(u64::from(day));
        let [h1, h0, c1, n1, n0, c2, s1, s0] = time_of_day(seconds);
        let [f5, f4, f3, f2, f1, f0] = digits(self.0 % Self::SECOND_US);
        let rest = [
            b'-', m1, m0, b'-', d1, d0, b'T', h1, h0, c1, n1, n0, c2, s1, s0, b'.', f5, f4, f3, f2,
            f1, f0, b'Z',
        ];
        if year > 9999 {
            // Only `NEVER` and its like.
            write!(f, "{year}")?;
        } else {
            f.write_str(ascii(&digits::<4>(year as u64)))?;
        }
        f.write_str(ascii(&rest))
    }
}

/// The time of day of a number of seconds, `22:33:18`.
fn time_of_day(seconds: u64) -> [u8; 8] {
    let [h1, h0] = digits(seconds / 3600 % 24);
    let [m1, m0] = digits(seconds / 60 % 60);
    let [s1, s0] = digits(seconds % 60);
    [h1, h0, b':', m1, m0, b':', s1, s0]
}

/// The last `N` decimal digits of a number. Instants stand in every answer and log line, and the
/// general formatting of numbers with a width costs several times as much.
fn digits<const N: usize>(mut number: u64) -> [u8; N] {
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
    digits
}

fn ascii(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap_or_default()
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
///
/// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
pub fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = i64::from((month + 9) % 12);
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month (1–12) and day (1–31) of a number of days since 1970-01-01.
///
/// Source: as [`days_from_civil`], `civil_from_days`.
pub fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u32;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month as u32, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_dates_round_trip_over_eight_centuries() {
        let mut expect = days_from_civil(1600, 1, 1);
        for year in 1600..2400i64 {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let months = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            for (month, len) in (1u32..).zip(months) {
                for day in 1..=len {
                    assert_eq!(days_from_civil(year, month, day), expect);
                    assert_eq!(civil_from_days(expect), (year, month, day));
                    expect += 1;
                }
            }
        }
        assert_eq!(days_from_civil(1970, 1, 1), 0);
    }

    #[test]
    fn instants_print_as_fhir_and_http() {
        let t = LogTime(1_795_300_398_123_456);
        assert_eq!(t.to_string(), "2026-11-21T22:33:18.123456Z");
        assert_eq!(t.http_date(), "Sat, 21 Nov 2026 22:33:18 GMT");
    }
}
