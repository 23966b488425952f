//! The letters of a scope.

use std::fmt;

/// A set of `c`, `r`, `u`, `d`, `s` (SMART App Launch 2.2, "Scopes for requesting FHIR
/// resources"): create; read, vread and history of one resource; update; delete; search and
/// history of a type or of all.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Rights(u8);

/// The letters in the only order in which they may stand.
const LETTERS: [(Rights, char); 5] = [
    (Rights::CREATE, 'c'),
    (Rights::READ, 'r'),
    (Rights::UPDATE, 'u'),
    (Rights::DELETE, 'd'),
    (Rights::SEARCH, 's'),
];

/// The words of version 1 (SMART App Launch 2.2, "Scope equivalence").
const WORDS: [(&str, Rights); 3] =
    [("read", Rights(0b1_0010)), ("write", Rights(0b0_1101)), ("*", Rights::ALL)];

impl Rights {
    /// `c`
    pub const CREATE: Rights = Rights(1);
    /// `r`
    pub const READ: Rights = Rights(2);
    /// `u`
    pub const UPDATE: Rights = Rights(4);
    /// `d`
    pub const DELETE: Rights = Rights(8);
    /// `s`
    pub const SEARCH: Rights = Rights(16);
    /// All five.
    pub const ALL: Rights = Rights(31);

    /// Reads letters, which must stand in the order `cruds`, or a word of version 1; says whether
    /// it was a word.
    pub fn parse(text: &str) -> Option<(Rights, bool)> {
        if let Some((_, rights)) = WORDS.iter().find(|(word, _)| *word == text) {
            return Some((*rights, true));
        }
        let mut rights = Rights::default();
        for letter in text.chars() {
            let (right, _) = LETTERS.iter().find(|(_, known)| *known == letter)?;
            // A letter out of order, or twice, is not above all that stand before it.
            if rights.0 >= right.0 {
                return None;
            }
            rights = rights.or(*right);
        }
        (!rights.is_none()).then_some((rights, false))
    }

    /// What is in both.
    pub fn and(self, other: Rights) -> Rights {
        Rights(self.0 & other.0)
    }

    /// What is in either.
    pub fn or(self, other: Rights) -> Rights {
        Rights(self.0 | other.0)
    }

    /// Whether all of `other` is in it.
    pub fn has(self, other: Rights) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether nothing is in it.
    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The word of version 1 that says the same.
    pub(super) fn v1(self) -> Option<&'static str> {
        WORDS.iter().find(|(_, rights)| *rights == self).map(|(word, _)| *word)
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        LETTERS.iter().filter(|(right, _)| self.has(*right)).try_for_each(|(_, l)| write!(f, "{l}"))
    }
}
