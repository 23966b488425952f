//! The words of resources as plain JSON, read slowly. Shares no code with the server.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Members that hold no words.
const NO_WORDS: [&str; 7] = ["data", "hash", "id", "reference", "resourceType", "system", "url"];

/// The words of each text of a resource, lower case without accents; of its narratives alone, or of
/// all. Not of what the server writes (`meta`), of addresses and dates.
pub fn contents(resource: &Value, narrative: bool) -> Vec<Vec<String>> {
    let mut texts = Vec::new();
    let Value::Object(members) = resource else { return texts };
    for (name, member) in members.iter().filter(|(name, _)| *name != "meta") {
        told(name, member, narrative, &mut texts);
    }
    texts
}

fn told(name: &str, value: &Value, narrative: bool, texts: &mut Vec<Vec<String>>) {
    match value {
        _ if NO_WORDS.contains(&name) => {}
        Value::Array(items) => items.iter().for_each(|item| told(name, item, narrative, texts)),
        Value::Object(members) if name == "text" => {
            let div = members.get("div").and_then(Value::as_str).unwrap_or_default();
            texts.push(words(&untagged(div)));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| told(name, member, narrative, texts));
        }
        Value::String(text) if !narrative && !is_other(text) => texts.push(words(text)),
        _ => {}
    }
}

/// Whether a text is a date, an address or a UUID.
fn is_other(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|c| match c {
            '0'..='9' => '9',
            'a'..='f' | 'A'..='F' => 'f',
            other => other,
        })
        .collect();
    let dated = shape.starts_with("9999-99") && shape.chars().all(|c| "9-:.TZ+".contains(c));
    let address = shape.contains("://") || shape.starts_with("urn:");
    let parts: Vec<String> = shape.replace('9', "f").split('-').map(str::to_owned).collect();
    let uuid = parts == [8, 4, 4, 4, 12].map(|length| "f".repeat(length));
    dated || uuid || (address && !shape.contains(char::is_whitespace))
}

fn words(text: &str) -> Vec<String> {
    let letters: String = text.to_lowercase().nfkd().filter(|c| !is_combining_mark(*c)).collect();
    let letters = letters.replace('ß', "ss");
    let runs = letters.split(|c: char| !c.is_alphanumeric());
    runs.filter(|run| !run.is_empty()).map(str::to_owned).collect()
}

fn untagged(div: &str) -> String {
    let (mut out, mut inside) = (String::new(), false);
    for c in div.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => (inside, _) = (false, out.push(' ')),
            _ if inside => {}
            _ => out.push(c),
        }
    }
    for name in ["&lt;", "&gt;", "&amp;", "&quot;", "&apos;"] {
        out = out.replace(name, " ");
    }
    out
}

/// Whether texts satisfy what is asked of their words: `a or b and "c d" and e*`.
pub fn has_words(texts: &[Vec<String>], asked: &str) -> bool {
    let one = |term: &str| {
        let sought = words(term);
        let begins = |word: &String| word.starts_with(sought[0].as_str());
        match term.ends_with('*') {
            true => texts.iter().flatten().any(begins),
            false => texts.iter().any(|text| text.windows(sought.len()).any(|run| run == sought)),
        }
    };
    asked.split(" or ").any(|all| all.split(" and ").all(one))
}
