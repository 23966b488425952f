//! Dates, times and both, each with the precision it was written in.

use std::cmp::Ordering;
use std::fmt;

use accord_base::days_from_civil;

use super::calendar::month_days;

/// A date, a dateTime or a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    /// Which of the three.
    pub kind: MomentKind,
    /// The smallest part that is given.
    pub precision: Precision,
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
    pub(crate) nanos: i64,
    /// Digits of the fraction of seconds.
    pub(crate) digits: u8,
    /// Minutes east of UTC.
    pub(crate) zone: Option<i64>,
}

/// The three types.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names are those of the language")]
pub enum MomentKind {
    Date,
    DateTime,
    Time,
}

/// Parts of a date or time, the coarsest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs, reason = "the names are those of the language")]
pub enum Precision {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

const BILLION: i128 = 1_000_000_000;
/// How far zones lie from UTC, in minutes: -12:00 to +14:00.
pub(crate) const ZONES: (i64, i64) = (-720, 840);

impl Moment {
    fn empty(kind: MomentKind) -> Moment {
        Moment {
            kind,
            precision: Precision::Year,
            year: 1970,
            month: 1,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
            nanos: 0,
            digits: 0,
            zone: None,
        }
    }

    /// `2026`, `2026-11`, `2026-11-22`; only days that exist.
    pub fn date(text: &str) -> Option<Moment> {
        let mut moment = Moment::empty(MomentKind::Date);
        let rest = moment.read_date(text)?;
        rest.is_empty().then_some(moment)
    }

    /// A date with or without `T`, or with a time of any precision, and a zone.
    pub fn date_time(text: &str) -> Option<Moment> {
        let mut moment = Moment::empty(MomentKind::DateTime);
        let rest = moment.read_date(text)?;
        let Some(rest) = rest.strip_prefix('T').filter(|rest| !rest.is_empty()) else {
            return matches!(rest, "" | "T").then_some(moment);
        };
        let rest = moment.read_time(rest)?;
        moment.zone = zone(rest)?;
        Some(moment)
    }

    /// `10`, `10:30`, `10:30:00.5`, with or without a `T` before it.
    pub fn time(text: &str) -> Option<Moment> {
        let mut moment = Moment::empty(MomentKind::Time);
        let rest = moment.read_time(text.strip_prefix('T').unwrap_or(text))?;
        rest.is_empty().then_some(moment)
    }

    fn read_date<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let mut rest;
        (self.year, rest) = number(text, 4)?;
        for precision in [Precision::Month, Precision::Day] {
            let Some(more) = rest.strip_prefix('-') else { break };
            let (part, more) = number(more, 2)?;
            let good = match precision {
                Precision::Month => (1..=12).contains(&part),
                _ => (1..=month_days(self.year, self.month)).contains(&part),
            };
            if !good {
                return None;
            }
            *(if precision == Precision::Month { &mut self.month } else { &mut self.day }) = part;
            (rest, self.precision) = (more, precision);
        }
        (self.year > 0).then_some(rest)
    }

    fn read_time<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let mut rest;
        (self.hour, rest) = number(text, 2)?;
        self.precision = Precision::Hour;
        if let Some(more) = rest.strip_prefix(':') {
            (self.minute, rest) = number(more, 2)?;
            self.precision = Precision::Minute;
            if let Some(more) = rest.strip_prefix(':') {
                (self.second, rest) = number(more, 2)?;
                self.precision = Precision::Second;
                rest = self.read_fraction(rest)?;
            }
        }
        (self.hour < 24 && self.minute < 60 && self.second <= 60).then_some(rest)
    }

    fn read_fraction<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let Some(fraction) = text.strip_prefix('.') else { return Some(text) };
        let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = fraction.split_at_checked(length)?;
        let nine: String = digits.chars().chain(std::iter::repeat('0')).take(9).collect();
        self.nanos = nine.parse().ok()?;
        self.digits = u8::try_from(length.min(9)).ok().filter(|length| *length > 0)?;
        Some(rest)
    }

    /// Nanoseconds since 1970, or since midnight, of its first moment, as if it were in UTC.
    pub(crate) fn local_nanos(&self) -> i128 {
        let days = match self.kind {
            MomentKind::Time => 0,
            _ => days_from_civil(self.year, self.month as u32, self.day as u32),
        };
        // A leap second counts as the second before.
        let second = self.second.min(59);
        let seconds = days * 86_400 + self.hour * 3600 + self.minute * 60 + second;
        i128::from(seconds) * BILLION + i128::from(self.nanos)
    }

    /// The first moment after it: the same as its first where it has seconds, which are a point.
    fn local_end(&self) -> i128 {
        let start = self.local_nanos();
        let days = match self.precision {
            Precision::Year => 337 + month_days(self.year, 2),
            Precision::Month => month_days(self.year, self.month),
            Precision::Day => 1,
            Precision::Hour => return start + 3600 * BILLION,
            Precision::Minute => return start + 60 * BILLION,
            Precision::Second => return start,
        };
        start + i128::from(days) * 86_400 * BILLION
    }

    /// How they compare; `None` where precision or an unknown zone leaves it open. The inner
    /// `None` tells that they are of kinds that cannot be compared.
    pub fn compare(&self, other: &Moment) -> Option<Option<Ordering>> {
        if (self.kind == MomentKind::Time) != (other.kind == MomentKind::Time) {
            return None;
        }
        let alike = self.zone.is_some() == other.zone.is_some();
        let range = |m: &Moment| {
            let (low, high) = match m.zone {
                Some(zone) => (zone, zone),
                None if alike => (0, 0),
                None => (ZONES.1, ZONES.0),
            };
            let minutes = |n: i64| i128::from(n) * 60 * BILLION;
            (m.local_nanos() - minutes(low), m.local_end() - minutes(high))
        };
        let (l, r) = (range(self), range(other));
        if alike && self.precision == other.precision {
            return Some(Some(l.0.cmp(&r.0)));
        }
        Some(if l.1 <= r.0 && l.0 < r.0 {
            Some(Ordering::Less)
        } else if r.1 <= l.0 && r.0 < l.0 {
            Some(Ordering::Greater)
        } else {
            None
        })
    }
}

fn number(text: &str, length: usize) -> Option<(i64, &str)> {
    let (digits, rest) = text.split_at_checked(length)?;
    let good = digits.bytes().all(|b| b.is_ascii_digit());
    good.then_some((digits.parse().ok()?, rest))
}

/// Minutes east of UTC of `Z`, `+hh:mm`, `-hh:mm`; nothing for the empty text.
fn zone(text: &str) -> Option<Option<i64>> {
    let sign = match text.as_bytes().first() {
        None => return Some(None),
        Some(b'Z') if text.len() == 1 => return Some(Some(0)),
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return None,
    };
    let (hours, rest) = number(text.get(1..)?, 2)?;
    let (minutes, rest) = number(rest.strip_prefix(':')?, 2)?;
    let good = rest.is_empty() && minutes < 60 && hours * 60 + minutes <= ZONES.1;
    good.then_some(Some(sign * (hours * 60 + minutes)))
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind != MomentKind::Time {
            write!(f, "{:04}", self.year)?;
            if self.precision >= Precision::Month {
                write!(f, "-{:02}", self.month)?;
            }
            if self.precision >= Precision::Day {
                write!(f, "-{:02}", self.day)?;
            }
            if self.precision >= Precision::Hour {
                f.write_str("T")?;
            }
        }
        if self.precision >= Precision::Hour {
            write!(f, "{:02}", self.hour)?;
        }
        if self.precision >= Precision::Minute {
            write!(f, ":{:02}", self.minute)?;
        }
        if self.precision >= Precision::Second {
            write!(f, ":{:02}", self.second)?;
        }
        if self.digits > 0 {
            let nine = format!("{:09}", self.nanos);
            write!(f, ".{}", nine.get(..usize::from(self.digits)).unwrap_or_default())?;
        }
        match self.zone.filter(|_| self.precision >= Precision::Hour) {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(zone) => {
                let sign = if zone < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", zone.abs() / 60, zone.abs() % 60)
            }
        }
    }
}
