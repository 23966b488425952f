//! Quantities: a number with a UCUM unit or a calendar duration.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use accord_ucum::{self as ucum, Ratio, Unit};

use super::number::Rounding;
use super::{Calendar, Number};

/// A quantity.
#[derive(Clone, Debug)]
pub struct Quantity<'a> {
    /// How much.
    pub value: Number,
    /// Code or word of the unit, as written.
    pub unit: Cow<'a, str>,
    /// What kind of unit it is.
    pub kind: UnitKind,
}

/// Kinds of units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnitKind {
    /// A UCUM code.
    Ucum,
    /// A calendar duration.
    Calendar(Calendar),
    /// A UCUM code of an element, which stands for the calendar duration as well (FHIR R4
    /// FHIRPath §2.9.1.2).
    Either(Calendar),
}

/// What two quantities are compared in.
pub(crate) enum Common {
    /// Calendar units: milliseconds, or months if both are whole ones.
    Calendar(Ratio, Ratio),
    /// UCUM.
    Ucum(Ratio, Ratio),
}

impl<'a> Quantity<'a> {
    /// With a unit as it stands between quotes in a literal, or as a word.
    pub fn new(value: Number, unit: impl Into<Cow<'a, str>>, quoted: bool) -> Quantity<'a> {
        let unit = unit.into();
        let calendar = if quoted { None } else { Calendar::from_word(&unit) };
        let kind = calendar.map_or(UnitKind::Ucum, UnitKind::Calendar);
        Quantity { value, unit, kind }
    }

    /// A pure number.
    pub fn unity(value: Number) -> Quantity<'static> {
        Quantity { value, unit: Cow::Borrowed("1"), kind: UnitKind::Ucum }
    }

    /// The calendar unit, where it is one or stands for one.
    pub fn calendar(&self) -> Option<Calendar> {
        match self.kind {
            UnitKind::Ucum => None,
            UnitKind::Calendar(unit) | UnitKind::Either(unit) => Some(unit),
        }
    }

    /// The UCUM unit; `None` for months and years of the calendar and for unknown codes.
    pub(crate) fn ucum(&self) -> Option<Unit> {
        match self.kind {
            UnitKind::Calendar(unit) if unit.is_definite() => Unit::parse(unit.code()).ok(),
            UnitKind::Calendar(_) => None,
            _ => Unit::parse(&self.unit).ok(),
        }
    }

    /// The unit, with the calendar's own taken for the next one of UCUM.
    pub(crate) fn near_ucum(&self) -> Option<Unit> {
        match self.kind {
            UnitKind::Calendar(unit) => Unit::parse(unit.code()).ok(),
            _ => Unit::parse(&self.unit).ok(),
        }
    }

    /// Whether it is a pure number.
    pub(crate) fn is_number(&self) -> bool {
        self.ucum().is_some_and(|unit| unit.canonical().dimension.is_number() && !unit.is_special())
    }

    /// Both in something common; `None` where they cannot be compared.
    pub(crate) fn common(&self, other: &Quantity<'_>) -> Option<Common> {
        let strict = |q: &Quantity<'_>| matches!(q.kind, UnitKind::Calendar(_));
        if let (Some(l), Some(r)) = (self.calendar(), other.calendar())
            && (strict(self) || strict(other))
        {
            let (l, r) = lengths(l, r);
            return Some(Common::Calendar(self.value.ratio() * l, other.value.ratio() * r));
        }
        let (l, r) = (self.ucum()?, other.ucum()?);
        // Where a calendar unit meets UCUM's months and years, nothing can be said.
        let vague = |q: &Quantity<'_>| matches!(&*q.unit, "a" | "mo") && q.kind == UnitKind::Ucum;
        if strict(self) && vague(other) || strict(other) && vague(self) || !ucum::comparable(&l, &r)
        {
            return None;
        }
        let (l, _) = ucum::canonical(&self.value.ratio(), &l).ok()?;
        let (r, _) = ucum::canonical(&other.value.ratio(), &r).ok()?;
        Some(Common::Ucum(l, r))
    }

    /// How they compare; `None` where they cannot be.
    pub fn compare(&self, other: &Quantity<'_>) -> Option<Ordering> {
        match self.common(other) {
            Some(Common::Calendar(l, r) | Common::Ucum(l, r)) => Some(l.cmp(&r)),
            None if self.unit == other.unit && self.kind == other.kind => {
                Some(self.value.cmp(&other.value))
            }
            None => None,
        }
    }

    /// Equivalence: equal at the precision of the one written with fewer digits (N1 §6.1.2).
    pub fn is_equivalent(&self, other: &Quantity<'_>) -> bool {
        let (Some(l), Some(r)) = (self.near_ucum(), other.near_ucum()) else {
            return self.unit == other.unit && self.value == other.value;
        };
        // Compared in the unit of the coarser one.
        let (coarse, fine, to, from) = if grain(self, &l) >= grain(other, &r) {
            (self, other, &l, &r)
        } else {
            (other, self, &r, &l)
        };
        let Ok(converted) = ucum::convert(&fine.value.ratio(), from, to) else { return false };
        let Some(converted) = Number::from_ratio(&converted) else { return false };
        let places = coarse.value.trimmed().scale();
        let round = |number: Number| number.with_scale(places, Rounding::Nearest);
        round(converted).is_some() && round(converted) == round(coarse.value)
    }

    /// Its value in the unit of another quantity.
    pub(crate) fn converted_to(&self, other: &Quantity<'_>) -> Option<Number> {
        let factor = match (self.calendar(), other.calendar()) {
            (Some(l), Some(r)) => {
                let (l, r) = lengths(l, r);
                self.value.ratio() * l / r
            }
            _ => ucum::convert(&self.value.ratio(), &self.ucum()?, &other.ucum()?).ok()?,
        };
        Number::from_ratio(&factor)
    }

    /// In another unit, given as in a literal or as a word.
    pub fn converted(&self, to: Cow<'a, str>) -> Option<Quantity<'a>> {
        let target = Quantity::new(Number::ONE, to, false);
        let factor = match (self.kind, target.kind) {
            (UnitKind::Calendar(l) | UnitKind::Either(l), UnitKind::Calendar(r)) => {
                let (l, r) = lengths(l, r);
                self.value.ratio() * l / r
            }
            (UnitKind::Calendar(unit), UnitKind::Ucum)
            | (UnitKind::Ucum, UnitKind::Calendar(unit))
                if !unit.is_definite() || vague(self) || vague(&target) =>
            {
                return None;
            }
            _ => ucum::convert(&self.value.ratio(), &self.ucum()?, &target.ucum()?).ok()?,
        };
        Some(Quantity { value: Number::from_ratio(&factor)?, ..target })
    }
}

fn vague(quantity: &Quantity<'_>) -> bool {
    matches!(&*quantity.unit, "a" | "mo")
}

/// The length of the last written digit, in base units.
fn grain(quantity: &Quantity<'_>, unit: &Unit) -> Ratio {
    let scale = i64::from(quantity.value.trimmed().scale());
    &unit.canonical().factor * ucum::decimal::power_of_ten(-scale)
}

/// Lengths of two calendar units: in months if both are made of these, else in milliseconds.
fn lengths(left: Calendar, right: Calendar) -> (Ratio, Ratio) {
    let whole = |n: i64| Ratio::from_integer(n.into());
    let months = |unit: Calendar| match unit {
        Calendar::Year => Some(12),
        Calendar::Month => Some(1),
        _ => None,
    };
    match (months(left), months(right)) {
        (Some(l), Some(r)) => (whole(l), whole(r)),
        _ => (whole(left.milliseconds()), whole(right.milliseconds())),
    }
}

impl fmt::Display for Quantity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            UnitKind::Calendar(_) => write!(f, "{} {}", self.value, self.unit),
            _ => write!(f, "{} '{}'", self.value, self.unit),
        }
    }
}
