//! Results for people and pipes, on standard output.

use std::io::Write;

use crate::fail::Fail;

/// Writes a line.
///
/// # Errors
/// If standard output takes no more.
pub fn line(text: &str) -> Result<(), Fail> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(Fail::from)
}
