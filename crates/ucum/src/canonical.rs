//! Factors and dimensions; conversion, products and quotients.

use std::collections::BTreeMap;

use num_traits::{One, Zero};

use crate::table::BASE;
use crate::{Error, Ratio, Unit};

/// One of a unit in base units.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Canonical {
    /// How many of the base units it is.
    pub factor: Ratio,
    /// Which base units.
    pub dimension: Dimension,
}

/// Powers of the base units m, s, g, rad, K, C, cd, and of arbitrary units, each of which is a
/// dimension of its own.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct Dimension {
    powers: [i16; BASE.len()],
    arbitrary: BTreeMap<&'static str, i16>,
}

impl Dimension {
    pub(crate) fn base(place: usize) -> Dimension {
        let mut dimension = Dimension::default();
        if let Some(power) = dimension.powers.get_mut(place) {
            *power = 1;
        }
        dimension
    }

    pub(crate) fn arbitrary(code: &'static str) -> Dimension {
        Dimension { arbitrary: BTreeMap::from([(code, 1)]), ..Dimension::default() }
    }

    /// Adds the powers of `other`, `times` over; `None` if they become too large.
    pub(crate) fn add(&mut self, other: &Dimension, times: i32) -> Option<()> {
        let sum = |own: i16, more: i16| {
            i16::try_from(i32::from(own) + i32::from(more).checked_mul(times)?).ok()
        };
        for (own, more) in self.powers.iter_mut().zip(other.powers) {
            *own = sum(*own, more)?;
        }
        for (code, more) in &other.arbitrary {
            let own = self.arbitrary.entry(code).or_default();
            *own = sum(*own, *more)?;
        }
        self.arbitrary.retain(|_, power| *power != 0);
        Some(())
    }

    /// Whether it is that of pure numbers.
    pub fn is_number(&self) -> bool {
        *self == Dimension::default()
    }
}

/// The product of base units as a code: `g.m-1.s-2`; `1` for pure numbers.
impl std::fmt::Display for Dimension {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let base = BASE.iter().copied().zip(self.powers);
        let mut parts: Vec<(&str, i16)> = base.filter(|(_, power)| *power != 0).collect();
        parts.extend(self.arbitrary.iter().map(|(code, power)| (*code, *power)));
        parts.sort_unstable();
        if parts.is_empty() {
            return f.write_str("1");
        }
        for (at, (code, power)) in parts.iter().enumerate() {
            let dot = if at == 0 { "" } else { "." };
            match power {
                1 => write!(f, "{dot}{code}")?,
                _ => write!(f, "{dot}{code}{power}")?,
            }
        }
        Ok(())
    }
}

/// Whether values of one unit can be converted into the other.
pub fn comparable(left: &Unit, right: &Unit) -> bool {
    left.canonical().dimension == right.canonical().dimension
}

/// The value in base units, and the code of these. Equal quantities give equal pairs: 1 g and
/// 1000 mg are both (1, `g`), 36.6 Cel and 309.75 K both (309.75, `K`).
///
/// # Errors
/// A value outside a scale's domain.
pub fn canonical(value: &Ratio, unit: &Unit) -> Result<(Ratio, String), Error> {
    Ok((proper(value, unit)?, unit.canonical().dimension.to_string()))
}

/// `value` of `from` as a value of `to`.
///
/// # Errors
/// The units measure different things, or the value is outside a scale's domain.
pub fn convert(value: &Ratio, from: &Unit, to: &Unit) -> Result<Ratio, Error> {
    if !comparable(from, to) {
        return Err(Error::Incomparable);
    }
    let proper = proper(value, from)?;
    match &to.scale {
        None => Ok(proper / &to.canonical().factor),
        Some((scale, prefix)) => {
            // The factor of a scale's unit holds its prefix too, which counts on the scale.
            Ok(scale.of_proper(&(proper * prefix / &to.canonical().factor))? / prefix)
        }
    }
}

/// The product of two quantities, in base units.
///
/// # Errors
/// A scale as one of the units, or too large a power.
pub fn multiply(
    left: (&Ratio, &Unit),
    right: (&Ratio, &Unit),
) -> Result<(Ratio, Dimension), Error> {
    combine(left, right, 1)
}

/// The quotient of two quantities, in base units.
///
/// # Errors
/// As [`multiply`], and division by zero.
pub fn divide(left: (&Ratio, &Unit), right: (&Ratio, &Unit)) -> Result<(Ratio, Dimension), Error> {
    if right.0.is_zero() {
        return Err(Error::Domain);
    }
    combine(left, right, -1)
}

fn combine(
    (left, of_left): (&Ratio, &Unit),
    (right, of_right): (&Ratio, &Unit),
    sign: i32,
) -> Result<(Ratio, Dimension), Error> {
    if of_left.is_special() || of_right.is_special() {
        return Err(Error::Special);
    }
    let right = proper(right, of_right)?;
    let right = if sign < 0 { Ratio::one() / right } else { right };
    let mut dimension = of_left.canonical().dimension.clone();
    dimension.add(&of_right.canonical().dimension, sign).ok_or(Error::TooLarge)?;
    Ok((proper(left, of_left)? * right, dimension))
}

/// The value in base units.
fn proper(value: &Ratio, unit: &Unit) -> Result<Ratio, Error> {
    match &unit.scale {
        None => Ok(value * &unit.canonical().factor),
        Some((scale, prefix)) => {
            Ok(scale.to_proper(&(value * prefix))? * &unit.canonical().factor / prefix)
        }
    }
}
