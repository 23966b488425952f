//! Dates and times plus durations (FHIRPath N1 §6.6.7), and their boundaries.

use accord_base::civil_from_days;
use num_traits::ToPrimitive;

use super::calendar::month_days;
use super::moment::ZONES;
use super::number::Rounding;
use super::{Calendar, Moment, MomentKind, Number, Precision, Quantity, UnitKind};

/// A duration cannot be added to what it was added to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NoDuration;

const DAY: i128 = 86_400_000_000_000;

impl Moment {
    /// This moved by a duration, back if `negative`; `None` outside the years 1 to 9999.
    ///
    /// # Errors
    /// The quantity is no duration: months and years must be the calendar's, a time takes nothing
    /// longer than hours.
    pub(crate) fn shifted(
        &self,
        by: &Quantity<'_>,
        negative: bool,
    ) -> Result<Option<Moment>, NoDuration> {
        let unit = match by.kind {
            UnitKind::Calendar(unit) | UnitKind::Either(unit) => unit,
            UnitKind::Ucum => Calendar::from_code(&by.unit)
                .filter(|unit| unit.is_definite())
                .or_else(|| Calendar::from_word(&by.unit))
                .ok_or(NoDuration)?,
        };
        if self.kind == MomentKind::Time && unit >= Calendar::Day {
            return Err(NoDuration);
        }
        let value = if negative { by.value.negated() } else { by.value };
        Ok(self.moved(value, unit))
    }

    fn moved(&self, value: Number, unit: Calendar) -> Option<Moment> {
        // Fractions count for seconds and milliseconds alone.
        let whole = |number: Number| number.whole(Rounding::ToZero)?.as_integer();
        if unit > Calendar::Second || self.precision < Precision::Second {
            let (count, unit) = self.in_own_precision(whole(value)?, unit)?;
            return match unit {
                Calendar::Year => self.months_on(count.checked_mul(12)?),
                Calendar::Month => self.months_on(count),
                _ => self.nanos_on(i128::from(count).checked_mul(nanos(unit))?),
            };
        }
        let nanos = value.ratio() * num_bigint::BigInt::from(nanos(unit));
        self.nanos_on(nanos.to_integer().to_i128()?)
    }

    /// A duration in a unit that this moment has a part for.
    fn in_own_precision(&self, count: i64, unit: Calendar) -> Option<(i64, Calendar)> {
        let own = match self.precision {
            Precision::Year => Calendar::Year,
            Precision::Month => Calendar::Month,
            Precision::Day => Calendar::Day,
            Precision::Hour => Calendar::Hour,
            Precision::Minute => Calendar::Minute,
            Precision::Second => Calendar::Millisecond,
        };
        if unit >= own {
            return Some((count, unit));
        }
        if (unit, own) == (Calendar::Month, Calendar::Year) {
            return Some((count / 12, own));
        }
        let milliseconds = i128::from(count).checked_mul(unit.milliseconds().into())?;
        Some((i64::try_from(milliseconds / i128::from(own.milliseconds())).ok()?, own))
    }

    fn months_on(&self, months: i64) -> Option<Moment> {
        let all = (self.year * 12 + self.month - 1).checked_add(months)?;
        let (year, month) = (all.div_euclid(12), all.rem_euclid(12) + 1);
        let day = self.day.min(month_days(year, month));
        (1..=9999).contains(&year).then_some(Moment { year, month, day, ..*self })
    }

    fn nanos_on(&self, nanos: i128) -> Option<Moment> {
        let all = self.local_nanos().checked_add(nanos)?;
        let (days, rest) = (all.div_euclid(DAY), all.rem_euclid(DAY));
        let mut moment = *self;
        if self.kind != MomentKind::Time {
            let days = i64::try_from(days).ok().filter(|days| days.abs() < 4_000_000)?;
            let (year, month, day) = civil_from_days(days);
            (moment.year, moment.month, moment.day) = (year, month.into(), day.into());
            if !(1..=9999).contains(&year) {
                return None;
            }
        }
        let rest = rest as i64;
        moment.nanos = rest % 1_000_000_000;
        let seconds = rest / 1_000_000_000;
        (moment.hour, moment.minute, moment.second) =
            (seconds / 3600, seconds / 60 % 60, seconds % 60);
        if moment.nanos % 10i64.pow(9 - u32::from(moment.digits.min(9))) != 0 {
            moment.digits = if moment.nanos % 1_000_000 == 0 { 3 } else { 9 };
        }
        Some(moment)
    }

    /// Digits of the precision: 4 for a year, 17 for milliseconds; of times 2 to 9.
    pub(crate) fn precision_digits(&self) -> i64 {
        let date = match self.precision {
            Precision::Year => 4,
            Precision::Month => 6,
            Precision::Day => 8,
            Precision::Hour => 10,
            Precision::Minute => 12,
            Precision::Second if self.digits == 0 => 14,
            Precision::Second => 17,
        };
        if self.kind == MomentKind::Time { date - 8 } else { date }
    }

    /// The first or last moment it can stand for, with so many digits of precision; `None` where
    /// there is no such precision.
    pub(crate) fn boundary(&self, digits: Option<i64>, high: bool) -> Option<Moment> {
        let own = match self.kind {
            MomentKind::Date => 8,
            MomentKind::DateTime => 17,
            MomentKind::Time => 9,
        };
        let digits = digits.unwrap_or(own);
        let time = self.kind == MomentKind::Time;
        let mut m = *self;
        let pick = |low: i64, top: i64| if high { top } else { low };
        if self.precision < Precision::Month {
            m.month = pick(1, 12);
        }
        if self.precision < Precision::Day {
            m.day = pick(1, month_days(m.year, m.month));
        }
        if self.precision < Precision::Hour {
            m.hour = pick(0, 23);
        }
        if self.precision < Precision::Minute {
            m.minute = pick(0, 59);
        }
        if self.precision < Precision::Second {
            m.second = pick(0, 59);
        }
        if self.digits < 3 {
            let unit = 10i64.pow(9 - u32::from(self.digits));
            m.nanos += pick(0, unit - 1_000_000);
        }
        let (precision, fraction) = match if time { digits.saturating_add(8) } else { digits } {
            4 => (Precision::Year, 0),
            6 => (Precision::Month, 0),
            8 => (Precision::Day, 0),
            10 => (Precision::Hour, 0),
            12 => (Precision::Minute, 0),
            14 => (Precision::Second, 0),
            17 => (Precision::Second, 3),
            _ => return None,
        };
        (m.precision, m.digits) = (precision, fraction);
        if !time && precision >= Precision::Hour {
            m.kind = MomentKind::DateTime;
            m.zone = m.zone.or(Some(pick(ZONES.1, ZONES.0)));
        }
        (time == (precision >= Precision::Hour) || !time).then_some(m)
    }

    /// From microseconds since 1970, in UTC, to milliseconds.
    pub(crate) fn from_micros(micros: i64) -> Moment {
        let days = micros.div_euclid(86_400_000_000);
        let rest = micros.rem_euclid(86_400_000_000) / 1000;
        let (year, month, day) = civil_from_days(days);
        Moment {
            kind: MomentKind::DateTime,
            precision: Precision::Second,
            year,
            month: month.into(),
            day: day.into(),
            hour: rest / 3_600_000,
            minute: rest / 60_000 % 60,
            second: rest / 1000 % 60,
            nanos: rest % 1000 * 1_000_000,
            digits: 3,
            zone: Some(0),
        }
    }

    /// Its date, as precise as it is.
    pub(crate) fn to_date(self) -> Moment {
        let precision = self.precision.min(Precision::Day);
        Moment { kind: MomentKind::Date, precision, zone: None, digits: 0, ..self.at_midnight() }
    }

    /// Its time of day, if it has one.
    pub(crate) fn to_time(self) -> Option<Moment> {
        let good = self.kind != MomentKind::Date && self.precision >= Precision::Hour;
        let time =
            Moment { kind: MomentKind::Time, zone: None, year: 1970, month: 1, day: 1, ..self };
        good.then_some(time)
    }

    fn at_midnight(self) -> Moment {
        Moment { hour: 0, minute: 0, second: 0, nanos: 0, ..self }
    }
}

fn nanos(unit: Calendar) -> i128 {
    i128::from(unit.milliseconds()) * 1_000_000
}
