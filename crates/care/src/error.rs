//! What can be wrong with a scheme, or with a value.

/// Why a file is not a scheme, and where.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{file}: {path}: {reason}")]
pub struct SchemeError {
    /// The file, as whoever loads it calls it.
    pub file: String,
    /// Where in it, such as `parameters[2].tables[0].bands[1]`; `.` for the whole.
    pub path: String,
    /// What is wrong there.
    pub reason: String,
}

/// Why a value of a vital sign is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VitalError {
    /// No vital sign has this code.
    #[error("`{0}` is no vital sign that is known here")]
    Unknown(String),
    /// A number where one of some codes is needed.
    #[error("{0} is told by a code")]
    NeedsCode(String),
    /// A code where a number is needed.
    #[error("{0} is told by a quantity")]
    NeedsQuantity(String),
    /// Another unit, which no exact factor leads from.
    #[error("{vital} is measured in `{unit}`; `{given}` is not taken")]
    Unit {
        /// Title of the vital sign.
        vital: String,
        /// The unit it is measured in.
        unit: String,
        /// The unit that was given.
        given: String,
    },
    /// A value that nobody can have.
    #[error("{vital} is from {low} to {high} `{unit}`")]
    Impossible {
        /// Title of the vital sign.
        vital: String,
        /// The lowest value.
        low: String,
        /// The highest value.
        high: String,
        /// The unit it is measured in.
        unit: String,
    },
    /// A code that is none of its own.
    #[error("{vital} is one of {known}")]
    Code {
        /// Title of the vital sign.
        vital: String,
        /// The codes there are.
        known: String,
    },
}
