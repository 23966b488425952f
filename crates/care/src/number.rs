//! Exact arithmetic on decimals of the size that vital signs have.

use accord_fhir::Decimal;

/// Whole units of `10^exponent` in a number, if it is a whole number of them and not too large.
fn units(number: Decimal, exponent: i64) -> Option<i128> {
    let (negative, coefficient, own) = number.parts();
    if coefficient == 0 {
        return Some(0);
    }
    let factor = 10i128.checked_pow(u32::try_from(own.checked_sub(exponent)?).ok()?)?;
    let size = i128::try_from(coefficient).ok()?.checked_mul(factor)?;
    Some(if negative { -size } else { size })
}

/// The sum, exact; `None` if it does not fit.
pub(crate) fn plus(a: Decimal, b: Decimal) -> Option<Decimal> {
    let exponent = a.parts().2.min(b.parts().2);
    let sum = units(a, exponent)?.checked_add(units(b, exponent)?)?;
    Some(Decimal::of_parts(sum < 0, sum.unsigned_abs(), exponent))
}

/// The product, exact; `None` if it does not fit.
pub(crate) fn times(a: Decimal, b: Decimal) -> Option<Decimal> {
    let ((minus_a, of_a, power_a), (minus_b, of_b, power_b)) = (a.parts(), b.parts());
    let coefficient = of_a.checked_mul(of_b).filter(|product| *product < 10u128.pow(34))?;
    Some(Decimal::of_parts(minus_a != minus_b, coefficient, power_a.checked_add(power_b)?))
}

/// Rounds to some places after the point, halves away from zero.
pub(crate) fn rounded(number: Decimal, places: u32) -> Decimal {
    let (negative, coefficient, exponent) = number.parts();
    let wanted = -i64::from(places);
    if exponent >= wanted {
        return number;
    }
    let drop = u32::try_from(wanted.saturating_sub(exponent)).unwrap_or(u32::MAX);
    let (whole, rest, half) = match 10u128.checked_pow(drop) {
        Some(divisor) => (coefficient / divisor, coefficient % divisor, divisor / 2),
        None => (0, 0, 1),
    };
    Decimal::of_parts(negative, whole + u128::from(rest >= half), wanted)
}

/// Places after the point of a step: 1 has none, 0.1 has one; nothing else is a step.
pub(crate) fn places(step: Decimal) -> Option<u32> {
    let step_of = |places: u32| Decimal::of_parts(false, 1, -i64::from(places));
    (0..=6).find(|places| step_of(*places) == step)
}

/// A number as people write it, without exponent.
pub fn shown(number: Decimal) -> String {
    let (negative, coefficient, exponent) = number.parts();
    let sign = if negative && coefficient > 0 { "-" } else { "" };
    let digits = coefficient.to_string();
    let text = match usize::try_from(-exponent) {
        Ok(0) => digits,
        Ok(places) if places < 60 => {
            let padded = format!("{digits:0>width$}", width = places + 1);
            let (whole, fraction) = padded.split_at(padded.len() - places);
            format!("{whole}.{fraction}")
        }
        _ => match usize::try_from(exponent) {
            Ok(zeros) if zeros < 60 => digits + &"0".repeat(zeros),
            _ => format!("{digits}e{exponent}"),
        },
    };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn arithmetic_is_exact() {
        assert_eq!(plus(d("91"), d("1")), Some(d("92")));
        assert_eq!(plus(d("35.0"), d("0.1")), Some(d("35.1")));
        assert_eq!(times(d("1500"), d("0.001")), Some(d("1.5")));
        for (text, to) in [("38.05", "38.1"), ("38.04999", "38.0"), ("1e-90", "0"), ("7e3", "7e3")]
        {
            assert_eq!(rounded(d(text), 1), d(to), "{text}");
        }
        assert_eq!(plus(d("1e40"), d("1")), None);
        for (text, to) in [("38.0", "38.0"), ("0.05", "0.05"), ("1e2", "100"), ("-3.5", "-3.5")] {
            assert_eq!(shown(d(text)), to);
        }
        assert_eq!([places(d("1")), places(d("0.10")), places(d("0.5"))], [Some(0), Some(1), None]);
    }

    proptest! {
        #[test]
        fn rounding_is_within_half_a_step(whole in -1_000_000i64..1_000_000, places in 0u32..5) {
            let number = Decimal::of_parts(whole < 0, u128::from(whole.unsigned_abs()), -5);
            let near = rounded(number, places);
            let distance = plus(near, times(number, d("-1")).unwrap()).unwrap();
            let (_, size, power) = distance.parts();
            let half = Decimal::of_parts(false, 5, -i64::from(places) - 1);
            prop_assert!(Decimal::of_parts(false, size, power) <= half);
        }
    }
}
