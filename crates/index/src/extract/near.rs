//! Positions of places, for `near` (FHIR R4 location §8.8.6).

use accord_fhir::Decimal;
use accord_fhirpath::{Item, Plan};

use super::Source;
use super::convert::Found;
use super::fields::each;
use crate::value::Datum;

/// Adds latitude and longitude of each position that has both, as parts 0 and 1 of an item.
pub(super) fn positions<'a>(plan: &'a Plan, source: &Source<'a>, found: &mut Found) {
    let mut item = 0;
    each(plan, source, &mut |position| {
        let Item::Element(element) = position else { return };
        let degrees = |name| {
            let number = element.value?.get(name)?.as_number()?;
            Decimal::parse(number).map(Decimal::order_key)
        };
        let (Some(latitude), Some(longitude)) = (degrees("latitude"), degrees("longitude")) else {
            return;
        };
        for (component, key) in [(0, latitude), (1, longitude)] {
            let datum = Box::new(Datum::Number { key });
            found.add(Datum::Part { item, component, datum });
        }
        item += 1;
    });
}
