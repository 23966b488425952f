//! Comma-separated rows (RFC 4180): cells may be quoted, quotes doubled, quoted line ends kept.

use std::io::{self, BufRead};

use super::fault;

/// Longest row, in bytes.
const LONGEST: usize = 1 << 20;

/// The next row; `None` at the end.
///
/// # Errors
/// Those of reading; a row that is too long or whose quotes do not end.
pub(super) fn row(lines: &mut dyn BufRead) -> io::Result<Option<Vec<String>>> {
    let mut text = String::new();
    loop {
        let before = text.len();
        if lines.read_line(&mut text)? == 0 {
            return if before == 0 {
                Ok(None)
            } else {
                Err(fault("a quote does not end".to_owned()))
            };
        }
        if text.len() > LONGEST {
            return Err(fault("a row is too long".to_owned()));
        }
        // An odd number of quotes: one is open, and the row goes on.
        if text.bytes().filter(|b| *b == b'"').count().is_multiple_of(2) {
            break;
        }
    }
    Ok(Some(cells(text.trim_end_matches(['\n', '\r']))))
}

fn cells(text: &str) -> Vec<String> {
    let (mut out, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    out.push(cell);
    out
}
