//! UCUM, the Unified Code for Units of Measure: text → [`Unit`] → canonical form. Pure.
//!
//! Numbers are exact fractions ([`Ratio`]); only the logarithmic scales (pH, bel, neper and the
//! like) are computed with floating point, to twelve digits.
//!
//! ```
//! use accord_ucum::{Unit, convert, decimal};
//! let (g, mg) = (Unit::parse("g")?, Unit::parse("mg")?);
//! assert_eq!(decimal::show(&convert(&decimal::read("1.5").unwrap(), &g, &mg)?, 20), "1500");
//! # Ok::<(), accord_ucum::Error>(())
//! ```
//!
//! **Invariant:** equal quantities have equal canonical values and equal base units, whatever
//! units they were written in; work and memory are bounded by the limits of a text.
//! **Absent:** IO, names of units in other languages, case-insensitive codes.

mod canonical;
pub mod decimal;
mod parse;
mod special;
mod table;
#[cfg(test)]
mod tests;

pub use canonical::{Canonical, Dimension, canonical, comparable, convert, divide, multiply};
pub use parse::Unit;

/// An exact fraction.
pub type Ratio = num_rational::BigRational;

/// Why a text is no unit, or quantities cannot be converted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// The text does not follow the grammar.
    #[error("malformed unit")]
    Syntax,
    /// A symbol that is in no table.
    #[error("unknown unit")]
    Unknown,
    /// Longer, deeper or with larger powers than the limits allow.
    #[error("unit too large")]
    TooLarge,
    /// The units measure different things.
    #[error("units measure different things")]
    Incomparable,
    /// The unit stands for a scale without proportions (degree Celsius, pH) where a proportional
    /// one is wanted.
    #[error("unit of a scale cannot be part of a product")]
    Special,
    /// A division by zero, or a value outside a scale's domain.
    #[error("value outside the domain of the unit")]
    Domain,
}
