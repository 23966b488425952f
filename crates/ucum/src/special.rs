//! Scales that are no multiples of a unit: temperatures, logarithms, slopes (UCUM §21–22).

use num_bigint::BigInt;

use crate::{Error, Ratio, decimal};

/// How a value on a scale stands for a multiple of the scale's unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scale {
    /// Degrees Celsius; the unit is one kelvin.
    Celsius,
    /// Degrees Fahrenheit; the unit is 5/9 K.
    Fahrenheit,
    /// Degrees Réaumur; the unit is 5/4 K.
    Reaumur,
    /// Natural logarithm.
    Ln,
    /// Decimal logarithm.
    Lg,
    /// Twice the decimal logarithm.
    LgTwice,
    /// Binary logarithm.
    Ld,
    /// Negative decimal logarithm.
    Ph,
    /// A hundred times the tangent.
    Tangent,
    /// Square root.
    Root,
    /// Homeopathic potency to this base: the negative logarithm.
    Potency(u32),
}

impl Scale {
    /// By the name that the tables use.
    pub fn from_name(name: &str) -> Option<Scale> {
        Some(match name {
            "Cel" => Scale::Celsius,
            "degF" => Scale::Fahrenheit,
            "degRe" => Scale::Reaumur,
            "ln" => Scale::Ln,
            "lg" => Scale::Lg,
            "lgTimes2" => Scale::LgTwice,
            "ld" => Scale::Ld,
            "pH" => Scale::Ph,
            "tanTimes100" | "100tan" => Scale::Tangent,
            "sqrt" => Scale::Root,
            "hpX" => Scale::Potency(10),
            "hpC" => Scale::Potency(100),
            "hpM" => Scale::Potency(1000),
            "hpQ" => Scale::Potency(50_000),
            _ => return None,
        })
    }

    /// What is added to a temperature, in its own degrees, to count from absolute zero.
    fn offset(self) -> Option<Ratio> {
        let of = |numerator: i64, denominator: i64| {
            Some(Ratio::new(BigInt::from(numerator), BigInt::from(denominator)))
        };
        match self {
            Scale::Celsius => of(27_315, 100),
            Scale::Fahrenheit => of(45_967, 100),
            Scale::Reaumur => of(27_315 * 4, 500),
            _ => None,
        }
    }

    /// The multiple of the scale's unit that `value` on the scale stands for.
    pub fn to_proper(self, value: &Ratio) -> Result<Ratio, Error> {
        if let Some(offset) = self.offset() {
            return Ok(value + offset);
        }
        let x = decimal::to_f64(value).ok_or(Error::Domain)?;
        decimal::from_f64(match self {
            Scale::Ln => x.exp(),
            Scale::Lg => 10f64.powf(x),
            Scale::LgTwice => 10f64.powf(x / 2.0),
            Scale::Ld => x.exp2(),
            Scale::Ph => 10f64.powf(-x),
            Scale::Tangent => (x / 100.0).atan(),
            Scale::Root => x * x,
            Scale::Potency(base) => f64::from(base).powf(-x),
            Scale::Celsius | Scale::Fahrenheit | Scale::Reaumur => return Err(Error::Domain),
        })
        .ok_or(Error::Domain)
    }

    /// The value on the scale that stands for this multiple of the scale's unit.
    pub fn of_proper(self, value: &Ratio) -> Result<Ratio, Error> {
        if let Some(offset) = self.offset() {
            return Ok(value - offset);
        }
        let x = decimal::to_f64(value).ok_or(Error::Domain)?;
        decimal::from_f64(match self {
            Scale::Ln => x.ln(),
            Scale::Lg => x.log10(),
            Scale::LgTwice => 2.0 * x.log10(),
            Scale::Ld => x.log2(),
            Scale::Ph => -x.log10(),
            Scale::Tangent => 100.0 * x.tan(),
            Scale::Root => x.sqrt(),
            Scale::Potency(base) => -x.ln() / f64::from(base).ln(),
            Scale::Celsius | Scale::Fahrenheit | Scale::Reaumur => return Err(Error::Domain),
        })
        .ok_or(Error::Domain)
    }
}
