//! Comparisons of quantities: which units are meant, and the comparison in terms of each.

use std::collections::HashMap;

use accord_fhir::Decimal;
use accord_query::Unit;
use accord_ucum::{Ratio, convert, decimal};
use parking_lot::Mutex;

use crate::key;
use crate::range::RangeTest;

/// The system of UCUM codes (FHIR R4 search §3.1.1.4.11).
const UCUM: &str = "http://unitsofmeasure.org";
/// Units whose comparisons are kept while a search goes on.
const KEPT: usize = 4096;
/// Significant digits of a key.
const DIGITS: u32 = 34;

/// A comparison, and what the unit must be. Of UCUM units any that measures the same passes, if its
/// scale has the same direction; the comparison is then made in its terms, exactly: a bound that
/// no key stands for goes to the nearest key that leaves the outcome as it is.
///
/// The columns of quantities are by unit as it was written, so that this holds for whatever was
/// indexed, whenever that was.
pub(crate) struct Measured {
    unit: Unit,
    test: RangeTest,
    /// What UCUM knows of the unit asked for.
    asked: Option<accord_ucum::Unit>,
    /// By code, where it is not the one asked for.
    converted: Mutex<HashMap<String, Option<RangeTest>>>,
}

impl From<RangeTest> for Measured {
    fn from(test: RangeTest) -> Measured {
        Measured::new(Unit::Any, test)
    }
}

impl Measured {
    pub fn new(unit: Unit, test: RangeTest) -> Measured {
        let asked = match &unit {
            Unit::Coded { system, code } if system == UCUM => accord_ucum::Unit::parse(code).ok(),
            _ => None,
        };
        Measured { unit, test, asked, converted: Mutex::default() }
    }

    /// The comparison for the column with this key; `None` if its unit is not meant.
    pub fn of(&self, key: &[u8]) -> Option<RangeTest> {
        if self.unit == Unit::Any {
            return Some(self.test);
        }
        let of = key::unit_of(key)?;
        match &self.unit {
            Unit::Any => Some(self.test),
            Unit::CodeOrText(text) => {
                let fits = of.code == Some(text) || of.unit == Some(text);
                fits.then_some(self.test)
            }
            Unit::Coded { system, code } => {
                let its = of.code.filter(|_| of.system == Some(system))?;
                if its == code { Some(self.test) } else { self.in_terms_of(its) }
            }
        }
    }

    fn in_terms_of(&self, code: &str) -> Option<RangeTest> {
        let asked = self.asked.as_ref()?;
        let mut converted = self.converted.lock();
        if let Some(known) = converted.get(code) {
            return *known;
        }
        let made = accord_ucum::Unit::parse(code).ok();
        let made = made.and_then(|unit| conversion(&self.test, asked, &unit));
        if converted.len() < KEPT {
            converted.insert(code.to_owned(), made);
        }
        made
    }
}

/// The comparison in terms of another unit; `None` if that measures something else, or is of a
/// scale that is not proportional to this one (pH): what is higher there may be lower here.
fn conversion(
    test: &RangeTest,
    from: &accord_ucum::Unit,
    to: &accord_ucum::Unit,
) -> Option<RangeTest> {
    let there = |number: &Ratio| convert(number, from, to).ok();
    let at = |number: u8| there(&decimal::of_parts(false, number.into(), 0)?);
    let (zero, one, two) = (at(0)?, at(1)?, at(2)?);
    if one <= zero || &two - &one != &one - &zero {
        return None;
    }
    test.converted(|key, up| {
        let (negative, coefficient, exponent) = Decimal::from_order_key(key).parts();
        let number = there(&decimal::of_parts(negative, coefficient, exponent)?)?;
        let (negative, coefficient, exponent) = decimal::parts(&number, DIGITS, up)?;
        Some(Decimal::of_parts(negative, coefficient, exponent).order_key())
    })
}

#[cfg(test)]
mod tests {
    use accord_query::{Context, Test, parse};
    use accord_spec::ResourceType;

    use super::*;
    use crate::key::{KeyBuilder, tag};

    /// Whether `value unit` passes `value-quantity=asked`.
    fn check(asked: &str, value: &str, unit: &str, expect: bool) {
        let pairs = vec![("value-quantity".to_owned(), asked.to_owned())];
        let of = ResourceType::from_name("Observation");
        let context = Context::strict(accord_base::LogTime(0));
        let query = parse(of, pairs, &context).unwrap().query;
        let Test::Quantity(values) = &query.clauses[0].test else { panic!("a quantity") };
        let test = RangeTest::number(&values[0].number);
        let measured = Measured::new(values[0].unit.clone(), test);
        let mut key = Vec::new();
        let builder = KeyBuilder::new(&mut key, 7, tag::QUANTITY);
        builder.option(Some(UCUM)).option(Some(unit)).option(None).end();
        let number = Decimal::parse(value).unwrap().order_key();
        // Twice: the second time from what is kept.
        for _ in 0..2 {
            let passes = measured.of(&key).is_some_and(|test| test.passes(number, number));
            assert_eq!(passes, expect, "{value} {unit} for {asked}");
        }
    }

    #[test]
    fn other_units_of_the_same_kind_are_compared() {
        for (asked, value, unit, expect) in [
            ("1|http://unitsofmeasure.org|g", "1000", "mg", true),
            ("1|http://unitsofmeasure.org|g", "500", "mg", true),
            ("1|http://unitsofmeasure.org|g", "499.999", "mg", false),
            ("1|http://unitsofmeasure.org|g", "1499.999", "mg", true),
            ("1|http://unitsofmeasure.org|g", "1500", "mg", false),
            ("1.00|http://unitsofmeasure.org|g", "1004.9", "mg", true),
            ("1.00|http://unitsofmeasure.org|g", "1005", "mg", false),
            ("ne1.00|http://unitsofmeasure.org|g", "1005", "mg", true),
            ("ne1.00|http://unitsofmeasure.org|g", "1005", "mL", false),
            ("gt1|http://unitsofmeasure.org|g", "1000", "mg", false),
            ("gt1|http://unitsofmeasure.org|g", "1000.0001", "mg", true),
            ("ge1|http://unitsofmeasure.org|g", "1000", "mg", true),
            ("sa1|http://unitsofmeasure.org|g", "1000", "mg", false),
            ("lt1|http://unitsofmeasure.org|g", "999", "mg", true),
            ("le1|http://unitsofmeasure.org|g", "1000", "mg", true),
            ("eb1|http://unitsofmeasure.org|g", "1000", "mg", false),
            ("ap1|http://unitsofmeasure.org|g", "1100", "mg", true),
            ("1|http://unitsofmeasure.org|h", "60", "min", true),
            ("gt60|http://unitsofmeasure.org|min", "1", "h", false),
            ("ge20|http://unitsofmeasure.org|min", "0.3333333333333333", "h", false),
            ("lt20|http://unitsofmeasure.org|min", "0.3333333333333333", "h", true),
            ("36.6|http://unitsofmeasure.org|Cel", "309.75", "K", true),
            ("37.0|http://unitsofmeasure.org|Cel", "98.6", "[degF]", true),
            ("gt37.0|http://unitsofmeasure.org|Cel", "98.6", "[degF]", false),
            ("-40|http://unitsofmeasure.org|Cel", "-40", "[degF]", true),
            ("1|http://unitsofmeasure.org|mm[Hg]", "1", "mm[Hg]", true),
            ("5|http://unitsofmeasure.org|mg", "5", "mg{total}", true),
            ("7|http://unitsofmeasure.org|[pH]", "7", "[pH]", true),
            ("gt7|http://unitsofmeasure.org|[pH]", "0.5", "mol/L", false),
            ("1|http://unitsofmeasure.org|nonsense", "1", "nonsense", true),
            ("1|http://example.org|g", "1", "g", false),
            ("1000||mg", "1000", "mg", true),
            ("1||g", "1000", "mg", false),
            ("1000", "1000", "mg", true),
        ] {
            check(asked, value, unit, expect);
        }
    }
}
