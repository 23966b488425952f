//! Comma-separated values (RFC 4180) that a spreadsheet opens without doing what they say.

/// One record with its end of line.
pub(crate) fn record<S: AsRef<str>>(cells: impl IntoIterator<Item = S>) -> String {
    let cells: Vec<String> =
        cells.into_iter().map(|cell| quoted(&harmless(cell.as_ref()))).collect();
    cells.join(",") + "\r\n"
}

/// What begins like a formula becomes a text: spreadsheets run it otherwise, some of them also where
/// the sign is a full-width one (OWASP, CSV Injection).
fn harmless(cell: &str) -> String {
    let sign = |c: char| matches!(c, '=' | '+' | '-' | '@');
    let wide = |c: char| matches!(c, '\u{FF1D}' | '\u{FF0B}' | '\u{FF0D}' | '\u{FF20}');
    let begins = |c: char| sign(c) || wide(c) || matches!(c, '\t' | '\r' | '\n');
    match cell.trim_start_matches(' ').starts_with(begins) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

/// In quotation marks where a comma, a quotation mark, an end of line or a space at an end asks
/// for them (RFC 4180 §2).
fn quoted(cell: &str) -> String {
    let asks = |c: char| matches!(c, ',' | ';' | '"' | '\r' | '\n' | '\t');
    match cell.contains(asks) || cell.trim() != cell {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::record;

    #[test]
    fn cells_are_quoted_and_no_formula() {
        for (cell, written) in [
            ("", ""),
            ("plain", "plain"),
            ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"),
            ("a,b", "\"a,b\""),
            ("say \"ah\"", "\"say \"\"ah\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            (" spaced", "\" spaced\""),
            ("=1+1", "'=1+1"),
            ("-2", "'-2"),
            ("+44", "'+44"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "\"'\t=1\""),
            (" =1", "' =1"),
            ("\r=1", "\"'\r=1\""),
            ("\u{FF1D}1+1", "'\u{FF1D}1+1"),
            ("\u{FF0B}44", "'\u{FF0B}44"),
            (" \u{FF0D}2", "' \u{FF0D}2"),
            ("\u{FF20}SUM(A1)", "'\u{FF20}SUM(A1)"),
            ("1\u{FF0D}2", "1\u{FF0D}2"),
            ("=A1,\"x\"", "\"'=A1,\"\"x\"\"\""),
        ] {
            assert_eq!(record([cell]), format!("{written}\r\n"), "{cell:?}");
        }
        assert_eq!(record(["a", "", "b"]), "a,,b\r\n");
    }
}
