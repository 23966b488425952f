//! Views into a tape.
#![allow(
    clippy::indexing_slicing,
    reason = "a Value is only made for node indices the parser produced over this text"
)]

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::{Node, NodeKind, Tape};

/// One JSON value in place: a pair of a tape and a node. Copy it freely.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    tape: &'a Tape,
    node: u32,
}

/// The six kinds of JSON values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`
    Null,
}

impl<'a> Value<'a> {
    pub(super) fn at(tape: &'a Tape, node: u32) -> Value<'a> {
        Value { tape, node }
    }

    fn node(self) -> Node {
        self.tape.nodes[self.node as usize]
    }

    /// What kind of value it is.
    pub fn kind(self) -> Kind {
        match self.node().kind {
            NodeKind::Object => Kind::Object,
            NodeKind::Array => Kind::Array,
            NodeKind::Plain | NodeKind::Escaped => Kind::String,
            NodeKind::Number => Kind::Number,
            NodeKind::True | NodeKind::False => Kind::Bool,
            NodeKind::Null => Kind::Null,
        }
    }

    /// The value's own text, minified, as it was written.
    pub fn raw(self) -> &'a str {
        &self.tape.text[self.span()]
    }

    /// Where [`raw`](Value::raw) stands in [`Tape::text`], in bytes.
    pub fn span(self) -> Range<usize> {
        let node = self.node();
        node.start as usize..node.end as usize
    }

    /// The decoded text of a string, else `None`. Borrowed unless it has escapes.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        let inner = |node: Node| &self.tape.text[node.start as usize + 1..node.end as usize - 1];
        let node = self.node();
        match node.kind {
            NodeKind::Plain => Some(Cow::Borrowed(inner(node))),
            NodeKind::Escaped => Some(Cow::Owned(super::string::unescape(inner(node)))),
            _ => None,
        }
    }

    /// The truth value of a boolean, else `None`.
    pub fn as_bool(self) -> Option<bool> {
        match self.node().kind {
            NodeKind::True => Some(true),
            NodeKind::False => Some(false),
            _ => None,
        }
    }

    /// The text of a number as written, else `None`.
    pub fn as_number(self) -> Option<&'a str> {
        (self.node().kind == NodeKind::Number).then(|| self.raw())
    }

    /// Members of an object in their order; nothing for other kinds.
    pub fn members(self) -> Members<'a> {
        Members { range: self.children(NodeKind::Object) }
    }

    /// Items of an array; nothing for other kinds.
    pub fn items(self) -> Items<'a> {
        Items { range: self.children(NodeKind::Array) }
    }

    /// The items of an array, or the value itself: how FHIRPath and search see repeating elements.
    pub fn each(self) -> Items<'a> {
        if self.node().kind == NodeKind::Array {
            return self.items();
        }
        Items { range: Children { tape: self.tape, at: self.node, end: self.node().next } }
    }

    /// The member of this name, if the value is an object that has it.
    pub fn get(self, name: &str) -> Option<Value<'a>> {
        self.members().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// The text of the string member of this name.
    pub fn get_str(self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name)?.as_str()
    }

    fn children(self, kind: NodeKind) -> Children<'a> {
        let node = self.node();
        let end = if node.kind == kind { node.next } else { 0 };
        Children { tape: self.tape, at: self.node + 1, end }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.raw())
    }
}

#[derive(Clone)]
struct Children<'a> {
    tape: &'a Tape,
    at: u32,
    end: u32,
}

impl<'a> Iterator for Children<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        if self.at >= self.end {
            return None;
        }
        let value = Value { tape: self.tape, node: self.at };
        self.at = value.node().next;
        Some(value)
    }
}

/// Iterator over the members of an object: decoded name and value.
#[derive(Clone)]
pub struct Members<'a> {
    range: Children<'a>,
}

impl<'a> Iterator for Members<'a> {
    type Item = (Cow<'a, str>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let name = self.range.next()?.as_str()?;
        Some((name, self.range.next()?))
    }
}

impl<'a> Members<'a> {
    /// The next member with the span of its name (quotes included) in [`Tape::text`].
    pub fn next_spanned(&mut self) -> Option<(Range<usize>, Cow<'a, str>, Value<'a>)> {
        let name = self.range.next()?;
        Some((name.span(), name.as_str()?, self.range.next()?))
    }
}

/// Iterator over items.
#[derive(Clone)]
pub struct Items<'a> {
    range: Children<'a>,
}

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        self.range.next()
    }
}
