//! A document taken apart as far as it was needed.

use accord_fhir::json::{Kind, Value, quoted};

/// A value: as it was read, or taken apart.
#[derive(Clone, Debug)]
pub(crate) enum Node<'a> {
    /// Untouched.
    Raw(Value<'a>),
    /// Members in their order.
    Object(Vec<(String, Node<'a>)>),
    /// Items in their order.
    Array(Vec<Node<'a>>),
    /// JSON text that was made.
    Made(String),
}

/// One step of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Key {
    /// A member of an object.
    Name(String),
    /// An item of an array.
    Index(usize),
}

impl<'a> Node<'a> {
    /// Takes the outermost level apart.
    pub fn open(&mut self) -> &mut Self {
        if let Node::Raw(value) = self {
            match value.kind() {
                Kind::Object => {
                    let members = value.members();
                    let members =
                        members.map(|(name, value)| (name.into_owned(), Node::Raw(value)));
                    *self = Node::Object(members.collect());
                }
                Kind::Array => *self = Node::Array(value.items().map(Node::Raw).collect()),
                _ => {}
            }
        }
        self
    }

    /// The child behind a step.
    pub fn child(&mut self, key: &Key) -> Option<&mut Node<'a>> {
        match (self.open(), key) {
            (Node::Object(members), Key::Name(name)) => {
                members.iter_mut().find(|(own, _)| own == name).map(|(_, node)| node)
            }
            (Node::Array(items), Key::Index(at)) => items.get_mut(*at),
            _ => None,
        }
    }

    /// What a path leads to.
    pub fn descend(&mut self, path: &[Key]) -> Option<&mut Node<'a>> {
        path.iter().try_fold(self, |node, key| node.child(key))
    }

    /// Sets a member, at its place if it is there, else at the end.
    pub fn set(&mut self, name: &str, value: Node<'a>) -> Option<()> {
        match self.open() {
            Node::Object(members) => {
                match members.iter_mut().find(|(own, _)| own == name) {
                    Some((_, node)) => *node = value,
                    None => members.push((name.to_owned(), value)),
                }
                Some(())
            }
            _ => None,
        }
    }

    /// Takes a child out.
    pub fn take(&mut self, key: &Key) -> Option<Node<'a>> {
        match (self.open(), key) {
            (Node::Object(members), Key::Name(name)) => {
                let at = members.iter().position(|(own, _)| own == name)?;
                Some(members.remove(at).1)
            }
            (Node::Array(items), Key::Index(at)) if *at < items.len() => Some(items.remove(*at)),
            _ => None,
        }
    }

    /// Items of an array; `None` for others.
    pub fn items(&mut self) -> Option<&mut Vec<Node<'a>>> {
        match self.open() {
            Node::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Whether it is an object or array with nothing in it.
    pub fn is_hollow(&self) -> bool {
        match self {
            Node::Raw(value) => matches!(value.raw(), "{}" | "[]"),
            Node::Object(members) => members.is_empty(),
            Node::Array(items) => items.is_empty(),
            Node::Made(text) => matches!(text.as_str(), "{}" | "[]"),
        }
    }

    /// Bytes of its text, roughly: never fewer than half of them.
    pub fn size(&self) -> usize {
        match self {
            Node::Raw(value) => value.raw().len(),
            Node::Made(text) => text.len(),
            Node::Object(members) => {
                members.iter().map(|(name, node)| name.len() + 4 + node.size()).sum::<usize>() + 2
            }
            Node::Array(items) => items.iter().map(|node| node.size() + 1).sum::<usize>() + 2,
        }
    }

    /// The text.
    pub fn text(&self) -> String {
        let mut out = String::with_capacity(self.size());
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Node::Raw(value) => out.push_str(value.raw()),
            Node::Made(text) => out.push_str(text),
            Node::Object(members) => {
                out.push('{');
                for (at, (name, node)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    out.push_str(&quoted(name));
                    out.push(':');
                    node.write(out);
                }
                out.push('}');
            }
            Node::Array(items) => {
                out.push('[');
                for (at, node) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    node.write(out);
                }
                out.push(']');
            }
        }
    }
}
