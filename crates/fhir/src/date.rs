//! Dates with precision: each stands for a range of microseconds.

use accord_base::days_from_civil;

/// Microseconds in a day.
const DAY_US: i64 = 86_400_000_000;

/// The instants a partial date stands for: `low` inclusive, `high` exclusive, in microseconds
/// since 1970-01-01T00:00:00Z. `2026-11` is all of that November. Open ends of periods are
/// `i64::MIN` and `i64::MAX`.
///
/// A date, or a dateTime without a zone in a search, is read in UTC: the server's own zone must
/// not change what a search finds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DateRange {
    /// First microsecond.
    pub low: i64,
    /// First microsecond after it.
    pub high: i64,
}

/// Where clocks show what a date means that has no zone of its own.
pub trait Zone: Send + Sync + std::fmt::Debug {
    /// The instant at which clocks there show a local time; both in microseconds since 1970. Of two
    /// such instants the first; where clocks skip the time, as long after the skip began as the time
    /// is after it.
    fn instant(&self, local_us: i64) -> i64;

    /// The local time that clocks there show at an instant; both in microseconds since 1970.
    fn local(&self, instant_us: i64) -> i64;

    /// What the zone is called.
    fn name(&self) -> &str;
}

/// Coordinated Universal Time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Utc;

impl Zone for Utc {
    fn instant(&self, local_us: i64) -> i64 {
        local_us
    }

    fn local(&self, instant_us: i64) -> i64 {
        instant_us
    }

    fn name(&self) -> &'static str {
        "UTC"
    }
}

impl DateRange {
    /// As [`DateRange::parse`], but what names no zone of its own is read in this one.
    pub fn parse_in(text: &str, zone: &dyn Zone) -> Option<DateRange> {
        let range = DateRange::parse(text)?;
        let named = |time: &str| time.ends_with('Z') || time.contains(['+', '-']);
        if text.split_once('T').is_some_and(|(_, time)| named(time)) {
            return Some(range);
        }
        Some(DateRange { low: zone.instant(range.low), high: zone.instant(range.high) })
    }

    /// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, `YYYY-MM-DDThh:mm[:ss[.f…]][zone]`. A search may
    /// leave out seconds and zone (FHIR R4 search §3.1.1.4.5); whether an element may is for
    /// validation to say.
    pub fn parse(text: &str) -> Option<DateRange> {
        let bytes = text.as_bytes();
        let year = digits(bytes, 0, 4)?;
        if year == 0 {
            return None;
        }
        if bytes.len() == 4 {
            return Some(days(date_days(year, 1, 1)?, date_days(year + 1, 1, 1)?));
        }
        expect(bytes, 4, b'-')?;
        let month = digits(bytes, 5, 2)?;
        let first = date_days(year, month, 1)?;
        if bytes.len() == 7 {
            let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            return Some(days(first, date_days(next.0, next.1, 1)?));
        }
        expect(bytes, 7, b'-')?;
        let day = date_days(year, month, digits(bytes, 8, 2)?)?;
        if bytes.len() == 10 {
            return Some(days(day, day + 1));
        }
        expect(bytes, 10, b'T')?;
        time_range(bytes.get(11..)?, day * DAY_US)
    }

    /// The range of a Period; a missing end is open.
    pub fn period(start: Option<&str>, end: Option<&str>) -> Option<DateRange> {
        if start.is_none() && end.is_none() {
            return None;
        }
        let low = start.map_or(Some(i64::MIN), |s| Some(DateRange::parse(s)?.low))?;
        let high = end.map_or(Some(i64::MAX), |e| Some(DateRange::parse(e)?.high))?;
        Some(DateRange { low, high })
    }
}

/// `hh:mm[:ss[.f…]][zone]` on the day that begins at `midnight` microseconds.
fn time_range(bytes: &[u8], midnight: i64) -> Option<DateRange> {
    let hour = digits(bytes, 0, 2)?;
    expect(bytes, 2, b':')?;
    let minute = digits(bytes, 3, 2)?;
    if hour > 23 || minute > 59 {
        return None;
    }
    let (mut at, mut us, mut step) = (5, (hour * 3600 + minute * 60) * 1_000_000, 60_000_000);
    if bytes.get(at) == Some(&b':') {
        let second = digits(bytes, 6, 2)?;
        // 60 is a leap second, which R4 allows; it counts as the second before.
        if second > 60 {
            return None;
        }
        us += second.min(59) * 1_000_000;
        (at, step) = (8, 1_000_000);
        if bytes.get(at) == Some(&b'.') {
            let length = bytes.get(at + 1..)?.iter().take_while(|b| b.is_ascii_digit()).count();
            if length == 0 {
                return None;
            }
            for place in 0..length.min(6) {
                step /= 10;
                us += digits(bytes, at + 1 + place, 1)? * step;
            }
            at += 1 + length;
        }
    }
    let low = midnight + us - zone_us(bytes.get(at..)?)?;
    Some(DateRange { low, high: low + step })
}

/// Offset of `Z`, `+hh:mm`, `-hh:mm` or nothing from UTC, in microseconds.
fn zone_us(bytes: &[u8]) -> Option<i64> {
    let sign = match bytes {
        [] | [b'Z'] => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let (hours, minutes) = (digits(bytes, 1, 2)?, digits(bytes, 4, 2)?);
    expect(bytes, 3, b':')?;
    let good = bytes.len() == 6 && (hours < 14 && minutes < 60 || hours == 14 && minutes == 0);
    good.then_some(sign * (hours * 3600 + minutes * 60) * 1_000_000)
}

fn days(first: i64, end: i64) -> DateRange {
    DateRange { low: first * DAY_US, high: end * DAY_US }
}

/// Days since 1970 of a date that exists.
fn date_days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let good = (1..=length).contains(&day);
    good.then(|| days_from_civil(year, month as u32, day as u32))
}

fn digits(bytes: &[u8], at: usize, length: usize) -> Option<i64> {
    let digits = bytes.get(at..at + length)?;
    digits.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
}

fn expect(bytes: &[u8], at: usize, byte: u8) -> Option<()> {
    (bytes.get(at) == Some(&byte)).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, low: &str, high: &str) {
        let instant = |t: &str| DateRange::parse(t).unwrap().low;
        let expect = DateRange { low: instant(low), high: instant(high) };
        assert_eq!(DateRange::parse(text), Some(expect), "{text}");
    }

    #[test]
    fn precision_gives_the_range() {
        check("2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
        check("2024-02", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z");
        check("2024-12", "2024-12-01T00:00:00Z", "2025-01-01T00:00:00Z");
        check("2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z");
        check("2026-01-01T10:00", "2026-01-01T10:00:00Z", "2026-01-01T10:01:00Z");
        check("2026-01-01T10:00:07+02:00", "2026-01-01T08:00:07Z", "2026-01-01T08:00:08Z");
        check("2026-01-01T10:00:07.25Z", "2026-01-01T10:00:07.250Z", "2026-01-01T10:00:07.260Z");
        assert_eq!(DateRange::parse("1970-01-01T00:00:01Z").unwrap().low, 1_000_000);
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        for bad in [
            "",
            "202",
            "0000",
            "2023-13",
            "2023-00",
            "2023-02-29",
            "2023-1-1",
            "2023-01-01T",
            "2023-01-01T24:00:00Z",
            "2023-01-01T10:60:00Z",
            "2023-01-01T10:00:00.Z",
            "2023-01-01T10:00:00+15:00",
            "2023-01-01T10:00:00x",
            "2023-01-01 10:00",
            "2023-01-01T10",
        ] {
            assert_eq!(DateRange::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn periods_may_be_open() {
        let open = DateRange::period(Some("2026"), None).unwrap();
        assert_eq!(open.high, i64::MAX);
        assert_eq!(DateRange::period(None, Some("2026")).unwrap().low, i64::MIN);
        assert_eq!(DateRange::period(None, None), None);
    }

    #[derive(Debug)]
    struct East(i64);

    impl Zone for East {
        fn instant(&self, local_us: i64) -> i64 {
            local_us - self.0 * 3_600_000_000
        }

        fn local(&self, instant_us: i64) -> i64 {
            instant_us + self.0 * 3_600_000_000
        }

        fn name(&self) -> &'static str {
            "east"
        }
    }

    #[test]
    fn what_names_no_zone_is_read_in_one() {
        let parse = |text| DateRange::parse_in(text, &East(2)).unwrap();
        let range = |low, high| DateRange {
            low: DateRange::parse(low).unwrap().low,
            high: DateRange::parse(high).unwrap().low,
        };
        let day = range("2026-02-28T22:00:00Z", "2026-03-01T22:00:00Z");
        assert_eq!(parse("2026-03-01"), day);
        assert_eq!(parse("2026-03"), range("2026-02-28T22:00:00Z", "2026-03-31T22:00:00Z"));
        for named in ["2026-03-01T00:00:00Z", "2026-03-01T05:00:00+05:00", "2026-03-01T10:00-02:00"]
        {
            assert_eq!(parse(named), DateRange::parse(named).unwrap(), "{named}");
        }
        assert_eq!(parse("2026-03-01T10:00").low, parse("2026-03-01T08:00:00Z").low);
        assert_eq!(DateRange::parse_in("2026-03-01", &Utc), DateRange::parse("2026-03-01"));
        assert_eq!(DateRange::parse_in("soon", &Utc), None);
    }
}
