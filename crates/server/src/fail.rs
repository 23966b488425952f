//! Why a command ends early: one line for people.

use std::fmt;

/// A message for the operator.
pub struct Fail(String);

impl Fail {
    /// With this message.
    pub fn new(text: impl Into<String>) -> Fail {
        Fail(text.into())
    }
}

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Every error with its causes.
impl<E: std::error::Error> From<E> for Fail {
    fn from(error: E) -> Fail {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text.push_str(&format!(": {cause}"));
            source = cause.source();
        }
        Fail(text)
    }
}
