//! Tokens of the grammar, one at a time, with their places.

use std::ops::Range;

use super::dates;
use crate::error::{ParseError, ParseErrorKind};

/// A token's form; its text is the slice of the source at its span.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Token {
    /// A name, keyword or word operator.
    Word,
    /// `` `name` ``
    Delimited,
    /// `'text'`
    Text,
    Number,
    Date,
    DateTime,
    Time,
    /// One or two characters of punctuation.
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 21] = [
    "<=", ">=", "!=", "!~", "(", ")", "[", "]", "{", "}", ".", ",", "+", "-", "*", "/", "&", "|",
    "%", "$", "~",
];
const SINGLE: [&str; 3] = ["<", ">", "="];

/// The token at or after `at`, with its span. [`Token::End`] at the end.
pub(super) fn next(text: &str, at: usize) -> Result<(Token, Range<usize>), ParseError> {
    let at = skip(text, at)?;
    let rest = text.get(at..).unwrap_or_default();
    let Some(first) = rest.bytes().next() else { return Ok((Token::End, at..at)) };
    let (token, length) = match first {
        b'A'..=b'Z' | b'a'..=b'z' | b'_' => (Token::Word, word(rest)),
        b'0'..=b'9' => (Token::Number, number(rest)),
        b'\'' => (Token::Text, closed(rest, b'\'', at)?),
        b'`' => (Token::Delimited, closed(rest, b'`', at)?),
        b'@' => {
            dates::literal(rest).ok_or(ParseError { offset: at, kind: ParseErrorKind::Date })?
        }
        _ => {
            let sign = SIGNS.iter().chain(&SINGLE).find(|sign| rest.starts_with(**sign));
            let fault = ParseError { offset: at, kind: ParseErrorKind::UnexpectedCharacter };
            let sign = sign.ok_or(fault)?;
            (Token::Sign(sign), sign.len())
        }
    };
    Ok((token, at..at + length))
}

/// Past white space and comments.
fn skip(text: &str, mut at: usize) -> Result<usize, ParseError> {
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let space = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        let rest = rest.get(space..).unwrap_or_default();
        at += space;
        if let Some(comment) = rest.strip_prefix("/*") {
            let unclosed = ParseError { offset: at, kind: ParseErrorKind::Unclosed };
            at += comment.find("*/").ok_or(unclosed)? + 4;
        } else if rest.starts_with("//") {
            at += rest.find(['\n', '\r']).unwrap_or(rest.len());
        } else {
            return Ok(at);
        }
    }
}

fn word(rest: &str) -> usize {
    rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count()
}

fn digits(rest: &str) -> usize {
    rest.bytes().take_while(u8::is_ascii_digit).count()
}

/// Digits, and a fraction if a digit follows the point; otherwise the point begins an invocation.
/// An `L` behind whole digits belongs to them.
fn number(rest: &str) -> usize {
    let whole = digits(rest);
    let fraction = rest.get(whole..).and_then(|r| r.strip_prefix('.')).map_or(0, digits);
    if fraction > 0 {
        return whole + 1 + fraction;
    }
    let after = rest.get(whole..).unwrap_or_default();
    let long = after.starts_with('L') && word(after) == 1;
    whole + usize::from(long)
}

/// Length of a quoted token, quotes included. What a backslash means is for [`unescape`].
fn closed(rest: &str, quote: u8, offset: usize) -> Result<usize, ParseError> {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            _ if byte == quote => return Ok(at + 1),
            _ => {}
        }
    }
    Err(ParseError { offset, kind: ParseErrorKind::Unclosed })
}

/// The text of a quoted token without quotes and escapes; `offset` is where it begins.
pub(super) fn unescape(token: &str, offset: usize) -> Result<String, ParseError> {
    let inner = token.get(1..token.len().saturating_sub(1)).unwrap_or_default();
    let fault = |at: usize| ParseError { offset: offset + 1 + at, kind: ParseErrorKind::Escape };
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        out.push(match chars.next().map(|(_, escape)| escape) {
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => match unit(chars.as_str()) {
                // Both halves of a pair stand for one character, one half for none.
                Some(high @ 0xd800..=0xdbff) => {
                    let rest = chars.as_str().get(4..).and_then(|rest| rest.strip_prefix("\\u"));
                    let low = rest.and_then(unit).filter(|low| (0xdc00..=0xdfff).contains(low));
                    let low = low.ok_or(fault(at))?;
                    chars.nth(9);
                    let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                    char::from_u32(code).ok_or(fault(at))?
                }
                Some(code) => {
                    chars.nth(3);
                    char::from_u32(code).ok_or(fault(at))?
                }
                None => 'u',
            },
            // The grammar lets a backslash stand before anything; it means nothing there.
            Some(other) => other,
            None => return Err(fault(at)),
        });
    }
    Ok(out)
}

/// The four hexadecimal digits at the start.
fn unit(text: &str) -> Option<u32> {
    let hex = text.get(..4).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u32::from_str_radix(hex, 16).ok()
}
