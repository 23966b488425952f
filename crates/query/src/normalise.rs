//! What strings are compared by.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The form in which strings are compared: lower case, without accents (compatibility
/// decomposition, Unicode annex 15, without combining marks; letters such as `ł`, `ø`, `ß` that do
/// not decompose, as their usual Latin spelling), runs of white space as one space, none at the
/// ends (FHIR R4 search §3.1.1.4.8 asks for insensitivity to case and accents). Idempotent.
pub fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    let mut push = |c: char| {
        if c.is_whitespace() {
            gap = !out.is_empty();
            return;
        }
        if gap {
            out.push(' ');
            gap = false;
        }
        match spelling(c) {
            Some(letters) => out.push_str(letters),
            None => out.push(c),
        }
    };
    if text.is_ascii() {
        text.chars().for_each(|c| push(c.to_ascii_lowercase()));
    } else {
        // Lower case can bring marks back (`İ`), so it is decomposed again.
        let lower = text.nfkd().flat_map(char::to_lowercase);
        lower.nfkd().filter(|c| !is_combining_mark(*c)).for_each(&mut push);
    }
    out
}

/// Latin spelling of letters that do not decompose, and the one sigma.
fn spelling(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ŧ' => "t",
        'ı' => "i",
        'ŋ' => "n",
        'ς' => "σ",
        _ => return None,
    })
}
