//! The text filter of `$expand`: each word of it begins a word of one of the texts of a concept.

use crate::CodeSystem;
use crate::value_set::Listed;

/// Longest filter looked at, in words.
const MOST_WORDS: usize = 16;

/// The words of a filter, in lower case.
pub(super) struct TextFilter {
    words: Vec<String>,
    whole: String,
}

impl TextFilter {
    /// Reads a filter; `None` if there is nothing in it.
    pub fn new(text: &str) -> Option<TextFilter> {
        let whole = text.trim().to_lowercase();
        let words = whole.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
        let words: Vec<String> = words.take(MOST_WORDS).map(str::to_owned).collect();
        (!whole.is_empty()).then_some(TextFilter { words, whole })
    }

    /// Whether a concept passes: by a text of its own or one that the value set gives it, or by
    /// the beginning of its code.
    pub fn fits(&self, system: &CodeSystem, at: u32, told: Option<&Listed>) -> bool {
        let own = system.display(at).into_iter().chain(system.designations(at).map(|d| d.value));
        let given = told.into_iter().flat_map(|told| {
            let designated = told.designations.iter().map(|(_, _, text)| text.as_str());
            told.display.as_deref().into_iter().chain(designated)
        });
        own.chain(given).any(|text| self.fits_text(text)) || begins(system.code(at), &self.whole)
    }

    fn fits_text(&self, text: &str) -> bool {
        !self.words.is_empty() && self.words.iter().all(|word| has_word(text, word))
    }
}

/// Whether a word of the text begins with this, whatever the case.
fn has_word(text: &str, word: &str) -> bool {
    let mut inside = false;
    for (at, c) in text.char_indices() {
        let part = c.is_alphanumeric();
        if part && !inside && begins(text.get(at..).unwrap_or_default(), word) {
            return true;
        }
        inside = part;
    }
    false
}

fn begins(text: &str, word: &str) -> bool {
    if text.is_ascii() && word.is_ascii() {
        let front = text.as_bytes().get(..word.len());
        return front.is_some_and(|front| front.eq_ignore_ascii_case(word.as_bytes()));
    }
    let mut rest = text.chars().flat_map(char::to_lowercase);
    word.chars().all(|c| rest.next() == Some(c))
}
