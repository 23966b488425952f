//! string, markdown, code and base64Binary.

/// The most characters of a string.
const MAX_CHARS: usize = 1024 * 1024;

const CODE: &str = "must be a code: words separated by single spaces";

/// Any characters but controls other than tab, line feed and carriage return.
pub(super) fn string(text: &str) -> Option<&'static str> {
    let control = |b: u8| b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r');
    if text.bytes().any(control) {
        return Some("must not have control characters");
    }
    let long = text.len() > MAX_CHARS && text.chars().count() > MAX_CHARS;
    long.then_some("must not be longer than 1048576 characters")
}

/// Words separated by single spaces. White space is that of XML: a no-break space is a character
/// like any other, and some official codes have one.
pub(super) fn code(text: &str) -> Option<&'static str> {
    let mut space = true;
    for b in text.bytes() {
        if b < b' ' || b == b' ' && space {
            return Some(CODE);
        }
        space = b == b' ';
    }
    space.then_some(CODE)
}

/// Groups of four characters, white space between them allowed.
pub(super) fn base64(text: &str) -> Option<&'static str> {
    let (mut length, mut padding) = (0_usize, 0);
    for b in text.bytes() {
        match b {
            b' ' | b'\t' | b'\n' | b'\r' => continue,
            b'=' => padding += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => {}
            _ => return Some("must be base64"),
        }
        length += 1;
    }
    (length == 0 || !length.is_multiple_of(4) || padding > 2).then_some("must be base64")
}
