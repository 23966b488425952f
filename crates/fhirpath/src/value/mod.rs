//! Values of the language's own types: exact decimals, dates and times with precision, quantities.

mod arithmetic;
mod calendar;
mod moment;
mod number;
mod quantity;
mod series;
mod shift;
#[cfg(test)]
mod tests;

pub use calendar::Calendar;
pub use moment::{Moment, MomentKind, Precision};
pub use number::Number;
pub(crate) use number::Rounding;
pub use quantity::{Quantity, UnitKind};
