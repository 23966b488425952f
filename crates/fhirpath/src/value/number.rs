//! Decimals: exact, with the precision they were written in, at most 38 digits.

use std::cmp::Ordering;
use std::fmt;

use accord_ucum::Ratio;
use num_bigint::BigInt;
use num_traits::{Pow, Signed, ToPrimitive, Zero};

/// Digits behind the point that computing keeps.
const PLACES: u32 = 28;
/// Digits behind the point that a number can have.
const MOST_PLACES: u32 = 37;

/// A decimal number: `coefficient × 10^-scale`. Sums and products are exact as long as they fit 38
/// digits; what does not fit is rounded behind the point, and is nothing before it.
#[derive(Clone, Copy, Debug)]
pub struct Number {
    coefficient: i128,
    scale: u32,
}

impl Number {
    /// One.
    pub const ONE: Number = Number { coefficient: 1, scale: 0 };

    /// Reads a decimal in FHIR's or JSON's form; `None` if it is none or does not fit.
    pub fn parse(text: &str) -> Option<Number> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (text.get(..at)?, text.get(at + 1..)?.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = || whole.bytes().chain(fraction.bytes());
        let dangling = unsigned.len() > whole.len() && fraction.is_empty();
        if whole.is_empty() || dangling || digits().any(|b| !b.is_ascii_digit()) {
            return None;
        }
        if unsigned.len() > 400 || exponent.abs() > 400 {
            return None;
        }
        let scale = i64::from(exponent).checked_neg()? + fraction.len() as i64;
        let coefficient = digits()
            .try_fold(0i128, |sum, b| sum.checked_mul(10)?.checked_add(i128::from(b - b'0')));
        let negative = mantissa.starts_with('-');
        match (coefficient, u32::try_from(scale)) {
            (Some(coefficient), Ok(scale)) if scale <= MOST_PLACES => {
                let coefficient = if negative { -coefficient } else { coefficient };
                Some(Number { coefficient, scale })
            }
            _ => {
                let all: BigInt = format!("{whole}{fraction}").parse().ok()?;
                Number::fit(if negative { -all } else { all }, scale)
            }
        }
    }

    /// `coefficient × 10^-scale`, rounded to what fits.
    pub(super) fn fit(mut coefficient: BigInt, mut scale: i64) -> Option<Number> {
        if scale < 0 {
            coefficient *= ten(scale.unsigned_abs())?;
            scale = 0;
        }
        let excess = (scale - i64::from(MOST_PLACES)).max(0).max(surplus(&coefficient));
        let excess = excess.min(scale);
        if excess > 0 {
            coefficient = rounded_quotient(&coefficient, &ten(excess.unsigned_abs())?);
            scale -= excess;
        }
        match coefficient.to_i128() {
            Some(small) => Some(Number { coefficient: small, scale: u32::try_from(scale).ok()? }),
            None if scale > 0 => {
                Number::fit(rounded_quotient(&coefficient, &BigInt::from(10)), scale - 1)
            }
            None => None,
        }
    }

    /// Of a fraction: to 28 digits behind the point, without zeros at the end.
    pub(crate) fn from_ratio(ratio: &Ratio) -> Option<Number> {
        let scaled = ratio.numer() * ten(PLACES.into())?;
        let number = Number::fit(rounded_quotient(&scaled, ratio.denom()), PLACES.into())?;
        Some(number.trimmed())
    }

    pub(crate) fn ratio(self) -> Ratio {
        let power = ten(self.scale.into()).unwrap_or_else(|| BigInt::from(1));
        Ratio::new(self.coefficient.into(), power)
    }

    pub(super) fn big(self) -> (BigInt, i64) {
        (self.coefficient.into(), self.scale.into())
    }

    /// Digits behind the point, as written.
    pub fn scale(self) -> u32 {
        self.scale
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        self.coefficient == 0
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.coefficient < 0
    }

    /// With its sign turned.
    pub fn negated(self) -> Number {
        Number { coefficient: -self.coefficient, ..self }
    }

    /// Without zeros at the end of the fraction.
    pub fn trimmed(mut self) -> Number {
        while self.scale > 0 && self.coefficient % 10 == 0 {
            self.coefficient /= 10;
            self.scale -= 1;
        }
        self
    }

    /// The whole number, if it is one and fits.
    pub fn as_integer(self) -> Option<i64> {
        let whole = self.trimmed();
        if whole.scale == 0 { i64::try_from(whole.coefficient).ok() } else { None }
    }

    /// To so many digits behind the point, towards `way`; exact if there are fewer.
    pub(crate) fn with_scale(self, scale: u32, way: Rounding) -> Option<Number> {
        let (coefficient, own) = self.big();
        if scale >= self.scale {
            let coefficient = coefficient * ten(u64::from(scale - self.scale))?;
            return Some(Number { coefficient: coefficient.to_i128()?, scale });
        }
        let divisor = ten((own - i64::from(scale)).unsigned_abs())?;
        let down = floor_quotient(&coefficient, &divisor);
        let exact = &down * &divisor == coefficient;
        let quotient = match way {
            Rounding::Down => down,
            Rounding::Up if exact => down,
            Rounding::Up => down + 1,
            Rounding::Nearest => rounded_quotient(&coefficient, &divisor),
            Rounding::ToZero if self.is_negative() && !exact => down + 1,
            Rounding::ToZero => down,
        };
        Some(Number { coefficient: quotient.to_i128()?, scale })
    }
}

/// Which way digits are left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rounding {
    /// To the smaller number.
    Down,
    /// To the larger number.
    Up,
    /// Towards zero.
    ToZero,
    /// To the nearest; halves away from zero.
    Nearest,
}

impl From<i64> for Number {
    fn from(whole: i64) -> Number {
        Number { coefficient: whole.into(), scale: 0 }
    }
}

/// `10^exponent`, for exponents that numbers within the limits need.
pub(super) fn ten(exponent: u64) -> Option<BigInt> {
    let exponent = u32::try_from(exponent).ok().filter(|e| *e <= 2_000)?;
    Some(Pow::pow(BigInt::from(10), exponent))
}

/// Digits above 38.
fn surplus(number: &BigInt) -> i64 {
    let digits = number.bits() as i64 * 30103 / 100_000;
    (digits - 38).max(0)
}

pub(super) fn floor_quotient(number: &BigInt, by: &BigInt) -> BigInt {
    let quotient = number / by;
    if number.is_negative() != by.is_negative() && &quotient * by != *number {
        quotient - 1
    } else {
        quotient
    }
}

/// The nearest whole number; halves away from zero.
pub(super) fn rounded_quotient(number: &BigInt, by: &BigInt) -> BigInt {
    let double: BigInt = (number.abs() * 2 + by.abs()) / (by.abs() * 2);
    if number.is_negative() != by.is_negative() { -double } else { double }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        let by = |number: Number, more: u32| {
            BigInt::from(number.coefficient) * ten(more.into()).unwrap_or_else(BigInt::zero)
        };
        match self.scale.cmp(&other.scale) {
            Ordering::Equal => self.coefficient.cmp(&other.coefficient),
            Ordering::Less => by(*self, other.scale - self.scale).cmp(&other.coefficient.into()),
            Ordering::Greater => {
                BigInt::from(self.coefficient).cmp(&by(*other, self.scale - other.scale))
            }
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.coefficient.unsigned_abs().to_string();
        if self.coefficient < 0 {
            f.write_str("-")?;
        }
        let places = self.scale as usize;
        if places == 0 {
            return f.write_str(&digits);
        }
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at_checked(padded.len() - places).unwrap_or_default();
        write!(f, "{whole}.{fraction}")
    }
}
