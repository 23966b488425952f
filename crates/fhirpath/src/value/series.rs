//! Exponentials and logarithms, by series over whole numbers: no floating point decides a digit.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

use super::Number;
use super::number::ten;

/// Digits behind the point in here.
const PLACES: u64 = 60;
/// Digits behind the point of what comes out.
const SHOWN: i64 = 28;

impl Number {
    /// `e` to the power of this.
    pub fn exp(self) -> Option<Number> {
        // e^88 has 38 digits.
        if self > Number::from(88) {
            return None;
        }
        if self < Number::from(-140) {
            return Some(Number::from(0));
        }
        shown(exp(&fixed(self)?)?)
    }

    /// Natural logarithm; `None` of what is not above zero.
    pub fn ln(self) -> Option<Number> {
        shown(ln(self)?)
    }

    /// Logarithm to a base.
    pub fn log(self, base: Number) -> Option<Number> {
        let (own, of_base) = (ln(self)?, ln(base)?);
        if of_base.is_zero() {
            return None;
        }
        shown(own * ten(PLACES)? / of_base)
    }

    /// This to any power; `None` where there is no real number.
    pub fn power(self, exponent: Number) -> Option<Number> {
        if let Some(whole) = exponent.as_integer() {
            return self.powered(whole);
        }
        if self.is_zero() {
            return (!exponent.is_negative()).then(|| Number::from(0));
        }
        let product = ln(self)? * fixed(exponent)? / ten(PLACES)?;
        if product > BigInt::from(88) * ten(PLACES)? || product < BigInt::from(-140) * ten(PLACES)?
        {
            return None;
        }
        shown(exp(&product)?)
    }
}

/// With [`PLACES`] digits behind the point.
fn fixed(number: Number) -> Option<BigInt> {
    let (coefficient, scale) = number.big();
    Some(coefficient * ten(PLACES - scale.unsigned_abs())?)
}

fn shown(fixed: BigInt) -> Option<Number> {
    let cut = ten(PLACES - SHOWN.unsigned_abs())?;
    let number = Number::fit(super::number::rounded_quotient(&fixed, &cut), SHOWN)?;
    Some(number.trimmed())
}

/// Halved until it is small, summed, and squared as often.
fn exp(x: &BigInt) -> Option<BigInt> {
    const HALVINGS: u32 = 16;
    let one = ten(PLACES)?;
    let small = x >> HALVINGS;
    let (mut sum, mut term) = (one.clone(), one.clone());
    for n in 1..40u32 {
        term = term * &small / (&one * n);
        if term.is_zero() {
            break;
        }
        sum += &term;
    }
    for _ in 0..HALVINGS {
        sum = &sum * &sum / &one;
    }
    Some(sum)
}

/// Newton's method from the logarithm of the leading digits.
fn ln(number: Number) -> Option<BigInt> {
    let x = fixed(number)?;
    if !x.is_positive() {
        return None;
    }
    let one = ten(PLACES)?;
    let guess = x.to_f64()?.ln() - PLACES as f64 * std::f64::consts::LN_10;
    let mut y = BigInt::from((guess * 1e15) as i128) * ten(PLACES - 15)?;
    for _ in 0..3 {
        let power = exp(&y)?;
        y += (&x - &power) * 2 * &one / (&x + &power);
    }
    Some(y)
}
