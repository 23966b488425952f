//! Decimal texts and exact fractions.

use num_bigint::BigInt;
use num_traits::{One, Pow, Signed, ToPrimitive, Zero};

use crate::Ratio;

/// Digits and powers of ten that a text may have.
const MOST: i64 = 400;

/// Reads `-12.50`, `1e-3`: exactly. `None` if it is no number, or too long a one.
pub fn read(text: &str) -> Option<Ratio> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let good = !whole.is_empty()
        && whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
        && unsigned.len() as i64 <= MOST
        && exponent.abs() <= MOST;
    if !good {
        return None;
    }
    let digits: BigInt = format!("{whole}{fraction}").parse().ok()?;
    let digits = if mantissa.starts_with('-') { -digits } else { digits };
    Some(Ratio::from(digits) * power_of_ten(exponent - fraction.len() as i64))
}

/// `10^exponent`, for exponents within ±1000; beyond that the nearest of these.
pub fn power_of_ten(exponent: i64) -> Ratio {
    let size = exponent.unsigned_abs().min(1000) as u32;
    let power: BigInt = Pow::pow(BigInt::from(10), size);
    if exponent < 0 { Ratio::new(BigInt::one(), power) } else { Ratio::from(power) }
}

/// The number as a decimal without exponent and without zeros at its end, rounded half away from
/// zero to `digits` significant digits.
pub fn show(number: &Ratio, digits: u32) -> String {
    if number.is_zero() {
        return "0".to_owned();
    }
    let places = i64::from(digits) - magnitude(number);
    let scaled = (number.abs() * power_of_ten(places)).round().to_integer();
    let mut text = scaled.to_string();
    if places <= 0 {
        text.extend(std::iter::repeat_n('0', places.unsigned_abs() as usize));
    } else {
        let places = places as usize;
        if text.len() <= places {
            text.insert_str(0, &"0".repeat(places + 1 - text.len()));
        }
        text.insert(text.len() - places, '.');
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    if number.is_negative() { format!("-{text}") } else { text }
}

/// `±coefficient × 10^exponent`; `None` beyond ten to the ±400.
pub fn of_parts(negative: bool, coefficient: u128, exponent: i64) -> Option<Ratio> {
    if exponent.abs() > MOST {
        return None;
    }
    let size = Ratio::from(BigInt::from(coefficient)) * power_of_ten(exponent);
    Some(if negative { -size } else { size })
}

/// The nearest number of so many significant digits, 38 at most, that is not below `number` if
/// `up`, else not above it: whether it is negative, its coefficient, and the power of ten that
/// this counts in.
pub fn parts(number: &Ratio, digits: u32, up: bool) -> Option<(bool, u128, i64)> {
    if number.is_zero() {
        return Some((false, 0, 0));
    }
    let places = i64::from(digits.min(38)) - magnitude(number);
    let scaled = number * power_of_ten(places);
    let whole = if up { scaled.ceil() } else { scaled.floor() }.to_integer();
    Some((number.is_negative(), whole.magnitude().to_u128()?, -places))
}

/// Digits before the point; for numbers below one, minus the zeros behind it.
pub fn magnitude(number: &Ratio) -> i64 {
    let bits = number.numer().bits() as i64 - number.denom().bits() as i64;
    // One bit is 0.30103 decimal digits; the guess is put right below.
    let mut guess = bits * 30103 / 100_000;
    let size = number.abs();
    while size >= power_of_ten(guess) {
        guess += 1;
    }
    while size < power_of_ten(guess - 1) && guess > -1000 {
        guess -= 1;
    }
    guess
}

/// The nearest floating point number.
pub(crate) fn to_f64(number: &Ratio) -> Option<f64> {
    number.to_f64().filter(|n| n.is_finite())
}

/// A floating point number to twelve significant digits.
pub(crate) fn from_f64(number: f64) -> Option<Ratio> {
    if number.is_finite() { read(&format!("{number:.11e}")) } else { None }
}
