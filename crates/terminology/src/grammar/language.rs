//! Language tags (RFC 5646 §2.1): language, script, region, variants, extensions, private use.

/// Whether a tag is well-formed. Whether its parts are registered is not asked.
pub(super) fn permits(tag: &str) -> bool {
    let parts: Vec<&str> = tag.split('-').collect();
    let fine = |part: &&str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    if !parts.iter().all(fine) {
        return false;
    }
    let Some((first, rest)) = parts.split_first() else { return false };
    if first.eq_ignore_ascii_case("x") || first.eq_ignore_ascii_case("i") {
        return !rest.is_empty();
    }
    letters(first) && first.len() >= 2 && subtags(first, rest)
}

fn letters(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_alphabetic())
}

/// The subtags after the language, each kind at its place.
fn subtags(language: &str, rest: &[&str]) -> bool {
    // Where the last one stood: extended language, script, region, variant, extension.
    let (mut stage, mut extended) = (0, 0);
    let mut parts = rest.iter();
    while let Some(part) = parts.next() {
        let digits = part.bytes().all(|b| b.is_ascii_digit());
        let starts_with_digit = part.bytes().next().is_some_and(|b| b.is_ascii_digit());
        let next = match part.len() {
            1 if part.eq_ignore_ascii_case("x") => return parts.next().is_some(),
            1 => 5,
            3 if letters(part) && stage == 0 && extended < 3 && language.len() <= 3 => {
                extended += 1;
                continue;
            }
            4 if letters(part) => 2,
            2 if letters(part) => 3,
            3 if digits => 3,
            5..=8 => 4,
            4 if starts_with_digit => 4,
            _ => return false,
        };
        if next == 5 {
            return extensions(parts.as_slice());
        }
        // Only variants may be several.
        if next < stage || (next == stage && next != 4) {
            return false;
        }
        stage = next;
    }
    true
}

/// What follows a singleton: at least one part of two or more, and perhaps further singletons.
fn extensions(parts: &[&str]) -> bool {
    let mut filled = false;
    for (at, part) in parts.iter().enumerate() {
        if part.len() > 1 {
            filled = true;
        } else if !filled {
            return false;
        } else if part.eq_ignore_ascii_case("x") {
            return parts.len() > at + 1;
        } else {
            filled = false;
        }
    }
    filled
}
