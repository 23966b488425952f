//! Lossless JSON: one pass from received bytes to minified text and a flat tape of nodes.
//!
//! The tape is what validation, FHIRPath and search-value extraction walk. A subtree is a
//! contiguous run of nodes over a contiguous slice of text, so that an entry of a Bundle is used
//! in place, without parsing or copying it again.

mod parse;
mod string;
mod value;

#[cfg(test)]
mod tests;

pub use parse::{Limits, ParseError, ParseErrorKind, parse};
pub use string::{escape_into, quoted};
pub use value::{Items, Kind, Members, Value};

/// A parsed JSON document.
#[derive(Clone, Debug)]
pub struct Tape {
    text: String,
    nodes: Vec<Node>,
}

/// One value, or the name of a member.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// First byte in the minified text.
    start: u32,
    /// First byte after it.
    end: u32,
    /// Index of the first node after this one's subtree.
    next: u32,
    /// What it is.
    kind: NodeKind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum NodeKind {
    Object,
    Array,
    /// A string or member name without escapes: its text is the slice between the quotes.
    Plain,
    /// A string or member name with escapes.
    Escaped,
    Number,
    True,
    False,
    Null,
}

impl Tape {
    /// The document's one top-level value.
    pub fn root(&self) -> Value<'_> {
        Value::at(self, 0)
    }

    /// The whole document, minified.
    pub fn text(&self) -> &str {
        &self.text
    }
}
