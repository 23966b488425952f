//! Numbers and quantities (FHIR R4 search §3.1.1.4.6, §3.1.1.4.11).

use std::borrow::Cow;

use accord_fhir::Decimal;
use accord_fhir::json::Value;

use super::convert::Found;
use super::form::Form;
use crate::value::Datum;

/// The system of currency codes (FHIR R4 search §3.1.1.4.11).
const CURRENCY: &str = "urn:iso:std:iso:4217";

/// Adds the number in `value`. A Range has no single number and adds none.
pub(super) fn number(form: Form, value: Value<'_>, found: &mut Found) {
    if let (Form::Primitive(_), Some(key)) = (form, key(value)) {
        found.add(Datum::Number { key });
    }
}

/// Adds the quantities of a Quantity, Money or Range.
pub(super) fn quantities(form: Form, value: Value<'_>, found: &mut Found) {
    match form {
        Form::Quantity => {
            if let Some((side, unit)) = Side::read(value) {
                found.add(side.datum(unit));
            }
        }
        Form::Money => {
            let Some(key) = value.get("value").and_then(key) else { return };
            let unit = Unit {
                system: Some(Cow::Borrowed(CURRENCY)),
                code: value.get_str("currency"),
                unit: None,
            };
            found.add(Side { low: key, high: key }.datum(unit));
        }
        Form::Range => range(value, found),
        _ => {}
    }
}

/// One value from low to high; a missing end is open. Ends with different units cannot be compared
/// with each other: each is then a value of its own, open at the other side.
fn range(value: Value<'_>, found: &mut Found) {
    let side = |name| value.get(name).and_then(Side::read);
    let low = side("low").map(|(s, unit)| (Side { low: s.low, high: u128::MAX }, unit));
    let high = side("high").map(|(s, unit)| (Side { low: u128::MIN, high: s.high }, unit));
    match (low, high) {
        (Some((l, unit)), Some((h, other))) if unit == other => {
            if l.low <= h.high {
                found.add(Side { low: l.low, high: h.high }.datum(unit));
            }
        }
        (low, high) => {
            for (side, unit) in low.into_iter().chain(high) {
                found.add(side.datum(unit));
            }
        }
    }
}

struct Side {
    low: u128,
    high: u128,
}

#[derive(PartialEq)]
struct Unit<'a> {
    system: Option<Cow<'a, str>>,
    code: Option<Cow<'a, str>>,
    unit: Option<Cow<'a, str>>,
}

impl Side {
    /// Value and unit of a Quantity. A comparator makes it open at one side: `<5` is anything
    /// below 5.
    fn read(quantity: Value<'_>) -> Option<(Side, Unit<'_>)> {
        let key = quantity.get("value").and_then(key)?;
        let side = match quantity.get_str("comparator").as_deref() {
            Some("<" | "<=") => Side { low: u128::MIN, high: key },
            Some(">" | ">=") => Side { low: key, high: u128::MAX },
            _ => Side { low: key, high: key },
        };
        let member = |name| quantity.get_str(name);
        let unit = Unit { system: member("system"), code: member("code"), unit: member("unit") };
        Some((side, unit))
    }

    fn datum(self, unit: Unit<'_>) -> Datum {
        let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
        Datum::Quantity {
            low: self.low,
            high: self.high,
            system: owned(unit.system),
            code: owned(unit.code),
            unit: owned(unit.unit),
        }
    }
}

fn key(value: Value<'_>) -> Option<u128> {
    Decimal::parse(value.as_number()?).map(Decimal::order_key)
}
