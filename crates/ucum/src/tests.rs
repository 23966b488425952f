use proptest::prelude::*;

use crate::decimal::{read, show};
use crate::*;

fn unit(code: &str) -> Unit {
    Unit::parse(code).unwrap_or_else(|e| panic!("{code}: {e}"))
}

fn converts(value: &str, from: &str, to: &str, expect: &str) {
    let found = convert(&read(value).unwrap(), &unit(from), &unit(to)).unwrap();
    assert_eq!(show(&found, 25), expect, "{value} {from} in {to}");
}

#[test]
fn every_unit_of_the_tables_resolves() {
    let tables = crate::table::tables();
    assert_eq!(tables.prefixes.len(), 24);
    assert_eq!(tables.prefixes.len() + tables.atoms.len(), 336);
    for code in tables.atoms.keys() {
        assert!(Unit::parse(code).is_ok(), "{code}");
    }
}

#[test]
fn conversions_are_exact() {
    converts("1", "g", "mg", "1000");
    converts("1", "h", "min", "60");
    converts("60", "min", "h", "1");
    converts("1", "[in_i]", "cm", "2.54");
    converts("140", "mm[Hg]", "kPa", "18.66508");
    converts("1", "mmol/L", "umol/mL", "1");
    converts("36.6", "Cel", "K", "309.75");
    converts("98.6", "[degF]", "Cel", "37");
    converts("7", "[pH]", "nmol/L", "100");
    converts("20", "dB", "B", "2");
    converts("5", "k[iU]/L", "[iU]/mL", "5");
    assert_eq!(convert(&read("1").unwrap(), &unit("g"), &unit("m")), Err(Error::Incomparable));
    assert!(!comparable(&unit("[iU]"), &unit("[arb'U]")));
}

#[test]
fn equal_quantities_have_one_canonical_form() {
    let form = |value: &str, code: &str| canonical(&read(value).unwrap(), &unit(code)).unwrap();
    assert_eq!(form("1", "g"), form("1000", "mg"));
    assert_eq!(form("60", "/min"), form("1", "Hz"));
    assert_eq!(form("1", "N").1, "g.m.s-2");
    assert_eq!(form("3", "{count}"), form("3", "1"));
    assert_eq!(form("90", "deg"), form("100", "gon"));
}

#[test]
fn hostile_codes_are_bounded() {
    for bad in ["m/", "", "mol60.mol60.mol60", "((((((((((((m))))))))))))", "Ym99999", "0", "m 2"] {
        assert_eq!(Unit::parse(bad).is_ok(), bad.is_empty(), "{bad}");
    }
    assert!(Unit::parse(&"m.".repeat(200)).is_err());
    assert!(Unit::parse("é").is_err());
}

proptest! {
    #[test]
    fn no_text_panics(text in "[a-zA-Z0-9./(){}+\\-\\[\\]*^%' é]{0,30}", value in any::<i32>()) {
        if let Ok(unit) = Unit::parse(&text) {
            let value = Ratio::from_integer(value.into());
            let (_, base) = match canonical(&value, &unit) { Ok(form) => form, Err(_) => return Ok(()) };
            let base = Unit::parse(&base).unwrap();
            prop_assert!(comparable(&unit, &base));
            if !unit.is_special() {
                let there = convert(&value, &unit, &base).unwrap();
                prop_assert_eq!(convert(&there, &base, &unit).unwrap(), value);
            }
        }
    }

    #[test]
    fn decimals_are_shown_as_read(whole in 0u64..1_000_000_000, places in 0usize..9) {
        let digits = format!("{whole:010}");
        let text = format!("{}.{}", &digits[..10 - places], &digits[10 - places..]);
        let shown = show(&read(&text).unwrap(), 30);
        prop_assert_eq!(read(&shown), read(&text));
    }
}
