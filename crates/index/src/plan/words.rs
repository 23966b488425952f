//! Words: which rows have them, and which have them for the asker.
//!
//! Keys tell of a row that a word stands where nothing is ever left out, or where something may be.
//! A row that has what is asked by the first kind alone matches; one that needs the others, and one
//! that may hold a phrase are looked at in the document, as the asker sees it. No word is worth more
//! than another: nothing here counts rows.

use accord_query::Words;
use parking_lot::Mutex;

use crate::error::IndexError;
use crate::key::{self, SearchKey, WORD_PARAM, tag};
use crate::part::Part;
use crate::set::RowSet;
use crate::view::{RowRef, View};

use super::evaluate::rows_of;
use super::scan;

/// A condition on words.
pub(crate) struct WordTest {
    words: Words,
    /// Whether they are looked for in narratives alone.
    narrative: bool,
    /// The rows of the part looked at last that match whatever the asker may see, by its first row.
    sure: Mutex<Option<(u32, RowSet)>>,
}

impl WordTest {
    /// Of words, in narratives alone or in all texts.
    pub fn new(words: &Words, narrative: bool) -> WordTest {
        WordTest { words: words.clone(), narrative, sure: Mutex::new(None) }
    }

    /// The parameter that it is asked by.
    pub fn code(&self) -> &'static str {
        if self.narrative { "_text" } else { "_content" }
    }

    /// The rows of a part that may match.
    pub fn candidates(&self, view: &View, part: &Part) -> Result<RowSet, IndexError> {
        rows(view, part, &self.words, (self.kinds(true), true))
    }

    /// Whether a row that may match does so for the asker. A marker has no words.
    pub fn holds(&self, view: &View, row: &RowRef<'_>) -> bool {
        let read = || {
            let reader = view.reader();
            reader.is_some_and(|reader| reader.has_words(view, row, &self.words, self.narrative))
        };
        !row.is_marker() && (self.is_sure(view, row) || read())
    }

    /// The keys that tell; `veiled`: those of what may be left out, too.
    fn kinds(&self, veiled: bool) -> &'static [u8] {
        match (self.narrative, veiled) {
            (true, true) => &[tag::TOLD, tag::VEILED_TOLD],
            (true, false) => &[tag::TOLD],
            (false, true) => &[tag::WORD, tag::VEILED_WORD, tag::TOLD, tag::VEILED_TOLD],
            (false, false) => &[tag::WORD, tag::TOLD],
        }
    }

    fn is_sure(&self, view: &View, row: &RowRef<'_>) -> bool {
        let (part, local) = row.place();
        let mut sure = self.sure.lock();
        if sure.as_ref().is_none_or(|(first, _)| *first != part.first()) {
            // What cannot be read here is read in the document.
            let set = self.surely(view, part).unwrap_or_else(|_| RowSet::empty());
            *sure = Some((part.first(), set));
        }
        sure.as_ref().is_some_and(|(_, set)| set.contains(local))
    }

    fn surely(&self, view: &View, part: &Part) -> Result<RowSet, IndexError> {
        // From whom nothing is hidden nothing is left out.
        let kinds = self.kinds(view.scope().is_unrestricted());
        rows(view, part, &self.words, (kinds, false))
    }
}

/// The rows that have words by keys of these kinds; phrases are in rows that have all their words,
/// or in none.
fn rows(view: &View, part: &Part, words: &Words, how: (&[u8], bool)) -> Result<RowSet, IndexError> {
    view.check_deadline()?;
    let (tags, phrases) = how;
    let of = |words: &Words| rows(view, part, words, how);
    let all = |sets: &mut dyn Iterator<Item = Result<RowSet, IndexError>>| {
        let mut whole: Option<RowSet> = None;
        for set in sets {
            let set = set?;
            whole = Some(whole.map_or_else(|| set.clone(), |whole| whole.and(&set)));
        }
        Ok(whole.unwrap_or_else(RowSet::empty))
    };
    match words {
        Words::Word { word, prefix: false } => {
            let keys = tags.iter().map(|tag| SearchKey::from(key::word(*tag, word)));
            let sets = keys.map(|key| rows_of(part, &key)).collect::<Result<_, _>>()?;
            Ok(RowSet::union(sets))
        }
        Words::Word { word, prefix: true } => {
            let sets = tags.iter().map(|tag| beginning(view, part, *tag, word));
            Ok(RowSet::union(sets.collect::<Result<_, _>>()?))
        }
        Words::Phrase(_) if !phrases => Ok(RowSet::empty()),
        Words::Phrase(words) => {
            let word = |word: &String| Words::Word { word: word.clone(), prefix: false };
            all(&mut words.iter().map(|one| of(&word(one))))
        }
        Words::All(words) => all(&mut words.iter().map(of)),
        Words::Any(words) => Ok(RowSet::union(words.iter().map(of).collect::<Result<_, _>>()?)),
    }
}

/// The rows that have a word which begins so.
fn beginning(view: &View, part: &Part, tag: u8, word: &str) -> Result<RowSet, IndexError> {
    let front = key::word(tag, word);
    let mut sets = Vec::new();
    scan::beginning(view, part, (WORD_PARAM, tag), &front, |key, rows| {
        if key.starts_with(&front) {
            sets.push(rows()?);
        }
        Ok(())
    })?;
    Ok(RowSet::union(sets))
}
