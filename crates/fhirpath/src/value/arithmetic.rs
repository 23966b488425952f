//! Computing with decimals. `None` is an overflow or a value that does not exist: FHIRPath gives
//! nothing for both (N1 §6.6).

use num_bigint::BigInt;

use super::Number;
use super::number::{Rounding, floor_quotient, rounded_quotient, ten};

/// Digits behind the point of a quotient.
const PLACES: i64 = 28;

impl Number {
    /// Sum.
    pub fn plus(self, other: Number) -> Option<Number> {
        let (l, r, scale) = self.aligned(other)?;
        Number::fit(l + r, scale)
    }

    /// Difference.
    pub fn minus(self, other: Number) -> Option<Number> {
        self.plus(other.negated())
    }

    /// Product.
    pub fn times(self, other: Number) -> Option<Number> {
        let ((l, of_l), (r, of_r)) = (self.big(), other.big());
        Number::fit(l * r, of_l + of_r)
    }

    /// Quotient to 28 digits behind the point; `None` by zero.
    pub fn over(self, other: Number) -> Option<Number> {
        if other.is_zero() {
            return None;
        }
        let ((l, of_l), (r, of_r)) = (self.big(), other.big());
        let more = (PLACES + of_r - of_l).max(0);
        let quotient = rounded_quotient(&(l * ten(more.unsigned_abs())?), &r);
        Some(Number::fit(quotient, of_l + more - of_r)?.trimmed())
    }

    /// Quotient without its fraction; `None` by zero.
    pub fn whole_over(self, other: Number) -> Option<Number> {
        if other.is_zero() {
            return None;
        }
        let (l, r, _) = self.aligned(other)?;
        Number::fit(l / r, 0)
    }

    /// What remains of a division, with the sign of the dividend; `None` by zero.
    pub fn modulo(self, other: Number) -> Option<Number> {
        if other.is_zero() {
            return None;
        }
        let (l, r, scale) = self.aligned(other)?;
        Number::fit(l % r, scale)
    }

    /// Without its sign.
    pub fn absolute(self) -> Number {
        if self.is_negative() { self.negated() } else { self }
    }

    /// The nearest whole number below, above, towards zero.
    pub(crate) fn whole(self, way: Rounding) -> Option<Number> {
        self.with_scale(0, way)
    }

    /// This to a whole power.
    pub fn powered(self, exponent: i64) -> Option<Number> {
        if exponent < 0 {
            return Number::ONE.over(self.powered(exponent.checked_neg()?)?);
        }
        let (mut left, mut base, mut product) = (exponent, self, Number::ONE);
        while left > 0 {
            if left & 1 == 1 {
                product = product.times(base)?;
            }
            left >>= 1;
            if left > 0 {
                base = base.times(base)?;
            }
        }
        Some(product)
    }

    /// Square root; `None` of negative numbers.
    pub fn root(self) -> Option<Number> {
        if self.is_negative() {
            return None;
        }
        let (coefficient, scale) = self.big();
        let squared = coefficient * ten((2 * PLACES - scale).max(0).unsigned_abs())?;
        Some(Number::fit(squared.sqrt(), PLACES.max(scale / 2))?.trimmed())
    }

    fn aligned(self, other: Number) -> Option<(BigInt, BigInt, i64)> {
        let ((l, of_l), (r, of_r)) = (self.big(), other.big());
        let scale = of_l.max(of_r);
        let l = l * ten((scale - of_l).unsigned_abs())?;
        Some((l, r * ten((scale - of_r).unsigned_abs())?, scale))
    }

    /// The range of numbers that round to this one at its precision, cut to `places` digits
    /// outwards (FHIRPath, `lowBoundary()` and `highBoundary()`).
    pub(crate) fn boundary(self, places: u32, high: bool) -> Option<Number> {
        let (coefficient, scale) = self.big();
        let half = if high { 5 } else { -5 };
        let exact = coefficient * 10 + half;
        let own = scale + 1;
        if i64::from(places) >= own {
            return Number::fit(
                exact * ten((i64::from(places) - own).unsigned_abs())?,
                places.into(),
            );
        }
        let divisor = ten((own - i64::from(places)).unsigned_abs())?;
        let down = floor_quotient(&exact, &divisor);
        let up = high && &down * &divisor != exact;
        Number::fit(if up { down + 1 } else { down }, places.into())
    }
}
