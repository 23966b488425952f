//! Regular expressions of filters: in linear time, of bounded size, over the whole text.

use regex::{Regex, RegexBuilder};

use crate::TermError;

/// Longest pattern.
const LONGEST: usize = 1000;
/// Bytes that a compiled pattern may take.
const MOST_BYTES: usize = 1 << 20;

/// A compiled pattern.
pub(crate) struct Pattern(Regex);

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// If it is too long, too large or malformed.
    pub fn new(text: &str) -> Result<Pattern, TermError> {
        let fault = || TermError::Pattern(text.chars().take(100).collect());
        if text.len() > LONGEST {
            return Err(fault());
        }
        let whole = format!("^(?:{text})$");
        let mut builder = RegexBuilder::new(&whole);
        builder.size_limit(MOST_BYTES).dfa_size_limit(MOST_BYTES);
        Ok(Pattern(builder.build().map_err(|_| fault())?))
    }

    /// Whether the whole text fits.
    pub fn fits(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}
