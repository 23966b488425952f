//! Tail, segments, planner and executor over a `Scope`.

mod effect;
mod value;

pub use effect::{Change, NewName, RowChange, RowEffect};
pub use value::{Datum, EXTRACTOR_VERSION, Value, Values};
