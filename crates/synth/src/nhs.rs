//! Synthetic NHS numbers.

/// Nine-digit stems whose last digit leaves a valid check digit come at least nine to a ten, so
/// this many numbers are distinct.
const DISTINCT: u64 = 900_000;
/// A prime that does not divide [`DISTINCT`]; neighbours get numbers far apart.
const STEP: u64 = 524_287;

/// The number of patient `index`: in the 999 range that is never issued, with a valid check
/// digit, distinct for the first 900,000 patients.
pub(crate) fn number(index: u32) -> String {
    let spread = u64::from(index) % DISTINCT * STEP % DISTINCT;
    let tens = 99_900_000 + spread / 9;
    let valid =
        (0..10).map(|digit| tens * 10 + digit).filter_map(|stem| Some((stem, check(stem)?)));
    let (stem, check) = valid.into_iter().nth((spread % 9) as usize).unwrap_or_default();
    format!("{stem:09}{check}")
}

/// The check digit of a nine-digit stem (NHS Data Dictionary, modulus 11: weights 10 down to 2,
/// 11 minus the remainder, 11 counts as 0); nothing when it would be 10.
fn check(stem: u64) -> Option<u64> {
    let mut rest = stem;
    let mut sum = 0;
    for weight in 2..=10 {
        sum += rest % 10 * weight;
        rest /= 10;
    }
    match 11 - sum % 11 {
        10 => None,
        11 => Some(0),
        digit => Some(digit),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn numbers_are_valid_distinct_and_never_issued() {
        // The worked example of the NHS Data Dictionary.
        assert_eq!(check(943_476_591), Some(9));
        let mut seen = BTreeSet::new();
        for index in (0..20_000).chain(880_000..900_000) {
            let number = number(index);
            assert!(number.starts_with("999") && number.len() == 10, "{number}");
            let digits: Vec<u32> = number.chars().map(|c| c.to_digit(10).unwrap()).collect();
            let sum: u32 = digits.iter().zip((1..=10).rev()).map(|(d, w)| d * w).sum();
            assert_eq!(sum % 11, 0, "{number}");
            assert!(seen.insert(number));
        }
    }
}
