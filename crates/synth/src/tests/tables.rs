//! The tables of facts are well formed, and their codes have the right check digits.

use crate::data::{CONDITIONS, MEASURES, MEDICATIONS, PANELS};
use crate::table::content;
use crate::{data, directory, person};

/// Every table: file, text.
fn texts() -> Vec<(&'static str, &'static str)> {
    let mut all: Vec<_> = data::all().into_iter().map(|(file, text, _)| (file, text)).collect();
    all.extend([
        ("organizations.tsv", directory::ORGANIZATIONS_TSV),
        ("locations.tsv", directory::LOCATIONS_TSV),
        ("practitioners.tsv", directory::PRACTITIONERS_TSV),
        ("given-names.tsv", person::GIVEN_TSV),
        ("surname-parts.tsv", person::SURNAMES_TSV),
        ("places.tsv", person::PLACES_TSV),
        ("ages.tsv", person::AGES_TSV),
        ("featured.tsv", person::FEATURED_TSV),
    ]);
    all
}

#[test]
fn every_line_has_every_column() {
    for (file, text) in texts() {
        let head = text.lines().nth(1).and_then(|line| line.strip_prefix("# ")).unwrap();
        let columns: Vec<&str> = head.split('\t').collect();
        assert!(content(text).count() > 2, "{file}");
        for line in content(text) {
            let fields: Vec<&str> = line.split('\t').collect();
            assert_eq!(fields.len(), columns.len(), "{file}: {line}");
            for (column, field) in columns.iter().zip(fields) {
                assert!(!field.is_empty() && field == field.trim(), "{file}: {line}");
                let numeric = ["weight", "mid", "min", "max", "doses", "supply", "index", "from"];
                if numeric.contains(column) {
                    assert!(field.parse::<i64>().is_ok(), "{file}: {column} of {line}");
                }
            }
        }
    }
    for (file, text, lines) in data::all() {
        assert_eq!(content(text).count(), lines, "{file}");
    }
}

/// The check digit of a SNOMED CT identifier (Verhoeff, release file specification §6.3).
fn verhoeff(code: &str) -> bool {
    const PERMUTE: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    // Multiplication in the dihedral group of order ten.
    let times = |a: u8, b: u8| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a - 5 + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let mut sum = 0;
    for (at, digit) in code.bytes().rev().enumerate() {
        let permuted = (0..at % 8).fold(digit - b'0', |d, _| PERMUTE[usize::from(d)]);
        sum = times(sum, permuted);
    }
    sum == 0
}

/// The check digit of a LOINC code (modulus 10).
fn luhn(code: &str) -> bool {
    let (stem, check) = code.split_once('-').unwrap();
    let digits = stem.bytes().rev().map(|b| u32::from(b - b'0')).enumerate();
    let sum: u32 =
        digits.map(|(at, d)| if at % 2 == 0 { d * 2 / 10 + d * 2 % 10 } else { d }).sum();
    (10 - sum % 10) % 10 == check.parse::<u32>().unwrap()
}

#[test]
fn codes_have_valid_check_digits() {
    assert!(verhoeff("38341003") && !verhoeff("38341004") && !verhoeff("83341003"));
    assert!(luhn("8867-4") && !luhn("8867-5"));
    let (mut snomed, mut loinc) = (0, 0);
    for (file, text) in texts() {
        for field in content(text).flat_map(|line| line.split(['\t', ','])) {
            if field.len() >= 6 && field.bytes().all(|b| b.is_ascii_digit()) {
                assert!(verhoeff(field), "{file}: {field}");
                snomed += 1;
            }
            let parts = field.split_once('-');
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            if parts.is_some_and(|(a, b)| a.len() >= 3 && digits(a) && b.len() == 1 && digits(b)) {
                assert!(luhn(field), "{file}: {field}");
                loinc += 1;
            }
        }
    }
    assert!(snomed > 150 && loinc > 40, "{snomed} {loinc}");
}

#[test]
fn tables_refer_to_each_other_rightly() {
    let measures: Vec<&str> = MEASURES.lines().iter().map(|m| m.key).collect();
    assert!(PANELS.lines().iter().flat_map(|p| p.members()).all(|m| !m.key.is_empty()));
    for (_, text) in texts().iter().filter(|(file, _)| *file == "conditions.tsv") {
        for effects in content(text).filter_map(|line| line.split('\t').next_back()) {
            for (key, by) in effects.split(',').filter_map(|effect| effect.split_once(':')) {
                assert!(measures.contains(&key) && by.parse::<i64>().is_ok(), "{key}");
            }
        }
    }
    for medication in MEDICATIONS.lines() {
        let treats = CONDITIONS.lines().iter().any(|condition| medication.treats(condition));
        assert!(treats, "{} treats nothing", medication.product);
    }
    for measure in MEASURES.lines() {
        assert!((measure.min..=measure.max).contains(&measure.mid), "{}", measure.key);
        assert!(measure.low.unwrap_or(i64::MIN) < measure.high.unwrap_or(i64::MAX));
    }
}
