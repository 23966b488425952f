//! The words of a resource: those of its narratives, and those of all its texts.
//!
//! Some of what a resource says is left out for those who may not see what it refers to: what a
//! Reference tells of its target, and narratives, which repeat it. Words that stand nowhere else
//! are kept apart: whether they are there for an asker is for the document to say, as they see it.
//!
//! **Invariant:** what may be left out for anyone is never among the words kept as always there.

use std::borrow::Cow;

use accord_fhir::json::{Kind, Value};
use accord_query::{each_word, words_of};

/// Where a word stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum At {
    /// In a text that is there for everyone.
    Text,
    /// In a text that may be left out.
    VeiledText,
    /// In a narrative that is there for everyone.
    Narrative,
    /// In a narrative that may be left out.
    VeiledNarrative,
}

/// Hands the words of a resource on, each with where it stands, some of them more than once.
pub(crate) fn words(resource: Value<'_>, take: &mut dyn FnMut(At, &str)) {
    let (mut narratives, mut veils) = (Vec::new(), false);
    walk(resource, true, false, &mut |piece| match piece {
        Piece::Reference => veils = true,
        Piece::Narrative(div) => narratives.push(div),
        Piece::Text { text, veiled } => {
            let at = if veiled { At::VeiledText } else { At::Text };
            each_word(&text, |word| take(at, word));
        }
    });
    // A narrative goes wherever something that is referred to does not exist for the asker.
    let at = if veils { At::VeiledNarrative } else { At::Narrative };
    for div in narratives {
        each_word(&without_tags(&div), |word| take(at, word));
    }
}

/// The texts of a resource, each by its words; of its narratives alone, or of all of it.
pub fn texts(resource: Value<'_>, narrative: bool) -> Vec<Vec<String>> {
    let mut texts = Vec::new();
    walk(resource, true, false, &mut |piece| match piece {
        Piece::Narrative(div) => texts.push(words_of(&without_tags(&div))),
        Piece::Text { text, .. } if !narrative => texts.push(words_of(&text)),
        Piece::Text { .. } | Piece::Reference => {}
    });
    texts
}

/// What is found on the way through a resource.
enum Piece<'a> {
    /// The `div` of a narrative.
    Narrative(Cow<'a, str>),
    /// Another text; `veiled`: in what refers to something.
    Text { text: Cow<'a, str>, veiled: bool },
    /// Something is referred to.
    Reference,
}

/// As deep as the JSON, which the parser bounds.
fn walk<'a>(value: Value<'a>, root: bool, veiled: bool, take: &mut dyn FnMut(Piece<'a>)) {
    let refers = value.get_str("reference").is_some_and(|text| !text.starts_with('#'));
    if refers {
        take(Piece::Reference);
    }
    let veiled = veiled || refers;
    for (name, member) in value.members() {
        // What the server writes itself is no content.
        if (root && name == "meta") || has_no_words(&name) {
            continue;
        }
        if name == "text" && member.kind() == Kind::Object {
            if let Some(div) = member.get_str("div") {
                take(Piece::Narrative(div));
            }
            continue;
        }
        for item in member.each() {
            match item.kind() {
                Kind::String => {
                    let text = item.as_str().unwrap_or_default();
                    if is_words(&text) {
                        take(Piece::Text { text, veiled });
                    }
                }
                Kind::Object => walk(item, false, veiled, take),
                _ => {}
            }
        }
    }
}

/// Whether a member of this name holds names, addresses or bytes.
fn has_no_words(name: &str) -> bool {
    matches!(name, "data" | "hash" | "id" | "reference" | "resourceType" | "system" | "url")
}

/// Dates, addresses and UUIDs are found by parameters of their own.
fn is_words(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |at: std::ops::Range<usize>| {
        bytes.get(at).is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let of_dates = |byte: &u8| byte.is_ascii_digit() || b"-:.TZ+".contains(byte);
    let dated = digits(0..4) && bytes.get(4) == Some(&b'-') && digits(5..7);
    if dated && bytes.iter().all(of_dates) {
        return false;
    }
    let addresses = text.contains(':') && (text.contains("://") || text.starts_with("urn:"));
    if addresses && !text.contains(char::is_whitespace) {
        return false;
    }
    !is_uuid(bytes)
}

fn is_uuid(bytes: &[u8]) -> bool {
    let fits = |(at, byte): (usize, &u8)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    bytes.len() == 36 && bytes.iter().enumerate().all(fits)
}

/// The text of a narrative (FHIR R4 narrative §2.4): tags and comments are gaps, references to
/// characters are what they stand for.
fn without_tags(div: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(div.len()), div);
    while let Some(at) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let (gap, end) = if from.starts_with("<!--") {
            (' ', from.find("-->").map(|at| at + 3))
        } else if from.starts_with('<') {
            (' ', from.find('>').map(|at| at + 1))
        } else {
            let end = from.find(';').filter(|end| *end <= 10);
            (character(from.get(1..end.unwrap_or(1)).unwrap_or_default()), end.map(|at| at + 1))
        };
        out.push(gap);
        rest = from.get(end.unwrap_or(1)..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// What a reference to a character stands for; of names, those of XML.
fn character(name: &str) -> char {
    let number = match name.strip_prefix("#x").or_else(|| name.strip_prefix("#X")) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => name.strip_prefix('#').and_then(|digits| digits.parse().ok()),
    };
    match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => number.and_then(char::from_u32).unwrap_or(' '),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn check(text: &str, at: At, expect: &[&str]) {
        let tape = accord_fhir::json::parse(text.as_bytes(), Default::default()).unwrap();
        let mut found = BTreeSet::new();
        words(tape.root(), &mut |stands, word| {
            if stands == at {
                found.insert(word.to_owned());
            }
        });
        assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expect, "{at:?}");
    }

    #[test]
    fn words_are_kept_by_where_they_stand() {
        let narrative = r#""text":{"status":"generated","div":"<div>T&amp;C <b class='x'>f&#233;ver</b><!-- y --></div>"}"#;
        let refers = format!(
            r##"{{"resourceType":"Observation","id":"one","meta":{{"profile":["p"]}},{narrative},
                "code":{{"text":"Heart rate","coding":[{{"system":"http://x","code":"8867-4"}}]}},
                "effectiveDateTime":"2026-01-02T10:00:00.5+01:00","valueInteger":5,
                "note":[{{"text":"slow rate"}},{{"text":"2026-01-02: see http://x"}}],
                "identifier":[{{"value":"D67a0cff-8f7e-46f7-bb99-577a6623e59a"}}],
                "instantiatesUri":"urn:a","hasMember":[{{"reference":"#in","display":"within"}}],
                "subject":{{"reference":"Patient/p","display":"Ann Heart",
                    "identifier":{{"value":"X1"}}}}}}"##
        );
        let texts = [
            "01", "02", "2026", "4", "8867", "heart", "http", "rate", "see", "slow", "within", "x",
        ];
        check(&refers, At::Text, &texts);
        check(&refers, At::VeiledText, &["ann", "heart", "x1"]);
        check(&refers, At::Narrative, &[]);
        check(&refers, At::VeiledNarrative, &["c", "fever", "t"]);
        let alone = format!(r#"{{"resourceType":"Patient",{narrative},"active":true}}"#);
        check(&alone, At::Narrative, &["c", "fever", "t"]);
        check(&alone, At::VeiledNarrative, &[]);
    }
}
