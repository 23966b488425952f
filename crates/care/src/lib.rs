//! Rules of care for an emergency department, as data with their sources: vital signs, scores,
//! triage schemes, clocks; and what follows from them for one attendance.
//!
//! - [`Library`]: every scheme, the ones that come along and those of a site
//! - [`Vitals`]: which values are understood, possible and plausible
//! - [`ScoreScheme`]: vital signs to a score, its level and the response
//! - [`agreement`]: a stored score against the values it was made from
//! - [`TriageScheme`]: acuity, how long it may wait, and how it follows from resources
//! - [`Flags`]: kinds of flags, and which of them outlive an attendance
//! - [`forecast`](forecast()): how long people wait, as far as it holds on newer attendances
//! - [`AttendanceCodes`]: what a data set calls how they come and go
//! - [`Attendance`]: who waits for what, until when, and who acts next
//!
//! **Invariant:** what is missing makes a score incomplete, never lower; numbers are compared as
//! the decimals they were written as; a table that does not cover its axis does not load.
//!
//! **Absent:** IO, clocks, randomness, FHIR resources; advice to a patient.

mod attendance;
mod attendance_codes;
mod bands;
mod board;
mod due;
mod error;
mod flags;
mod forecast;
mod library;
mod number;
mod queue;
mod reader;
mod score;
mod targets;
mod triage;
mod vitals;
mod waiting_time;

pub use attendance::{Assessment, Attendance, Disposition, Event, NotNow, Phase};
pub use attendance_codes::{Arrival, AttendanceCodes, Come};
pub use board::{Place, Trend, trend};
pub use due::{Due, What};
pub use error::{SchemeError, VitalError};
pub use flags::{FlagKind, Flags};
pub use forecast::{Forecast, NoForecast, Past, forecast};
pub use library::{AcuityCode, Library};
pub use number::shown;
pub use reader::Header;
pub use score::{
    Agreement, Asked, Level, NotScored, Parameter, Part, Score, ScoreScheme, Stored, Total,
    Triggered, agreement,
};
pub use targets::{Clock, Running, Targets};
pub use triage::{Acuity, Computed, Considered, Interval, TriageScheme};
pub use vitals::{Given, Quantity, Reading, Value, Vital, Vitals};
