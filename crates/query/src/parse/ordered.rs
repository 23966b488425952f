//! Values with an order: dates, numbers, quantities.

use accord_fhir::{DateRange, Decimal};

use super::Reader;
use super::fault::{Fault, cut};
use crate::escape::{split, unescape};
use crate::value::{DateValue, NumberValue, Prefix, QuantityValue, Unit};

impl Reader<'_> {
    /// `[prefix]date` (FHIR R4 search §3.1.1.4.7).
    pub(super) fn date(&self, part: &str) -> Result<DateValue, Fault> {
        let (prefix, text) = prefix(part)?;
        // A plus sign that was not percent-encoded arrives as a space; no date has one.
        let text = unescape(text).replace(' ', "+");
        let Some(DateRange { low, high }) = DateRange::parse(&text) else {
            return Err(Fault::value(format!("`{}` is not a date", cut(part))));
        };
        let widen = if prefix == Prefix::Ap { self.tenth_of_distance(low, high) } else { 0 };
        let (low, high) = (low.saturating_sub(widen), high.saturating_add(widen));
        Ok(DateValue { prefix, low, high, text })
    }

    /// A tenth of the time between now and a range; nothing if now is within (FHIR R4 search
    /// §3.1.1.4.4: "10 % of the gap between now and the date").
    fn tenth_of_distance(&self, low: i64, high: i64) -> i64 {
        let now = i64::try_from(self.context.now.0).unwrap_or(i64::MAX);
        low.saturating_sub(now).max(now.saturating_sub(high)).max(0) / 10
    }

    /// `[prefix]number` (FHIR R4 search §3.1.1.4.6).
    pub(super) fn number(&self, part: &str) -> Result<NumberValue, Fault> {
        let (prefix, text) = prefix(part)?;
        let text = unescape(text);
        let Some(number) = Decimal::parse(&text) else {
            return Err(Fault::value(format!("`{}` is not a number", cut(part))));
        };
        let (mut low, mut high) = number.precision_range();
        if prefix == Prefix::Ap {
            let (from, to) = number.approximate_range();
            (low, high) = (low.min(from), high.max(to));
        }
        let exact = number.order_key();
        Ok(NumberValue { prefix, exact, low: low.order_key(), high: high.order_key(), text })
    }

    /// `[prefix]number`, `[prefix]number|system|code` or `[prefix]number||code` (FHIR R4 search
    /// §3.1.1.4.11).
    pub(super) fn quantity(&self, part: &str) -> Result<QuantityValue, Fault> {
        let pieces = split(part, '|');
        let (number, unit) = match pieces.as_slice() {
            [number] => (number, Unit::Any),
            [number, "", code] if !code.is_empty() => (number, Unit::CodeOrText(unescape(code))),
            [number, system, code] if !code.is_empty() => {
                (number, Unit::Coded { system: unescape(system), code: unescape(code) })
            }
            _ => {
                let forms = "`number`, `number|system|code` or `number||code`";
                let text = format!("`{}` is not a quantity: {forms}", cut(part));
                return Err(Fault::value(text));
            }
        };
        Ok(QuantityValue { number: self.number(number)?, unit })
    }
}

/// The prefix of a value and the rest. No number or date begins with a letter.
fn prefix(part: &str) -> Result<(Prefix, &str), Fault> {
    if !part.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Ok((Prefix::Eq, part));
    }
    let (name, rest) = part.split_at_checked(2).unwrap_or((part, ""));
    let known = Prefix::from_name(name);
    known
        .map(|prefix| (prefix, rest))
        .ok_or_else(|| Fault::value(format!("`{}` does not begin with a known prefix", cut(part))))
}
