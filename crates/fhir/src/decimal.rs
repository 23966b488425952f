//! Decimals as written: exact, with their precision, in a form that sorts.

use std::cmp::Ordering;

/// Significant digits an order key keeps. FHIR R4 asks for 18.
const DIGITS: u32 = 34;
/// 10^34.
const SCALE: u128 = 10u128.pow(DIGITS);
/// Exponents of order keys lie within ±BIAS; smaller is zero, larger saturates.
const BIAS: i64 = 2000;

/// A decimal number: `coefficient × 10^exponent`, where the exponent keeps the precision with
/// which it was written (`1.50` is 150 × 10⁻²).
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    negative: bool,
    /// At most 34 digits; further digits are cut off.
    coefficient: u128,
    exponent: i64,
}

impl Decimal {
    /// Reads a decimal in JSON or FHIR form: sign, digits, fraction, exponent.
    pub fn parse(text: &str) -> Option<Decimal> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let (mantissa, exponent) = match digits.find(['e', 'E']) {
            Some(at) => (digits.get(..at)?, digits.get(at + 1..)?.parse::<i32>().ok()?),
            None => (digits, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let dangling = mantissa.contains('.') && fraction.is_empty();
        if whole.is_empty() || dangling {
            return None;
        }
        let (mut coefficient, mut dropped) = (0u128, 0i64);
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return None;
            }
            if coefficient < SCALE / 10 {
                coefficient = coefficient * 10 + u128::from(byte - b'0');
            } else {
                dropped += 1;
            }
        }
        let exponent = i64::from(exponent) - fraction.len() as i64 + dropped;
        Some(Decimal { negative, coefficient, exponent })
    }

    /// The key of this number: keys compare as the numbers do, and equal numbers have equal keys
    /// however they are written. Top bit: not negative; then 12 bits of decimal exponent and 115
    /// bits of a coefficient with 34 digits, inverted for negative numbers. Zero is 2¹²⁷.
    pub fn order_key(self) -> u128 {
        const ZERO: u128 = 1 << 127;
        if self.coefficient == 0 {
            return ZERO;
        }
        let digits = self.coefficient.ilog10() + 1;
        let scaled = self.coefficient * 10u128.pow(DIGITS - digits);
        let magnitude = self.exponent + i64::from(digits) + BIAS;
        let key = match magnitude {
            ..1 => return ZERO,
            1..4096 => ((magnitude as u128) << 115) | scaled,
            _ => ZERO - 1,
        };
        if self.negative { ZERO - 1 - key } else { ZERO + key }
    }

    /// The number whose order key this is, at the precision of all its digits.
    pub fn from_order_key(key: u128) -> Decimal {
        const ZERO: u128 = 1 << 127;
        let negative = key < ZERO;
        let size = if negative { ZERO - 1 - key } else { key - ZERO };
        if key == ZERO {
            return Decimal { negative: false, coefficient: 0, exponent: 0 };
        }
        let magnitude = (size >> 115) as i64;
        let exponent = magnitude - BIAS - i64::from(DIGITS);
        Decimal { negative, coefficient: size & ((1 << 115) - 1), exponent }
    }

    /// `±coefficient × 10^exponent`, with at most 34 digits; further ones are cut off.
    pub fn of_parts(negative: bool, coefficient: u128, exponent: i64) -> Decimal {
        Decimal { negative, coefficient, exponent }.cut()
    }

    /// Whether it is negative, its coefficient, and the power of ten that this counts in.
    pub fn parts(self) -> (bool, u128, i64) {
        (self.negative, self.coefficient, self.exponent)
    }

    /// The half-open range of numbers that round to this one at its written precision: `5.40` is
    /// from 5.395 to 5.405 (FHIR R4 search §3.1.1.4.6).
    pub fn precision_range(self) -> (Decimal, Decimal) {
        let exponent = self.exponent - 1;
        let ten_fold = self.coefficient.saturating_mul(10);
        let centre = Decimal { coefficient: ten_fold, exponent, ..self };
        let half = Decimal { negative: false, coefficient: 5, exponent };
        (centre.minus(half), centre.plus(half))
    }

    /// The range within 10 % of this number, which `ap` searches for.
    pub fn approximate_range(self) -> (Decimal, Decimal) {
        let tenth = Decimal { negative: false, exponent: self.exponent - 1, ..self };
        (self.minus(tenth), self.plus(tenth))
    }

    fn minus(self, other: Decimal) -> Decimal {
        self.plus(Decimal { negative: !other.negative, ..other })
    }

    /// Sum; exact while both fit 34 digits at the smaller exponent.
    fn plus(self, other: Decimal) -> Decimal {
        let exponent = self.exponent.min(other.exponent);
        let aligned = |d: Decimal| {
            let shift = u32::try_from(d.exponent - exponent).unwrap_or(u32::MAX);
            let coefficient = 10u128
                .checked_pow(shift)
                .and_then(|factor| d.coefficient.checked_mul(factor))
                .unwrap_or(u128::MAX >> 2)
                .min(u128::MAX >> 2) as i128;
            if d.negative { -coefficient } else { coefficient }
        };
        let sum = aligned(self) + aligned(other);
        Decimal { negative: sum < 0, coefficient: sum.unsigned_abs(), exponent }.cut()
    }

    /// The same number with at most 34 digits.
    fn cut(mut self) -> Decimal {
        while self.coefficient >= SCALE {
            self.coefficient /= 10;
            self.exponent += 1;
        }
        self
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Decimal) -> bool {
        self.order_key() == other.order_key()
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        self.order_key().cmp(&other.order_key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn equal_however_written() {
        for (a, b) in [("1", "1.000"), ("100", "1e2"), ("0", "-0.0"), ("0.001", "1E-3")] {
            assert_eq!(d(a), d(b), "{a} {b}");
        }
        for bad in ["", "-", ".5", "1.", "1e", "abc", "1.2.3"] {
            assert!(Decimal::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn precision_is_half_a_unit_of_the_last_digit() {
        for (text, low, high) in [
            ("100", "99.5", "100.5"),
            ("100.00", "99.995", "100.005"),
            ("1e2", "50", "150"),
            ("-5.4", "-5.45", "-5.35"),
            ("0", "-0.5", "0.5"),
        ] {
            assert_eq!(d(text).precision_range(), (d(low), d(high)), "{text}");
        }
        assert_eq!(d("-50").approximate_range(), (d("-55"), d("-45")));
    }

    proptest! {
        #[test]
        fn keys_sort_as_numbers(a in -1_000_000_000i64..1_000_000_000, b in -1_000_000_000i64..1_000_000_000,
                                ea in 0u32..6, eb in 0u32..6) {
            let exact = (i128::from(a) * 10i128.pow(6 - ea)).cmp(&(i128::from(b) * 10i128.pow(6 - eb)));
            let ours = d(&format!("{a}e-{ea}")).cmp(&d(&format!("{b}e-{eb}")));
            prop_assert_eq!(ours, exact);
        }

        #[test]
        fn a_number_comes_back_from_its_key(a in any::<i64>(), e in -300i64..300) {
            let number = d(&format!("{a}e{e}"));
            let back = Decimal::from_order_key(number.order_key());
            prop_assert_eq!(back.order_key(), number.order_key());
            let (negative, coefficient, exponent) = back.parts();
            prop_assert_eq!(Decimal::of_parts(negative, coefficient, exponent), number);
        }
    }
}
