//! Extent of date and time literals. Whether the day exists is not for the grammar to say.

use super::token::Token;

/// The kind and length of the literal at the start of `rest`, which begins with `@`.
pub(super) fn literal(rest: &str) -> Option<(Token, usize)> {
    let bytes = rest.as_bytes();
    if bytes.get(1) == Some(&b'T') {
        let length = time(bytes, 2);
        return (length > 2).then_some((Token::Time, length));
    }
    let mut at = digits(bytes, 1, 4)?;
    for _ in 0..2 {
        match (bytes.get(at), digits(bytes, at + 1, 2)) {
            (Some(b'-'), Some(end)) => at = end,
            _ => break,
        }
    }
    if bytes.get(at) != Some(&b'T') {
        return Some((Token::Date, at));
    }
    let end = time(bytes, at + 1);
    Some((Token::DateTime, if end > at + 1 { zone(bytes, end) } else { end }))
}

/// End of `hh[:mm[:ss[.f…]]]` at `at`; `at` itself if there is none.
fn time(bytes: &[u8], at: usize) -> usize {
    let Some(mut end) = digits(bytes, at, 2) else { return at };
    for place in 0..2 {
        match (bytes.get(end), digits(bytes, end + 1, 2)) {
            (Some(b':'), Some(next)) => end = next,
            _ => return end,
        }
        if place == 1 && bytes.get(end) == Some(&b'.') {
            let rest = bytes.get(end + 1..).unwrap_or_default();
            let fraction = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            end += if fraction > 0 { 1 + fraction } else { 0 };
        }
    }
    end
}

fn zone(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'Z') => at + 1,
        Some(b'+' | b'-') => {
            let hours = digits(bytes, at + 1, 2).filter(|h| bytes.get(*h) == Some(&b':'));
            hours.and_then(|h| digits(bytes, h + 1, 2)).unwrap_or(at)
        }
        _ => at,
    }
}

/// End of exactly `count` digits at `at`.
fn digits(bytes: &[u8], at: usize, count: usize) -> Option<usize> {
    let digits = bytes.get(at..at + count)?;
    digits.iter().all(u8::is_ascii_digit).then_some(at + count)
}
