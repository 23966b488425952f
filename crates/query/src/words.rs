//! Words of a text, and what is asked of them (`_text` and `_content`, FHIR R4 search §3.1.1.4, text search parameters).

use crate::normalise::normalise;

/// Longest part of a word that is compared, in bytes.
const WORD_BYTES: usize = 48;

/// What is asked of the words of a resource.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Words {
    /// This word; or, as a prefix, one that begins so.
    Word {
        /// As words are compared.
        word: String,
        /// Whether it is the beginning of a word.
        prefix: bool,
    },
    /// These words in a row, within one text. At least two.
    Phrase(Vec<String>),
    /// All of them.
    All(Vec<Words>),
    /// One of them.
    Any(Vec<Words>),
}

/// Hands the words of a text on in their order, as they are compared: runs of letters and digits,
/// folded as strings are ([`normalise`](crate::normalise())), of long ones the beginning. Of plain
/// ASCII, which most texts are, nothing is allocated.
pub fn each_word(text: &str, mut take: impl FnMut(&str)) {
    if !text.is_ascii() {
        let folded = normalise(text);
        let runs = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        return runs.for_each(|word| take(cut(word)));
    }
    let mut folded = [0; WORD_BYTES];
    let runs = text.as_bytes().split(|byte| !byte.is_ascii_alphanumeric());
    for run in runs.filter(|run| !run.is_empty()) {
        let length = run.len().min(WORD_BYTES);
        let (Some(run), Some(word)) = (run.get(..length), folded.get_mut(..length)) else {
            continue;
        };
        word.copy_from_slice(run);
        word.make_ascii_lowercase();
        take(std::str::from_utf8(word).unwrap_or_default());
    }
}

/// The words of a text in their order, as they are compared.
pub fn words_of(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    each_word(text, |word| words.push(word.to_owned()));
    words
}

fn cut(word: &str) -> &str {
    let mut end = word.len().min(WORD_BYTES);
    while !word.is_char_boundary(end) {
        end -= 1;
    }
    word.get(..end).unwrap_or_default()
}

impl Words {
    /// Whether texts, each given by its words, satisfy it: the definition that an index must agree
    /// with.
    pub fn hold(&self, texts: &[Vec<String>]) -> bool {
        match self {
            Words::Word { word, prefix: false } => texts.iter().flatten().any(|has| has == word),
            Words::Word { word, prefix: true } => {
                texts.iter().flatten().any(|has| has.starts_with(word.as_str()))
            }
            Words::Phrase(words) => {
                texts.iter().any(|text| text.windows(words.len()).any(|run| run == words))
            }
            Words::All(all) => all.iter().all(|one| one.hold(texts)),
            Words::Any(any) => any.iter().any(|one| one.hold(texts)),
        }
    }
}
